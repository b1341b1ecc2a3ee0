namespace Ingest.Mail.Text;

/// <summary>
/// Finds in the plain form of a mail where the quote starts that the html form names, for programs and languages whose words we do not know. Looked at only where
/// the plain form itself tells nothing.
/// </summary>
internal static class QuoteByHtml
{
    private const int MinTelling = 8;
    private const int MaxTelling = 40;
    private const int LinesTried = 4;

    private static readonly string[] Signs = ["gmail_quote", "gmail_attr", "divRplyFwdMsg", "appendonsend", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "OLK_SRC_BODY_SECTION", "type=\"cite\"", "type=cite", "type='cite'", "stopSpelling", "zwchr"];

    /// <summary>The plain text parted, with the help of the html where it alone knows of a quote.</summary>
    public static TrimmedReply Trim(string text, string? html, string? author)
    {
        var trimmed = ReplyTrimmer.Trim(text, null, author);
        if (trimmed.Elided.Length > 0 || html is null || !Array.Exists(Signs, sign => html.Contains(sign, StringComparison.OrdinalIgnoreCase)))
            return trimmed;
        return Tail(text, html) is { } regions ? ReplyTrimmer.Trim(text, regions, author) : trimmed;
    }

    private static HtmlRegions? Tail(string text, string html)
    {
        var regions = new HtmlRegions();
        var quoted = Lines.Of(HtmlText.Convert(html, regions));
        if (regions.FirstQuoted() is not { } start)
            return null;
        var plain = Lines.Of(text);
        var tried = 0;
        for (var i = 0; i < quoted.Count && tried < LinesTried; i++)
        {
            if (quoted.Start(i) + quoted[i].Length < start || Folded(quoted.Content(i, true)) is not { Length: >= MinTelling } telling)
                continue;
            tried++;
            for (var at = 0; at < plain.Count; at++)
            {
                if (!Folded(plain.Content(at, true)).StartsWith(telling, StringComparison.Ordinal))
                    continue;
                var tail = new HtmlRegions();
                tail.Add(HtmlRegionKind.Tail, plain.Start(at), text.Length);
                return tail;
            }
        }
        return null;
    }

    // Letters and digits only: links, quote marks and white space differ between the two forms.
    private static string Folded(ReadOnlySpan<char> line)
    {
        Span<char> folded = stackalloc char[MaxTelling];
        var length = 0;
        foreach (var c in line)
        {
            if (length == folded.Length)
                break;
            if (char.IsLetterOrDigit(c))
                folded[length++] = c;
        }
        return folded[..length].ToString();
    }
}
