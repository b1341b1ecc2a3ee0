namespace Ingest.Core.Redaction.Files;

/// <summary>
/// The texts of a workbook's cells, which lie in one file while its sheets hold their numbers (ECMA-376 part 1, 18.4.9): a label there names the number in the cell beside it or below, and
/// what a text is may be said by another cell of any sheet. So sheets are read with their texts, and then the texts as the sheets name them.
/// </summary>
internal sealed class SharedStrings
{
    /// <summary>Where they lie in a workbook.</summary>
    internal const string Path = "xl/sharedStrings.xml";

    /// <summary>Where the sheets lie.</summary>
    internal const string Sheets = "xl/worksheets/";

    private const int LongestText = 200, MostLetters = 4 << 20;

    private readonly List<ReadableText> texts = [];
    private readonly List<ReadableText> readings = [];
    private int letters;

    private SharedStrings()
    {
    }

    /// <summary>The texts as cells of sheets name them, with their places in this file.</summary>
    internal IReadOnlyList<ReadableText> Readings => readings;

    /// <summary>Reads the file.</summary>
    internal static SharedStrings Read(byte[] content)
    {
        string xml = FileText.Read(content, null).Text;
        var strings = new SharedStrings();
        for (int at = 0; Element(xml, "si", at, xml.Length, out int start, out int end) is > 0 and int next; at = next)
            strings.texts.Add(start < end ? Runs(xml, start, end) : ReadableText.FromPlain(""));
        return strings;
    }

    /// <summary>Where an element's content begins and ends, and what follows it; 0 when there is none between two places.</summary>
    internal static int Element(string xml, string name, int from, int limit, out int start, out int end)
    {
        (start, end) = (0, 0);
        for (int at = from; at < limit && xml.IndexOf($"<{name}", at, limit - at, StringComparison.Ordinal) is >= 0 and int open; at = open + 1)
        {
            int past = open + 1 + name.Length, close = past < limit ? xml.IndexOf('>', past, limit - past) : -1;
            if (close < 0)
                return 0;
            if (xml[past] is not ('>' or '/') && !char.IsWhiteSpace(xml[past]))
                continue;
            (start, end) = (close + 1, close + 1);
            if (xml[close - 1] == '/')
                return close + 1;
            int stop = xml.IndexOf($"</{name}>", close, limit - close, StringComparison.Ordinal);
            end = stop < 0 ? limit : stop;
            return stop < 0 ? limit : stop + name.Length + 3;
        }
        return 0;
    }

    /// <summary>The text of a cell; null when there is none, or more than a label or value has.</summary>
    internal ReadableText? Text(ReadOnlySpan<char> index) =>
        int.TryParse(index, out int at) && at >= 0 && at < texts.Count && texts[at].Letters.Length is > 0 and <= LongestText && (letters += texts[at].Letters.Length) <= MostLetters ? texts[at] : null;

    /// <summary>Keeps what a sheet says.</summary>
    internal void Note(ReadableText? reading)
    {
        if (reading is { } named)
            readings.Add(named);
    }

    private static ReadableText Runs(string xml, int start, int end)
    {
        var text = new ReadableText.Builder(Math.Min(end - start, LongestText));
        for (int at = start; Element(xml, "t", at, end, out int from, out int to) is > 0 and int next; at = next)
            AddText(text, xml, from, to);
        return text.Finish();
    }

    /// <summary>Adds text with character references.</summary>
    internal static void AddText(ReadableText.Builder text, string xml, int from, int to)
    {
        for (int i = from; i < to;)
        {
            if (xml[i] == '&')
            {
                i += HtmlCharacter.AddReference(text, xml, i, to, false);
                continue;
            }
            text.Add(char.IsWhiteSpace(xml[i]) ? ' ' : xml[i], i, 1);
            i++;
        }
    }
}
