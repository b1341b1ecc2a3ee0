using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Screening;
using Ingest.Core.Tickets;
using Ingest.Mail.Auth;

namespace Ingest.App.Console;

/// <summary>One kept-back mail: who says to have written it and whether that is proven, why it is kept, its text with nothing in it that could be followed.</summary>
internal static class ReviewMailPage
{
    private const int MostSources = 20;

    /// <summary>Where a mail's page is.</summary>
    public static string Address(InboxId inbox, JournalLine line) => $"{Visit.Review}/{inbox}/{line.MessageKey}";

    public static async Task ShowAsync(Visit visit, InboxId inbox, JournalLine line)
    {
        ReviewedMail? mail = await visit.Desk.Review.OpenAsync(visit.Tenant, inbox, line.MessageKey, visit.Cancel, seen: true);
        string address = Address(inbox, line);
        DateTimeOffset now = visit.Desk.Time.GetUtcNow();
        await visit.PageAsync(visit.Frame(mail is null ? "Mail that cannot be opened" : Words.Subject(mail.Subject), Visit.Review), (AuditAction.ContentRead, "kept-back"), Markup.Of($"""
            <p><a href="/console/review?kind={(line.Outcome == OutcomeKind.Parked ? "parked" : "quarantined")}">All mail for review</a></p>
            <h1><bdi>{(mail is null ? "Mail that cannot be opened" : Words.Subject(mail.Subject))}</bdi></h1>
            <div class="notice warn"><p><strong>{Explanation.Of(line.Outcome, line.Reason)}</strong></p>
            {Markup.If(Explanation.ForSpam(line.Steps).Count > 0, $"<ul>{Markup.Each(Explanation.ForSpam(line.Steps), reason => Markup.Of($"<li>{reason}.</li>"))}</ul>")}
            {Markup.If(mail?.Expires is not null, $"<p>It {ReviewWords.Expiry(mail!.Expires ?? default, now)}, unless somebody lets it in.</p>")}
            <details><summary>How this was decided</summary><ol class="why">{Markup.Each(Explanation.Of(line), sentence => Markup.Of($"<li>{sentence}</li>"))}</ol></details></div>
            {Markup.If(mail is not null, $"{Facts(mail!, line)}")}
            {Markup.If(mail is null, $"""<p>The original is gone, was erased or is damaged, so that this mail can neither be shown nor let in.</p>""")}
            <div class="row">
            {Markup.If(mail is not null, $"""{Form.Button(visit.Person, address + "/release", line.Outcome == OutcomeKind.Parked ? "Try again" : "Let it in")}""")}
            <a class="button danger" href="{address}/delete">Delete</a>
            </div>
            {Markup.If(mail is not null && line.Outcome == OutcomeKind.Quarantined, $"""<p class="soft small">Let in, it becomes a ticket as if it had just arrived, whatever the filter says, and the filter learns from it. A verified sender gets the mailbox's acknowledgement, if it has one, within the usual limits.</p>""")}
            """));
    }

    /// <summary>Asks before a mail is deleted.</summary>
    public static async Task AskAsync(Visit visit, InboxId inbox, JournalLine line)
    {
        ReviewedMail? mail = await visit.Desk.Review.OpenAsync(visit.Tenant, inbox, line.MessageKey, visit.Cancel);
        await visit.PageAsync(visit.Frame("Delete this mail?", Visit.Review), (AuditAction.ContentRead, "kept-back"), Markup.Of($"""
            <h1>Delete this mail?</h1>
            {Markup.If(mail is not null, $"<p><bdi>{Words.Subject(mail!.Subject)}</bdi> from <bdi>{Words.Person(mail.FromName, mail.FromAddress)}</bdi></p>")}
            <p>Its original becomes unreadable at once, and nobody can bring it back. That it came, and that a person deleted it, stays in the journal.</p>
            <div class="row">{Form.Button(visit.Person, Address(inbox, line) + "/delete", "Delete it", "danger")}<a class="button quiet" href="{Address(inbox, line)}">Keep it</a></div>
            """));
    }

    private static Markup Facts(ReviewedMail mail, JournalLine line) => Markup.Of($"""
        <dl class="facts">
        <dt>From</dt><dd><bdi>{Words.Person(mail.FromName, mail.FromAddress)}</bdi> {(mail.Authenticated ? Markup.Of($"""<span class="good">verified</span>""") : Markup.Of($"""<span class="bad">not verified</span>"""))}</dd>
        {Markup.If(mail.ReplyTo.Length > 0, $"""<dt>Wants answers at</dt><dd><bdi>{mail.ReplyTo}</bdi></dd>""")}
        <dt>To</dt><dd><bdi>{(mail.To.Count == 0 ? "nobody named" : string.Join(", ", mail.To))}</bdi></dd>
        <dt>Received</dt><dd>{Moments.At(line.Received)}</dd>
        {Markup.If(mail.Attachments.Count > 0, $"""<dt>Files</dt><dd><ul class="plain">{Markup.Each(mail.Attachments, file => Markup.Of($"""<li><bdi>{file.Name}</bdi> <span class="soft">{Moments.Size(file.Size)}</span></li>"""))}</ul></dd>""")}
        {Markup.If(mail.Links.Count > 0, $"""<dt>Links lead to</dt><dd><ul class="plain mono">{Markup.Each(mail.Links, link => Markup.Of($"""<li><bdi dir="ltr">{link}</bdi></li>"""))}</ul></dd>""")}
        </dl>
        {Markup.If(mail.Report is not null, $"{Report(mail.Report!)}")}
        <div class="card">{(string.IsNullOrWhiteSpace(mail.Text) ? Markup.Of($"""<p class="soft">This mail has no text.</p>""") : Markup.Of($"""<div class="body" dir="auto">{mail.Text.Trim('\n')}</div>"""))}</div>
        <p class="soft small">Shown as plain text. Pictures are not fetched, web addresses cannot be followed, and files are not handed out before the mail is let in.</p>
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
}
