using Ingest.Core.Tickets;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>A ticket as one line of a list; its flags are what an agent should know before opening it.</summary>
public sealed record TicketLine(
    string Number, string State, string Subject, string From, int Messages, DateTimeOffset Updated, IReadOnlyList<string> Flags)
{
    public static TicketLine Of(Ticket ticket) => new(
        ticket.Number, Words.Of(ticket.State), ticket.Document?.Subject ?? "(erased)",
        Words.Person(ticket.Document?.RequesterName, ticket.Document?.RequesterAddress),
        ticket.Messages, ticket.Updated, Words.Of(ticket.Flags));
}

/// <summary>Tickets as a table.</summary>
internal static class TicketsView
{
    public static IRenderable Render(IReadOnlyList<TicketLine> tickets)
    {
        if (tickets.Count == 0)
            return Tables.Sentence("No tickets.");
        Table table = Tables.New("number", "state", "subject", "from", "messages", "updated", "flags").AlignNumbers(4);
        table.Columns[0].NoWrap();
        table.Columns[5].NoWrap();
        foreach (TicketLine ticket in tickets)
            table.AddRow(
                Tables.Cell(ticket.Number, Color.Aqua), Tables.Cell(ticket.State), Tables.Cell(ticket.Subject), Tables.Cell(ticket.From),
                Tables.Cell(ticket.Messages), Tables.Cell(ticket.Updated), Tables.Cell(string.Join(", ", ticket.Flags), Color.Yellow));
        return table;
    }
}
