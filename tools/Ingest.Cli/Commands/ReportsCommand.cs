using System.CommandLine;
using Ingest.Cli.Views;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Lists the reports of mail systems that were filed instead of becoming tickets.</summary>
internal static class ReportsCommand
{
    const int Most = 1000;

    public static Command Create()
    {
        ExampleCommand command = new("reports", "Lists filed reports: what receivers saw of mail in the name of your domains (DMARC), and complaints. Whoever sent them wrote what they say.",
            "ingest reports", "ingest reports --json | jq '.rows[] | select(.dkim != \"Pass\")'");
        Page.AddOptions(command);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        List<ReportLine> reports = [];
        foreach (MailboxView mailbox in await desk.MailboxesAsync(cancel))
            foreach (JournalLine mail in await desk.Desk.ReviewList.ListAsync(desk.Tenant, mailbox.Mailbox.Id, OutcomeKind.Quarantined, int.MaxValue, cancel))
                if (mail.Reason == OutcomeReason.Report && reports.Count < Most && await desk.Desk.Review.OpenAsync(desk.Tenant, mailbox.Mailbox.Id, mail.MessageKey, cancel) is { Report: { } report } opened)
                    reports.Add(ReportLine.Of(opened, report));
        Page.Of(line).Show([.. reports.OrderBy(report => report.Received)], ReportsView.Render);
        return ExitCode.Ok;
    }
}
