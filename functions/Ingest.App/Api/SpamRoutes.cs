using System.Globalization;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Tickets;

namespace Ingest.App.Api;

/// <summary>What came of a word on a message.</summary>
/// <param name="Learned">True when the spam filter learns from it; false for mail of machines, and where nothing is left to learn from.</param>
/// <param name="Ticket">The ticket as it stands now.</param>
public sealed record TaughtView(bool Learned, TicketLine Ticket);

/// <summary>The lessons of a tenant.</summary>
/// <param name="Lessons">Newest first.</param>
/// <param name="Model">The model that was built from them; null when there is none.</param>
public sealed record LessonPage(IReadOnlyList<LessonView> Lessons, LessonModelView? Model);

/// <summary>A lesson: ids, codes and a time.</summary>
/// <param name="Id">Its name.</param>
/// <param name="At">When it was taught.</param>
/// <param name="By">The random id of who taught it.</param>
/// <param name="Verdict">Ham or Spam.</param>
/// <param name="Source">Original, or Ticket where the original was gone.</param>
/// <param name="TicketId">The ticket that holds the mail.</param>
/// <param name="MessageKey">The mail.</param>
public sealed record LessonView(string Id, DateTimeOffset At, string By, LessonVerdict Verdict, LessonSource Source, string TicketId, string MessageKey)
{
    internal static LessonView Of(LessonLine l) => new(l.Id, l.At, l.By, l.Verdict, l.Source, l.TicketId, l.MessageKey);
}

/// <summary>How the model stands.</summary>
/// <param name="Version">Which model it is.</param>
/// <param name="Built">When it was built.</param>
/// <param name="Lessons">From how many lessons.</param>
/// <param name="UpToDate">False while a lesson that came or went waits for the next round of housekeeping, some minutes at most.</param>
public sealed record LessonModelView(int Version, DateTimeOffset Built, int Lessons, bool UpToDate)
{
    internal static LessonModelView Of(ModelState s) => new(s.Version, s.At, s.Lessons, s.Built == s.Revision);
}

/// <summary>Which lessons are to be taken out: what is said must all hold, and something must be said.</summary>
/// <param name="Ids">By name.</param>
/// <param name="By">Of one teacher.</param>
/// <param name="Since">Taught at that time or later.</param>
public sealed record UndoBody(IReadOnlyList<string>? Ids = null, string? By = null, DateTimeOffset? Since = null);

/// <summary>What was taken out.</summary>
/// <param name="Lessons">How many lessons.</param>
/// <param name="Tickets">How many tickets that they had set aside are open again.</param>
public sealed record UndoneView(int Lessons, int Tickets);

/// <summary>People's word on mail, and what the spam filter learned from it. Lessons are of the tenant as a whole: who may see and undo them may manage mailboxes everywhere.</summary>
internal sealed class SpamRoutes(Desk desk)
{
    private const int MostIds = 500;

    public IEnumerable<ApiRoute> All =>
    [
        new("POST", "/tickets/{ticket}/messages/{message}/spam", Permission.AnswerTickets, "Says that a message is spam: its ticket is closed and marked so, and the filter learns.", call => MarkAsync(call, LessonVerdict.Spam))
        {
            Audit = AuditAction.TicketChanged, AuditCode = "spam", Response = AppJson.Default.TaughtView,
        },
        new("DELETE", "/tickets/{ticket}/messages/{message}/spam", Permission.AnswerTickets, "Says that a message is no spam: a ticket that was set aside is open again, and the filter learns.", call => MarkAsync(call, LessonVerdict.Ham))
        {
            Audit = AuditAction.TicketChanged, AuditCode = "not-spam", Response = AppJson.Default.TaughtView,
        },
        new("GET", "/spam/lessons", Permission.ManageMailboxes, "Lists what agents taught the spam filter, newest first.", ListAsync)
        {
            Audit = AuditAction.Listed, AuditCode = "lessons", Response = AppJson.Default.LessonPage,
            Query = [new("since", "Those taught at that time or later, as ISO 8601.")], More = [Problems.Invalid],
        },
        new("POST", "/spam/lessons/undo", Permission.ManageMailboxes, "Takes lessons out, by name, teacher or time; the model is built without them, and tickets that they had set aside as spam are open again.", UndoAsync)
        {
            Audit = AuditAction.PolicyChanged, AuditCode = "unlearned", Request = AppJson.Default.UndoBody, Response = AppJson.Default.UndoneView,
        },
        new("GET", "/spam/model", Permission.ManageMailboxes, "Exports what the filter learned from this tenant's agents, as numbers.", ExportAsync)
        {
            Audit = AuditAction.Exported, AuditCode = "spam-model", IsFile = true,
        },
    ];

    private async Task<Answer> MarkAsync(ApiCall call, LessonVerdict verdict)
    {
        string name = call["ticket"], key = call["message"];
        Ticket? ticket = await desk.Tickets.FindStandingAsync(call.Tenant, name, call.Cancel);
        if (ticket is null) return Problems.NotFound;
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        call.Trail.About = call.Trail.About with { Inbox = inbox, TicketId = ticket.Id };
        if (!call.May(inbox)) return call.Caller.May(Permission.ReadTickets, inbox) ? Problems.NotAllowed : Problems.NotFound;
        if (key.Length != 32 || !key.All(char.IsAsciiLetterOrDigit) || await desk.Tickets.FindMessageAsync(call.Tenant, ticket.Id, key, call.Cancel) is not { Direction: MessageDirection.In, Document: not null }) return Problems.NotFound;
        call.Trail.About = call.Trail.About with { Subject = key };
        await call.Trail.TellAsync(AuditAction.TicketChanged, verdict == LessonVerdict.Spam ? "spam" : "not-spam");
        TeachEnd end = await desk.TeachSpam.MarkAsync(call.Tenant, ticket.Id, key, verdict, AuditActor.Of(call.Caller), call.Cancel);
        return end != TeachEnd.NotThere && await desk.Tickets.FindAsync(call.Tenant, ticket.Id, call.Cancel) is { } now
            ? Answer.Of(new TaughtView(end == TeachEnd.Learned, TicketLine.Of(now)), AppJson.Default.TaughtView)
            : Problems.NotFound;
    }

    private async Task<Answer> ListAsync(ApiCall call)
    {
        if (!call.Caller.MayEverywhere(Permission.ManageMailboxes)) return Problems.NotAllowed;
        DateTimeOffset? since = null;
        if (call.Query("since") is { } text)
        {
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset read)) return Problems.Invalid;
            since = read;
        }

        LessonChoice choice = new(Since: since);
        List<LessonLine> lessons = await desk.Lessons.ListAsync(call.Tenant, call.Cancel).Where(choice.Means).ToListAsync(call.Cancel);
        ModelState? state = await desk.Lessons.FindStateAsync(call.Tenant, call.Cancel);
        call.Trail.About = call.Trail.About with { Count = lessons.Count };
        return Answer.Of(new LessonPage([.. lessons.OrderByDescending(l => l.At).Select(LessonView.Of)], state is { Version: > 0 } ? LessonModelView.Of(state) : null), AppJson.Default.LessonPage);
    }

    private async Task<Answer> UndoAsync(ApiCall call)
    {
        if (!call.Caller.MayEverywhere(Permission.ManageMailboxes)) return Problems.NotAllowed;
        (UndoBody? body, Problem? problem) = await JsonBody.ReadAsync(call, AppJson.Default.UndoBody);
        if (body is null) return problem!;
        // Nothing said would mean everything: whoever wants that says since when.
        if (body is { Ids: null, By: null, Since: null } || body.Ids is { Count: > MostIds } || body.Ids?.Contains(null!) == true) return Problems.Invalid;
        return await UndoAsync(call, new LessonChoice(body.Ids, body.By, body.Since));
    }

    private async Task<Answer> UndoAsync(ApiCall call, LessonChoice choice)
    {
        if (choice.By is { Length: > 0 and <= 64 } by && by.All(char.IsAsciiLetterOrDigit)) call.Trail.About = call.Trail.About with { Subject = by };
        await call.Trail.TellAsync(AuditAction.PolicyChanged, "unlearned");
        Undone undone = await desk.TeachSpam.UndoAsync(call.Tenant, choice, call.Cancel);
        return Answer.Of(new UndoneView(undone.Lessons, undone.Tickets), AppJson.Default.UndoneView);
    }

    private async Task<Answer> ExportAsync(ApiCall call)
    {
        if (!call.Caller.MayEverywhere(Permission.ManageMailboxes)) return Problems.NotAllowed;
        await call.Trail.TellAsync(AuditAction.Exported, "spam-model");
        return Answer.File(await desk.TeachSpam.ExportAsync(call.Tenant, call.Cancel), "spam-model.json");
    }
}
