using System.CommandLine;
using Ingest.Core.Replies;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Settles a reply in doubt by a person's word.</summary>
internal static class ResolveReplyCommand
{
    static readonly Argument<string> Number = new("number") { Description = "The ticket's number or id, as \"ingest tickets list\" prints it." };
    static readonly Option<bool> Arrived = new("--arrived") { Description = "It arrived: count it as sent." };
    static readonly Option<bool> SendAgain = new("--send-again") { Description = "It did not arrive: send it once more." };
    static readonly Option<string?> Message = new("--message") { Description = "Which reply, by its key, when several are in doubt.", HelpName = "key" };

    public static Command Create()
    {
        ExampleCommand command = new("resolve",
            "Settles a reply over whose acceptance the line broke: it is never sent again by itself. Look into the mailbox's Sent folder, or ask the customer, and say what you found.",
            "ingest reply resolve 4K7QZ2MX --arrived", "ingest reply resolve 4K7QZ2MX --send-again")
        {
            Number, Arrived, SendAgain, Message,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Arrived) == result.GetValue(SendAgain))
                result.AddError("Say either --arrived or --send-again.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        Ticket ticket = await TicketsCommand.FindTicketAsync(desk, line.GetRequiredValue(Number), cancel);
        bool delivered = line.GetValue(Arrived);
        TicketMessage reply = await InDoubtAsync(desk, ticket, line.GetValue(Message), cancel);
        DoubtEnd end = await desk.Desk.Replies.ResolveAsync(desk.Tenant, ticket.Id, reply.Key, delivered, cancel, reply.Delivery!.Attempts);
        await line.InvocationConfiguration.Output.WriteLineAsync(end switch
        {
            DoubtEnd.Settled or DoubtEnd.SettledBefore => delivered ? "The reply counts as sent." : $"The reply is sent once more; \"ingest tickets show {ticket.Number}\" says how its delivery stands.",
            DoubtEnd.NeverTwice => throw new CannotRunException("What was sent by itself is never sent twice: say --arrived, or write a reply with \"ingest reply\" if the customer waits."),
            DoubtEnd.NotInDoubt or DoubtEnd.NotThere => throw NothingInDoubt(ticket),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
        return ExitCode.Ok;
    }

    static async Task<TicketMessage> InDoubtAsync(LocalDesk desk, Ticket ticket, string? key, CancellationToken cancel)
    {
        TicketMessage[] doubts = [.. (await desk.Desk.Tickets.MessagesAsync(desk.Tenant, ticket.Id, cancel)).Where(m => m.Delivery?.State == DeliveryState.Uncertain && (key is null || m.Key == key))];
        return doubts switch
        {
            [var one] => one,
            [] => throw NothingInDoubt(ticket),
            _ => throw new CannotRunException($"Several replies are in doubt: say which with --message {string.Join(" or --message ", doubts.Select(m => m.Key))}."),
        };
    }

    static CannotRunException NothingInDoubt(Ticket ticket) => new($"No such reply of this ticket is in doubt: \"ingest tickets show {ticket.Number}\" says how each stands.");
}
