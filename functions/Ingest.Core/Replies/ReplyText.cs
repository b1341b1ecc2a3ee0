using System.Globalization;
using System.Net;
using System.Text;
using Ingest.Core.Tickets;

namespace Ingest.Core.Replies;

/// <summary>The words of a reply: its subject, its chain of ids, and what it quotes. Pure.</summary>
public static class ReplyText
{
    private const int MostReferences = 20;

    // What mail programs put before the subject of an answer, in the languages that they speak.
    private static readonly string[] Prefixes = ["re", "aw", "sv", "vs", "antw", "antwort", "odp", "res", "rif", "ref", "ynt", "回复", "答复", "回覆", "отв"];

    /// <summary>"Re: " and the subject that the customer used last, without the prefixes that it had.</summary>
    public static string Subject(string subject)
    {
        string bare = subject.Trim();
        while (Prefix(bare) is { } length) bare = bare[length..].TrimStart();
        return ("Re: " + bare).TrimEnd();
    }

    private static int? Prefix(string subject)
    {
        int colon = subject.AsSpan().IndexOfAny(':', '：');
        if (colon is <= 0 or > 12) return null;
        // "Re[2]:" and "Re (2):" count for "Re:".
        string word = subject[..colon].TrimEnd(')', ']', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9').TrimEnd('(', '[', ' ');
        return Prefixes.Contains(word, StringComparer.OrdinalIgnoreCase) ? colon + 1 : null;
    }

    /// <summary>The References of an answer to a message (RFC 5322 section 3.6.4), bounded: the root and the nearest ancestors stay.</summary>
    public static IReadOnlyList<string> References(MessageDocument parent)
    {
        List<string> ids = [.. parent.References.Append(parent.MessageId).Where(id => id.Length is > 0 and <= 998).Distinct()];
        return ids.Count <= MostReferences ? ids : [ids[0], .. ids.TakeLast(MostReferences - 1)];
    }

    /// <summary>The text with what it answers quoted below.</summary>
    public static string Quote(string text, TicketMessage parent)
    {
        StringBuilder quoted = new(text.TrimEnd());
        quoted.Append("\n\n").Append(Line(parent)).Append('\n');
        foreach (string line in Said(parent).Split('\n')) quoted.Append(line.StartsWith('>') ? ">" : "> ").Append(line.TrimEnd('\r')).Append('\n');
        return quoted.ToString();
    }

    /// <summary>The text as html, with what it answers quoted below if <paramref name="parent"/> is given; nothing in it was html before.</summary>
    public static string Html(string text, TicketMessage? parent)
    {
        StringBuilder html = new("<div>");
        html.Append(Lines(text.TrimEnd())).Append("</div>");
        if (parent is not null)
            html.Append("<br><div>").Append(Lines(Line(parent))).Append("</div><blockquote type=\"cite\" style=\"margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex\">")
                .Append(Lines(Said(parent))).Append("</blockquote>");
        return html.ToString();
    }

    /// <summary>The html with what it answers quoted below.</summary>
    public static string QuoteHtml(string html, TicketMessage parent) => html + Html("", parent)["<div></div>".Length..];

    private static string Lines(string text) => WebUtility.HtmlEncode(text).Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "<br>\n", StringComparison.Ordinal);

    private static string Said(TicketMessage parent) => (parent.Document!.Reply.Length > 0 ? parent.Document.Reply : parent.Document.Text).Trim();

    private static string Line(TicketMessage parent)
    {
        MessageDocument said = parent.Document!;
        string who = said.FromName.Length > 0 ? said.FromName : said.FromAddress;
        return string.Create(CultureInfo.InvariantCulture, $"On {parent.Received.UtcDateTime:d MMMM yyyy 'at' HH:mm} UTC, {who} wrote:");
    }
}
