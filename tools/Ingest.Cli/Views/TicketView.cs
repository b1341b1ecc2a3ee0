using Ingest.Core.Redaction;
using Ingest.Core.Screening;
using Ingest.Core.Tickets;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>One mail of a ticket: what its author wrote, with <c>Redacted</c> things covered, and the names of its attachments.</summary>
public sealed record MessageLine(
    string From, DateTimeOffset Received, string Text, IReadOnlyList<string> Attachments, int Redacted, IReadOnlyList<string> Flags)
{
    /// <summary>The message's key, by which other commands name it.</summary>
    public string Key { get; init; } = "";

    /// <summary>What became of each attachment, in words, in the same order.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>What was covered, by sort: "card:2,phone:1"; empty where only the number is known.</summary>
    public string Masked { get; init; } = "";

    /// <summary>How the delivery of a reply of ours stands; null for mail from outside and for notes.</summary>
    public string? Delivery { get; init; }

    /// <summary>Who is proven to have sent it, in a sentence; null for what did not come from outside.</summary>
    public string? Sender { get; init; }

    /// <summary>What in it is as deceivers do it, in sentences.</summary>
    public IReadOnlyList<string> Hints { get; init; } = [];

    public static MessageLine Of(TicketMessage message) => message.Document is { } document
        ? new(Words.Person(document.FromName, document.FromAddress), message.Received, document.Reply.Length > 0 ? document.Reply : document.Text,
            [.. document.Attachments.Select(attachment => attachment.Name)], document.Redactions, Words.Of(message.Flags))
        { Key = message.Key, Masked = document.Masked, Delivery = message.Delivery is { } delivery ? Words.Of(delivery) : null, Sender = document.Sender?.ToSentence(), Hints = [.. document.Hints.Select(HintWords.Of)], Files = [.. document.Attachments.Select(FileWords.Of)] }
        : new(message.IsDamaged ? "(damaged: tell your operator)" : "(erased)", message.Received, "", [], 0, Words.Of(message.Flags)) { Key = message.Key };
}

/// <summary>A ticket with its mails, oldest first.</summary>
public sealed record TicketDetail(TicketLine Ticket, IReadOnlyList<MessageLine> Messages);

/// <summary>A ticket as a page to read.</summary>
internal static class TicketView
{
    const char Cover = '•';

    public static IRenderable Render(TicketDetail detail)
    {
        TicketLine ticket = detail.Ticket;
        string state = $"{ticket.State}; {Words.Count(detail.Messages.Count, "message")}; updated {Tables.Moment(ticket.Updated)}";
        List<IRenderable> page =
        [
            new Text($"{ticket.Number}  {Printable.Line(ticket.Subject)}", new Style(decoration: Decoration.Bold)),
            new Text(state),
        ];
        page.AddRange(detail.Messages.Select(Render));
        return new Rows(page);
    }

    static Panel Render(MessageLine message)
    {
        List<IRenderable> parts = [Highlighted(Printable.Text(message.Text).Trim('\n'))];
        foreach ((string name, string file) in message.Attachments.Zip(message.Files))
            parts.Add(new Text($"attached: {Printable.Line(name)} ({file})", Color.Grey));
        if (message.Redacted > 0)
            parts.Add(new Text($"masked: {(message.Masked.Length > 0 ? TallyWords.Of(RedactionTally.ReadTypes(message.Masked)) : Words.Count(message.Redacted, "place"))}", Color.Yellow));
        if (message.Delivery is { } delivery)
            parts.Add(new Text(delivery, delivery.StartsWith("sent", StringComparison.Ordinal) ? Color.Green : Color.Yellow));
        if (message.Sender is { } sender)
            parts.Add(new Text(Printable.Line(sender), Color.Grey));
        foreach (string hint in message.Hints)
            parts.Add(new Text("be careful: " + hint, Color.Red));
        if (message.Flags.Count > 0)
            parts.Add(new Text(string.Join(", ", message.Flags), Color.Yellow));
        return new Panel(new Rows(parts))
            .Header(Markup.Escape($" {Printable.Line(message.From)}, {Tables.Moment(message.Received)} "))
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
            bool covered = text[start] == Cover;
            int end = start;
            while (end < text.Length && (text[end] == Cover) == covered)
                end++;
            paragraph.Append(text[start..end], covered ? new Style(Color.Yellow) : Style.Plain);
            start = end;
        }
        return paragraph;
    }
}
