namespace Ingest.Core.Redaction;

/// <summary>What a place in a text with cells is.</summary>
internal enum CellSort
{
    /// <summary>A table begins.</summary>
    Table,
    /// <summary>A row begins.</summary>
    Row,
    /// <summary>A cell begins.</summary>
    Cell,
    /// <summary>An element begins whose name, in the source, says what stands in it.</summary>
    Named,
    /// <summary>Such an element ends.</summary>
    NamedEnd,
    /// <summary>A field stands here, filled in.</summary>
    Field,
    /// <summary>An attribute stands here whose name, in the source, says what it holds.</summary>
    NamedField,
}

/// <summary>A place in a text with cells.</summary>
/// <param name="Sort">What it is.</param>
/// <param name="Index">Its index in the text.</param>
/// <param name="NameStart">Where the name begins in the source.</param>
/// <param name="NameEnd">Where it ends.</param>
/// <param name="Field">Which of the fields stands there.</param>
internal readonly record struct CellMark(CellSort Sort, int Index, int NameStart = 0, int NameEnd = 0, int Field = 0);

/// <summary>
/// Reads once more, as "label: value", what people see side by side: a cell, term, paragraph or element's name that says what the next one holds, and the head of a column.
/// Labels have no place in the source, so only values are masked here.
/// </summary>
internal sealed class LabelledText(ReadableText text, string source)
{
    private const int LongestLabel = 48, FarthestLabel = 2000, MostWords = 6, LongestValue = 200, FewestLetters = 6;
    private readonly ReadableText.Builder read = new(256);

    /// <summary>All values that something names; null when there are none.</summary>
    internal static ReadableText? Read(ReadableText text, string source, List<CellMark> marks, List<ReadableText> fields)
    {
        var labelled = new LabelledText(text, source);
        labelled.Neighbours(marks);
        labelled.Named(marks, fields);
        labelled.Columns(marks);
        return labelled.read.IsEmpty ? null : labelled.read.Finish();
    }

    // One block after the other.
    private void Neighbours(List<CellMark> marks)
    {
        Range? label = null;
        string letters = text.Letters;
        int mark = 0, cells = 0;
        for (int at = 0; at < letters.Length;)
        {
            int next = letters.IndexOf(ReadableText.Break, at), stop = next < 0 ? letters.Length : next;
            Range block = Trimmed(at, stop);
            // What ends a row of several cells is no label of what begins the next.
            for (; mark < marks.Count && marks[mark].Index <= stop; mark++)
                if (marks[mark].Sort is CellSort.Row or CellSort.Table)
                    (label, cells) = (cells > 1 ? null : label, 0);
                else
                    cells += marks[mark].Sort == CellSort.Cell ? 1 : 0;
            at = stop + 1;
            if (block.Start.Equals(block.End))
                continue;
            if (label is { } before && IsValue(letters.AsSpan()[block]))
                Add(letters.AsSpan()[before], text, block);
            label = IsLabel(letters.AsSpan()[block]) ? block : null;
        }
    }

    private void Named(List<CellMark> marks, List<ReadableText> fields)
    {
        for (int i = 0; i < marks.Count; i++)
        {
            CellMark mark = marks[i];
            if (mark.Sort == CellSort.Named)
            {
                // An element and its attribute may name the same.
                int next = i + 1;
                while (next < marks.Count && marks[next] is { Sort: CellSort.Named } twin && twin.Index == mark.Index)
                    next++;
                // What it names may stand in the first element within it.
                if (next + 1 < marks.Count && marks[next].Sort == CellSort.Named && IsEmpty(mark.Index, marks[next].Index))
                    (mark, next) = (mark with { Index = marks[next].Index }, next + 1);
                int stop = next < marks.Count ? marks[next].Index : text.Letters.Length;
                Range value = Trimmed(mark.Index, stop);
                if (IsValue(text.Letters.AsSpan()[value]))
                    AddNamed(mark, text, value);
            }
            else if (mark.Sort is CellSort.Field or CellSort.NamedField && fields[mark.Field] is var field && IsValue(field.Letters))
            {
                if (mark.Sort == CellSort.NamedField)
                    AddNamed(mark, field, ..);
                else if (Before(mark.Index) is var label && IsLabel(text.Letters.AsSpan()[label]))
                    Add(text.Letters.AsSpan()[label], field, ..);
            }
        }
    }

    private bool IsEmpty(int start, int end)
    {
        foreach (char c in text.Letters.AsSpan(start, end - start))
            if (c != ReadableText.Break && !char.IsWhiteSpace(c))
                return false;
        return true;
    }

    private void Columns(List<CellMark> marks)
    {
        List<Range> heads = [], row = [];
        bool first = true;
        for (int i = 0; i < marks.Count; i++)
        {
            CellMark mark = marks[i];
            if (mark.Sort is CellSort.Row or CellSort.Table)
            {
                EndRow(heads, row, ref first);
                if (mark.Sort == CellSort.Table)
                    (first, heads) = (true, []);
            }
            else if (mark.Sort == CellSort.Cell)
                row.Add(Trimmed(mark.Index, i + 1 < marks.Count ? marks[i + 1].Index : text.Letters.Length));
        }
        EndRow(heads, row, ref first);
    }

    private void EndRow(List<Range> heads, List<Range> row, ref bool first)
    {
        if (row.Count == 0)
            return;
        if (first)
            heads.AddRange(row);
        for (int i = 0; !first && i < Math.Min(row.Count, heads.Count); i++)
            if (IsLabel(text.Letters.AsSpan()[heads[i]]) && IsValueOf(text.Letters.AsSpan()[heads[i]], text.Letters.AsSpan()[row[i]]))
                Add(text.Letters.AsSpan()[heads[i]], text, row[i]);
        // Two cells that stand alone are a name and what it names.
        if (row.Count == 2 && IsPassword(text.Letters.AsSpan()[row[0]], text.Letters.AsSpan()[row[1]]))
            Add(text.Letters.AsSpan()[row[0]], text, row[1]);
        first = false;
        row.Clear();
    }

    private void AddNamed(CellMark mark, ReadableText from, Range value)
    {
        ReadOnlySpan<char> name = source.AsSpan(mark.NameStart, mark.NameEnd - mark.NameStart);
        name = name[(name.LastIndexOf(':') + 1)..].TrimEnd('.');
        if (!IsLabel(name))
            return;
        Add(name, from, value);
        string words = Words(name);
        if (!name.SequenceEqual(words))
            Add(words, from, value);
    }

    private void Add(ReadOnlySpan<char> label, ReadableText from, Range value)
    {
        (int start, int length) = value.GetOffsetAndLength(from.Letters.Length);
        int place = from.StartOf(start);
        foreach (char c in label.TrimEnd(" :*"))
            read.Add(c, place, 0);
        read.Add(':', place, 0);
        read.Add(' ', place, 0);
        for (int i = start; i < start + length; i++)
            read.Add(from.Letters[i], from.StartOf(i), from.EndOf(i) - from.StartOf(i));
        read.Add('\n', from.EndOf(start + length - 1), 0);
    }

    /// <summary>The words of a name that is written as one: accountNumber, ACCOUNT_NUMBER.</summary>
    internal static string Words(ReadOnlySpan<char> name)
    {
        var words = new System.Text.StringBuilder(name.Length + 8);
        for (int i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && (char.IsLower(name[i - 1]) || i + 1 < name.Length && char.IsLower(name[i + 1]) && char.IsUpper(name[i - 1])))
                words.Append(' ');
            words.Append(name[i] is '_' or '-' or '.' ? ' ' : name[i]);
        }
        return words.Replace("Dateof ", "Date of ").ToString();
    }

    // Fields in a row without a label would each look through all blanks before them.
    private Range Before(int index)
    {
        int end = Math.Min(index, text.Letters.Length), farthest = Math.Max(0, end - FarthestLabel);
        while (end > farthest && (text.Letters[end - 1] == ReadableText.Break || char.IsWhiteSpace(text.Letters[end - 1])))
            end--;
        int least = Math.Max(0, end - LongestLabel - 1), start = end > least ? text.Letters.LastIndexOf(ReadableText.Break, end - 1, end - least) + 1 : end;
        return Trimmed(Math.Max(start, least), end);
    }

    private Range Trimmed(int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text.Letters[start]))
            start++;
        while (end > start && char.IsWhiteSpace(text.Letters[end - 1]))
            end--;
        return start..end;
    }

    private static bool IsLabel(ReadOnlySpan<char> label)
    {
        if (label.Length is < 2 or > LongestLabel || label[^1] is '.' or '!' or '?' or ',' || label.Count(' ') >= MostWords)
            return false;
        bool letters = false;
        foreach (char c in label)
        {
            letters |= char.IsLetter(c);
            if (char.IsDigit(c) && c != '2' || c is '\n' or '[' or ReadableText.Break)
                return false;
        }
        return letters;
    }

    private static bool IsValueOf(ReadOnlySpan<char> label, ReadOnlySpan<char> value) => IsValue(value) || IsPassword(label, value);

    // A password may be a word like others, but not the name of the next field.
    private static bool IsPassword(ReadOnlySpan<char> label, ReadOnlySpan<char> value)
    {
        if (value.Length is < FewestLetters or > LongestLabel || !IsLabel(label) || Fields.Has(value))
            return false;
        foreach (char c in value)
            if (!char.IsLetter(c))
                return false;
        return CredentialWords.NamesPassword(label);
    }

    private static readonly NearWords Fields = new(["username", "email", "e-mail", "login", "status", "server", "account", "comment", "comments", "policy", "manager", "settings", "required", "benutzer", "benutzername", "kennwort", "passwort", "utilisateur", "usuario", "utente", "gebruiker", "always", "never", "enabled", "disabled", "active", "inactive"]);

    // Without a digit or sign it is a word like others.
    private static bool IsValue(ReadOnlySpan<char> value)
    {
        if (value.Length is 0 or > LongestValue)
            return false;
        foreach (char c in value)
            if (char.IsDigit(c) || char.IsSymbol(c) || c is '@' or '#' or '%' or '&' or '*' or '!')
                return true;
        return false;
    }
}
