namespace Ingest.Core.Redaction.Files;

/// <summary>A cell of a spreadsheet that holds a number.</summary>
/// <param name="TagEnd">Where its start tag ends, before the closing bracket.</param>
/// <param name="Type">Where its type attribute stands, from the blank before it; empty when it has none.</param>
/// <param name="Formula">Where its formula element stands; empty when it has none.</param>
/// <param name="Value">Where its number stands.</param>
/// <param name="Digits">The number written out.</param>
internal readonly record struct NumberCell(int TagEnd, Range Type, Range Formula, Range Value, string Digits);

/// <summary>Reads XML: text across the elements that only lay it out, attributes that hold something to read, comments, and the numbers of spreadsheets.</summary>
internal sealed class XmlText
{
    private const int FewestSymbols = 8, LongestEntity = 400;
    private readonly string xml;
    private readonly bool office;
    private readonly ReadableText.Builder text;
    private readonly List<ReadableText> others = [];
    private readonly List<ReadableText> fields = [];
    private readonly List<CellMark> marks = [];
    private string element = "", cellType = "";
    private int cellTagEnd = -1;
    private Range cellTypeRange, formula;
    private int formulaStart;
    // What an attribute such as "name" says of the element that is being read.
    private (int Start, int End) label;

    private XmlText(string xml, bool office) => (this.xml, this.office, text) = (xml, office, new ReadableText.Builder(xml.Length));

    private List<NumberCell> Cells { get; } = [];

    /// <summary>Masks an XML file; <paramref name="office"/> when it is a part of an office document, whose attributes mostly lay out, <paramref name="isSheet"/> when cells of it have their texts among <paramref name="strings"/>, else it is the file of those.</summary>
    internal static RedactedText Mask(string xml, bool office, RedactionPolicy policy, RedactionTools tools, char cover, SharedStrings? strings = null, bool isSheet = false)
    {
        XmlText read = Read(xml, office);
        RedactedText first = read.Cover(policy, tools, cover, More(xml, strings, isSheet, note: true));
        if (first.Findings.Count == 0 || policy.DryRun || SheetNumbers.AsText(xml, read.Cells, first.Findings) is not { } cells)
            return first;
        return Read(cells, office).Cover(policy, tools, cover, More(cells, strings, isSheet, note: false)) with { Findings = first.Findings };
    }

    /// <summary>What is not read in an XML file: what entities of its own put together, and digits that are drawn as glyphs of a symbol font.</summary>
    internal static UnreadReason Unread(string xml, bool office)
    {
        if (office)
            return SymbolDigits(xml) >= FewestSymbols ? UnreadReason.UnreadKind : UnreadReason.None;
        for (int at = 0; (at = xml.IndexOf("<!ENTITY", at, StringComparison.Ordinal)) >= 0; at += 8)
        {
            int end = xml.IndexOf('>', at), stop = end < 0 ? xml.Length : end;
            string[] words = xml[at..Math.Min(stop, at + LongestEntity)].Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
            // Names of drawing programs for the places of their own schemas put nothing together.
            if (words.Length == 3 && !words[2].AsSpan(1).StartsWith("http") && xml.IndexOf($"&{words[1]};", stop, StringComparison.Ordinal) >= 0)
                return UnreadReason.UnreadKind;
        }
        return UnreadReason.None;
    }

    // <w:sym w:font="…" w:char="F034"/>
    private static int SymbolDigits(string xml)
    {
        int digits = 0;
        for (int at = 0; digits < FewestSymbols && (at = xml.IndexOf("<w:sym ", at, StringComparison.Ordinal)) >= 0; at += 7)
        {
            int end = xml.IndexOf('>', at), code = end < 0 ? -1 : xml.IndexOf("w:char=\"", at, end - at, StringComparison.Ordinal);
            if (code > 0 && code + 12 <= end && xml.AsSpan(code + 10, 2) is ['3', >= '0' and <= '9'])
                digits++;
        }
        return digits;
    }

    private static IReadOnlyList<ReadableText> More(string xml, SharedStrings? strings, bool isSheet, bool note) =>
        strings is null ? [] : !isSheet ? strings.Readings : SheetCells.Named(xml, strings, note) is { } named ? [named] : [];

    private static XmlText Read(string xml, bool office)
    {
        var reader = new XmlText(xml, office);
        reader.Run();
        return reader;
    }

    private RedactedText Cover(RedactionPolicy policy, RedactionTools tools, char cover, IReadOnlyList<ReadableText> more)
    {
        ReadableText running = text.Finish();
        MaskedText mask = new MaskedText(xml, policy, tools, cover).Cover(running);
        foreach (ReadableText other in others)
            mask.Cover(other);
        if (LabelledText.Read(running, xml, marks, fields) is { } labelled)
            mask.Cover(labelled);
        foreach (ReadableText named in more)
            mask.Cover(named);
        return mask.Finish();
    }

    private void Run()
    {
        for (int i = 0; i < xml.Length;)
            i = xml[i] == '<' ? Markup(i) : Letters(i);
    }

    private int Letters(int i)
    {
        int end = xml.IndexOf('<', i);
        end = end < 0 ? xml.Length : end;
        if (office && XmlElement.IsLayout(element))
            return end;
        if (office && element == "f" && HtmlAttribute.Literals(xml, i, end) is { } literals)
            others.Add(literals);
        if (cellTagEnd >= 0 && element == "v")
        {
            if (cellType is "s" or "b" or "e")
                return end;
            if (cellType is "" or "n")
            {
                if (SheetNumbers.WholeDigits(xml.AsSpan(i, end - i)) is { } digits)
                {
                    Cells.Add(new NumberCell(cellTagEnd, cellTypeRange, formula, i..end, digits));
                    text.Add(digits, i, end - i);
                }
                return end;
            }
        }
        while (i < end)
        {
            if (xml[i] == '&')
            {
                i += HtmlCharacter.AddReference(text, xml, i, end, false);
                continue;
            }
            text.Add(char.IsWhiteSpace(xml[i]) ? ' ' : xml[i], i, 1);
            i++;
        }
        return end;
    }

    private int Markup(int i)
    {
        ReadOnlySpan<char> rest = xml.AsSpan(i);
        if (rest.StartsWith("<![CDATA["))
            return Section(i + 9, "]]>");
        if (rest.StartsWith("<!--"))
            return Hidden(i + 4, "-->");
        if (rest.Length > 1 && rest[1] is '?' or '!')
            return Hidden(i + 2, rest[1] == '?' ? "?>" : ">");
        int nameStart = rest.Length > 1 && rest[1] == '/' ? i + 2 : i + 1, nameEnd = nameStart;
        while (nameEnd < xml.Length && !char.IsWhiteSpace(xml[nameEnd]) && xml[nameEnd] is not ('>' or '/'))
            nameEnd++;
        if (nameEnd == nameStart)
        {
            text.Add(xml[i], i, 1);
            return i + 1;
        }
        return Tag(i, nameStart, nameEnd);
    }

    private int Tag(int start, int nameStart, int nameEnd)
    {
        string name = nameEnd - nameStart > 80 ? "" : xml[nameStart..nameEnd];
        bool opens = xml[start + 1] != '/';
        if (name == "c")
            (cellType, cellTypeRange, formula, cellTagEnd) = ("", default, default, -1);
        int i = nameEnd;
        label = default;
        while (i < xml.Length && xml[i] != '>')
            i = Attribute(i, name, start);
        if (XmlElement.CellOf(name, office) is { } cell && (opens || cell == CellSort.Named))
            marks.Add(new CellMark(opens ? cell : CellSort.NamedEnd, text.Length, nameStart, nameEnd));
        if (opens && label.End > 0)
            marks.Add(new CellMark(CellSort.Named, text.Length, label.Start, label.End));
        int end = Math.Min(i + 1, xml.Length);
        bool closed = i > start && i < xml.Length && xml[i - 1] == '/';
        if (opens && name == "c" && !closed)
            cellTagEnd = i;
        if (name == "f")
            (formulaStart, formula) = opens && !closed ? (start, formula) : (formulaStart, (opens ? start : formulaStart)..end);
        element = opens && !closed ? name : "";
        switch (XmlElement.BreakOf(name))
        {
            case '\0':
                break;
            case char sign when opens || sign == ReadableText.Break:
                text.Add(sign, start, 0);
                break;
        }
        return end;
    }

    private int Attribute(int i, string tag, int tagStart)
    {
        int start = i;
        while (i < xml.Length && !char.IsWhiteSpace(xml[i]) && xml[i] is not ('=' or '>' or '/'))
            i++;
        if (i == start && (i >= xml.Length || xml[i] != '='))
            return i + 1;
        string name = i - start > 60 ? "" : xml[start..i];
        while (i < xml.Length && char.IsWhiteSpace(xml[i]))
            i++;
        if (i >= xml.Length || xml[i] != '=')
            return i;
        i++;
        while (i < xml.Length && char.IsWhiteSpace(xml[i]))
            i++;
        char quote = i < xml.Length ? xml[i] : '\0';
        if (quote is not ('"' or '\''))
            return i;
        int end = xml.IndexOf(quote, i + 1);
        end = end < 0 ? xml.Length : end;
        if (tag == "c" && name == "t")
            (cellType, cellTypeRange) = (xml[(i + 1)..end], Math.Max(start - 1, 0)..Math.Min(end + 1, xml.Length));
        if (!office && end > i + 1 && XmlElement.IsLabel(name))
            label = (i + 1, end);
        if (XmlElement.ReadingOf(tag, name, office, xml.AsSpan(tagStart, Math.Min(2000, xml.Length - tagStart))) is { } reading && end > i + 1 && HtmlAttribute.Read(xml, i + 1, end, reading) is { } other)
        {
            others.Add(other);
            if (!office)
            {
                marks.Add(new CellMark(CellSort.NamedField, text.Length, start, start + name.Length, fields.Count));
                if (label.End > 0 && label.End < start && XmlElement.IsValue(name))
                    marks.Add(new CellMark(CellSort.NamedField, text.Length, label.Start, label.End, fields.Count));
                fields.Add(other);
            }
        }
        return Math.Min(end + 1, xml.Length);
    }

    private int Section(int start, string endMark)
    {
        int end = start < xml.Length ? xml.IndexOf(endMark, start, StringComparison.Ordinal) : -1;
        int stop = end < 0 ? xml.Length : end;
        for (int i = Math.Min(start, xml.Length); i < stop; i++)
            text.Add(char.IsWhiteSpace(xml[i]) ? ' ' : xml[i], i, 1);
        return end < 0 ? xml.Length : end + endMark.Length;
    }

    private int Hidden(int start, string endMark)
    {
        int end = start < xml.Length ? xml.IndexOf(endMark, start, StringComparison.Ordinal) : -1;
        int stop = end < 0 ? xml.Length : end;
        if (stop > start && HtmlAttribute.Read(xml, start, stop, Reading.Plain) is { } other)
            others.Add(other);
        return end < 0 ? xml.Length : end + endMark.Length;
    }
}
