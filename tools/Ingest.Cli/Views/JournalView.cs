using Ingest.Core.Access;
using Ingest.Core.Tickets;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>How one listed mail ended: ids, codes and times only.</summary>
public sealed record JournalRow(
    string Inbox, string MessageKey, string Outcome, string Reason, string TicketId, string Steps, DateTimeOffset Received, DateTimeOffset At)
{
    public static JournalRow Of(InboxId inbox, JournalLine line) => new(
        inbox.Value, line.MessageKey, Words.Of(line.Outcome), Words.Of(line.Reason), line.TicketId, line.Steps, line.Received, line.At);
}

/// <summary>The journal as a table.</summary>
internal static class JournalView
{
    public static IRenderable Render(IReadOnlyList<JournalRow> rows)
    {
        if (rows.Count == 0)
            return Tables.Sentence("The journal is empty.");
        Table table = Tables.New("received", "mail", "outcome", "reason", "ticket", "steps");
        foreach (JournalRow row in rows)
            table.AddRow(
                Tables.Cell(row.Received), Tables.Cell(row.MessageKey), Tables.Cell(row.Outcome), Tables.Cell(row.Reason), Tables.Cell(row.TicketId),
                Tables.Cell(row.Steps));
        return table;
    }
}
