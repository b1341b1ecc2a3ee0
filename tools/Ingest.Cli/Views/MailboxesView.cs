using Ingest.Core.Mailboxes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>A mailbox as one line of a list; its problem is the code of what keeps it from being read, empty when nothing does.</summary>
public sealed record MailboxLine(string Inbox, string Kind, string Address, string State, DateTimeOffset? LastMail, int Failures, string Problem)
{
    public static MailboxLine Of(MailboxView view) => new(
        view.Mailbox.Id.Value, Words.Of(view.Mailbox.Kind), view.Mailbox.Profile.Address, Words.Of(view.Mailbox.State),
        view.Health.LastMail, view.Health.Failures, view.Health.Fault)
    { Fix = FixOf(view) };

    /// <summary>What a person has to do; empty when nothing.</summary>
    public string Fix { get; init; } = "";

    static string FixOf(MailboxView view) => (view.Mailbox.State, view.Mailbox.Kind, view.Health.Fault) switch
    {
        (MailboxState.NeedsReconnect, MailboxKind.Imap, _) => "give the right password: \"ingest mailbox add-imap\"",
        (MailboxState.NeedsReconnect, _, nameof(MailboxFault.ApiDisabled)) => "enable the Gmail API in the Google Cloud console, then connect again: \"ingest mailbox connect\"",
        (MailboxState.NeedsReconnect, _, _) => "connect it again with the same account: \"ingest mailbox connect\"",
        (MailboxState.Paused, _, _) => "\"ingest mailbox resume\" reads it again",
        (MailboxState.Active, not MailboxKind.Import, not "") => "we keep trying; nothing is lost",
        _ => "",
    };
}

/// <summary>Mailboxes as a table.</summary>
internal static class MailboxesView
{
    public static IRenderable Render(IReadOnlyList<MailboxLine> mailboxes)
    {
        if (mailboxes.Count == 0)
            return Tables.Sentence("No mailbox yet: \"ingest mailbox connect\" prints a link that connects one.");
        Table table = Tables.New("mailbox", "kind", "address", "state", "last mail", "failures", "problem", "what to do").AlignNumbers(5);
        foreach (MailboxLine mailbox in mailboxes)
            table.AddRow(
                Tables.Cell(mailbox.Inbox, Color.Aqua), Tables.Cell(mailbox.Kind), Tables.Cell(mailbox.Address), Tables.Cell(mailbox.State),
                Tables.Cell(mailbox.LastMail), Tables.Cell(mailbox.Failures), Tables.Cell(mailbox.Problem, Color.Red), Tables.Cell(mailbox.Fix));
        return table;
    }
}
