using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>A mailbox as one line of a list.</summary>
/// <param name="Inbox">The mailbox's id, as the other commands take it.</param>
/// <param name="Kind">gmail, imap or folder.</param>
/// <param name="State">active, paused or broken.</param>
/// <param name="Address">The address that customers write to.</param>
/// <param name="LastSync">When it was last looked into; null: never.</param>
/// <param name="Listed">How many mails were found in it so far.</param>
/// <param name="Problem">What keeps it from being read; empty when nothing does.</param>
public sealed record MailboxLine(string Inbox, string Kind, string Address, string State, DateTimeOffset? LastSync, long Listed, string Problem);

/// <summary>Mailboxes as a table.</summary>
internal static class MailboxesView
{
    public static IRenderable Render(IReadOnlyList<MailboxLine> mailboxes)
    {
        if (mailboxes.Count == 0)
            return new Text("No mailbox is connected: \"ingest up\" prints a link that connects one.");
        Table table = Tables.New("mailbox", "kind", "address", "state", "last sync", "listed", "problem").AlignNumbers(5);
        foreach (MailboxLine mailbox in mailboxes)
            table.AddRow(
                Tables.Cell(mailbox.Inbox, Color.Aqua), Tables.Cell(mailbox.Kind), Tables.Cell(mailbox.Address), Tables.Cell(mailbox.State),
                Tables.Cell(mailbox.LastSync), Tables.Cell(mailbox.Listed), Tables.Cell(mailbox.Problem, Color.Red));
        return table;
    }
}
