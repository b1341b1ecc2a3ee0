using System.Text;

namespace Ingest.Core.Pipeline;

/// <summary>Makes the web addresses in a text unfit to be followed or opened by mistake, as people who report phishing write them: "hxxps://bank[.]example/".</summary>
public static class Defang
{
    private const int MostLinks = 20, LongestLink = 300;

    /// <summary>The text with its web addresses written so. Linear in its length.</summary>
    public static string Text(string text)
    {
        StringBuilder? written = null;
        int done = 0;
        for (int at = Next(text, 0); at >= 0; at = Next(text, done))
        {
            written ??= new StringBuilder(text.Length + 64);
            int end = End(text, at);
            written.Append(text, done, at - done).Append(Link(text.AsSpan(at, end - at)));
            done = end;
        }

        return written is null ? text : written.Append(text, done, text.Length - done).ToString();
    }

    /// <summary>Where the links and pictures of a mail lead, in order, each once, at most 20, written so: of its html what stands in attributes, of a mail without html every address in its text.</summary>
    public static IReadOnlyList<string> Links(string? html, string? text)
    {
        List<string> links = [];
        HashSet<string> met = [];
        string source = html ?? text ?? "";
        for (int at = Next(source, 0), end; at >= 0 && links.Count < MostLinks; at = Next(source, end))
        {
            end = End(source, at);
            // What is shown is no link, and says often enough that it leads elsewhere.
            if (html is not null && (at == 0 || source[at - 1] is not ('"' or '\'' or '='))) continue;
            string link = System.Net.WebUtility.HtmlDecode(source[at..Math.Min(end, at + LongestLink)]).TrimEnd('.', ',', ';', ':', '!', '?', ')', ']');
            if (met.Add(link) && link.Contains("://", StringComparison.Ordinal)) links.Add(Link(link) + (end - at > LongestLink ? "…" : ""));
        }

        return links;
    }

    private static string Link(ReadOnlySpan<char> link)
    {
        int host = link.IndexOf("://", StringComparison.Ordinal) + 3, end = link[host..].IndexOfAny('/', '?', '#');
        end = end < 0 ? link.Length : host + end;
        string scheme = link[..host].StartsWith("https", StringComparison.OrdinalIgnoreCase) ? "hxxps://" : "hxxp://";
        // Another address may stand within this one.
        return scheme + (link[host..end].ToString().Replace(".", "[.]", StringComparison.Ordinal) + link[end..].ToString()).Replace("://", "[:]//", StringComparison.Ordinal);
    }

    private static int Next(string text, int from)
    {
        while (from < text.Length && text.IndexOf("http", from, StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
        {
            ReadOnlySpan<char> rest = text.AsSpan(at + 4);
            if (rest.StartsWith("://", StringComparison.Ordinal) || rest.StartsWith("s://", StringComparison.OrdinalIgnoreCase)) return at;
            from = at + 4;
        }

        return -1;
    }

    private static int End(string text, int start)
    {
        int end = start;
        while (end < text.Length && !char.IsWhiteSpace(text[end]) && !char.IsControl(text[end]) && text[end] is not ('<' or '>' or '"' or '\'' or '`')) end++;
        return end;
    }
}
