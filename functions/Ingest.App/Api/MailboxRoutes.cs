using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Tickets;

namespace Ingest.App.Api;

/// <summary>Mailboxes, their journal and books.</summary>
internal sealed class MailboxRoutes(Desk desk, Cursors cursors)
{
    private const int PageSize = 100;
    private static readonly IReadOnlyList<string> Outcomes = [.. Enum.GetNames<OutcomeKind>().Select(name => name.ToLowerInvariant())];

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/mailboxes", null, "Lists the mailboxes in which the token may do anything.", ListAsync) { Response = AppJson.Default.MailboxPage },
        new("GET", "/mailboxes/{inbox}", null, "Reads a mailbox and how it fares.", ReadAsync) { Response = AppJson.Default.MailboxLine },
        new("PUT", "/mailboxes/{inbox}/state", Permission.ManageMailboxes, "Pauses a mailbox or has it read again.", SetStateAsync)
        {
            Audit = AuditAction.MailboxChanged, AuditCode = "state",
            Request = AppJson.Default.MailboxStateBody, Response = AppJson.Default.MailboxLine, More = [Problems.Refused],
        },
        new("GET", "/mailboxes/{inbox}/journal", Permission.ReadJournal, "Lists how every mail of a mailbox ended, sorted by message key.", JournalAsync)
        {
            Query = [new("outcome", "Those that ended so; all unless said.", Outcomes), new("cursor", "\"next\" of the page before.")],
            Response = AppJson.Default.JournalPage, More = [Problems.Invalid, Problems.InvalidCursor],
        },
        new("GET", "/mailboxes/{inbox}/journal/{message}", Permission.ReadJournal, "Reads how one mail ended, and why.", LineAsync) { Response = AppJson.Default.JournalView },
        new("GET", "/mailboxes/{inbox}/books", Permission.ReadJournal, "Counts what was listed and how it ended: whether any mail was lost.", BooksAsync) { Response = AppJson.Default.BooksView },
    ];

    private async Task<(MailboxView? Mailbox, Problem? Problem)> FindAsync(ApiCall call)
    {
        if (!InboxId.TryParse(call["inbox"], out InboxId inbox) || !call.Caller.Knows(inbox)) return (null, Problems.NotFound);
        if (await desk.Mailboxes.FindAsync(call.Tenant, inbox, call.Cancel) is not { } view) return (null, Problems.NotFound);
        call.Trail.About = call.Trail.About with { Inbox = inbox, Subject = call.Values.TryGetValue("message", out string? key) && IsKey(key) ? key : "" };
        // Who may do anything there knows of it; but this is not for them.
        return call.May(inbox) ? (view, null) : (null, Problems.NotAllowed);
    }

    private async Task<Answer> ListAsync(ApiCall call)
    {
        List<MailboxLine> lines = [];
        await foreach (InboxId inbox in desk.Mailboxes.ListAsync(call.Tenant, call.Cancel))
            if (call.May(inbox) && await desk.Mailboxes.FindAsync(call.Tenant, inbox, call.Cancel) is { } view) lines.Add(await LineOfAsync(call, view));
        return Answer.Of(new MailboxPage(lines), AppJson.Default.MailboxPage);
    }

    private async Task<Answer> ReadAsync(ApiCall call)
    {
        (MailboxView? view, Problem? problem) = await FindAsync(call);
        return view is null ? problem! : Answer.Of(await LineOfAsync(call, view), AppJson.Default.MailboxLine);
    }

    private async Task<MailboxLine> LineOfAsync(ApiCall call, MailboxView view) =>
        MailboxLine.Of(view, (await desk.ReviewWatch.LastAsync(call.Tenant, view.Mailbox.Id, call.Cancel)).Alarms);

    private async Task<Answer> SetStateAsync(ApiCall call)
    {
        (MailboxView? view, Problem? problem) = await FindAsync(call);
        if (view is null) return problem!;
        (MailboxStateBody? body, problem) = await JsonBody.ReadAsync(call, AppJson.Default.MailboxStateBody);
        if (body is null) return problem!;
        MailboxState? state = body.State switch { "Active" => MailboxState.Active, "Paused" => MailboxState.Paused, _ => null };
        if (state is null) return Problems.Invalid;
        if (view.Mailbox.State == MailboxState.NeedsReconnect)
            return Problems.RefusedFor("mailbox-needs-reconnect", "The provider refuses this mailbox: an admin must connect it again, then it is read again.");
        await call.Trail.TellAsync(AuditAction.MailboxChanged, state == MailboxState.Active ? "resumed" : "paused");
        if (!await desk.Mailboxes.SetStateAsync(call.Tenant, view.Mailbox.Id, state.Value, call.Cancel)) return Problems.NotFound;
        return await ReadAsync(call);
    }

    private async Task<Answer> JournalAsync(ApiCall call)
    {
        (MailboxView? view, Problem? problem) = await FindAsync(call);
        if (view is null) return problem!;
        OutcomeKind? outcome = null;
        if (call.Query("outcome") is { } name)
        {
            if (!Outcomes.Contains(name.ToLowerInvariant())) return Problems.Invalid;
            outcome = Enum.Parse<OutcomeKind>(name, ignoreCase: true);
        }

        string list = $"journal {view.Mailbox.Id} {outcome}";
        string? after = null;
        if (call.Query("cursor") is { } cursor)
        {
            after = await cursors.ReadKeyAsync(call.Tenant, list, cursor, call.Cancel);
            if (after is null) return Problems.InvalidCursor;
        }

        IReadOnlyList<JournalLine> lines = await desk.Journal.PageAsync(call.Tenant, view.Mailbox.Id, outcome, PageSize, after, call.Cancel);
        string? next = lines.Count == PageSize ? await cursors.WriteAsync(call.Tenant, list, lines[^1].MessageKey, call.Cancel) : null;
        return Answer.Of(new JournalPage([.. lines.Select(JournalView.Of)], next), AppJson.Default.JournalPage);
    }

    private async Task<Answer> LineAsync(ApiCall call)
    {
        (MailboxView? view, Problem? problem) = await FindAsync(call);
        if (view is null) return problem!;
        return IsKey(call["message"]) && await desk.Journal.FindAsync(call.Tenant, view.Mailbox.Id, call["message"], call.Cancel) is { } line
            ? Answer.Of(JournalView.Of(line), AppJson.Default.JournalView)
            : Problems.NotFound;
    }

    private async Task<Answer> BooksAsync(ApiCall call)
    {
        (MailboxView? view, Problem? problem) = await FindAsync(call);
        if (view is null) return problem!;
        var books = await desk.Reconcile.RunAsync(call.Tenant, view.Mailbox.Id, call.Cancel);
        return Answer.Of(new BooksView(books, books.Balance), AppJson.Default.BooksView);
    }

    private static bool IsKey(string text) => text.Length is >= 1 and <= 32 && text.All(char.IsAsciiLetterOrDigit);
}
