namespace Ingest.Mail.Text;

/// <summary>What a token of html is.</summary>
internal enum HtmlTokenKind
{
    Text,
    StartTag,
    EndTag,
}

/// <summary>
/// Cuts html into text and tags in one pass (WHATWG HTML section 13.2.5, without a tree): each character is looked at a bounded number of times,
/// whatever is left open. Comments, declarations and the content of script and style are skipped.
/// </summary>
internal ref struct HtmlTokenizer(ReadOnlySpan<char> html)
{
    private readonly ReadOnlySpan<char> html = html;
    private int position;
    private bool noTagEnd, noCommentEnd, noDoubleQuote, noSingleQuote, noXmlEnd;

    public HtmlTokenKind Kind { get; private set; }

    /// <summary>The text with its character references as written, or the name of the tag as written.</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    /// <summary>What stands in a start tag after its name.</summary>
    public ReadOnlySpan<char> Attributes { get; private set; }

    public bool Read()
    {
        while (position < html.Length)
        {
            var open = html[position..].IndexOf('<');
            if (open != 0 || noTagEnd)
                return Text(noTagEnd || open < 0 ? html.Length : position + open);
            var next = position + 1 < html.Length ? html[position + 1] : ' ';
            if (next == '!' || next == '?')
                SkipDeclaration();
            else if (char.IsAsciiLetter(next) || (next == '/' && position + 2 < html.Length && char.IsAsciiLetter(html[position + 2])))
            {
                if (Tag(next == '/'))
                    return true;
            }
            else
                return Text(NextOpen(position + 1));
        }
        return false;
    }

    /// <summary>Moves behind the end tag of an element whose content is no text.</summary>
    public void SkipElement(scoped ReadOnlySpan<char> name)
    {
        while (position < html.Length)
        {
            var end = html[position..].IndexOf("</");
            if (end < 0)
            {
                position = html.Length;
                return;
            }
            position += end + 2;
            if (html[position..].StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                var close = html[position..].IndexOf('>');
                position = close < 0 ? html.Length : position + close + 1;
                return;
            }
        }
    }

    /// <summary>The same, but only if the element ends.</summary>
    public bool TrySkipElement(scoped ReadOnlySpan<char> name)
    {
        var from = position;
        if (noXmlEnd)
            return false;
        SkipElement(name);
        if (position < html.Length)
            return true;
        noXmlEnd = true;
        position = from;
        return false;
    }

    private int NextOpen(int from)
    {
        var open = from >= html.Length ? -1 : html[from..].IndexOf('<');
        return open < 0 ? html.Length : from + open;
    }

    private bool Text(int end)
    {
        Kind = HtmlTokenKind.Text;
        Value = html[position..end];
        position = end;
        return true;
    }

    private bool Tag(bool isEnd)
    {
        var start = position + (isEnd ? 2 : 1);
        var nameEnd = start;
        while (nameEnd < html.Length && html[nameEnd] is not ('>' or '/' or ' ' or '\t' or '\r' or '\n' or '\f'))
            nameEnd++;
        var end = TagEnd(nameEnd);
        if (end < 0)
        {
            // No tag ends any more: the rest is text.
            noTagEnd = true;
            return false;
        }
        Kind = isEnd ? HtmlTokenKind.EndTag : HtmlTokenKind.StartTag;
        Value = html[start..nameEnd];
        Attributes = html[nameEnd..end];
        position = end + 1;
        return true;
    }

    // A '>' inside a quoted attribute value ends nothing, unless the quote is never closed.
    private int TagEnd(int from)
    {
        while (true)
        {
            var stop = html[from..].IndexOfAny('>', '"', '\'');
            if (stop < 0)
                return -1;
            from += stop;
            if (html[from] == '>')
                return from;
            if (!FollowsEquals(from) || (html[from] == '"' ? noDoubleQuote : noSingleQuote))
            {
                from++;
                continue;
            }
            var close = html[(from + 1)..].IndexOf(html[from]);
            if (close >= 0)
                from += close + 2;
            else if (html[from++] == '"')
                noDoubleQuote = true;
            else
                noSingleQuote = true;
        }
    }

    private readonly bool FollowsEquals(int quote)
    {
        var before = html[..quote];
        for (var i = before.Length - 1; i >= 0 && i > before.Length - 20; i--)
        {
            if (before[i] == '=')
                return true;
            if (!char.IsWhiteSpace(before[i]))
                return false;
        }
        return false;
    }

    private void SkipDeclaration()
    {
        var rest = html[position..];
        if (rest.StartsWith("<!--") && !noCommentEnd)
        {
            if (rest.StartsWith("<!-->") || rest.StartsWith("<!--->"))
            {
                position += rest.IndexOf('>') + 1;
                return;
            }
            var end = rest[4..].IndexOf("-->");
            if (end >= 0)
            {
                position += end + 7;
                return;
            }
            noCommentEnd = true;
        }
        var close = rest.IndexOf('>');
        if (close < 0)
            noTagEnd = true;
        else
            position += close + 1;
    }
}
