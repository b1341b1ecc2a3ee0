namespace Ingest.Mail.Mime;

internal static class LineBreaks
{
    /// <summary>Where the line after the one at <paramref name="from"/> starts.</summary>
    public static int Next(ReadOnlySpan<byte> source, int from)
    {
        var feed = source[from..].IndexOf((byte)'\n');
        return feed < 0 ? source.Length : from + feed + 1;
    }

    /// <summary><paramref name="end"/> moved before one line break, if one stands there.</summary>
    public static int TrimEnd(ReadOnlySpan<byte> source, int start, int end)
    {
        if (end > start && source[end - 1] == '\n')
            end--;
        // More than one CR before LF is what broken gateways make of a line break.
        while (end > start && source[end - 1] == '\r')
            end--;
        return end;
    }
}
