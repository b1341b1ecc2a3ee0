using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>The list of kept-back mail: how much of what there is and what is alarming, filters, and the mails with a box to tick before each.</summary>
internal static class ReviewListPage
{
    private const int PageLength = 25;
    private static readonly int[] Ages = [1, 3, 7, 14, 30];

    public static async Task ShowAsync(Visit visit, ReviewQuestion question)
    {
        IReadOnlyList<Mailbox> mailboxes = await TicketsPage.InboxesAsync(visit, Permission.ReviewMail);
        InboxId[] inboxes = question.Among([.. mailboxes.Select(m => m.Id)]);
        KeptCounts[] counts = await Task.WhenAll(inboxes.Select(inbox => visit.Desk.ReviewWatch.CountAsync(visit.Tenant, inbox, visit.Cancel)));
        IReadOnlyList<Problem> problems = question.Problems;
        (IReadOnlyList<(KeptMailLine Line, ReviewedMail? Mail)> mails, string? next, int opened) = problems.Count > 0 ? ([], null, 0) : await FindAsync(visit, question, inboxes);
        IReadOnlyList<BulkDecision> running = [.. (await visit.Desk.ReviewBulk.RunningAsync(visit.Tenant, visit.Cancel)).Where(b => b.Scope.Inboxes.All(i => mailboxes.Any(m => m.Id.Value == i)))];
        visit.Trail.About = visit.Trail.About with { Count = mails.Count };
        Markup alarms = question.Kind == OutcomeKind.Quarantined ? await AlarmsAsync(visit, mailboxes, inboxes, counts) : Markup.Empty;
        await visit.PageAsync(visit.Frame("Review", Visit.Review, wide: true), (question.Words.Length + question.Sender.Length > 0 ? AuditAction.Searched : AuditAction.Listed, "kept-back"), Markup.Of($"""
            <h1>Review</h1>
            {Form.Summary(problems)}
            {ReviewWords.Said(visit.Asked("said"))}
            {Tabs(question, counts)}
            {Markup.Each(running, b => Markup.Of($"""<div class="notice"><p><a href="/console/review/bulk/{b.Id}">{(b.Action == BulkAction.Delete ? "Mails are being deleted" : "Mails are being let in")}</a>: {ReviewWords.Number(b.Done)} so far.</p></div>"""))}
            {alarms}
            <p class="soft">{(question.Kind == OutcomeKind.Quarantined ? "Mail that looks unwanted, or that a rule holds. It became no ticket; let in what is wanted." : "Mail that we could not take in. Nothing of it is lost; letting it in tries again.")}</p>
            {Markup.If(question.Kind == OutcomeKind.Quarantined, $"{Chips(question, counts)}")}
            {Search(visit, question, mailboxes, problems)}
            {(mails.Count == 0 ? Empty(question, opened, next is not null) : List(visit, question, mailboxes, mails, next is not null))}
            {Turn(visit, question, next, opened)}
            """), problems.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private static async Task<(IReadOnlyList<(KeptMailLine, ReviewedMail?)> Mails, string? Next, int Opened)> FindAsync(Visit visit, ReviewQuestion question, InboxId[] inboxes)
    {
        KeptFilter filter = question.Filter(visit.Desk.Time.GetUtcNow())!;
        if (question.Words.Length > 0)
        {
            KeptFound found = await visit.Desk.ReviewList.SearchAsync(visit.Tenant, inboxes, filter, question.Words, PageLength, question.After, visit.Cancel);
            return ([.. found.Mails.Select(m => (m.Line, (ReviewedMail?)m.Mail))], found.Next, found.Opened);
        }

        KeptPart part = await visit.Desk.ReviewList.PageAsync(visit.Tenant, inboxes, filter, PageLength, question.After, visit.Cancel);
        IReadOnlyList<ReviewedMail?> mails = await visit.Desk.ReviewList.OpenAllAsync(visit.Tenant, part.Mails, visit.Cancel);
        return ([.. part.Mails.Select((line, i) => (line, mails[i]))], part.Next, part.Mails.Count);
    }

    private static Markup Tabs(ReviewQuestion question, KeptCounts[] counts)
    {
        string inbox = question.Inbox.Length > 0 ? "&inbox=" + question.Inbox : "";
        bool parked = question.Kind == OutcomeKind.Parked;
        return Markup.Of($"""
            <nav aria-label="Kind"><ul class="tabs">
            <li><a href="/console/review?kind=quarantined{inbox}"{Attr.If(!parked, "aria-current", "page")}>Kept back <span class="count">{ReviewWords.Number(counts.Sum(c => c.Total))}</span></a></li>
            <li><a href="/console/review?kind=parked{inbox}"{Attr.If(parked, "aria-current", "page")}>Parked <span class="count">{ReviewWords.Number(counts.Sum(c => c.Parked))}</span></a></li>
            </ul></nav>
            """);
    }

    private static async Task<Markup> AlarmsAsync(Visit visit, IReadOnlyList<Mailbox> mailboxes, InboxId[] inboxes, KeptCounts[] counts)
    {
        List<Markup> said = [];
        DateTimeOffset now = visit.Desk.Time.GetUtcNow();
        for (int i = 0; i < inboxes.Length; i++)
        {
            string address = mailboxes.Count > 1 ? mailboxes.First(m => m.Id == inboxes[i]).Profile.Address + ": " : "";
            foreach (KeptAlarm alarm in await visit.Desk.ReviewWatch.AlarmsAsync(visit.Tenant, inboxes[i], counts[i], visit.Cancel))
                said.Add(Markup.Of($"<li>{address}{ReviewWords.Of(alarm, counts[i], now)}</li>"));
        }

        return Markup.If(said.Count > 0, $"""<div class="notice warn"><h2>Somebody should look</h2><ul>{said}</ul></div>""");
    }

    // Each a link: what is chosen is taken back by a second press.
    private static Markup Chips(ReviewQuestion question, KeptCounts[] counts)
    {
        (OutcomeReason Reason, long Count)[] reasons = [.. counts.SelectMany(c => c.Reasons).GroupBy(r => r.Reason).Select(g => (g.Key, g.Sum(r => r.Count))).OrderByDescending(r => r.Item2)];
        if (reasons.Length == 0) return Markup.Empty;
        ReviewQuestion plain = question with { After = null };
        return Markup.Of($"""
            <nav aria-label="Reason"><ul class="chips">
            <li><a href="{(plain with { Reason = null }).Address()}"{Attr.If(question.Reason is null, "aria-current", "true")}>Every reason</a></li>
            {Markup.Each(reasons, r => Markup.Of($"""<li><a href="{(plain with { Reason = question.Reason == r.Reason ? null : r.Reason }).Address()}"{Attr.If(question.Reason == r.Reason, "aria-current", "true")}>{ReviewWords.Short(r.Reason)} <span class="count">{ReviewWords.Number(r.Count)}</span></a></li>"""))}
            </ul></nav>
            """);
    }

    private static Markup Search(Visit visit, ReviewQuestion question, IReadOnlyList<Mailbox> mailboxes, IReadOnlyList<Problem> problems) => Markup.Of($"""
        <details class="search-more"{Attr.If(question.Sender.Length + question.Words.Length > 0 || question.Days is not null || question.Inbox.Length > 0 || problems.Count > 0, "open")}>
        <summary>Search and narrow down</summary>
        <form class="card" method="post" action="/console/review/search" role="search">
        {Form.Token(visit.Person)}
        <input type="hidden" name="kind" value="{(question.Kind == OutcomeKind.Parked ? "parked" : "quarantined")}"><input type="hidden" name="reason" value="{question.Reason?.ToString()}">
        <div class="pair">
        {Form.Text("sender", "Sender", question.Sender, "A whole address, or a domain.", problems: problems)}
        {Form.Text("words", "Words", question.Words, "Of subject or sender. Mail is opened for it, newest first.", type: "search", problems: problems)}
        </div>
        <div class="pair">
        {Form.Choice("days", "Received", [("", "at any time"), .. Ages.Select(days => (days.ToString(System.Globalization.CultureInfo.InvariantCulture), Words.Count(days, "day") + " ago or earlier"))], question.Days?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "")}
        {Markup.If(mailboxes.Count > 1, $"""{Form.Choice("inbox", "Mailbox", [("", "All mailboxes"), .. mailboxes.Select(m => (m.Id.Value, m.Profile.Address))], question.Inbox)}""")}
        </div>
        <div class="row"><button>Find</button>{Markup.If(question.Narrows, $"""<a class="button quiet" href="/console/review?kind={(question.Kind == OutcomeKind.Parked ? "parked" : "quarantined")}">Show all</a>""")}</div>
        </form>
        </details>
        """);

    private static Markup Empty(ReviewQuestion question, int opened, bool more)
    {
        if (question.Words.Length > 0 && more) return Markup.Of($"""<div class="card"><p>None of the {ReviewWords.Number(opened)} newest has these words. Look further among the older ones below.</p></div>""");
        if (question.After is not null) return Markup.Of($"""<div class="card"><p>There is no older mail.</p></div>""");
        if (question.Narrows) return Markup.Of($"""<div class="card"><h2>Nothing fits</h2><p>No mail of this kind is kept back. Take a filter away, or look among what is parked.</p></div>""");
        return question.Kind == OutcomeKind.Quarantined
            ? Markup.Of($"""<div class="card"><h2>Nothing was kept back</h2><p>Every mail became a ticket, was a copy, or was our own. There is nothing to do here.</p></div>""")
            : Markup.Of($"""<div class="card"><h2>Nothing is parked</h2><p>Every mail could be taken in. There is nothing to do here.</p></div>""");
    }

    private static Markup List(Visit visit, ReviewQuestion question, IReadOnlyList<Mailbox> mailboxes, IReadOnlyList<(KeptMailLine Line, ReviewedMail? Mail)> mails, bool more)
    {
        Dictionary<string, string> addresses = mailboxes.Count > 1 ? mailboxes.ToDictionary(m => m.Id.Value, m => m.Profile.Address) : [];
        return Markup.Of($"""
            <form method="post" action="/console/review/bulk">
            {Form.Token(visit.Person)}{question.Fields()}
            <ul class="list picks" aria-label="Mails">{Markup.Each(mails, m => Line(visit, m.Line, m.Mail, addresses.GetValueOrDefault(m.Line.Inbox.Value, "")))}</ul>
            <div class="bulk" role="group" aria-label="With the mails that are ticked">
            <p class="soft small">With what is ticked:</p>
            <button name="act" value="release">{(question.Kind == OutcomeKind.Parked ? "Try again" : "Let in")}</button>
            <button class="danger" name="act" value="delete">Delete</button>
            </div>
            {Markup.If(question.Words.Length == 0 && (more || question.After is not null || mails.Count > 5), $"""
            <div class="row" role="group" aria-label="With all that fit"><span class="soft small">With all that fit, on every page:</span>
            <button class="quiet small" name="act" value="release-all">{(question.Kind == OutcomeKind.Parked ? "Try all again" : "Let all in")}</button>
            <button class="danger small" name="act" value="delete-all">Delete all</button></div>
            """)}
            </form>
            """);
    }

    private static Markup Line(Visit visit, KeptMailLine line, ReviewedMail? mail, string mailbox)
    {
        string key = $"{line.Inbox}:{line.Line.MessageKey}", id = "m-" + line.Line.MessageKey;
        DateTimeOffset now = visit.Desk.Time.GetUtcNow();
        bool soon = line.Expires is { } at && at - now < TimeSpan.FromDays(KeptCounts.NoticeDays);
        return Markup.Of($"""
            <li>
            <input type="checkbox" name="mail" value="{key}" id="{id}" aria-labelledby="{id}-subject">
            <div>
            <div class="line"><h2><a id="{id}-subject" href="/console/review/{line.Inbox.Value}/{line.Line.MessageKey}"><bdi>{(mail is null ? "(cannot be opened)" : Words.Subject(mail.Subject))}</bdi></a>{Markup.If(line.Seen is null, $"""<span class="new">new</span>""")}</h2><span class="when">{Moments.Ago(line.Line.Received, now)}</span></div>
            <p class="meta">{Markup.If(mail is not null, $"""<span><bdi>{Words.Person(mail!.FromName, mail.FromAddress)}</bdi> {(mail.Authenticated ? Markup.Of($"""<span class="good">verified</span>""") : Markup.Of($"""<span class="bad">not verified</span>"""))}</span>""")}{Markup.If(mailbox.Length > 0, $"<span>{mailbox}</span>")}{Markup.If(mail is { Attachments.Count: > 0 }, $"""<span>{Words.Count(mail!.Attachments.Count, "file")}</span>""")}</p>
            <p class="small">{Explanation.Of(line.Line.Outcome, line.Line.Reason)} {Markup.If(line.Expires is not null, $"""<span{Attr.If(!soon, "class", "soft")}{Attr.If(soon, "class", "bad")}>It {ReviewWords.Expiry(line.Expires ?? default, now)}.</span>""")}</p>
            </div>
            </li>
            """);
    }

    private static Markup Turn(Visit visit, ReviewQuestion question, string? next, int opened)
    {
        bool posted = question.Sender.Length + question.Words.Length > 0;
        return Markup.Of($"""
            <div class="pages">
            {(question.After is null ? Markup.Of($"<span></span>") : posted ? Further(visit, question with { After = null }, "Newest mail") : Markup.Of($"""<a href="{(question with { After = null }).Address()}">Newest mail</a>"""))}
            {Markup.If(next is not null && posted, $"{Further(visit, question with { After = next }, question.Words.Length > 0 ? $"Look further: {ReviewWords.Number(opened)} were opened" : "Older mail")}")}
            {Markup.If(next is not null && !posted, $"""<a href="{(question with { After = next }).Address()}">Older mail</a>""")}
            </div>
            """);
    }

    private static Markup Further(Visit visit, ReviewQuestion question, string label) => Markup.Of($"""
        <form method="post" action="/console/review/search">{Form.Token(visit.Person)}{question.Fields()}<input type="hidden" name="after" value="{question.After}"><button class="quiet small">{label}</button></form>
        """);
}
