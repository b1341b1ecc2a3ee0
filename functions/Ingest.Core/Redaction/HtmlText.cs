using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>
/// Takes html apart into what can be read in it: the running text across inline tags, each attribute that holds text or a link, and what comments,
/// scripts and style sheets hide. One pass; follows the html standard's tokenizer where browsers would disagree with a naive reader.
/// </summary>
internal sealed class HtmlText
{
    // All others, and elements that nobody knows, stand within a line; so browsers have it.
    private static readonly HashSet<string> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "col", "colgroup", "dd", "desc", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption",
        "figure", "footer", "foreignobject", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html", "iframe", "img", "input", "legend", "li",
        "listing", "main", "marquee", "menu", "meta", "metadata", "nav", "noembed", "noframes", "object", "ol", "optgroup", "option", "p", "plaintext", "pre", "search", "section", "select",
        "summary", "svg", "table", "tbody", "td", "text", "textarea", "tfoot", "th", "thead", "title", "tr", "ul", "video", "xmp",
    };

    private static readonly SearchValues<char> InValues = SearchValues.Create("0123456789@");

    private readonly string html;
    // What lies as html in html is taken apart so deep; deeper it is read as text.
    private const int MostWithin = 3;

    private readonly List<ReadableText> others = [];
    private readonly List<ReadableText> fields = [];
    private readonly List<CellMark> marks = [];
    private readonly int within;
    private ReadableText.Builder text;
    // Of the tag that is read: where the name of a field stands, and which of the fields it fills in.
    private Range fieldName;
    private int filled = -1;
    private int limit;
    private bool hidden;

    private HtmlText(string html, int within) => (this.html, this.within, limit, text) = (html, within, html.Length, new ReadableText.Builder(html.Length));

    /// <summary>The running text first, then everything else that can be read, also what stands in cells with what names it.</summary>
    internal static IEnumerable<ReadableText> Split(string html) => Split(html, 0);

    private static List<ReadableText> Split(string html, int within)
    {
        var split = new HtmlText(html, within);
        split.Run(0);
        ReadableText running = split.text.Finish();
        List<ReadableText> all = [running, .. split.others];
        if (LabelledText.Read(running, html, split.marks, split.fields) is { } labelled)
            all.Add(labelled);
        return all;
    }

    private void Run(int start)
    {
        for (int i = start; i < limit;)
            i = html[i] == '<' ? Markup(i) : Letter(text, i);
    }

    private int Letter(ReadableText.Builder to, int i)
    {
        char c = html[i];
        if (c == '&')
            return i + HtmlCharacter.AddReference(to, html, i, limit, false);
        to.Add(char.IsWhiteSpace(c) ? ' ' : c, i, 1);
        return i + 1;
    }

    private int Markup(int i)
    {
        char next = At(i + 1);
        if (char.IsAsciiLetter(next))
            return Tag(i, i + 1, true);
        if (next == '/' && char.IsAsciiLetter(At(i + 2)))
            return Tag(i, i + 2, false);
        ReadOnlySpan<char> rest = html.AsSpan(i, limit - i);
        if (rest.StartsWith("<!--"))
            return hidden ? i + 4 : Comment(i + 4);
        // Within svg and mathematics it is text; elsewhere browsers hide it.
        if (rest.StartsWith("<![CDATA["))
            return Between(i + 9, "]]>", Reading.Plain);
        if (next is '!' or '?' or '/')
            return Between(i + 2, ">", Reading.Plain);
        return Letter(text, i);
    }

    // What a comment hides may be html itself: some programs show it (conditional comments), others leave drafts in it.
    private int Comment(int start)
    {
        int end = Find("-->", start);
        int stop = end < 0 ? limit : end;
        (ReadableText.Builder outer, int outerLimit) = (text, limit);
        (text, limit, hidden) = (new ReadableText.Builder(Math.Max(stop - start, 0)), stop, true);
        Run(start);
        if (!text.IsEmpty)
            others.Add(text.Finish());
        (text, limit, hidden) = (outer, outerLimit, false);
        return end < 0 ? limit : Math.Min(end + 3, limit);
    }

    /// <summary>Keeps what stands between here and an end mark for itself; without an end mark that is all the rest, as in browsers.</summary>
    private int Between(int start, string endMark, Reading reading)
    {
        start = Math.Min(start, limit);
        int end = Find(endMark, start);
        Keep(start, end < 0 ? limit : end, reading);
        return end < 0 ? limit : end + (endMark[0] == '<' ? 0 : endMark.Length);
    }

    private int Find(string mark, int start)
    {
        int end = start < limit ? html.IndexOf(mark, start, limit - start, StringComparison.OrdinalIgnoreCase) : -1;
        return end;
    }

    private int Tag(int start, int nameStart, bool opens)
    {
        int i = nameStart;
        while (i < limit && !char.IsWhiteSpace(html[i]) && html[i] is not ('/' or '>'))
            i++;
        string name = i - nameStart > 20 ? "" : html[nameStart..i];
        Mark(name, nameStart, i, opens);
        (fieldName, filled) = (default, -1);
        while (i < limit && html[i] != '>')
            i = Attribute(i, name);
        if (filled >= 0 && !fieldName.Equals(default))
            marks.Add(new CellMark(CellSort.NamedField, text.Length, fieldName.Start.Value, fieldName.End.Value, filled));
        if (name.Equals("br", StringComparison.OrdinalIgnoreCase))
            text.Add('\n', start, 0);
        else if (Blocks.Contains(name))
            text.Add(ReadableText.Break, start, 0);
        i = Math.Min(i + 1, limit);
        if (name.Equals("bdo", StringComparison.OrdinalIgnoreCase) && (!opens || html.AsSpan(start, i - start).Contains("rtl", StringComparison.OrdinalIgnoreCase)))
            text.Add(opens ? OtherForms.Turn : OtherForms.TurnBack, start, 0);
        if (!opens)
            return i;
        if (name.Equals("script", StringComparison.OrdinalIgnoreCase))
            return Between(i, "</script", Reading.Script);
        return name.Equals("style", StringComparison.OrdinalIgnoreCase) ? Between(i, "</style", Reading.Style) : i;
    }

    private void Mark(string name, int nameStart, int nameEnd, bool opens)
    {
        if (hidden || name.Length == 0)
            return;
        CellSort? sort = name.ToLowerInvariant() switch
        {
            "table" => CellSort.Table,
            "tr" => CellSort.Row,
            "td" or "th" => CellSort.Cell,
            _ when HtmlElements.IsKnown(name) => null,
            _ => CellSort.Named,
        };
        if (sort is { } seen && (opens || seen == CellSort.Named))
            marks.Add(new CellMark(opens ? seen : CellSort.NamedEnd, text.Length, nameStart, nameEnd));
    }

    private int Attribute(int i, string tag)
    {
        int start = i;
        while (i < limit && !char.IsWhiteSpace(html[i]) && html[i] is not ('=' or '>' or '/'))
            i++;
        if (i == start && At(i) != '=')
            return i + 1;
        string name = i - start > 40 ? "" : html[start..i];
        i = SkipBlanks(i);
        if (At(i) != '=')
            return Loose(start, i);
        i = SkipBlanks(i + 1);
        char quote = At(i);
        int from = quote is '"' or '\'' ? i + 1 : i, to = from;
        while (to < limit && (quote is '"' or '\'' ? html[to] != quote : !char.IsWhiteSpace(html[to]) && html[to] != '>'))
            to++;
        // An unterminated value swallows the rest of the mail; nobody will read it, but it may be stored.
        if ((HtmlAttribute.ReadingOf(name) ?? (HtmlAttribute.MayHold(html.AsSpan(from, to - from)) ? Reading.Attribute : null)) is { } reading)
        {
            if (name.Equals("name", StringComparison.OrdinalIgnoreCase))
                fieldName = from..to;
            Keep(from, to, reading, tag, name);
        }
        else if (to == limit)
            Keep(from, to, Reading.Attribute);
        return quote is '"' or '\'' ? Math.Min(to + 1, limit) : to;
    }

    // Words in a tag that are no attributes: a sentence whose sign "less than" was taken for a tag.
    private int Loose(int start, int end)
    {
        if (!html.AsSpan(start, end - start).ContainsAny(InValues))
            return end;
        while (end < limit && html[end] is not ('>' or '=' or '"' or '\''))
            end++;
        Keep(start, end, Reading.Attribute);
        return end;
    }

    private void Keep(int start, int end, Reading reading, string tag = "", string name = "")
    {
        if (end <= start || HtmlAttribute.Read(html, start, end, reading) is not { } other)
            return;
        others.Add(other);
        if (name.Equals("srcdoc", StringComparison.OrdinalIgnoreCase) && within < MostWithin)
            others.AddRange(Split(other.Letters, within + 1).Select(inner => inner.Over(other)));
        bool value = name.Equals("value", StringComparison.OrdinalIgnoreCase);
        if (value && tag.Equals("input", StringComparison.OrdinalIgnoreCase) && !hidden)
        {
            filled = fields.Count;
            marks.Add(new CellMark(CellSort.Field, text.Length, Field: filled));
            fields.Add(other);
        }
        // What numbers an item of a list is shown before it.
        if (value && tag.Equals("li", StringComparison.OrdinalIgnoreCase))
        {
            for (int i = 0; i < other.Letters.Length; i++)
                text.Add(other.Letters[i], other.StartOf(i), other.EndOf(i) - other.StartOf(i));
            text.Add(ReadableText.Break, end, 0);
        }
    }

    private int SkipBlanks(int i)
    {
        while (i < limit && char.IsWhiteSpace(html[i]))
            i++;
        return i;
    }

    private char At(int i) => i < limit ? html[i] : '\0';
}
