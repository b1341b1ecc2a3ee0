namespace Ingest.Core.Redaction;

/// <summary>
/// Takes html apart into what can be read in it: the running text across inline tags, each attribute that holds text or a link, and what comments,
/// scripts and style sheets hide. One pass; follows the html standard's tokenizer where browsers would disagree with a naive reader.
/// </summary>
internal sealed class HtmlText
{
    private static readonly HashSet<string> Inline = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "nobr",
        "o:p", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    };

    private static readonly HashSet<string> Readable = new(StringComparer.OrdinalIgnoreCase)
    {
        "alt", "aria-label", "content", "href", "label", "placeholder", "summary", "title", "value",
    };

    private readonly string html;
    private readonly ReadableText.Builder text;
    private readonly List<ReadableText> others = [];

    private HtmlText(string html) => (this.html, text) = (html, new ReadableText.Builder(html.Length));

    /// <summary>The running text first, then everything else that can be read.</summary>
    internal static IEnumerable<ReadableText> Split(string html)
    {
        var split = new HtmlText(html);
        split.Run();
        return [split.text.Finish(), .. split.others];
    }

    private void Run()
    {
        for (int i = 0; i < html.Length;)
            i = html[i] == '<' ? Markup(i) : Letter(text, i, false);
    }

    private int Letter(ReadableText.Builder to, int i, bool link)
    {
        char c = html[i];
        if (c == '&')
            return i + to.Add(i, HtmlCharacter.Read(html, i));
        if (link && c == '%')
            return i + to.Add(i, ReadableText.HexEscape(html, i, '%'));
        to.Add(char.IsWhiteSpace(c) || (link && c == '+') ? ' ' : c, i, 1);
        return i + 1;
    }

    private int Markup(int i)
    {
        char next = At(i + 1);
        if (char.IsAsciiLetter(next))
            return Tag(i, i + 1, true);
        if (next == '/' && char.IsAsciiLetter(At(i + 2)))
            return Tag(i, i + 2, false);
        if (html.AsSpan(i).StartsWith("<!--"))
            return Hidden(i + 4, "-->");
        if (next is '!' or '?' or '/')
            return Hidden(i + 2, ">");
        return Letter(text, i, false);
    }

    /// <summary>Keeps what stands between here and an end mark for itself; without an end mark that is all the rest, as in browsers.</summary>
    private int Hidden(int start, string endMark)
    {
        start = Math.Min(start, html.Length);
        int end = html.IndexOf(endMark, start, StringComparison.OrdinalIgnoreCase);
        Keep(start, end < 0 ? html.Length : end, false);
        return end < 0 ? html.Length : end + (endMark[0] == '<' ? 0 : endMark.Length);
    }

    private int Tag(int start, int nameStart, bool opens)
    {
        int i = nameStart;
        while (i < html.Length && !char.IsWhiteSpace(html[i]) && html[i] is not ('/' or '>'))
            i++;
        string name = html[nameStart..i];
        while (i < html.Length && html[i] != '>')
            i = Attribute(i);
        if (name.Equals("br", StringComparison.OrdinalIgnoreCase))
            text.Add('\n', start, 0);
        else if (!Inline.Contains(name))
            text.Add(ReadableText.Break, start, 0);
        i = Math.Min(i + 1, html.Length);
        return opens && name.ToUpperInvariant() is "SCRIPT" or "STYLE" ? Hidden(i, "</" + name) : i;
    }

    private int Attribute(int i)
    {
        int start = i;
        while (i < html.Length && !char.IsWhiteSpace(html[i]) && html[i] is not ('=' or '>' or '/'))
            i++;
        if (i == start && At(i) != '=')
            return i + 1;
        string name = html[start..i];
        i = SkipBlanks(i);
        if (At(i) != '=')
            return i;
        i = SkipBlanks(i + 1);
        char quote = At(i);
        int from = quote is '"' or '\'' ? i + 1 : i, to = from;
        while (to < html.Length && (quote is '"' or '\'' ? html[to] != quote : !char.IsWhiteSpace(html[to]) && html[to] != '>'))
            to++;
        // An unterminated value swallows the rest of the mail; nobody will read it, but it may be stored.
        if (to == html.Length || Readable.Contains(name) || name.StartsWith("data-", StringComparison.OrdinalIgnoreCase))
            Keep(from, to, name.Equals("href", StringComparison.OrdinalIgnoreCase));
        return quote is '"' or '\'' ? Math.Min(to + 1, html.Length) : to;
    }

    private void Keep(int start, int end, bool link)
    {
        var other = new ReadableText.Builder(Math.Max(end - start, 0));
        for (int i = start; i < end;)
            i = Letter(other, i, link);
        if (!other.IsEmpty)
            others.Add(other.Finish());
    }

    private int SkipBlanks(int i)
    {
        while (i < html.Length && char.IsWhiteSpace(html[i]))
            i++;
        return i;
    }

    private char At(int i) => i < html.Length ? html[i] : '\0';
}
