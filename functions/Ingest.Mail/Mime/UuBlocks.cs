namespace Ingest.Mail.Mime;

/// <summary>
/// Files that stand uuencoded within a text, "begin 644 name" to "end", as old programs send them. Each line is looked at once: a line that cannot be one of a block ends it, and
/// what was no block stays text.
/// </summary>
internal static class UuBlocks
{
    private const int LongestLine = 90;

    /// <summary>The text without its blocks; the files go to <paramref name="files"/>. Lines must end in LF.</summary>
    public static string Split(string text, List<MimePart> files, UnpackBudget budget)
    {
        if (!text.Contains("begin ", StringComparison.Ordinal))
            return text;
        List<Range> rest = [];
        int position = 0, kept = 0;
        while (position < text.Length)
        {
            var next = Next(text, position);
            if (Name(text.AsSpan(position, next - position)) is { } name && End(text, next, out var size) is > 0 and var end && budget.TryTake(size) && budget.TryTakeFile())
            {
                files.Add(MimePart.OfContent(Decode(text, next, end, size), MediaType.OfName(name), name, null));
                rest.Add(kept..position);
                kept = next = end;
            }
            position = next;
        }
        if (rest.Count == 0)
            return text;
        rest.Add(kept..text.Length);
        return string.Create(rest.Sum(static r => r.End.Value - r.Start.Value), (text, rest), static (target, of) =>
        {
            foreach (var range in of.rest)
            {
                of.text.AsSpan(range).CopyTo(target);
                target = target[(range.End.Value - range.Start.Value)..];
            }
        });
    }

    // "begin", a mode of three or four octal digits, a name.
    private static string? Name(ReadOnlySpan<char> line)
    {
        line = line.TrimEnd();
        if (!line.StartsWith("begin "))
            return null;
        line = line[6..].TrimStart(' ');
        var digits = line.IndexOf(' ');
        if (digits is not (3 or 4) || line[..digits].ContainsAnyExceptInRange('0', '7'))
            return null;
        var name = line[digits..].Trim().Trim('"');
        return name.IsEmpty || name.Length > 1000 ? null : name.ToString();
    }

    // Where the block ends, its "end" line included; 0 when it is none. A mail cut off in the midst of one leaves what there is; with other text below, or with one
    // line only, each line must be as long as it says.
    private static int End(string text, int position, out int size)
    {
        var lines = 0;
        var exact = true;
        size = 0;
        while (position < text.Length)
        {
            var next = Next(text, position);
            var line = text.AsSpan(position, next - position).TrimEnd('\n');
            if (line.TrimEnd() is "end")
                return lines > 0 ? next : 0;
            if (!IsData(line))
                return exact && size > 0 ? position : 0;
            position = next;
            lines++;
            exact &= line.TrimEnd().IsEmpty || line.Length == Length(line[0]);
            size += line.IsEmpty ? 0 : (line[0] - 32) & 63;
        }
        return lines > 1 || (exact && size > 0) ? position : 0;
    }

    private static int Length(char size) => 1 + (((size - 32) & 63) + 2) / 3 * 4;

    // A length, and four characters for three bytes; blanks at the end may have been cut, and some add a character as a checksum.
    private static bool IsData(ReadOnlySpan<char> line)
    {
        if (line.Length > LongestLine || line.ContainsAnyExceptInRange(' ', '`'))
            return false;
        return line.TrimEnd().IsEmpty || line.Length <= Length(line[0]) + 2;
    }

    private static byte[] Decode(string text, int position, int end, int size)
    {
        var bytes = new byte[size];
        var written = 0;
        while (position < end)
        {
            var next = Next(text, position);
            var line = text.AsSpan(position, next - position).TrimEnd('\n');
            position = next;
            if (line.TrimEnd() is "end")
                break;
            var last = line.IsEmpty ? 0 : Math.Min(size, written + ((line[0] - 32) & 63));
            for (var i = 1; written < last; i += 4)
            {
                var bits = Sextet(line, i) << 18 | Sextet(line, i + 1) << 12 | Sextet(line, i + 2) << 6 | Sextet(line, i + 3);
                for (var shift = 16; shift >= 0 && written < last; shift -= 8)
                    bytes[written++] = (byte)(bits >> shift);
            }
        }
        return bytes;
    }

    // What was cut off at the end of a line were blanks, and a blank is zero.
    private static int Sextet(ReadOnlySpan<char> line, int at) => at < line.Length ? (line[at] - 32) & 63 : 0;

    private static int Next(string text, int position)
    {
        var end = text.IndexOf('\n', position);
        return end < 0 ? text.Length : end + 1;
    }
}
