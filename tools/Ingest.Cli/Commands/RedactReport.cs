using System.CommandLine;
using System.Globalization;
using Ingest.Cli.Views;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Commands;

/// <summary><c>ingest redact --report</c>: what was masked in a mailbox's mail, and what a dry run would have masked, in numbers.</summary>
internal static class RedactReport
{
    static readonly Option<string?> Mailbox = new("--report") { Description = "Count what was masked in this mailbox (id or address), and what would have been in its dry run, by day, sort and rule.", HelpName = "mailbox" };
    static readonly Option<int> Days = new("--days") { Description = "With --report: how many days to look back.", DefaultValueFactory = _ => 30 };

    /// <summary>Adds the options to <c>ingest redact</c>.</summary>
    public static void AddTo(Command command)
    {
        Days.Validators.Add(days =>
        {
            if (days.GetValueOrDefault<int>() is < 1 or > RedactionReport.MostDays) days.AddError("--days takes a number from 1 to 366.");
        });
        command.Add(Mailbox);
        command.Add(Days);
        Page.AddOptions(command);
    }

    /// <summary>Reports on the mailbox that the line names; null when it names none.</summary>
    public static async Task<int?> TryRunAsync(ParseResult line, CancellationToken cancel)
    {
        if (line.GetValue(Mailbox) is not { Length: > 0 } name) return null;
        LocalDesk desk = LocalDesk.Of(line);
        InboxId inbox = (await desk.MailboxAsync(name, cancel)).Mailbox.Id;
        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.Listed, AuditActor.Command) { Inbox = inbox, Code = "redaction-report" }, cancel);
        RedactionReport report = await RedactionReport.OfAsync(desk.Desk.Journal, desk.Tenant, inbox, line.GetValue(Days), desk.Desk.Time, cancel);
        Page.Of(line).Show(RedactionReportLine.Of(report), Render);
        return ExitCode.Ok;
    }

    internal static IRenderable Render(RedactionReportLine report)
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"{Words.Count(report.Mails, "mail")} since {report.Since:yyyy-MM-dd}; something was found in {report.WithFindings:N0}.");
        if (report.Types.Count == 0) return Tables.Sentence(head);
        return new Rows(new Text(head), Counts("sort", report.Types), Counts("rule", report.Rules), Counts("day", [.. report.Days.Select(day =>
            new CountLine(day.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), day.Types.Sum(type => type.Masked), day.Types.Sum(type => type.Found)))]));
    }

    static Table Counts(string what, IReadOnlyList<CountLine> counts)
    {
        Table table = Tables.New(what, "masked", "only counted").AlignNumbers(1, 2);
        foreach (CountLine count in counts) table.AddRow(Tables.Cell(count.Name), Tables.Cell(count.Masked), Tables.Cell(count.Found));
        return table;
    }
}

/// <summary>How many of a sort, or by a rule: masked, and only counted in a dry run.</summary>
internal sealed record CountLine(string Name, int Masked, int Found);

/// <summary>One day of a report.</summary>
internal sealed record DayLine(DateOnly Day, int Mails, int WithFindings, IReadOnlyList<CountLine> Types);

/// <summary>What was masked in a mailbox, in numbers.</summary>
internal sealed record RedactionReportLine(DateOnly Since, int Mails, int WithFindings, IReadOnlyList<CountLine> Types, IReadOnlyList<CountLine> Rules, IReadOnlyList<DayLine> Days)
{
    internal static RedactionReportLine Of(RedactionReport report) => new(report.Since, report.Mails, report.WithFindings, Of(report.Types),
        [.. report.Rules.OrderBy(rule => rule.Key, StringComparer.Ordinal).Select(rule => new CountLine(rule.Key, rule.Value.Masked, rule.Value.Found))],
        [.. report.Days.Select(day => new DayLine(day.Day, day.Mails, day.WithFindings, Of(day.Types)))]);

    static IReadOnlyList<CountLine> Of(IReadOnlyDictionary<FindingType, RedactionCount> types) =>
        [.. types.OrderBy(type => type.Key).Select(type => new CountLine(type.Key.ToWord(), type.Value.Masked, type.Value.Found))];
}
