using System.CommandLine;
using Ingest.Cli.Views;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;

namespace Ingest.Cli.Commands;

/// <summary>Shows and steers the mailboxes of the running system.</summary>
internal static class MailboxCommand
{
    static readonly Argument<string> Named = new("mailbox") { Description = "The mailbox's id or address, as \"mailbox list\" prints it." };

    public static Command Create()
    {
        ExampleCommand list = new("list", "Lists the mailboxes and how they fare.", "ingest mailbox list");
        Page.AddOptions(list);
        list.SetAction(ListAsync);

        ExampleCommand connect = new("connect", "Prints a link to the page that connects a mailbox; it works once, for half an hour.", "ingest mailbox connect");
        connect.SetAction(ConnectAsync);

        return new Command("mailbox", "Shows and steers the mailboxes of the running system.")
        {
            list,
            connect,
            AddImapCommand.Create(),
            SettingsCommand.Create(),
            DkimCommand.Create(),
            OnOne("sync", "Reads a mailbox now instead of when it is due.", SyncAsync),
            OnOne("pause", "Stops reading a mailbox; its place is kept.", (desk, mailbox, cancel) => SetAsync(desk, mailbox, MailboxState.Paused, cancel)),
            OnOne("resume", "Reads a paused mailbox again.", ResumeAsync),
        };
    }

    static ExampleCommand OnOne(string name, string description, Func<LocalDesk, Mailbox, CancellationToken, Task<string>> act)
    {
        ExampleCommand command = new(name, description, $"ingest mailbox {name} support@acme.example") { Named };
        command.SetAction(async (line, cancel) =>
        {
            LocalDesk desk = LocalDesk.Of(line);
            MailboxView mailbox = await desk.MailboxAsync(line.GetRequiredValue(Named), cancel);
            await line.InvocationConfiguration.Output.WriteLineAsync(await act(desk, mailbox.Mailbox, cancel));
            return ExitCode.Ok;
        });
        return command;
    }

    static async Task<int> ListAsync(ParseResult line, CancellationToken cancel)
    {
        IReadOnlyList<MailboxView> mailboxes = await LocalDesk.Of(line).MailboxesAsync(cancel);
        Page.Of(line).Show([.. mailboxes.Select(MailboxLine.Of)], MailboxesView.Render);
        return ExitCode.Ok;
    }

    static async Task<int> ConnectAsync(ParseResult line, CancellationToken cancel)
    {
        Uri link = await LocalDesk.Of(line).ConnectLinkAsync(cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync(link.AbsoluteUri);
        return ExitCode.Ok;
    }

    static async Task<string> SyncAsync(LocalDesk desk, Mailbox mailbox, CancellationToken cancel)
    {
        if (mailbox.Kind == MailboxKind.Import)
            throw new CannotRunException($"{mailbox.Id} is filled by hand: bring mails in with \"ingest import\".");
        if (mailbox.State != MailboxState.Active)
            throw new CannotRunException(mailbox.State == MailboxState.Paused
                ? $"{mailbox.Id} is paused: \"ingest mailbox resume {mailbox.Id}\" first."
                : $"{mailbox.Id} has to be connected again: {Reconnect(mailbox)}");
        await QueueAsync(desk, mailbox, cancel);
        return $"{mailbox.Id} is read now.";
    }

    static string Reconnect(Mailbox mailbox) => mailbox.Kind == MailboxKind.Imap
        ? "\"ingest mailbox add-imap\" takes the right password."
        : "\"ingest mailbox connect\" prints a link.";

    static async Task<string> ResumeAsync(LocalDesk desk, Mailbox mailbox, CancellationToken cancel)
    {
        if (mailbox.State == MailboxState.NeedsReconnect)
            throw new CannotRunException($"{mailbox.Id} has to be connected again: {Reconnect(mailbox)}");
        string said = await SetAsync(desk, mailbox, MailboxState.Active, cancel);
        if (mailbox.Kind != MailboxKind.Import)
            await QueueAsync(desk, mailbox, cancel);
        return said;
    }

    static async Task<string> SetAsync(LocalDesk desk, Mailbox mailbox, MailboxState state, CancellationToken cancel)
    {
        await desk.Desk.Mailboxes.SetStateAsync(desk.Tenant, mailbox.Id, state, cancel);
        return $"{mailbox.Id} is {Words.Of(state)}.";
    }

    // Attempt 1: a person who asks for it does not want to wait for a back-off.
    static Task QueueAsync(LocalDesk desk, Mailbox mailbox, CancellationToken cancel) =>
        desk.Desk.SyncQueue.SendAsync((Work.Sync(desk.Tenant, mailbox.Id) with { Attempt = 1 }).ToJson(), delay: null, cancel);
}
