using System.Globalization;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Tickets;

namespace Ingest.App.Api;

/// <summary>Mail that was kept back: look at it, let it in, delete it, one by one or many at once.</summary>
internal sealed class QuarantineRoutes(Desk desk, Cursors cursors)
{
    private const int PageSize = 100, MostDays = 36_500, LongestWords = 200;

    private static readonly Problem[] Decided = [Problems.DecidedBefore, Problems.OriginalGone];

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/quarantine", Permission.ReviewMail, "Lists kept-back mail of all mailboxes, newest first, without what it says.", ListAsync)
        {
            Query =
            [
                new("inbox", "Only of this mailbox."), new("outcome", "Which; quarantined unless said.", ["quarantined", "parked"]), new("reason", "Only mail kept back for this reason.", [.. KeptReasons.Select(r => r.ToString())]),
                new("olderThanDays", "Only mail received so many days ago or earlier."), new("cursor", "\"next\" of the page before."),
            ],
            Response = AppJson.Default.KeptPageView, More = [Problems.Invalid, Problems.InvalidCursor, Problems.NotFound],
        },
        new("GET", "/quarantine/summary", Permission.ReviewMail, "Counts each mailbox's kept-back mail, and says what is alarming about it.", SummaryAsync) { Response = AppJson.Default.KeptSummaryPage },
        new("POST", "/quarantine/search", Permission.ReviewMail, "Searches kept-back mail by words, sender, reason or age.", SearchAsync)
        {
            Audit = AuditAction.Searched, AuditCode = "kept-back", Request = AppJson.Default.KeptSearchBody, Response = AppJson.Default.KeptFoundPage, More = [Problems.InvalidCursor, Problems.NotFound],
        },
        new("POST", "/quarantine/bulk", Permission.ReviewMail, "Lets in or deletes many kept-back mails; it is carried out in steps, and its answer says where to look.", BulkAsync)
        {
            Audit = AuditAction.QuarantineDeleted, Request = AppJson.Default.BulkBody, Response = AppJson.Default.BulkView, Success = StatusCodes.Status202Accepted, LargestBody = 128 * 1024, More = [Problems.NotFound],
        },
        new("GET", "/quarantine/bulk/{bulk}", Permission.ReviewMail, "Reads how a decision on many stands.", ReadBulkAsync) { Response = AppJson.Default.BulkView },
        new("DELETE", "/quarantine/bulk/{bulk}", Permission.ReviewMail, "Stops a decision on many; what was done stays done.", StopBulkAsync) { Audit = AuditAction.QuarantineDeleted, AuditCode = "bulk-stopped", Response = AppJson.Default.BulkView },
        new("GET", "/quarantine/{inbox}/{message}", Permission.ReviewMail, "Opens a mail that was kept back; it counts as looked at.", OpenAsync) { Audit = AuditAction.ContentRead, AuditCode = "kept-back", Response = AppJson.Default.KeptBackView },
        new("POST", "/quarantine/{inbox}/{message}/release", Permission.ReviewMail, "Lets a mail in that was kept back: it becomes a ticket soon, as if it had just arrived.", ReleaseAsync)
        {
            Audit = AuditAction.QuarantineReleased, Success = StatusCodes.Status204NoContent, More = Decided,
        },
        new("DELETE", "/quarantine/{inbox}/{message}", Permission.ReviewMail, "Deletes a mail that was kept back, for good.", DeleteAsync)
        {
            Audit = AuditAction.QuarantineDeleted, Success = StatusCodes.Status204NoContent, More = [.. Decided, Problems.Refused],
        },
    ];

    /// <summary>The reasons for which mail is quarantined or parked.</summary>
    internal static IReadOnlyList<OutcomeReason> KeptReasons { get; } = [.. Enum.GetValues<OutcomeReason>().Where(r => (int)r is (>= 20 and < 30) or >= 40)];

    private static bool IsKey(string text) => text is { Length: >= 1 and <= 32 } && text.All(char.IsAsciiLetterOrDigit);

    // The mailboxes in which the caller may review, or the one that was named; null when that is none of them.
    private async Task<IReadOnlyList<MailboxView>?> MailboxesAsync(ApiCall call, string? named)
    {
        List<MailboxView> views = [];
        await foreach (InboxId inbox in desk.Mailboxes.ListAsync(call.Tenant, call.Cancel))
            if ((named is null || inbox.Value == named) && call.May(inbox) && await desk.Mailboxes.FindAsync(call.Tenant, inbox, call.Cancel) is { } view) views.Add(view);
        return named is not null && views.Count == 0 ? null : views;
    }

    private KeptFilter? FilterOf(KeptFilterBody body)
    {
        OutcomeKind? outcome = body.Outcome?.ToLowerInvariant() switch { null or "quarantined" => OutcomeKind.Quarantined, "parked" => OutcomeKind.Parked, _ => null };
        List<OutcomeReason> reasons = [];
        foreach (string name in body.Reasons ?? [])
        {
            if (!Enum.TryParse(name, out OutcomeReason reason) || !KeptReasons.Contains(reason) || reason.ToString() != name) return null;
            reasons.Add(reason);
        }

        if (outcome is null || body.OlderThanDays is < 0 or > MostDays) return null;
        KeptFilter filter = new()
        {
            Outcome = outcome.Value, Reasons = [.. reasons.Distinct()], Sender = body.Sender?.Trim() ?? "", ReceivedBefore = body.OlderThanDays is { } days ? desk.Time.GetUtcNow().AddDays(-days) : null,
        };
        return filter.IsUsable ? filter : null;
    }

    // What a cursor belongs to; the answer to another question begins anew.
    private static string ListOf(KeptFilterBody body, string words = "") =>
        string.Join('\n', "kept", body.Inbox, body.Outcome?.ToLowerInvariant(), string.Join(' ', body.Reasons ?? []), body.Sender, body.OlderThanDays?.ToString(CultureInfo.InvariantCulture), words);

    private async Task<(string? After, bool Bad)> PlaceAsync(ApiCall call, string list, string? cursor)
    {
        if (cursor is null) return (null, false);
        string? place = await cursors.ReadKeyAsync(call.Tenant, list, cursor, call.Cancel);
        return (place, place is null || !KeptIndex.IsPlace(place));
    }

    private async Task<string?> NextAsync(ApiCall call, string list, string? place) => place is null ? null : await cursors.WriteAsync(call.Tenant, list, place, call.Cancel);

    private async Task<Answer> ListAsync(ApiCall call)
    {
        int? days = null;
        if (call.Query("olderThanDays") is { } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return Problems.Invalid;
            days = number;
        }

        KeptFilterBody body = new(call.Query("inbox"), call.Query("outcome"), call.Query("reason") is { } reason ? [reason] : null, null, days);
        if (FilterOf(body) is not { } filter) return Problems.Invalid;
        if (await MailboxesAsync(call, body.Inbox) is not { } mailboxes) return Problems.NotFound;
        string list = ListOf(body);
        (string? after, bool bad) = await PlaceAsync(call, list, call.Query("cursor"));
        if (bad) return Problems.InvalidCursor;
        KeptPart part = await desk.ReviewList.PageAsync(call.Tenant, [.. mailboxes.Select(m => m.Mailbox.Id)], filter, PageSize, after, call.Cancel);
        return Answer.Of(new KeptPageView([.. part.Mails.Select(KeptLineView.Of)], await NextAsync(call, list, part.Next)), AppJson.Default.KeptPageView);
    }

    private async Task<Answer> SummaryAsync(ApiCall call)
    {
        List<KeptSummaryView> views = [];
        foreach (MailboxView view in await MailboxesAsync(call, null) ?? [])
        {
            InboxId inbox = view.Mailbox.Id;
            KeptCounts counts = await desk.ReviewWatch.CountAsync(call.Tenant, inbox, call.Cancel);
            views.Add(new KeptSummaryView(inbox.Value, view.Mailbox.Profile.Address, counts.At, counts.Total, counts.Unseen, counts.Parked, counts.Oldest, counts.Soon, counts.NextExpiry,
                [.. counts.Reasons.Select(r => new ReasonCountView(r.Reason, Explanation.Of(OutcomeKind.Quarantined, r.Reason), r.Count))], await desk.ReviewWatch.AlarmsAsync(call.Tenant, inbox, counts, call.Cancel)));
        }

        return Answer.Of(new KeptSummaryPage(views), AppJson.Default.KeptSummaryPage);
    }

    private async Task<Answer> SearchAsync(ApiCall call)
    {
        (KeptSearchBody? body, Problem? problem) = await JsonBody.ReadAsync(call, AppJson.Default.KeptSearchBody);
        if (body is null) return problem!;
        KeptFilterBody asked = body.Filter ?? new KeptFilterBody();
        string words = body.Words?.Trim() ?? "";
        if (words.Length > LongestWords || (words.Length == 0 && body.Filter is null) || FilterOf(asked) is not { } filter) return Problems.Invalid;
        if (await MailboxesAsync(call, asked.Inbox) is not { } mailboxes) return Problems.NotFound;
        string list = ListOf(asked, words);
        (string? after, bool bad) = await PlaceAsync(call, list, body.Cursor);
        if (bad) return Problems.InvalidCursor;
        KeptFound found = await desk.ReviewList.SearchAsync(call.Tenant, [.. mailboxes.Select(m => m.Mailbox.Id)], filter, words, PageSize, after, call.Cancel);
        call.Trail.About = call.Trail.About with { Count = found.Mails.Count };
        return Answer.Of(new KeptFoundPage([.. found.Mails.Select(m => new KeptFoundView(KeptLineView.Of(m.Line), m.Mail.Subject, m.Mail.FromName, m.Mail.FromAddress, m.Mail.Authenticated))],
            found.Opened, await NextAsync(call, list, found.Next)), AppJson.Default.KeptFoundPage);
    }

    private async Task<Answer> BulkAsync(ApiCall call)
    {
        (BulkBody? body, Problem? problem) = await JsonBody.ReadAsync(call, AppJson.Default.BulkBody);
        if (body is null) return problem!;
        BulkAction? action = body.Action switch { "Release" => BulkAction.Release, "Delete" => BulkAction.Delete, _ => null };
        (BulkScope? scope, problem) = await ScopeAsync(call, body);
        if (action is null || scope is null) return problem ?? Problems.Invalid;
        if (body.DryRun)
        {
            await call.Trail.TellAsync(AuditAction.Listed, "kept-back");
            long count = await desk.ReviewBulk.CountAsync(call.Tenant, scope, call.Cancel);
            DateTimeOffset now = desk.Time.GetUtcNow();
            return Answer.Of(new BulkView("", action.Value, BulkState.Done, count < 0 ? null : count, 0, 0, now, now), AppJson.Default.BulkView, StatusCodes.Status202Accepted);
        }

        BulkDecision bulk = desk.ReviewBulk.New(action.Value, scope, AuditActor.Of(call.Caller));
        call.Trail.About = call.Trail.About with { Subject = bulk.Id, Count = scope.Named.Count };
        await call.Trail.TellAsync(Action(action.Value), "bulk");
        bulk = await desk.ReviewBulk.BeginAsync(call.Tenant, bulk, call.Cancel);
        return Answer.Of(BulkView.Of(bulk), AppJson.Default.BulkView, StatusCodes.Status202Accepted);
    }

    private async Task<(BulkScope? Scope, Problem? Problem)> ScopeAsync(ApiCall call, BulkBody body)
    {
        bool names = body.Mails is not null;
        if (names == body.Filter is not null || body.Mails is { Count: 0 or > BulkDecision.MostNamed }) return (null, Problems.Invalid);
        if (await MailboxesAsync(call, body.Filter?.Inbox) is not { Count: > 0 } mailboxes) return (null, Problems.NotFound);
        string[] inboxes = [.. mailboxes.Select(m => m.Mailbox.Id.Value)];
        if (!names) return FilterOf(body.Filter!) is { } filter ? (new BulkScope { Inboxes = inboxes, Filter = filter }, null) : (null, Problems.Invalid);
        // One that may not be reviewed is answered as one that never was, and nothing is done with the others.
        if (body.Mails!.Any(m => !inboxes.Contains(m.Inbox) || !IsKey(m.MessageKey))) return (null, Problems.NotFound);
        return (new BulkScope { Inboxes = [.. body.Mails!.Select(m => m.Inbox).Distinct()], Named = [.. body.Mails!.Select(m => ReviewBulk.NameOf(new KeptRef(InboxId.Parse(m.Inbox), m.MessageKey))).Distinct()] }, null);
    }

    private async Task<BulkDecision?> FindBulkAsync(ApiCall call)
    {
        if (!BulkDecision.IsId(call["bulk"]) || await desk.ReviewBulk.FindAsync(call.Tenant, call["bulk"], call.Cancel) is not { } bulk) return null;
        call.Trail.About = call.Trail.About with { Subject = bulk.Id };
        return bulk.Scope.Inboxes.All(inbox => call.May(InboxId.Parse(inbox))) ? bulk : null;
    }

    private async Task<Answer> ReadBulkAsync(ApiCall call) => await FindBulkAsync(call) is { } bulk ? Answer.Of(BulkView.Of(bulk), AppJson.Default.BulkView) : Problems.NotFound;

    private async Task<Answer> StopBulkAsync(ApiCall call)
    {
        if (await FindBulkAsync(call) is not { } bulk) return Problems.NotFound;
        await call.Trail.TellAsync(Action(bulk.Action), "bulk-stopped");
        return await desk.ReviewBulk.StopAsync(call.Tenant, bulk.Id, call.Cancel) is { } stopped ? Answer.Of(BulkView.Of(stopped), AppJson.Default.BulkView) : Problems.NotFound;
    }

    private static AuditAction Action(BulkAction action) => action == BulkAction.Delete ? AuditAction.QuarantineDeleted : AuditAction.QuarantineReleased;

    private async Task<(InboxId Inbox, Problem? Problem)> FindAsync(ApiCall call)
    {
        if (!InboxId.TryParse(call["inbox"], out InboxId inbox) || !call.Caller.Knows(inbox)) return (default, Problems.NotFound);
        if (await desk.Mailboxes.FindAsync(call.Tenant, inbox, call.Cancel) is null) return (default, Problems.NotFound);
        call.Trail.About = call.Trail.About with { Inbox = inbox, Subject = IsKey(call["message"]) ? call["message"] : "" };
        // Who may do anything there knows of it; but this is not for them.
        return (inbox, !call.May(inbox) ? Problems.NotAllowed : IsKey(call["message"]) ? null : Problems.NotFound);
    }

    private async Task<Answer> OpenAsync(ApiCall call)
    {
        (InboxId inbox, Problem? problem) = await FindAsync(call);
        if (problem is not null) return problem;
        return await desk.Review.OpenAsync(call.Tenant, inbox, call["message"], call.Cancel, seen: true) is { } mail ? Answer.Of(KeptBackView.Of(mail), AppJson.Default.KeptBackView) : Problems.NotFound;
    }

    private async Task<Answer> ReleaseAsync(ApiCall call)
    {
        (InboxId inbox, Problem? problem) = await FindAsync(call);
        if (problem is not null) return problem;
        await call.Trail.TellAsync(AuditAction.QuarantineReleased);
        return AnswerTo(await desk.Review.ReleaseAsync(call.Tenant, inbox, call["message"], AuditActor.Of(call.Caller), call.Cancel));
    }

    private async Task<Answer> DeleteAsync(ApiCall call)
    {
        (InboxId inbox, Problem? problem) = await FindAsync(call);
        if (problem is not null) return problem;
        await call.Trail.TellAsync(AuditAction.QuarantineDeleted);
        return AnswerTo(await desk.Review.DeleteAsync(call.Tenant, inbox, call["message"], call.Cancel));
    }

    private static Answer AnswerTo(ReviewEnd end) => end switch
    {
        ReviewEnd.Done => Answer.Done,
        ReviewEnd.NotThere => Problems.NotFound,
        ReviewEnd.LetInBefore => Problems.DecidedBefore with { Detail = "Somebody let it in before: its line in the journal names the ticket." },
        ReviewEnd.DeletedBefore => Problems.DecidedBefore with { Detail = "Somebody deleted it before; it cannot be brought back." },
        ReviewEnd.Expired => Problems.OriginalGone with { Detail = "Its time was over, and it was deleted. Set the mailbox's schedule for kept-back mail if that comes too soon." },
        ReviewEnd.OriginalGone => Problems.OriginalGone,
        ReviewEnd.Damaged => Problems.OriginalGone with { Detail = "Its original is damaged and cannot be opened: it can only be deleted." },
        ReviewEnd.Held => Problems.RefusedFor("legal-hold", "A legal hold keeps this mailbox's mail: it can be let in, and not deleted before the hold is lifted."),
    };
}
