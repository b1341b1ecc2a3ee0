namespace Ingest.Core.Redaction.Files;

/// <summary>Reads the cells of a sheet in their rows, with the texts that lie in another file of the workbook.</summary>
internal sealed class SheetCells
{
    private readonly string xml;
    private readonly SharedStrings strings;
    // The same letters: what stands in this file has its place in the one, what stands in the other file in the other.
    private readonly ReadableText.Builder here = new(256), there = new(256);
    private readonly List<CellMark> marks = [new CellMark(CellSort.Table, 0)];

    private SheetCells(string xml, SharedStrings strings) => (this.xml, this.strings) = (xml, strings);

    /// <summary>What labels name in a sheet; null when it is nothing. What they name among the shared texts is noted there, if wanted.</summary>
    internal static ReadableText? Named(string xml, SharedStrings strings, bool note)
    {
        var cells = new SheetCells(xml, strings);
        for (int at = 0; SharedStrings.Element(xml, "row", at, xml.Length, out int start, out int end) is > 0 and int next; at = next)
            cells.Row(start, end);
        if (note)
            strings.Note(LabelledText.Read(cells.there.Finish(), xml, cells.marks, []));
        return LabelledText.Read(cells.here.Finish(), xml, cells.marks, []);
    }

    private void Row(int start, int end)
    {
        marks.Add(new CellMark(CellSort.Row, here.Length));
        for (int at = start; SharedStrings.Element(xml, "c", at, end, out int from, out int to) is > 0 and int next; at = next)
        {
            Put(ReadableText.Break, from);
            marks.Add(new CellMark(CellSort.Cell, here.Length));
            int open = xml.LastIndexOf('<', from - 1);
            Cell(xml.AsSpan(open, from - open), from, to);
        }
        Put(ReadableText.Break, end);
    }

    private void Cell(ReadOnlySpan<char> tag, int start, int end)
    {
        var text = new ReadableText.Builder(16);
        bool shared = tag.Contains(" t=\"s\"", StringComparison.Ordinal);
        bool written = tag.Contains(" t=\"inlineStr\"", StringComparison.Ordinal);
        if (SharedStrings.Element(xml, written ? "t" : "v", start, end, out int from, out int to) == 0)
            return;
        if (shared)
        {
            if (strings.Text(xml.AsSpan(from, to - from)) is not { } named)
                return;
            for (int i = 0; i < named.Letters.Length; i++)
            {
                here.Add(named.Letters[i], from, 0);
                there.Add(named.Letters[i], named.StartOf(i), named.EndOf(i) - named.StartOf(i));
            }
            return;
        }
        if (SheetNumbers.WholeDigits(xml.AsSpan(from, to - from)) is { } digits)
            text.Add(digits, from, to - from);
        else
            SharedStrings.AddText(text, xml, from, to);
        ReadableText own = text.Finish();
        for (int i = 0; i < own.Letters.Length; i++)
        {
            here.Add(own.Letters[i], own.StartOf(i), own.EndOf(i) - own.StartOf(i));
            there.Add(own.Letters[i], 0, 0);
        }
    }

    private void Put(char sign, int place)
    {
        here.Add(sign, place, 0);
        there.Add(sign, 0, 0);
    }
}
