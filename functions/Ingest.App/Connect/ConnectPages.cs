using Ingest.App.Functions;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Telemetry;

namespace Ingest.App.Connect;

/// <summary>
/// The pages on which an admin connects a mailbox. A single-use link opens a browser session; the session begins a consent, and only it can end it
/// (OAuth 2.0 with state and PKCE). A mailbox that is connected again keeps its tickets and its place.
/// </summary>
public sealed class ConnectPages(Desk desk, ILogger<ConnectPages> logger)
{
    private const string Cookie = "ingest-session";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private Uri CallbackUrl => new(desk.Settings.BaseUrl, "/connect/google/callback");

    /// <summary>Answers a request below /connect.</summary>
    public async Task RunAsync(HttpContext http, PathString rest)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        deadline.CancelAfter(Deadline);
        try
        {
            await AnswerAsync(http, rest.Value?.TrimEnd('/') ?? "", deadline.Token);
        }
        catch (ConsentRefusedException e)
        {
            await PageAsync(http, StatusCodes.Status400BadRequest, "The mailbox was not connected", Say(e.Fault), again: true);
        }
        catch (MailboxRefusedException e)
        {
            await PageAsync(http, StatusCodes.Status400BadRequest, "The mailbox was not connected", Say(e.Fault), again: true);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted)
        {
            // Our own deadline is a world too slow to answer, so only the caller's leaving counts as asked for.
            bool notNow = Faults.IsNotNow(e, http.RequestAborted);
            if (!notNow) Log.RequestFailed(logger, http.Request.Method, "connect", e.GetType().Name, Faults.Where(e));
            await (notNow
                ? PageAsync(http, StatusCodes.Status503ServiceUnavailable, "Not now", "A service behind this page does not answer. Nothing was changed; try again in a moment.", again: true)
                : PageAsync(http, StatusCodes.Status500InternalServerError, "Our fault", "Nothing was connected. Try again, and tell your operator if it stays.", again: true));
        }
    }

    private async Task AnswerAsync(HttpContext http, string path, CancellationToken cancel)
    {
        string? session = http.Request.Cookies[Cookie];
        TenantContext? who = await desk.Flows.FindSessionAsync(session, cancel);
        if (path == "/open")
        {
            await OpenAsync(http, who, cancel);
            return;
        }

        if (who is not { } tenant)
        {
            await PageAsync(http, StatusCodes.Status401Unauthorized, "This page needs a fresh link",
                "Links work once and for half an hour. Make a new one with: tools/ingest mailbox connect");
            return;
        }

        switch (http.Request.Method, path)
        {
            case ("GET", ""):
                await ListAsync(http, tenant, cancel);
                break;
            case ("POST", "/leave") when IsFromHere(http):
                await desk.Flows.EndSessionAsync(session!, cancel);
                http.Response.Cookies.Delete(Cookie, new CookieOptions { Path = "/connect" });
                await PageAsync(http, StatusCodes.Status200OK, "You have left", "This browser can no longer connect mailboxes. Open your link again to come back.");
                break;
            case ("POST", "/google") when !desk.Sources.CanConnectGoogle:
                throw new MailboxRefusedException(MailboxFault.ApiDisabled);
            case ("POST", "/google") when IsFromHere(http):
                await BeginAsync(http, tenant, session!, cancel);
                break;
            case ("GET", "/google/callback"):
                await EndAsync(http, tenant, session!, cancel);
                break;
            default:
                await PageAsync(http, StatusCodes.Status404NotFound, "Not found", "There is no such page.", again: true);
                break;
        }
    }

    // Looking at a link neither uses it up, which mail scanners would do, nor signs anyone in, which a stranger's link would do to an admin unasked.
    private async Task OpenAsync(HttpContext http, TenantContext? who, CancellationToken cancel)
    {
        string link = http.Request.Query["link"].ToString();
        if (await desk.Flows.FindLinkAsync(link, cancel) is { } tenant)
        {
            if (who is { } other && other != tenant)
            {
                await WriteAsync(http, StatusCodes.Status409Conflict, Html.Leave(other, tenant));
                return;
            }

            if (!HttpMethods.IsPost(http.Request.Method) || !IsFromHere(http))
            {
                await WriteAsync(http, StatusCodes.Status200OK, Html.Open(tenant, link));
                return;
            }
        }

        if (await desk.Flows.OpenSessionAsync(link, cancel) is not { } opened)
        {
            await PageAsync(http, StatusCodes.Status401Unauthorized, "This link was used or is too old",
                "Links work once and for half an hour. Make a new one with: tools/ingest mailbox connect");
            return;
        }

        http.Response.Cookies.Append(Cookie, opened.Session, new CookieOptions
        {
            HttpOnly = true,
            Path = "/connect",
            // Lax, not Strict: the way back from the consent page begins on another site.
            SameSite = SameSiteMode.Lax,
            Secure = desk.Settings.BaseUrl.Scheme == Uri.UriSchemeHttps,
        });
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = "/connect";
    }

    private async Task ListAsync(HttpContext http, TenantContext tenant, CancellationToken cancel)
    {
        List<MailboxView> views = [];
        await foreach (InboxId inbox in desk.Mailboxes.ListAsync(tenant, cancel))
            if (await desk.Mailboxes.FindAsync(tenant, inbox, cancel) is { } view) views.Add(view);
        await WriteAsync(http, StatusCodes.Status200OK, Html.Mailboxes(tenant, views, desk.Sources.CanConnectGoogle));
    }

    // A form on another site carries our cookie only if the browser is old; its origin tells.
    private bool IsFromHere(HttpContext http)
    {
        string origin = http.Request.Headers.Origin.ToString();
        return origin.Length == 0 || string.Equals(origin, desk.Settings.BaseUrl.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);
    }

    private async Task BeginAsync(HttpContext http, TenantContext tenant, string session, CancellationToken cancel)
    {
        using GoogleConsent consent = desk.Sources.Consent();
        string verifier = GoogleConsent.NewVerifier();
        string state = await desk.Flows.BeginAsync(tenant, session, verifier, cancel);
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = consent.BuildUrl(state, verifier, CallbackUrl).AbsoluteUri;
    }

    private async Task EndAsync(HttpContext http, TenantContext tenant, string session, CancellationToken cancel)
    {
        string state = http.Request.Query["state"].ToString(), code = http.Request.Query["code"].ToString();
        if (await desk.Flows.EndAsync(tenant, session, state, cancel) is not { } verifier)
        {
            await PageAsync(http, StatusCodes.Status400BadRequest, "This consent was not asked for here", "It was begun in another browser, was used before, or is older than ten minutes. Begin again.", again: true);
            return;
        }

        if (code.Length == 0)
        {
            await PageAsync(http, StatusCodes.Status400BadRequest, "The mailbox was not connected", "Consent was not given. Nothing was changed.", again: true);
            return;
        }

        using GoogleConsent consent = desk.Sources.Consent();
        GoogleGrant grant = await consent.RedeemAsync(code, verifier, CallbackUrl, cancel);
        MailboxProfile profile = new() { Address = grant.Email, Subject = grant.Subject, AuthservIds = ["mx.google.com"] };
        Mailbox mailbox = await desk.Mailboxes.ConnectAsync(tenant, MailboxKind.Google, profile, grant.ToCredential(), cancel);
        await desk.SyncQueue.SendAsync(Work.Sync(tenant, mailbox.Id).ToJson(), delay: null, cancel);
        Log.MailboxConnected(logger, tenant.ToString(), mailbox.Id.Value);
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = "/connect";
    }

    private static string Say(ConsentFault fault) => fault switch
    {
        ConsentFault.CodeRefused => "Google did not take the answer: it was used before or is too old. Begin again.",
        ConsentFault.ScopesMissing => "A permission was left unticked. Begin again and allow reading and sending mail.",
        ConsentFault.NoRefreshToken => "Google gave no lasting access. Remove Ingest at myaccount.google.com/permissions, then begin again.",
        ConsentFault.IdentityUnverified => "Google did not prove whose mailbox it is. Begin again.",
        ConsentFault.WrongAccount => "Another account consented than the one this mailbox belongs to. Begin again with the same account.",
    };

    internal static string Say(MailboxFault fault) => fault switch
    {
        MailboxFault.GrantRevoked => "The consent was withdrawn or has expired. Press the button and choose the same account.",
        MailboxFault.IdentityChanged => "This address belonged to another account when it was connected. Connect it with that account.",
        MailboxFault.NoPermission => "The account has no mailbox that we may read.",
        MailboxFault.PasswordRefused => "The mail server does not accept the name and password: enter them anew.",
        MailboxFault.ApiDisabled => "No OAuth client is set up, or the Gmail API is switched off: set INGEST_GOOGLE_CLIENT_ID and INGEST_GOOGLE_CLIENT_SECRET and enable the Gmail API.",
    };

    private Task PageAsync(HttpContext http, int status, string title, string text, bool again = false) =>
        WriteAsync(http, status, Html.Note(title, text, again));

    private Task WriteAsync(HttpContext http, int status, string html)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        // Under "no-referrer" browsers would hide the origin of our own form.
        http.Response.Headers["Referrer-Policy"] = "same-origin";
        // A browser holds a form to this also on its way through redirects, and ours leads to the consent page.
        string consent = desk.Sources.Endpoints.Authorization.GetLeftPart(UriPartial.Authority);
        http.Response.Headers.ContentSecurityPolicy = $"default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {consent}; frame-ancestors 'none'; base-uri 'none'";
        return http.Response.WriteAsync(html, http.RequestAborted);
    }
}
