using Ingest.Core.Redaction.Numbers;

namespace Ingest.Core.Redaction.Files;

/// <summary>
/// Reads a table of separated values (RFC 4180 and its relatives) a second time as a person does: the head of a column says what stands in it, and the first of two columns what stands in
/// the other. Columns whose head says nothing are left out.
/// </summary>
internal sealed class CellTable
{
    private const int PairColumns = 2, LongestHead = 60;
    private readonly string table;
    private readonly char separator;
    private readonly ReadableText.Builder read;
    private readonly List<CellMark> marks = [new CellMark(CellSort.Table, 0)];
    private readonly List<bool> speaking = [];

    private CellTable(string table, char separator) => (this.table, this.separator, read) = (table, separator, new ReadableText.Builder(256));

    /// <summary>All values that something names; null when there are none.</summary>
    internal static ReadableText? Read(string table)
    {
        int line = table.IndexOf('\n');
        ReadOnlySpan<char> head = line < 0 ? table : table.AsSpan(0, line);
        char separator = ',';
        foreach (char other in (ReadOnlySpan<char>)[';', '\t', '|'])
            separator = head.Count(other) > head.Count(separator) ? other : separator;
        var cells = new CellTable(table, separator);
        return cells.Heads() && cells.Rows() ? LabelledText.Read(cells.read.Finish(), table, cells.marks, []) : null;
    }

    // False when no column has a head that says anything, and none names the other.
    private bool Heads()
    {
        for (int at = 0; at < table.Length;)
        {
            int start = at, end = Field(ref at, out bool last);
            speaking.Add(end - start <= LongestHead && Says(table.AsSpan(start, end - start)));
            if (last)
                break;
        }
        return speaking.Contains(true) || speaking.Count == PairColumns;
    }

    private bool Rows()
    {
        bool pairs = speaking.Count == PairColumns;
        marks.Add(new CellMark(CellSort.Row, 0));
        for (int at = 0, column = 0; at < table.Length; column++)
        {
            int start = at, end = Field(ref at, out bool last);
            read.Add(ReadableText.Break, start, 0);
            marks.Add(new CellMark(CellSort.Cell, read.Length));
            if (pairs || (column < speaking.Count && speaking[column]))
                Add(start, end);
            if (!last)
                continue;
            read.Add(ReadableText.Break, end, 0);
            marks.Add(new CellMark(CellSort.Row, read.Length));
            column = -1;
        }
        return !read.IsEmpty;
    }

    // Without the quotes around it; two within it are one.
    private void Add(int start, int end)
    {
        bool quoted = end - start > 1 && table[start] == '"' && table[end - 1] == '"';
        for (int i = quoted ? start + 1 : start; i < (quoted ? end - 1 : end); i++)
            if (!(quoted && table[i] == '"' && table[i + 1] == '"' && i + 2 < end))
                read.Add(table[i] is '\n' or '\r' ? ' ' : table[i], i, 1);
    }

    // Where the field ends that begins at a place, which goes on to the next one.
    private int Field(ref int at, out bool last)
    {
        bool quoted = table[at] == '"', inside = quoted;
        int end = quoted ? at + 1 : at;
        for (; end < table.Length && (inside || (table[end] != separator && table[end] != '\n')); end++)
            if (quoted && table[end] == '"')
                inside = !inside;
        last = end >= table.Length || table[end] == '\n';
        at = end + 1;
        return end > 0 && end <= table.Length && last && table[end - 1] == '\r' ? end - 1 : end;
    }

    private static bool Says(ReadOnlySpan<char> head)
    {
        string words = LabelledText.Words(head.Trim().Trim('"'));
        var scanner = new TopicScanner();
        scanner.Clear();
        ref readonly TopicScanner.Said said = ref scanner.Around($" {words}: ", words.Length + 3, words.Length + 3);
        return (said.Before & ~Topics.Wall) != 0 || CredentialWords.Named(words) is not null || OneTimeCodes.IsName(words) || Phones.IsName(words);
    }
}
