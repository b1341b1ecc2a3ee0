using Ingest.App.Functions;
using Ingest.App.Pages;
using Ingest.Core.Keys;
using Ingest.Core.Settings;
using Ingest.Core.Telemetry;

namespace Ingest.App.Console;

/// <summary>
/// The pages for people. Every route asks what the caller may do in the inbox concerned; what one may not see looks like what never was. Everything works
/// without scripts: there are none.
/// </summary>
public sealed class ConsolePages(Desk desk, ConsoleSession sessions, Admission admission, ILogger<ConsolePages> logger)
{
    private readonly TicketsPage _tickets = new(sessions);
    private readonly ReviewPages _review = new(sessions);
    private readonly MailboxPages _mailboxes = new(sessions);
    private readonly PeoplePages _people = new(sessions);
    private readonly PersonPages _person = new(sessions);
    private readonly ErasurePages _erasures = new(sessions);
    private readonly LessonPages _lessons = new(sessions);

    /// <summary>Answers a request below /console.</summary>
    public async Task RunAsync(HttpContext http, PathString rest)
    {
        if (await Stylesheet.TryServeAsync(http, http.RequestAborted)) return;
        using RequestIntake intake = new(http, admission);
        Visit? visit = null;
        try
        {
            if (await sessions.SessionAsync(http, intake.Cancel) is not { } session)
            {
                Answer.SeeOther(http, SignInPages.AddressFor(http.Request.Path.Value ?? ""));
                return;
            }

            visit = new Visit(http, desk, session.Caller, session.CsrfToken, intake);
            string[] path = (rest.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (!await AnswerAsync(visit, path)) await NotFoundAsync(visit);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted)
        {
            // Our own deadline is a world too slow to answer, so only the visitor's leaving counts as asked for.
            bool notNow = Faults.IsNotNow(e, http.RequestAborted);
            if (!notNow) Log.RequestFailed(logger, http.Request.Method, "console", e.GetType().Name, Faults.Where(e));
            await SayAsync(http, visit, notNow, isDamaged: e is SealBrokenException);
        }
    }

    private async Task<bool> AnswerAsync(Visit visit, string[] path)
    {
        if (!HttpMethods.IsGet(visit.Http.Request.Method) && !visit.IsPost) return false;
        switch (path)
        {
            case [] when !visit.IsPost:
                await HomeAsync(visit);
                return true;
            case ["tickets", .. var rest]:
                return await _tickets.TryAsync(visit, rest);
            case ["review", .. var rest]:
                return await _review.TryAsync(visit, rest);
            case ["mailboxes", .. var rest]:
                return await _mailboxes.TryAsync(visit, rest);
            case ["people", .. var rest]:
                return await _people.TryAsync(visit, rest);
            case ["audit", .. var rest]:
                return await AuditPages.TryAsync(visit, rest);
            case ["person", .. var rest]:
                return await _person.TryAsync(visit, rest);
            case ["lessons", .. var rest]:
                return await _lessons.TryAsync(visit, rest);
            case ["erasures", .. var rest]:
                return await _erasures.TryAsync(visit, rest);
            default:
                return false;
        }
    }

    private static Task HomeAsync(Visit visit)
    {
        if (visit.Person.Sections is [var first, ..])
        {
            Answer.SeeOther(visit.Http, first.Path);
            return Task.CompletedTask;
        }

        return Answer.NoticeAsync(visit.Http, StatusCodes.Status200OK, visit.Frame("Nothing to see yet", ""),
            "You are signed in, and no role was given to you. Ask an owner of this desk to give you one on the page People.");
    }

    private static Task NotFoundAsync(Visit visit) => Answer.NoticeAsync(visit.Http, StatusCodes.Status404NotFound, visit.Frame("Not found", ""),
        "There is nothing at this address, or nothing that you may see. If a colleague sent you the link, ask an owner for access to that mailbox.", ("To the start", "/console"));

    /// <summary>What is said of what does not open.</summary>
    internal const string DamagedWords = "What is stored here does not open, because somebody wrote over it or a part of it was lost. Tell your operator, who was told by the log, too, and may find it whole in a copy of the storage.";

    private static Task SayAsync(HttpContext http, Visit? visit, bool notNow, bool isDamaged = false)
    {
        if (isDamaged) return Answer.NoticeAsync(http, StatusCodes.Status409Conflict, new Frame("Damaged", visit?.Person), DamagedWords, ("To the start", "/console"));
        Frame frame = new(notNow ? "Not now" : "Our fault", visit?.Person);
        return notNow
            ? Answer.NoticeAsync(http, StatusCodes.Status503ServiceUnavailable, frame, "A service behind this page does not answer. Nothing is lost; try again in a moment.", ("To the start", "/console"))
            : Answer.NoticeAsync(http, StatusCodes.Status500InternalServerError, frame, "Something went wrong on our side, and it was recorded. Try again, and tell your operator if it stays.", ("To the start", "/console"));
    }

    /// <summary>What is shown when a form is not ours or is too old; nothing was done.</summary>
    internal static Task FormRefusedAsync(Visit visit, string back) => visit.Intake.Arrival switch
    {
        Arrival.TooSlow => Answer.NoticeAsync(visit.Http, StatusCodes.Status408RequestTimeout, visit.Frame("This form came too slowly", ""),
            "The line broke off or is too slow for files of this size. Nothing was changed. Go back and send it once more, with smaller files or with links to them.", ("Back", back)),
        _ => Answer.NoticeAsync(visit.Http, StatusCodes.Status403Forbidden, visit.Frame("This form was not taken", ""),
            "It came from another page, from an earlier session, or is too large. Nothing was changed. Go back, load the page again, and send it once more.", ("Back", back)),
    };

    /// <summary>What is shown when a person may see a thing and not do this with it.</summary>
    internal static Task NotAllowedAsync(Visit visit, string what) => Answer.NoticeAsync(visit.Http, StatusCodes.Status403Forbidden, visit.Frame("You may not do this", ""),
        what + " Ask an owner to give you the role.", ("To the start", "/console"));
}
