using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>A kept-back mail in a list. Sender and subject are null when its original cannot be opened.</summary>
public sealed record KeptLine(
    string MessageKey, string Mailbox, string Outcome, string Reason, string Why, DateTimeOffset Received, DateTimeOffset KeptAt, DateTimeOffset? ExpiresAt, DateTimeOffset? SeenAt, string? From, string? Subject)
{
    public static KeptLine Of(KeptMailLine mail, string address, ReviewedMail? opened) => new(
        mail.Line.MessageKey, address, mail.Line.Outcome.ToString(), mail.Line.Reason.ToString(), Explanation.Of(mail.Line.Outcome, mail.Line.Reason), mail.Line.Received, mail.Line.At, mail.Expires, mail.Seen,
        opened is null ? null : Words.Person(opened.FromName, opened.FromAddress), opened?.Subject);
}

/// <summary>A kept-back mail, opened: redacted, web addresses unfit to be followed.</summary>
public sealed record KeptDetail(
    string MessageKey, string Mailbox, string From, bool Authenticated, string ReplyTo, IReadOnlyList<string> To, string Subject, DateTimeOffset Received, DateTimeOffset? ExpiresAt, string Reason, IReadOnlyList<string> Why,
    IReadOnlyList<KeptFile> Attachments, IReadOnlyList<string> Links, string Text)
{
    public static KeptDetail Of(ReviewedMail mail, string address) => new(
        mail.Line.MessageKey, address, Words.Person(mail.FromName, mail.FromAddress), mail.Authenticated, mail.ReplyTo, mail.To, mail.Subject, mail.Line.Received, mail.Expires, mail.Line.Reason.ToString(),
        Explanation.Of(mail.Line), [.. mail.Attachments.Select(a => new KeptFile(a.Name, a.ContentType, a.Size))], mail.Links, mail.Text);
}

/// <summary>A file of a kept-back mail.</summary>
public sealed record KeptFile(string Name, string ContentType, long Size);

/// <summary>What came of a decision on one mail.</summary>
public sealed record KeptEnd(string MessageKey, string End);

/// <summary>How a decision on many stands.</summary>
public sealed record BulkLine(string Id, string Action, string State, long? Meant, long Done, long Passed)
{
    public static BulkLine Of(BulkDecision bulk) => new(bulk.Id, bulk.Action.ToString(), bulk.State.ToString(), bulk.Meant < 0 ? null : bulk.Meant, bulk.Done, bulk.Passed);
}

/// <summary>A mailbox's kept-back mail in numbers.</summary>
public sealed record KeptSummary(
    string Mailbox, DateTimeOffset CountedAt, long Total, long Unseen, long Parked, DateTimeOffset? OldestUnseen, long DeletedSoon, DateTimeOffset? NextExpiry, IReadOnlyDictionary<string, long> Reasons, IReadOnlyList<string> Alarms)
{
    public static KeptSummary Of(KeptCounts counts, string address, IReadOnlyList<KeptAlarm> alarms) => new(
        address, counts.At, counts.Total, counts.Unseen, counts.Parked, counts.Oldest, counts.Soon, counts.NextExpiry, counts.Reasons.ToDictionary(r => r.Reason.ToString(), r => r.Count), [.. alarms.Select(a => a.ToString())]);
}

/// <summary>Kept-back mail as tables and pages.</summary>
internal static class QuarantineView
{
    public static IRenderable RenderList(IReadOnlyList<KeptLine> lines)
    {
        if (lines.Count == 0) return Tables.Sentence("Nothing is kept back that fits.");
        Table table = Tables.New("mail", "received", "reason", "from", "subject", "deleted on");
        foreach (KeptLine line in lines)
            table.AddRow(Tables.Cell(line.MessageKey), Tables.Cell(line.Received), Tables.Cell(line.Reason), Tables.Cell(line.From ?? ""), Tables.Cell(line.Subject ?? "(cannot be opened)"), Tables.Cell(line.ExpiresAt));
        return table;
    }

    public static IRenderable Render(KeptDetail mail)
    {
        List<string> lines =
        [
            $"From:    {mail.From}{(mail.Authenticated ? "" : " (not proven)")}", $"To:      {string.Join(", ", mail.To)}", $"Subject: {mail.Subject}", $"Came:    {Tables.Moment(mail.Received)}",
            $"Deleted: {(mail.ExpiresAt is { } at ? Tables.Moment(at) + " unless it is let in" : "never by itself")}",
        ];
        if (mail.ReplyTo.Length > 0) lines.Insert(1, $"Answers: {mail.ReplyTo}");
        lines.AddRange(mail.Attachments.Select(a => $"File:    {a.Name} ({a.ContentType}, {a.Size} bytes)"));
        lines.AddRange(mail.Links.Select(link => $"Link:    {link}"));
        lines.AddRange(mail.Why.Select(why => "Why:     " + why));
        lines.Add("");
        lines.AddRange(mail.Text.Split('\n'));
        return new Rows(lines.Select(line => Tables.Cell(line)));
    }

    public static IRenderable RenderSummary(IReadOnlyList<KeptSummary> summaries)
    {
        if (summaries.Count == 0) return Tables.Sentence("There is no mailbox.");
        Table table = Tables.New("mailbox", "kept back", "not looked at", "parked", "oldest", "deleted soon", "first on", "reasons", "alarms").AlignNumbers(1, 2, 3, 5);
        foreach (KeptSummary s in summaries)
            table.AddRow(Tables.Cell(s.Mailbox), Tables.Cell(s.Total), Tables.Cell(s.Unseen), Tables.Cell(s.Parked), Tables.Cell(s.OldestUnseen), Tables.Cell(s.DeletedSoon), Tables.Cell(s.NextExpiry),
                Tables.Cell(string.Join(", ", s.Reasons.Select(r => $"{r.Key} {r.Value}"))), Tables.Cell(string.Join(", ", s.Alarms)));
        return table;
    }

    public static IRenderable Render(KeptEnd end) => Tables.Sentence($"{end.MessageKey}: {end.End}");

    public static IRenderable Render(BulkLine bulk) => Tables.Sentence($"{bulk.Action} {bulk.Id}: {bulk.State}, {bulk.Done} done, {bulk.Passed} passed, {(bulk.Meant is { } meant ? meant.ToString(System.Globalization.CultureInfo.InvariantCulture) : "more than were counted")} meant.");
}
