using System.CommandLine;
using Ingest.Cli.Views;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;

namespace Ingest.Cli.Commands;

/// <summary>Brings mails from files into the running system, the same way as from a mailbox.</summary>
internal static class ImportCommand
{
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    static readonly Argument<FileSystemInfo[]> Inputs = new("inputs")
    {
        Description = "Mails (*.eml or without extension), mbox files, Maildirs, and folders of them.",
        Arity = ArgumentArity.OneOrMore,
    };

    static readonly Option<string> Address = new("--address")
    {
        Description = "The address that the mails were written to; it names the mailbox they go to.",
        HelpName = "address",
        DefaultValueFactory = _ => "import@ingest.example",
    };

    static readonly Option<string[]> AuthservId = new("--authserv-id")
    {
        Description = "Whose Authentication-Results in these mails are believed (RFC 8601), such as mx.google.com; nobody's by default.",
        HelpName = "id",
    };

    static readonly Option<bool> NoWait = new("--no-wait") { Description = "Return when the mails are listed and safe, not when they are tickets." };

    public static Command Create()
    {
        ExampleCommand command = new("import", "Brings mails from files in. A mail that came in before changes nothing.",
            "ingest import mails/",
            "ingest import old.mbox --address support@acme.example --authserv-id mx.google.com") { Inputs.AcceptExistingOnly() };
        command.Add(Address);
        command.Add(AuthservId);
        command.Add(NoWait);
        Page.AddOptions(command);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        MailboxProfile profile = new() { Address = line.GetRequiredValue(Address), AuthservIds = line.GetValue(AuthservId) ?? [] };
        Mailbox mailbox = await OpenAsync(desk, profile, cancel);
        using Progress progress = new(line.InvocationConfiguration.Error);
        int listed = await ListAsync(desk, mailbox.Id, [.. line.GetRequiredValue(Inputs).Select(input => input.FullName)], progress, cancel);

        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.Imported, AuditActor.Command) { Inbox = mailbox.Id, Count = listed, Code = "listed" }, cancel);
        IReadOnlyList<BooksLine> books = await JournalCommand.BooksAsync(desk, [mailbox.Id], cancel);
        while (!line.GetValue(NoWait) && books[0].InFlight > 0)
        {
            progress.Show($"{books[0].Listed - books[0].InFlight:N0} of {books[0].Listed:N0} mails done");
            await Task.Delay(LookEvery, cancel);
            books = await JournalCommand.BooksAsync(desk, [mailbox.Id], cancel);
        }
        progress.Clear();
        Page.Of(line).Show(books, BooksView.Render);
        return books[0].Balance ? ExitCode.Ok : ExitCode.Failed;
    }

    static async Task<Mailbox> OpenAsync(LocalDesk desk, MailboxProfile profile, CancellationToken cancel)
    {
        if ((await desk.MailboxesAsync(cancel)).FirstOrDefault(there => there.Mailbox.Profile.Address == profile.Address) is { Mailbox.Kind: not MailboxKind.Import })
            throw new CannotRunException($"{profile.Address} is a connected mailbox: import under another --address.");
        return await desk.Desk.Mailboxes.ConnectAsync(desk.Tenant, MailboxKind.Import, profile, credential: null, cancel);
    }

    static async Task<int> ListAsync(LocalDesk desk, InboxId inbox, string[] paths, Progress progress, CancellationToken cancel)
    {
        string worker = $"import-{Environment.ProcessId}";
        int listed = 0;
        SyncResult result;
        do
        {
            result = await desk.Desk.SyncMailbox.RunAsync(desk.Tenant, inbox, worker,
                (_, _) => Task.FromResult<IMailSource>(new FolderSource(paths)), evenIfBackingOff: true, cancel);
            listed += result.Listed;
            progress.Show($"{listed:N0} mails listed");
        }
        while (result.End == SyncEnd.More);
        if (result.End == SyncEnd.Busy)
            throw new CannotRunException($"Another import fills {inbox}: try again when it is done. Nothing is lost, nothing comes in twice.");
        if (result.End == SyncEnd.NotDue)
            throw new CannotRunException($"{inbox} is paused: \"ingest mailbox resume {inbox}\" first.");
        return listed;
    }
}
