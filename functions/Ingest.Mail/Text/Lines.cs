namespace Ingest.Mail.Text;

/// <summary>The lines of a text as ranges of it.</summary>
internal sealed class Lines
{
    private readonly List<(int Start, int Length)> ranges = [];

    private Lines(string text) => Text = text;

    public string Text { get; }

    public int Count => ranges.Count;

    public ReadOnlySpan<char> this[int index] => Text.AsSpan(ranges[index].Start, ranges[index].Length);

    public static Lines Of(string text)
    {
        var lines = new Lines(text);
        var start = 0;
        while (start <= text.Length)
        {
            var feed = text.AsSpan(start).IndexOf('\n');
            var length = feed < 0 ? text.Length - start : feed;
            lines.ranges.Add((start, length));
            start += length + 1;
        }
        return lines;
    }

    public int Start(int index) => ranges[index].Start;

    public bool IsBlank(int index) => this[index].IsWhiteSpace();

    /// <summary>Makes two lines of one; nothing is lost between them.</summary>
    public void Split(int index, int at)
    {
        var (start, length) = ranges[index];
        ranges[index] = (start, at);
        ranges.Insert(index + 1, (start + at, length - at));
    }

    /// <summary>The next line from there that is not blank, or the number of lines.</summary>
    public int NextSolid(int index)
    {
        while (index < Count && IsBlank(index))
            index++;
        return index;
    }

    /// <summary>What the line says: without quote marks when asked, and without the blanks and invisible marks of direction at its ends.</summary>
    public ReadOnlySpan<char> Content(int index, bool quoted)
    {
        var line = Clean(this[index]);
        return quoted ? Clean(Unquote(line)) : line;
    }

    public static ReadOnlySpan<char> Unquote(ReadOnlySpan<char> line)
    {
        var at = 0;
        while (at < line.Length && line[at] is '>' or ' ' or '\t')
            at++;
        return line[at..];
    }

    // Right-to-left programs wrap what they write in marks that nobody sees.
    private static ReadOnlySpan<char> Clean(ReadOnlySpan<char> line)
    {
        while (!line.IsEmpty && IsEmpty(line[0]))
            line = line[1..];
        while (!line.IsEmpty && IsEmpty(line[^1]))
            line = line[..^1];
        return line;
    }

    private static bool IsEmpty(char c) => c <= ' ' || (c >= '\u0085' && (char.IsWhiteSpace(c) || c is >= '\u200b' and <= '\u200f' or >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069' or '\ufeff' or '\u00ad'));
}
