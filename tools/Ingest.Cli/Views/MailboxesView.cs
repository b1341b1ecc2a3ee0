using Ingest.Core.Mailboxes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>A mailbox as one line of a list; its problem is the code of what keeps it from being read, empty when nothing does.</summary>
public sealed record MailboxLine(string Inbox, string Kind, string Address, string State, DateTimeOffset? LastMail, int Failures, string Problem)
{
    public static MailboxLine Of(MailboxView view) => new(
        view.Mailbox.Id.Value, Words.Of(view.Mailbox.Kind), view.Mailbox.Profile.Address, Words.Of(view.Mailbox.State),
        view.Health.LastMail, view.Health.Failures, view.Health.Fault);
}

/// <summary>Mailboxes as a table.</summary>
internal static class MailboxesView
{
    public static IRenderable Render(IReadOnlyList<MailboxLine> mailboxes)
    {
        if (mailboxes.Count == 0)
            return Tables.Sentence("No mailbox yet: \"ingest mailbox connect\" prints a link that connects one.");
        Table table = Tables.New("mailbox", "kind", "address", "state", "last mail", "failures", "problem").AlignNumbers(5);
        foreach (MailboxLine mailbox in mailboxes)
            table.AddRow(
                Tables.Cell(mailbox.Inbox, Color.Aqua), Tables.Cell(mailbox.Kind), Tables.Cell(mailbox.Address), Tables.Cell(mailbox.State),
                Tables.Cell(mailbox.LastMail), Tables.Cell(mailbox.Failures), Tables.Cell(mailbox.Problem, Color.Red));
        return table;
    }
}
