using System.CommandLine;
using Ingest.Cli.Views;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Shows the tickets of the running system.</summary>
internal static class TicketsCommand
{
    static readonly Option<TicketState> State = new("--state") { Description = "Which tickets.", DefaultValueFactory = _ => TicketState.Open };

    static readonly Option<int> Most = Numbers.Option("--count", "At most so many, the newest first.", normal: 50, least: 1, most: 1000);

    static readonly Argument<string> Number = new("number") { Description = "The ticket's number or id, as \"tickets list\" prints it." };

    public static Command Create()
    {
        ExampleCommand list = new("list", "Lists tickets, the newest first.", "ingest tickets list", "ingest tickets list --state closed --json");
        list.Add(State);
        list.Add(Most);
        Page.AddOptions(list);
        list.SetAction(ListAsync);

        ExampleCommand show = new("show", "Shows a ticket with all its messages.", "ingest tickets show 4K7QZ2MX");
        show.Add(Number);
        Page.AddOptions(show);
        show.SetAction(ShowAsync);
        return new Command("tickets", "Shows the tickets of the running system.") { list, show, TicketRedaction.Redact(), TicketRedaction.Original() };
    }

    /// <summary>The newest tickets over all mailboxes.</summary>
    public static async Task<IReadOnlyList<TicketLine>> NewestAsync(LocalDesk desk, TicketState state, int count, CancellationToken cancel)
    {
        List<Ticket> tickets = [];
        foreach (MailboxView mailbox in await desk.MailboxesAsync(cancel))
            tickets.AddRange(await desk.Desk.Tickets.NewestAsync(desk.Tenant, mailbox.Mailbox.Id, state, count, cancel));
        return [.. tickets.OrderByDescending(ticket => ticket.Updated).Take(count).Select(TicketLine.Of)];
    }

    /// <summary>The ticket of a number or id.</summary>
    public static async Task<Ticket> FindTicketAsync(LocalDesk desk, string number, CancellationToken cancel)
    {
        return await desk.Desk.Tickets.FindStandingAsync(desk.Tenant, number, cancel) ?? throw new CannotRunException($"There is no ticket {number}: \"ingest tickets list\" shows the newest.");
    }

    /// <summary>A ticket with its messages.</summary>
    public static async Task<TicketDetail> FindAsync(LocalDesk desk, string number, CancellationToken cancel)
    {
        Ticket ticket = await FindTicketAsync(desk, number, cancel);
        IReadOnlyList<TicketMessage> messages = await desk.Desk.Tickets.MessagesAsync(desk.Tenant, ticket.Id, cancel);
        return new TicketDetail(TicketLine.Of(ticket), [.. messages.Select(MessageLine.Of)]);
    }

    static async Task<int> ListAsync(ParseResult line, CancellationToken cancel)
    {
        Page.Of(line).Show(await NewestAsync(LocalDesk.Of(line), line.GetValue(State), line.GetValue(Most), cancel), TicketsView.Render);
        return ExitCode.Ok;
    }

    static async Task<int> ShowAsync(ParseResult line, CancellationToken cancel)
    {
        Page.Of(line).Show(await FindAsync(LocalDesk.Of(line), line.GetRequiredValue(Number), cancel), TicketView.Render);
        return ExitCode.Ok;
    }
}
