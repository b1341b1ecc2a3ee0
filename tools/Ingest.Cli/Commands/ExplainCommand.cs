using System.CommandLine;
using Ingest.Cli.Views;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Tells the whole decision about a mail, every step, as a person would read it.</summary>
internal static class ExplainCommand
{
    static readonly Argument<string> Named = new("mail") { Description = "The mail, as \"ingest journal\" and \"ingest quarantine list\" print it; or a ticket's number or id, for all its mails." };

    public static Command Create()
    {
        ExampleCommand command = new("explain", "Tells why a mail ended as it did: who sent it, what sort it is, whose ticket it is, every step.",
            "ingest explain 4K7QZ2MX", "ingest explain MAIL --json | jq .sender") { Named };
        Page.AddOptions(command);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string named = line.GetRequiredValue(Named);
        IReadOnlyList<Explained> mails = await OfMailAsync(desk, named, cancel) is { } one ? [one] : await OfTicketAsync(desk, named, cancel);
        Page page = Page.Of(line);
        foreach (Explained mail in mails)
            page.Show(mail, ExplainView.Render);
        return ExitCode.Ok;
    }

    static async Task<Explained?> OfMailAsync(LocalDesk desk, string key, CancellationToken cancel)
    {
        if (key is not { Length: 32 } || !key.All(char.IsAsciiLetterOrDigit))
            return null;
        foreach (MailboxView mailbox in await desk.MailboxesAsync(cancel))
            if (await desk.Desk.Journal.FindAsync(desk.Tenant, mailbox.Mailbox.Id, key, cancel) is { } line)
                return Explained.Of(line, line.TicketId.Length == 0 ? null : await SenderAsync(desk, line.TicketId, key, cancel));
        throw new CannotRunException($"No mail {key} has ended here: \"ingest journal\" shows all.");
    }

    static async Task<SenderCheck?> SenderAsync(LocalDesk desk, string ticket, string key, CancellationToken cancel) =>
        (await desk.Desk.Tickets.MessagesAsync(desk.Tenant, ticket, cancel)).FirstOrDefault(message => message.Key == key)?.Document?.Sender;

    static async Task<IReadOnlyList<Explained>> OfTicketAsync(LocalDesk desk, string number, CancellationToken cancel)
    {
        Ticket ticket = await TicketsCommand.FindTicketAsync(desk, number, cancel);
        List<Explained> mails = [];
        foreach (TicketMessage message in await desk.Desk.Tickets.MessagesAsync(desk.Tenant, ticket.Id, cancel))
            if (message.Direction == MessageDirection.In && await desk.Desk.Journal.FindAsync(desk.Tenant, Core.Access.InboxId.Parse(ticket.Inbox), message.Key, cancel) is { } line)
                mails.Add(Explained.Of(line, message.Document?.Sender));
        return mails;
    }
}
