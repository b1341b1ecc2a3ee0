using Ingest.App.Pages;
using Ingest.Mail.Text;

namespace Ingest.App.Console;

/// <summary>Plain text in which web addresses can be followed. What is shown is what stood there; where the host reads otherwise than it looks, it is said.</summary>
internal static class LinkedText
{
    private const int MostLinks = 500, LongestLink = 2000;

    public static Markup Of(string text)
    {
        List<Markup> parts = [];
        int at = 0;
        for (int links = 0; links < MostLinks; links++)
        {
            int start = Next(text, at);
            if (start < 0) break;
            int end = End(text, start);
            Uri? address = end - start <= LongestLink ? SafeHtml.Address(text[start..end]) : null;
            parts.Add(Markup.Of($"{text[at..start]}"));
            parts.Add(address is null || address.Scheme is not ("http" or "https") ? Markup.Of($"{text[start..end]}") : Link(text[start..end], address));
            at = end;
        }

        parts.Add(Markup.Of($"{text[at..]}"));
        return Markup.Join(parts);
    }

    private static Markup Link(string shown, Uri address)
    {
        bool plain = shown.Contains(address.IdnHost, StringComparison.OrdinalIgnoreCase) && !shown.Contains('@', StringComparison.Ordinal) && !shown.Any(IsTurner);
        // Isolated and from left to right: what stands around it in a mail must not turn an address round.
        return Markup.Of($"""<bdi dir="ltr"><a href="{address}" target="_blank" rel="noopener noreferrer nofollow">{shown}</a>{Markup.If(!plain, $" [{address.IdnHost}]")}</bdi>""");
    }

    // The marks that turn the direction of writing (UAX #9).
    private static bool IsTurner(char c) => c is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static int Next(string text, int from)
    {
        while (true)
        {
            int at = text.IndexOf("http", from, StringComparison.OrdinalIgnoreCase);
            if (at < 0) return -1;
            ReadOnlySpan<char> rest = text.AsSpan(at + 4);
            if (rest.StartsWith("://", StringComparison.Ordinal) || rest.StartsWith("s://", StringComparison.OrdinalIgnoreCase)) return at;
            from = at + 4;
        }
    }

    private static int End(string text, int start)
    {
        int end = start;
        while (end < text.Length && !char.IsWhiteSpace(text[end]) && !char.IsControl(text[end]) && text[end] is not ('<' or '>' or '"' or '|')) end++;
        while (end > start && text[end - 1] is '.' or ',' or ';' or ':' or '!' or '?' or ')' or ']' or '\'' or '*') end--;
        return end;
    }
}
