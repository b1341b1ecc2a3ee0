using Ingest.App.Functions;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Settings;
using Ingest.Core.Telemetry;

namespace Ingest.App.Console;

/// <summary>
/// How a browser comes to a session and loses it: sign-in with the directory, sign-out, and under the development profile a link that works once.
/// </summary>
public sealed class SignInPages(Desk desk, ConsoleSession sessions, ILogger<SignInPages> logger)
{
    private const string Home = "/console";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    // Its own cookie: who begins to sign in has no session yet.
    private string BrowserCookie => sessions.CookieName + "-signin";

    /// <summary>Answers /console/sign-in, /console/sign-in/callback, /console/sign-out and /console/start; false for every other path, which is left untouched.</summary>
    public async Task<bool> TryRunAsync(HttpContext http, PathString rest)
    {
        Func<HttpContext, CancellationToken, Task>? page = (http.Request.Method, rest.Value) switch
        {
            ("GET", "/sign-in") => OfferAsync,
            ("POST", "/sign-in") => BeginAsync,
            ("GET", "/sign-in/callback") => EndAsync,
            ("GET", "/sign-out") => OfferSignOutAsync,
            ("POST", "/sign-out") => SignOutAsync,
            ("GET" or "POST", "/start") when desk.Settings.Development => StartAsync,
            _ => null,
        };
        if (page is null) return false;
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        deadline.CancelAfter(Deadline);
        try
        {
            await page(http, deadline.Token);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted)
        {
            // Our own deadline is a world too slow to answer, so only the caller's leaving counts as asked for.
            bool notNow = Faults.IsNotNow(e, http.RequestAborted);
            if (!notNow) Log.RequestFailed(logger, http.Request.Method, "sign-in", e.GetType().Name, Faults.Where(e));
            await (notNow
                ? NoteAsync(http, StatusCodes.Status503ServiceUnavailable, "Not now", "A service behind this page does not answer. You are not signed in; try again in a moment.")
                : NoteAsync(http, StatusCodes.Status500InternalServerError, "Our fault", "You are not signed in. Try again, and tell your operator if it stays."));
        }

        return true;
    }

    /// <summary>Where a page that needs a session sends a browser that has none; <paramref name="path"/> is where it comes back to.</summary>
    public static string AddressFor(string path) => $"{Home}/sign-in?to={Uri.EscapeDataString(SafePath(path))}";

    /// <summary>The path when it is plainly one of ours, else the console's: nobody is sent elsewhere by signing in.</summary>
    internal static string SafePath(string path)
    {
        string[] parts = path.Split('/');
        bool ours = path.Length < 200 && parts is ["", "console" or "connect", ..] && parts.Skip(2).All(part => part.Length > 0 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
        return ours && !path.StartsWith("/console/sign-", StringComparison.Ordinal) && parts is not ["", _, "start", ..] ? path : Home;
    }

    private Task OfferAsync(HttpContext http, CancellationToken cancel)
    {
        if (desk.SignIn is not null) return WriteAsync(http, StatusCodes.Status200OK, SignInHtml.Offer(SafePath(http.Request.Query["to"].ToString())));
        return NoteAsync(http, StatusCodes.Status503ServiceUnavailable, "Nobody can sign in yet", desk.Settings.Development
            ? "Make a link that works once with: tools/ingest mailbox connect"
            : "Set INGEST_ENTRA_TENANT, INGEST_OIDC_CLIENT_ID and INGEST_FIRST_OWNER, and register " + SignIn.CallbackPath + " as redirect address.");
    }

    private async Task BeginAsync(HttpContext http, CancellationToken cancel)
    {
        if (desk.SignIn is null || !sessions.IsFromHere(http) || !http.Request.HasFormContentType || http.Request.ContentLength is not < 4096)
        {
            await OfferAsync(http, cancel);
            return;
        }

        string to = SafePath((await http.Request.ReadFormAsync(cancel))["to"].ToString());
        // Two pages of one browser may sign in at the same time.
        string browser = http.Request.Cookies[BrowserCookie] is { Length: 48 } there ? there : SignIn.NewBrowser();
        Uri page = await desk.SignIn.BeginAsync(new TenantContext(desk.Settings.Tenant), browser, to, cancel);
        sessions.Give(http, browser, BrowserCookie);
        SeeOther(http, page.AbsoluteUri);
    }

    private async Task EndAsync(HttpContext http, CancellationToken cancel)
    {
        if (desk.SignIn is null)
        {
            await OfferAsync(http, cancel);
            return;
        }

        TenantContext tenant = new(desk.Settings.Tenant);
        SignInResult result = await desk.SignIn.EndAsync(tenant, http.Request.Cookies[BrowserCookie], http.Request.Query["state"].ToString(), http.Request.Query["code"].ToString(), cancel);
        if (result.End != SignInEnd.SignedIn)
        {
            Log.NotSignedIn(logger, tenant.ToString(), result.End);
            // What no browser of ours began, or nobody ended, is nobody's attempt, and anybody could fill the log with it.
            if (result.End is not (SignInEnd.NotAskedFor or SignInEnd.BrokenOff)) await TellIfPossibleAsync(tenant, new AuditEvent(AuditAction.SignInRefused, AuditActor.Nobody) { Result = AuditResult.Refused, Code = CodeOf(result.End) }, cancel);
            await SayAsync(http, result);
            return;
        }

        await desk.Audit.AppendAsync(tenant, new AuditEvent(AuditAction.SignedIn, new AuditActor(AuditActorKind.Person, result.Person)) { Code = "directory" }, cancel);
        Log.SignedIn(logger, tenant.ToString(), result.Person);
        sessions.TakeBack(http, BrowserCookie);
        await OpenAsync(http, result.Cookie, result.ReturnTo, cancel);
    }

    private Task SayAsync(HttpContext http, SignInResult result) => result.End switch
    {
        SignInEnd.NotAskedFor => NoteAsync(http, StatusCodes.Status400BadRequest, "This sign-in was not asked for here",
            "It was begun in another browser, was used before, or is older than ten minutes. Sign in again."),
        SignInEnd.BrokenOff => NoteAsync(http, StatusCodes.Status400BadRequest, "You are not signed in", "The sign-in was broken off. Sign in again when you want to."),
        SignInEnd.NotInvited => NoteAsync(http, StatusCodes.Status403Forbidden, "You have no access here",
            $"You proved who you are, and nobody has let you in, or your access was ended. Give an owner this id: {result.Identity}"),
        SignInEnd.NotProven or SignInEnd.SignedIn => NoteAsync(http, StatusCodes.Status400BadRequest, "You are not signed in",
            "What the directory sent does not prove who you are. Sign in again, and tell your operator if it stays."),
    };

    private async Task OfferSignOutAsync(HttpContext http, CancellationToken cancel)
    {
        if (await sessions.SessionAsync(http, cancel) is { } session) await WriteAsync(http, StatusCodes.Status200OK, SignInHtml.SignOut(session.Caller, session.CsrfToken));
        else await NoteAsync(http, StatusCodes.Status200OK, "You are signed out", "This browser shows nothing of Ingest any more.");
    }

    private async Task SignOutAsync(HttpContext http, CancellationToken cancel)
    {
        if (await sessions.SessionAsync(http, cancel) is { } session)
        {
            if (await sessions.FormAsync(http, session.CsrfToken, cancel) is null)
            {
                await OfferSignOutAsync(http, cancel);
                return;
            }

            await desk.Sessions.EndAsync(sessions.CookieOf(http), cancel);
            await TellIfPossibleAsync(session.Caller.Tenant, new AuditEvent(AuditAction.SignedOut, AuditActor.Of(session.Caller)), cancel);
            Log.SignedOut(logger, session.Caller.Tenant.ToString(), session.Caller.Id);
        }

        sessions.TakeBack(http);
        await NoteAsync(http, StatusCodes.Status200OK, "You are signed out", "This browser shows nothing of Ingest any more.");
    }

    // Looking at a link neither uses it up, which mail scanners would do, nor signs anyone in, which a stranger's link would do to an admin unasked.
    private async Task StartAsync(HttpContext http, CancellationToken cancel)
    {
        string link = http.Request.Query["link"].ToString(), to = SafePath(http.Request.Query["to"].ToString());
        if (await desk.Flows.FindLinkAsync(link, cancel) is { } tenant)
        {
            if (await sessions.SessionAsync(http, cancel) is { } session && session.Caller.Tenant != tenant)
            {
                await WriteAsync(http, StatusCodes.Status409Conflict, SignInHtml.OtherTenant(session.Caller, session.CsrfToken, tenant));
                return;
            }

            if (!HttpMethods.IsPost(http.Request.Method) || !sessions.IsFromHere(http))
            {
                await WriteAsync(http, StatusCodes.Status200OK, SignInHtml.Start(tenant, link, to));
                return;
            }

            if (await desk.Flows.UseLinkAsync(link, cancel) is { } mine)
            {
                await desk.Audit.AppendAsync(mine, new AuditEvent(AuditAction.SignedIn, new AuditActor(AuditActorKind.Person, Caller.LocalOwnerId)) { Code = "link" }, cancel);
                Log.SignedIn(logger, mine.ToString(), Caller.LocalOwnerId);
                await OpenAsync(http, await desk.Sessions.OpenAsync(mine, Caller.LocalOwnerId, cancel), to, cancel);
                return;
            }
        }

        await NoteAsync(http, StatusCodes.Status401Unauthorized, "This link was used or is too old",
            "Links work once and for half an hour. Make a new one with: tools/ingest mailbox connect");
    }

    private static string CodeOf(SignInEnd end) => end switch
    {
        SignInEnd.NotInvited => "not-invited",
        SignInEnd.NotProven or SignInEnd.BrokenOff or SignInEnd.NotAskedFor or SignInEnd.SignedIn => "not-proven",
    };

    // Nobody is kept in, nor told less, because the log does not answer.
    private async Task TellIfPossibleAsync(TenantContext tenant, AuditEvent entry, CancellationToken cancel)
    {
        try
        {
            await desk.Audit.AppendAsync(tenant, entry, cancel);
        }
        catch (Exception e) when (Faults.IsNotNow(e, cancel))
        {
            Log.PutOff(logger, "Audit", tenant.ToString(), "", "", 0, Faults.Code(e), 0);
        }
    }

    // A new session, never the one that the browser came with: that one may have been planted.
    private async Task OpenAsync(HttpContext http, string cookie, string to, CancellationToken cancel)
    {
        await desk.Sessions.EndAsync(sessions.CookieOf(http), cancel);
        sessions.Give(http, cookie);
        SeeOther(http, to);
    }

    private static void SeeOther(HttpContext http, string location)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = location;
    }

    private Task NoteAsync(HttpContext http, int status, string title, string text) => WriteAsync(http, status, SignInHtml.Note(title, text));

    private Task WriteAsync(HttpContext http, int status, (string Title, Markup Content) page)
    {
        // A browser holds a form to this also on its way through redirects, and ours leads to the directory's page.
        string directory = desk.Settings.SignIn is { } signIn ? new Uri(signIn.Issuer).GetLeftPart(UriPartial.Authority) : "";
        return Answer.PageAsync(http, status, new Frame(page.Title), Markup.Of($"<h1>{page.Title}</h1>{page.Content}"), directory);
    }
}
