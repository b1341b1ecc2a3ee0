using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Screening;
using Ingest.Core.Tickets;
using Ingest.Mail.Auth;

namespace Ingest.App.Console;

/// <summary>Mail that was kept back or that we failed on: look at it, let it in, or throw it away, which asks twice.</summary>
internal sealed class ReviewPages(ConsoleSession sessions)
{
    private const int PageLength = 20, MostPages = 50, MostSources = 20, SmallForm = 16 * 1024;

    public async Task<bool> TryAsync(Visit visit, string[] path)
    {
        if (!visit.Caller.MayAnywhere(Permission.ReviewMail)) return false;
        switch (path)
        {
            case [] when !visit.IsPost:
                await ListAsync(visit);
                return true;
            case [var inbox, var key, .. var rest] when InboxId.TryParse(inbox, out InboxId id) && visit.Caller.May(Permission.ReviewMail, id):
                return await MailAsync(visit, id, key, rest);
            default:
                return false;
        }
    }

    private static async Task ListAsync(Visit visit)
    {
        IReadOnlyList<Mailbox> mailboxes = await TicketsPage.InboxesAsync(visit, Permission.ReviewMail);
        OutcomeKind kind = visit.Asked("kind") == "parked" ? OutcomeKind.Parked : OutcomeKind.Quarantined;
        int page = int.TryParse(visit.Asked("page"), NumberStyles.None, CultureInfo.InvariantCulture, out int asked) ? Math.Clamp(asked, 1, MostPages) : 1;
        List<(Mailbox Mailbox, JournalLine Line)> lines = [];
        foreach (Mailbox mailbox in mailboxes)
            lines.AddRange((await visit.Desk.ReviewList.ListAsync(visit.Tenant, mailbox.Id, kind, (page * PageLength) + 1, visit.Cancel)).Select(line => (mailbox, line)));
        lines = [.. lines.OrderByDescending(l => l.Line.Received).Skip((page - 1) * PageLength)];
        (Mailbox Mailbox, JournalLine Line)[] shown = [.. lines.Take(PageLength)];
        // One after the other: each is a whole mail, and strangers say how large.
        List<ReviewedMail?> mails = [];
        foreach ((Mailbox mailbox, JournalLine line) in shown) mails.Add(await visit.Desk.Review.OpenAsync(visit.Tenant, mailbox.Id, line.MessageKey, visit.Cancel));
        string address = $"/console/review?kind={(kind == OutcomeKind.Parked ? "parked" : "quarantined")}&page=";
        await visit.PageAsync(visit.Frame("Review", Visit.Review, wide: true), (AuditAction.Listed, "kept-back"), Markup.Of($"""
            <h1>Review</h1>
            {Said(visit.Asked("said"))}
            <nav aria-label="Kind"><ul class="tabs">
            <li><a href="/console/review?kind=quarantined"{Attr.If(kind == OutcomeKind.Quarantined, "aria-current", "page")}>Kept back</a></li>
            <li><a href="/console/review?kind=parked"{Attr.If(kind == OutcomeKind.Parked, "aria-current", "page")}>Parked</a></li>
            </ul></nav>
            <p class="soft">{(kind == OutcomeKind.Quarantined ? "Mail that looks unwanted. It became no ticket; let in what is wanted." : "Mail that we could not take in. Nothing of it is lost; letting it in tries again.")}</p>
            {(shown.Length == 0 ? Empty(kind, page) : Markup.Of($"""<ul class="list">{Markup.Join(shown.Select((l, i) => Line(visit, l.Mailbox, l.Line, mails[i], mailboxes.Count > 1)))}</ul>"""))}
            <div class="pages">
            {(page > 1 ? Markup.Of($"""<a href="{address}{page - 1}">Newer mail</a>""") : Markup.Of($"<span></span>"))}
            {Markup.If(lines.Count > PageLength, $"""<a href="{address}{page + 1}">Older mail</a>""")}
            </div>
            """));
    }

    private static Markup Empty(OutcomeKind kind, int page) => page > 1
        ? Markup.Of($"""<div class="card"><p>There is no older mail.</p></div>""")
        : kind == OutcomeKind.Quarantined
            ? Markup.Of($"""<div class="card"><h2>Nothing was kept back</h2><p>Every mail became a ticket, was a copy, or was our own. There is nothing to do here.</p></div>""")
            : Markup.Of($"""<div class="card"><h2>Nothing is parked</h2><p>Every mail could be taken in. There is nothing to do here.</p></div>""");

    private static Markup Line(Visit visit, Mailbox mailbox, JournalLine line, ReviewedMail? mail, bool several) => Markup.Of($"""
        <li>
        <div class="line"><h2><a href="/console/review/{mailbox.Id.Value}/{line.MessageKey}"><bdi>{(mail is null ? "(the original is gone)" : Words.Subject(mail.Subject))}</bdi></a></h2><span class="when">{Moments.Ago(line.Received, visit.Desk.Time.GetUtcNow())}</span></div>
        <p class="meta">{Markup.If(mail is not null, $"<span><bdi>{Words.Person(mail!.FromName, mail.FromAddress)}</bdi></span>")}{Markup.If(several, $"<span>{mailbox.Profile.Address}</span>")}</p>
        <p class="small">{Explanation.Of(line.Outcome, line.Reason)}</p>
        </li>
        """);

    private async Task<bool> MailAsync(Visit visit, InboxId inbox, string key, string[] path)
    {
        if (key.Length is 0 or > 40 || !key.All(char.IsAsciiLetterOrDigit)) return false;
        if (await visit.Desk.Journal.FindAsync(visit.Tenant, inbox, key, visit.Cancel) is not { Outcome: OutcomeKind.Quarantined or OutcomeKind.Parked } line)
        {
            // Whoever was quicker, or a second press of the same button: the list says what is left.
            if (visit.IsPost) Answer.SeeOther(visit.Http, Visit.Review + "?said=gone");
            return visit.IsPost;
        }

        visit.Trail.About = visit.Trail.About with { Inbox = inbox, Subject = line.MessageKey };
        switch (path)
        {
            case [] when !visit.IsPost:
                await ShowAsync(visit, inbox, line);
                return true;
            case ["delete"] when !visit.IsPost:
                await AskAsync(visit, inbox, line);
                return true;
            case ["release" or "delete"] when visit.IsPost:
                await DecideAsync(visit, inbox, line, path[0] == "delete");
                return true;
            default:
                return false;
        }
    }

    private static async Task ShowAsync(Visit visit, InboxId inbox, JournalLine line)
    {
        ReviewedMail? mail = await visit.Desk.Review.OpenAsync(visit.Tenant, inbox, line.MessageKey, visit.Cancel);
        string address = Address(inbox, line);
        await visit.PageAsync(visit.Frame(mail is null ? "Mail without its original" : Words.Subject(mail.Subject), Visit.Review), (AuditAction.ContentRead, "kept-back"), Markup.Of($"""
            <p><a href="/console/review?kind={(line.Outcome == OutcomeKind.Parked ? "parked" : "quarantined")}">All mail for review</a></p>
            <h1><bdi>{(mail is null ? "Mail without its original" : Words.Subject(mail.Subject))}</bdi></h1>
            <div class="notice warn"><p><strong>{Explanation.Of(line.Outcome, line.Reason)}</strong></p></div>
            {Markup.If(mail is not null, $"{Facts(mail!, line)}")}
            {Markup.If(mail is null, $"""<p>The original is gone or was erased, so that this mail can neither be shown nor let in.</p>""")}
            <details><summary>How this was decided</summary><ol class="why">{Markup.Each(Explanation.Of(line), sentence => Markup.Of($"<li>{sentence}</li>"))}</ol></details>
            <div class="row">
            {Markup.If(mail is not null, $"""{Form.Button(visit.Person, address + "/release", line.Outcome == OutcomeKind.Parked ? "Try again" : "Let it in")}""")}
            <a class="button danger" href="{address}/delete">Delete</a>
            </div>
            """));
    }

    private static Markup Facts(ReviewedMail mail, JournalLine line) => Markup.Of($"""
        <dl class="facts">
        <dt>From</dt><dd><bdi>{Words.Person(mail.FromName, mail.FromAddress)}</bdi> {(mail.Authenticated ? Markup.Of($"""<span class="good">verified</span>""") : Markup.Of($"""<span class="bad">not verified</span>"""))}</dd>
        <dt>To</dt><dd><bdi>{(mail.To.Count == 0 ? "nobody named" : string.Join(", ", mail.To))}</bdi></dd>
        <dt>Received</dt><dd>{Moments.At(line.Received)}</dd>
        {Markup.If(mail.Attachments.Count > 0, $"<dt>Files</dt><dd><bdi>{string.Join(", ", mail.Attachments.Select(a => a.Name))}</bdi></dd>")}
        </dl>
        {Markup.If(mail.Report is not null, $"{Report(mail.Report!)}")}
        <div class="card">{(string.IsNullOrWhiteSpace(mail.Text) ? Markup.Of($"""<p class="soft">This mail has no text.</p>""") : Markup.Of($"""<div class="body" dir="auto">{mail.Text.Trim('\n')}</div>"""))}</div>
        """);

    // A stranger wrote it: numbers and names to look at.
    private static Markup Report(FiledReport report)
    {
        if (report.Aggregate is not { } all) return Markup.Empty;
        return Markup.Of($"""
            <h2>What it reports</h2>
            <p><bdi>{all.Organization}</bdi> saw {Words.Count((int)Math.Min(report.Mails, int.MaxValue), "mail")} in the name of <bdi>{all.Domain}</bdi>{(all is { Begin: { } begin, End: { } end } ? $" from {Moments.Text(begin)} to {Moments.Text(end)}" : "")}; {report.Unproven.ToString("N0", CultureInfo.InvariantCulture)} could not be proven.</p>
            <table><thead><tr><th>Came from</th><th>Mails</th><th>In the name of</th><th>SPF</th><th>DKIM</th></tr></thead>
            <tbody>{Markup.Each(all.Rows.OrderByDescending(r => r.Count).Take(MostSources), row => Markup.Of($"<tr><td><bdi>{row.SourceIp}</bdi></td><td>{row.Count.ToString("N0", CultureInfo.InvariantCulture)}</td><td><bdi>{row.HeaderFrom}</bdi></td><td>{row.Spf.Word()}</td><td>{row.Dkim.Word()}</td></tr>"))}</tbody></table>
            {Markup.If(all.Rows.Count > MostSources, $"""<p class="soft small">The {MostSources} sources with the most mails.</p>""")}
            """);
    }

    private static async Task AskAsync(Visit visit, InboxId inbox, JournalLine line)
    {
        ReviewedMail? mail = await visit.Desk.Review.OpenAsync(visit.Tenant, inbox, line.MessageKey, visit.Cancel);
        await visit.PageAsync(visit.Frame("Delete this mail?", Visit.Review), (AuditAction.ContentRead, "kept-back"), Markup.Of($"""
            <h1>Delete this mail?</h1>
            {Markup.If(mail is not null, $"<p><bdi>{Words.Subject(mail!.Subject)}</bdi> from <bdi>{Words.Person(mail.FromName, mail.FromAddress)}</bdi></p>")}
            <p>Its original becomes unreadable at once, and nobody can bring it back. That it came, and that a person deleted it, stays in the journal.</p>
            <div class="row">{Form.Button(visit.Person, Address(inbox, line) + "/delete", "Delete it", "danger")}<a class="button quiet" href="{Address(inbox, line)}">Keep it</a></div>
            """));
    }

    private async Task DecideAsync(Visit visit, InboxId inbox, JournalLine line, bool delete)
    {
        if (await visit.FormAsync(sessions, SmallForm) is null)
        {
            await ConsolePages.FormRefusedAsync(visit, Address(inbox, line));
            return;
        }

        await visit.Trail.TellAsync(delete ? AuditAction.QuarantineDeleted : AuditAction.QuarantineReleased);
        ReviewEnd end = delete
            ? await visit.Desk.Review.DeleteAsync(visit.Tenant, inbox, line.MessageKey, visit.Cancel)
            : await visit.Desk.Review.ReleaseAsync(visit.Tenant, inbox, line.MessageKey, AuditActor.Of(visit.Caller), visit.Cancel);
        bool done = end == ReviewEnd.Done;
        if (!done) await visit.Trail.TellFailedAsync();
        string said = !done ? "gone" : delete ? "deleted" : "released";
        Answer.SeeOther(visit.Http, $"{Visit.Review}?kind={(line.Outcome == OutcomeKind.Parked ? "parked" : "quarantined")}&said={said}");
    }

    private static string Address(InboxId inbox, JournalLine line) => $"{Visit.Review}/{inbox}/{line.MessageKey}";

    private static Markup Said(string code)
    {
        string text = code switch
        {
            "released" => "It is taken in now and will be a ticket in a moment. Until then it may still stand below.",
            "deleted" => "It was deleted.",
            "gone" => "Nothing was done: somebody else has decided on it before, or its original is gone.",
            _ => "",
        };
        return Markup.If(text.Length > 0, $"""<div class="notice good" role="status"><p>{text}</p></div>""");
    }
}
