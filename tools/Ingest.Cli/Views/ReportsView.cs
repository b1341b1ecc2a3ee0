using Ingest.Core.Pipeline;
using Ingest.Core.Screening;
using Ingest.Mail.Auth;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>A report that was filed; whoever sent it wrote what it says.</summary>
public sealed record ReportLine(
    string MessageKey, DateTimeOffset Received, string Sort, string Reporter, string Domain, DateTimeOffset? From, DateTimeOffset? To, long Mails, long Unproven, IReadOnlyList<AggregateRow> Rows)
{
    internal static ReportLine Of(ReviewedMail mail, FiledReport report) => new(mail.Line.MessageKey, mail.Line.Received, report.Sort.ToString(), report.Aggregate?.Organization ?? report.Failure?.ReportingMta ?? "",
        report.Aggregate?.Domain ?? (report.Failure?.ReportedDomains is [var about, ..] ? about : ""), report.Aggregate?.Begin ?? report.Failure?.Arrival, report.Aggregate?.End ?? report.Failure?.Arrival,
        report.Mails, report.Unproven, report.Aggregate?.Rows ?? []);
}

/// <summary>Reports as a table.</summary>
internal static class ReportsView
{
    public static IRenderable Render(IReadOnlyList<ReportLine> reports)
    {
        if (reports.Count == 0)
            return Tables.Sentence("No reports were filed.");
        Table table = Tables.New("received", "mail", "sort", "reporter", "about", "from", "to", "mails", "not proven");
        foreach (ReportLine r in reports)
            table.AddRow(Tables.Cell(r.Received), Tables.Cell(r.MessageKey), Tables.Cell(r.Sort), Tables.Cell(r.Reporter), Tables.Cell(r.Domain),
                Tables.Cell(r.From is { } from ? Tables.Moment(from) : ""), Tables.Cell(r.To is { } to ? Tables.Moment(to) : ""), Tables.Cell(r.Mails), Tables.Cell(r.Unproven));
        return table.AlignNumbers(7, 8);
    }
}
