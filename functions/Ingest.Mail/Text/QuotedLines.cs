namespace Ingest.Mail.Text;

/// <summary>Finds the lines that are marked as quoted.</summary>
internal static class QuotedLines
{
    private const int MaxName = 12;

    /// <summary>Marks the lines that begin with "&gt;", or with a name or a bar where it is plain that these are quote marks.</summary>
    public static void Mark(Lines lines, LineMark[] marks, bool[] fenced)
    {
        var last = -1;
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].TrimStart(" \t");
            if (line.IsEmpty || fenced[i])
                continue;
            if (line[0] == '>')
            {
                marks[i] = LineMark.Quote;
                // A line or two that the way here broke off a quoted one.
                if (last >= 0 && i - last is 2 && IsFragment(lines[last], lines[i - 1]))
                    marks[i - 1] = LineMark.Quote;
                last = i;
            }
            else if (line[0] == '|' ? IsBarred(lines, i) : IsNamed(lines, i))
                marks[i] = LineMark.Quote;
        }
    }

    /// <summary>Lines within fences of code; a fence that is never closed is none.</summary>
    public static bool[] Fenced(Lines lines)
    {
        var fenced = new bool[lines.Count];
        var open = -1;
        for (var i = 0; i < lines.Count; i++)
        {
            if (!lines[i].StartsWith("```"))
                continue;
            if (open >= 0)
                Array.Fill(fenced, true, open, i - open + 1);
            open = open < 0 ? i : -1;
        }
        return fenced;
    }

    // A link alone, or the end of a bracket that the quoted line above opened.
    private static bool IsFragment(ReadOnlySpan<char> above, ReadOnlySpan<char> line)
    {
        line = line.Trim();
        if (line.IsEmpty)
            return false;
        if (line[0] is '(' or '<' or 'h' && line.Contains("http", StringComparison.OrdinalIgnoreCase) && SignatureMarks.Words(line) <= 2)
            return true;
        return line[^1] is ')' or '>' && !line.Contains(' ') && above.Count(line[^1] == ')' ? '(' : '<') > above.Count(line[^1]) - (line[^1] == '>' ? above.IndexOfAnyExcept("> ") : 0);
    }

    // "| text" in several lines, but no table, whose rows end with a bar.
    private static bool IsBarred(Lines lines, int index)
    {
        if (!Is(index))
            return false;
        var first = index;
        while (first > 0 && index - first < 3 && Is(first - 1))
            first--;
        var count = 1;
        while (count < 3 && first + count < lines.Count && Is(first + count))
            count++;
        return count == 3;

        bool Is(int at) => lines[at].TrimStart() is ['|'] or ['|', ' ', ..] && lines[at].TrimEnd() is var line && (line is [.., not '|'] || line.TrimStart().Length == 1);
    }

    // "Joe> text", the way of old mail programs: the same name on the next line or the one before, or an attribution above.
    private static bool IsNamed(Lines lines, int index)
    {
        var name = Name(lines[index]);
        if (name.IsEmpty)
            return false;
        return (index > 0 && Name(lines[index - 1]).SequenceEqual(name)) || (index + 1 < lines.Count && Name(lines[index + 1]).SequenceEqual(name));
    }

    private static ReadOnlySpan<char> Name(ReadOnlySpan<char> line)
    {
        line = line.TrimStart(' ');
        var end = 0;
        while (end < line.Length && end <= MaxName && char.IsLetter(line[end]))
            end++;
        return end is > 0 and <= MaxName && end < line.Length && line[end] == '>' && (end + 1 == line.Length || line[end + 1] == ' ') ? line[..(end + 1)] : default;
    }
}
