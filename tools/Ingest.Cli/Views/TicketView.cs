using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>One mail of a ticket: what its author wrote, with <c>Masked</c> card numbers covered, and the names of its attachments.</summary>
public sealed record TicketMessage(string From, DateTimeOffset At, bool Outbound, string Text, IReadOnlyList<string> Attachments, int Masked);

/// <summary>A ticket with its mails, oldest first.</summary>
public sealed record TicketDetail(TicketLine Ticket, IReadOnlyList<TicketMessage> Messages);

/// <summary>A ticket as a page to read.</summary>
internal static class TicketView
{
    const char Mask = '•';

    public static IRenderable Render(TicketDetail detail)
    {
        TicketLine ticket = detail.Ticket;
        List<IRenderable> page =
        [
            new Text($"{Printable.Line(ticket.Number)}  {Printable.Line(ticket.Subject)}", new Style(decoration: Decoration.Bold)),
            new Text($"{ticket.State}; {Count(detail.Messages.Count, "message")}; updated {Tables.Moment(ticket.Updated)}{Flags(ticket)}"),
        ];
        foreach (TicketMessage message in detail.Messages)
            page.Add(Render(message));
        return new Rows(page);
    }

    static Panel Render(TicketMessage message)
    {
        List<IRenderable> parts = [Highlighted(Printable.Text(message.Text).Trim('\n'))];
        if (message.Attachments.Count > 0)
            parts.Add(new Text("attached: " + string.Join(", ", message.Attachments.Select(Printable.Line)), new Style(Color.Grey)));
        if (message.Masked > 0)
            parts.Add(new Text($"{Count(message.Masked, "number")} masked", new Style(Color.Yellow)));
        string arrow = message.Outbound ? "to the customer, from" : "from";
        return new Panel(new Rows(parts))
            .Header(Markup.Escape($" {arrow} {Printable.Line(message.From)}, {Tables.Moment(message.At)} "))
            .Border(BoxBorder.Rounded)
            .Expand();
    }

    // What was masked stands out, so that nobody takes it for what the customer wrote.
    static Paragraph Highlighted(string text)
    {
        Paragraph paragraph = new();
        int start = 0;
        while (start < text.Length)
        {
            bool masked = text[start] == Mask;
            int end = start;
            while (end < text.Length && (text[end] == Mask) == masked)
                end++;
            paragraph.Append(text[start..end], masked ? new Style(Color.Yellow) : Style.Plain);
            start = end;
        }
        return paragraph;
    }

    static string Flags(TicketLine ticket) => ticket.Flags.Count == 0 ? "" : "; " + string.Join(", ", ticket.Flags);

    static string Count(int number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}
