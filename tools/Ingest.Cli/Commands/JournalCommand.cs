using System.CommandLine;
using Ingest.Cli.Views;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Shows how every listed mail ended, and proves that none was lost.</summary>
internal static class JournalCommand
{
    static readonly Option<string?> Mailbox = new("--mailbox") { Description = "Only this mailbox: its id or address.", HelpName = "mailbox" };

    static readonly Option<bool> Reconcile = new("--reconcile")
    {
        Description = "Hold what was listed against how it ended; exit code 1 when the books do not balance.",
    };

    public static Command Create()
    {
        ExampleCommand command = new("journal", "Shows how every mail ended that was ever found in a mailbox.",
            "ingest journal --reconcile        was any lost? with numbers",
            "ingest journal --json             every mail with every step's decision");
        command.Add(Mailbox);
        command.Add(Reconcile);
        Page.AddOptions(command);
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The books of every mailbox.</summary>
    public static async Task<IReadOnlyList<BooksLine>> BooksAsync(LocalDesk desk, IEnumerable<InboxId> inboxes, CancellationToken cancel)
    {
        List<BooksLine> books = [];
        foreach (InboxId inbox in inboxes)
            books.Add(BooksLine.Of(inbox, await desk.Desk.Reconcile.RunAsync(desk.Tenant, inbox, cancel)));
        return books;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        IReadOnlyList<MailboxView> mailboxes = line.GetValue(Mailbox) is { } named
            ? [await desk.MailboxAsync(named, cancel)]
            : await desk.MailboxesAsync(cancel);
        IEnumerable<InboxId> inboxes = mailboxes.Select(mailbox => mailbox.Mailbox.Id);
        if (line.GetValue(Reconcile))
        {
            IReadOnlyList<BooksLine> books = await BooksAsync(desk, inboxes, cancel);
            Page.Of(line).Show(books, BooksView.Render);
            return books.All(row => row.Balance) ? ExitCode.Ok : ExitCode.Failed;
        }

        List<JournalRow> rows = [];
        foreach (InboxId inbox in inboxes)
            await foreach (JournalLine entry in desk.Desk.Journal.ListAsync(desk.Tenant, inbox, cancel))
                rows.Add(JournalRow.Of(inbox, entry));
        Page.Of(line).Show([.. rows.OrderBy(row => row.Received)], JournalView.Render);
        return ExitCode.Ok;
    }
}
