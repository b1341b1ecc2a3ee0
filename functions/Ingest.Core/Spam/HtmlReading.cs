namespace Ingest.Core.Spam;

/// <summary>How an html body is made.</summary>
internal struct HtmlFacts
{
    public int Tags, Pictures, Links, Forms, Inputs, Scripts, Frames, Tables;
    /// <summary>Passwords that are asked for.</summary>
    public int Passwords;
    /// <summary>Comments inside words: v&lt;!--x--&gt;iagra.</summary>
    public int BrokenWords;
    /// <summary>Characters that are shown, and characters in elements that are not.</summary>
    public int Shown, Hidden;
    /// <summary>Letters that are written as numeric references though they need not be.</summary>
    public int Encoded;
    /// <summary>Redirections by meta refresh.</summary>
    public int Refreshes;
}

/// <summary>Walks through html once, tag by tag, without a tree; linear whatever is left open.</summary>
internal sealed class HtmlReading
{
    private const int ReadAtMost = 256 * 1024, LongestTag = 4096, LongestLabel = 300;

    private bool _noCommentEnd;
    private int _hiddenDepth;
    private uint _hiddenName;

    public HtmlFacts Facts;

    /// <summary>Reads html; its links go to <paramref name="links"/>.</summary>
    public void Read(ReadOnlySpan<char> html, LinkReading links)
    {
        html = html[..Math.Min(html.Length, ReadAtMost)];
        while (!html.IsEmpty)
        {
            int open = html.IndexOf('<');
            ReadText(open < 0 ? html : html[..open]);
            if (open < 0) return;
            html = html[open..];
            html = html.StartsWith("<!") ? Declaration(html, open > 0) : Tag(html, links);
        }
    }

    private void ReadText(ReadOnlySpan<char> text)
    {
        int visible = text.Trim().Length;
        if (_hiddenDepth > 0) Facts.Hidden += visible;
        else Facts.Shown += visible;
        for (int at = text.IndexOf("&#"); at >= 0; at = text.IndexOf("&#"))
        {
            text = text[(at + 2)..];
            // &#65; to &#122;, &#x41; to &#x7a;: letters that every charset has.
            if (text.Length > 3 && (text[0] is 'x' or 'X' ? text[1] is '4' or '5' or '6' or '7' && text[3] == ';' : (text[2] == ';' && text[0] is >= '6' and <= '9') || (text[3] == ';' && text[0] == '1'))) Facts.Encoded++;
        }
    }

    private ReadOnlySpan<char> Declaration(ReadOnlySpan<char> html, bool afterText)
    {
        int end = -1;
        if (html.StartsWith("<!--") && !_noCommentEnd)
        {
            end = html[4..].IndexOf("-->");
            _noCommentEnd = end < 0;
            end = end < 0 ? -1 : end + 7;
        }

        if (end < 0) end = html.IndexOf('>') + 1;
        if (end <= 0) return [];
        html = html[end..];
        Facts.BrokenWords += afterText && html.Length > 0 && char.IsAsciiLetter(html[0]) ? 1 : 0;
        return html;
    }

    private ReadOnlySpan<char> Tag(ReadOnlySpan<char> html, LinkReading links)
    {
        // What opens anew before it ends is no tag, so that each character is looked at twice at most.
        int close = html[1..Math.Min(html.Length, LongestTag)].IndexOfAny('>', '<') + 1;
        if (close == 0 || html[close] == '<') return html[1..];
        ReadOnlySpan<char> tag = html[1..close], rest = html[(close + 1)..];
        bool isEnd = tag.StartsWith("/");
        if (isEnd) tag = tag[1..];
        if (tag.IsEmpty || !char.IsAsciiLetter(tag[0])) return rest;
        int nameEnd = tag.IndexOfAny(" \t\r\n/");
        ReadOnlySpan<char> attributes = nameEnd < 0 ? [] : tag[nameEnd..];
        Span<char> name = stackalloc char[12];
        int length = (nameEnd < 0 ? tag : tag[..nameEnd]) is { Length: <= 12 } raw ? raw.ToLowerInvariant(name) : 0;
        name = name[..length];

        Hide(name, attributes, isEnd);
        if (isEnd) return rest;
        Facts.Tags++;
        return Count(name, attributes, rest, links);
    }

    private ReadOnlySpan<char> Count(scoped ReadOnlySpan<char> name, ReadOnlySpan<char> attributes, ReadOnlySpan<char> rest, LinkReading links)
    {
        switch (name)
        {
            case "a":
                Facts.Links++;
                links.Add(Attribute(attributes, "href"), Label(rest));
                break;
            case "area": links.Add(Attribute(attributes, "href"), []); break;
            case "img": Facts.Pictures++; break;
            case "form":
                Facts.Forms++;
                links.Add(Attribute(attributes, "action"), []);
                break;
            case "input" or "textarea":
                Facts.Inputs++;
                Facts.Passwords += Attribute(attributes, "type").Equals("password", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
                break;
            case "iframe" or "object" or "embed": Facts.Frames++; break;
            case "table": Facts.Tables++; break;
            case "meta": Facts.Refreshes += Attribute(attributes, "http-equiv").Equals("refresh", StringComparison.OrdinalIgnoreCase) ? 1 : 0; break;
            case "script": Facts.Scripts++; return Behind(rest, "</script");
            case "style": return Behind(rest, "</style");
            case "title": return Behind(rest, "</title");
        }

        return rest;
    }

    // From an element that is not shown to its end, by the name of that element alone.
    private void Hide(ReadOnlySpan<char> name, ReadOnlySpan<char> attributes, bool isEnd)
    {
        if (_hiddenDepth > 0)
        {
            if (FeatureBuilder.Hash(name) == _hiddenName) _hiddenDepth += isEnd ? -1 : 1;
            return;
        }

        if (isEnd || name is "br" or "img" or "input" or "meta" or "link" or "hr" or "body" or "html" or "table" or "tr" or "td") return;
        ReadOnlySpan<char> style = Attribute(attributes, "style");
        if (style.IsEmpty || !IsHiding(style)) return;
        (_hiddenDepth, _hiddenName) = (1, FeatureBuilder.Hash(name));
    }

    private static bool IsHiding(ReadOnlySpan<char> style)
    {
        Span<char> plain = stackalloc char[256];
        int length = 0;
        foreach (char c in style)
            if (c is not (' ' or '\t' or '\n' or '\r') && length < plain.Length) plain[length++] = char.ToLowerInvariant(c);
        ReadOnlySpan<char> all = plain[..length];
        return all.Contains("display:none", StringComparison.Ordinal) || all.Contains("visibility:hidden", StringComparison.Ordinal) || all.Contains("font-size:0", StringComparison.Ordinal)
            || all.Contains("font-size:1px", StringComparison.Ordinal) || all.Contains("opacity:0;", StringComparison.Ordinal) || all.Contains("text-indent:-9", StringComparison.Ordinal);
    }

    private static ReadOnlySpan<char> Label(ReadOnlySpan<char> rest)
    {
        rest = rest[..Math.Min(rest.Length, LongestLabel)];
        int end = rest.IndexOf('<');
        return (end < 0 ? rest : rest[..end]).Trim();
    }

    private static ReadOnlySpan<char> Behind(ReadOnlySpan<char> rest, string end) => rest.IndexOf(end, StringComparison.OrdinalIgnoreCase) is >= 0 and var at ? rest[at..] : [];

    private static ReadOnlySpan<char> Attribute(ReadOnlySpan<char> attributes, string name)
    {
        for (int at = attributes.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = attributes.IndexOf(name, StringComparison.OrdinalIgnoreCase))
        {
            bool whole = at > 0 && (char.IsWhiteSpace(attributes[at - 1]) || attributes[at - 1] is '"' or '\'' or '/');
            attributes = attributes[(at + name.Length)..];
            ReadOnlySpan<char> value = attributes.TrimStart();
            if (!whole || !value.StartsWith("=")) continue;
            value = value[1..].TrimStart();
            if (value.IsEmpty) return [];
            int end = value[0] is '"' or '\'' ? value[1..].IndexOf(value[0]) + 1 : value.IndexOfAny(" \t\r\n");
            return value[0] is '"' or '\'' ? value[1..(end <= 0 ? value.Length : end)] : value[..(end < 0 ? value.Length : end)];
        }

        return [];
    }
}
