namespace Ingest.Mail.Mime;

/// <summary>A boundary line that was found, or none when the level is negative.</summary>
internal readonly record struct BoundaryMatch(int Level, bool Close)
{
    public static readonly BoundaryMatch None = new(-1, false);
}

/// <summary>The boundaries of the multiparts that are open, outermost first (RFC 2046 section 5.1.1).</summary>
internal sealed class BoundaryStack
{
    private readonly List<byte[]> open = [];

    public int Count => open.Count;

    public void Push(byte[] boundary) => open.Add(boundary);

    public void Pop() => open.RemoveAt(open.Count - 1);

    /// <summary>The innermost open boundary that the line at <paramref name="position"/> is.</summary>
    public BoundaryMatch Match(ReadOnlySpan<byte> source, int position)
    {
        if (open.Count == 0 || position + 2 > source.Length || source[position] != '-' || source[position + 1] != '-')
            return BoundaryMatch.None;
        var line = source[(position + 2)..];
        for (var level = open.Count - 1; level >= 0; level--)
        {
            if (!line.StartsWith(open[level]))
                continue;
            var rest = line[open[level].Length..];
            if (EndsLine(rest))
                return new BoundaryMatch(level, false);
            if (rest.StartsWith("--"u8) && EndsLine(rest[2..]))
                return new BoundaryMatch(level, true);
        }
        return BoundaryMatch.None;
    }

    /// <summary>Moves to the next boundary line at or after <paramref name="position"/>, which must be a line start; else to the end.</summary>
    public int Find(ReadOnlySpan<byte> source, int position, out BoundaryMatch match)
    {
        match = Match(source, position);
        if (match.Level >= 0 || open.Count == 0)
            return match.Level >= 0 ? position : source.Length;
        while (true)
        {
            var next = source[position..].IndexOf("\n--"u8);
            if (next < 0)
                return source.Length;
            position += next + 1;
            match = Match(source, position);
            if (match.Level >= 0)
                return position;
        }
    }

    private static bool EndsLine(ReadOnlySpan<byte> rest)
    {
        // Only white space may follow; bounded, as no sane line has more of it.
        for (var i = 0; i < rest.Length && i < 1000; i++)
        {
            if (rest[i] == '\n')
                return true;
            if (rest[i] is not ((byte)' ' or (byte)'\t' or (byte)'\r'))
                return false;
        }
        return rest.Length < 1000;
    }
}
