using Ingest.App.Console;
using Ingest.App.Functions;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Telemetry;

namespace Ingest.App.Connect;

/// <summary>
/// The pages on which an admin connects a mailbox. A session begins a consent, and only it can end it (OAuth 2.0 with state and PKCE). A mailbox that is
/// connected again keeps its tickets and its place.
/// </summary>
public sealed class ConnectPages(Desk desk, ConsoleSession sessions, Admission admission, ILogger<ConnectPages> logger)
{
    private Uri CallbackUrl => new(desk.Settings.BaseUrl, "/connect/google/callback");

    /// <summary>Answers a request below /connect.</summary>
    public async Task RunAsync(HttpContext http, PathString rest)
    {
        using RequestIntake intake = new(http, admission);
        try
        {
            await AnswerAsync(http, rest.Value?.TrimEnd('/') ?? "", intake);
        }
        catch (ConsentRefusedException e)
        {
            await PageAsync(http, StatusCodes.Status400BadRequest, "The mailbox was not connected", Say(e.Fault));
        }
        catch (MailboxRefusedException e)
        {
            await PageAsync(http, StatusCodes.Status400BadRequest, "The mailbox was not connected", Say(e.Fault));
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted)
        {
            // Our own deadline is a world too slow to answer, so only the caller's leaving counts as asked for.
            bool notNow = Faults.IsNotNow(e, http.RequestAborted);
            if (!notNow) Log.RequestFailed(logger, http.Request.Method, "connect", e.GetType().Name, Faults.Where(e));
            await (notNow
                ? PageAsync(http, StatusCodes.Status503ServiceUnavailable, "Not now", "A service behind this page does not answer. Nothing was changed; try again in a moment.")
                : PageAsync(http, StatusCodes.Status500InternalServerError, "Our fault", "Nothing was connected. Try again, and tell your operator if it stays."));
        }
    }

    private async Task AnswerAsync(HttpContext http, string path, RequestIntake intake)
    {
        CancellationToken cancel = intake.Cancel;
        if (await sessions.SessionAsync(http, cancel) is not { } session)
        {
            await Answer.NoticeAsync(http, StatusCodes.Status401Unauthorized, new Frame("Sign in first"), "Mailboxes are connected by people who are signed in.", ("Sign in", SignInPages.AddressFor("/connect")));
            return;
        }

        (Caller caller, string csrf) = session;
        string cookie = sessions.CookieOf(http)!;
        if (!caller.MayAnywhere(Permission.ManageMailboxes))
        {
            await PageAsync(http, StatusCodes.Status403Forbidden, "Not allowed", "You may not manage mailboxes. Ask an owner to make you an admin.");
            return;
        }

        switch (http.Request.Method, path)
        {
            case ("GET", ""):
                await MailboxPages.ListAsync(new Visit(http, desk, caller, csrf, intake));
                break;
            case ("POST", "/google") when !desk.Sources.CanConnectGoogle:
                throw new MailboxRefusedException(MailboxFault.ApiDisabled);
            case ("POST", "/google") when await sessions.FormAsync(http, csrf, cancel) is { } form:
                await BeginAsync(http, caller.Tenant, cookie, form[BackFillChoice.Name].ToString(), cancel);
                break;
            case ("GET", "/google/callback"):
                await EndAsync(http, caller, cookie, cancel);
                break;
            default:
                await PageAsync(http, StatusCodes.Status404NotFound, "Not found", "There is no such page.");
                break;
        }
    }

    // Who may manage some mailboxes connects these again; a new one asks for the right to manage all.
    private async Task<bool> MayConnectAsync(Caller caller, string address, CancellationToken cancel)
    {
        if (caller.MayEverywhere(Permission.ManageMailboxes)) return true;
        await foreach (InboxId inbox in desk.Mailboxes.ListAsync(caller.Tenant, cancel))
            if (caller.May(Permission.ManageMailboxes, inbox) && await desk.Mailboxes.FindAsync(caller.Tenant, inbox, cancel) is { } view
                && EmailIdentity.Normalise(view.Mailbox.Profile.Address) == EmailIdentity.Normalise(address))
                return true;
        return false;
    }

    private async Task BeginAsync(HttpContext http, TenantContext tenant, string session, string older, CancellationToken cancel)
    {
        using GoogleConsent consent = desk.Sources.Consent();
        string verifier = GoogleConsent.NewVerifier();
        // What was chosen comes back with the verifier, not by way of Google.
        string state = await desk.Flows.BeginAsync(tenant, FlowKind.Consent, session, $"{verifier} {BackFillChoice.Of(older)}", cancel);
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = consent.BuildUrl(state, verifier, CallbackUrl).AbsoluteUri;
    }

    private async Task EndAsync(HttpContext http, Caller caller, string session, CancellationToken cancel)
    {
        TenantContext tenant = caller.Tenant;
        string state = http.Request.Query["state"].ToString(), code = http.Request.Query["code"].ToString();
        if (await desk.Flows.EndAsync(tenant, FlowKind.Consent, session, state, cancel) is not { } payload)
        {
            await PageAsync(http, StatusCodes.Status400BadRequest, "This consent was not asked for here", "It was begun in another browser, was used before, or is older than ten minutes. Begin again.");
            return;
        }

        if (code.Length == 0)
        {
            await PageAsync(http, StatusCodes.Status400BadRequest, "The mailbox was not connected", "Consent was not given. Nothing was changed.");
            return;
        }

        using GoogleConsent consent = desk.Sources.Consent();
        string[] kept = payload.Split(' ');
        GoogleGrant grant = await consent.RedeemAsync(code, kept[0], CallbackUrl, cancel);
        if (!await MayConnectAsync(caller, grant.Email, cancel))
        {
            await PageAsync(http, StatusCodes.Status403Forbidden, "The mailbox was not connected", "You manage other mailboxes than this one. Ask an owner, or consent with the account of a mailbox that you manage.");
            return;
        }

        MailboxProfile profile = new() { Address = grant.Email, Subject = grant.Subject, AuthservIds = ["mx.google.com"], BackFillDays = BackFillChoice.Of(kept[^1]) };
        await new Trail(desk, caller, cancel).TellAsync(AuditAction.MailboxConnected, "google");
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
        MailboxFault.ApiDisabled => "The Gmail API is switched off for this account or for our registration: enable it in the Google Cloud console, or ask the domain's administrator, then connect again.",
    };

    private static Task PageAsync(HttpContext http, int status, string title, string text) =>
        Answer.NoticeAsync(http, status, new Frame(title), text, ("Back to the mailboxes", "/connect"));
}
