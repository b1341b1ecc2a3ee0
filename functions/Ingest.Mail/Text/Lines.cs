namespace Ingest.Mail.Text;

/// <summary>The lines of a text as ranges of it.</summary>
internal sealed class Lines
{
    private readonly string text;
    private readonly List<(int Start, int Length)> ranges = [];

    private Lines(string text) => this.text = text;

    public int Count => ranges.Count;

    public ReadOnlySpan<char> this[int index] => text.AsSpan(ranges[index].Start, ranges[index].Length);

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

    public bool IsBlank(int index) => this[index].IsWhiteSpace();
}
