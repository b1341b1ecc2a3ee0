namespace Ingest.Mail.Mime;

/// <summary>
/// Splits an mbox into mails (RFC 4155, and the mboxrd way of quoting). A mail starts at a "From " line at the very start or after an empty line.
/// </summary>
public static class MboxReader
{
    /// <summary>The mails in order, without their "From " line and with one "&gt;" taken off quoted "From " lines; a mail without any is a slice, not a copy.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> mbox)
    {
        var start = FirstLine(mbox.Span, 0);
        while (start < mbox.Length)
        {
            var next = NextFromLine(mbox.Span, start);
            var end = LineBreaks.TrimEnd(mbox.Span, start, next);
            // The empty line before the next "From " belongs to the mbox; at the very end there may be none.
            yield return Unquote(mbox[start..(next < mbox.Length ? end : next)]);
            start = FirstLine(mbox.Span, next);
        }
    }

    /// <summary>Reads the stream to its end, then splits it.</summary>
    public static async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(Stream stream, CancellationToken cancel)
    {
        var buffer = new MemoryStream();
        await stream.CopyToAsync(buffer, cancel);
        return [.. Read(buffer.GetBuffer().AsMemory(0, (int)buffer.Length))];
    }

    private static int FirstLine(ReadOnlySpan<byte> mbox, int position) =>
        mbox[position..].StartsWith("From "u8) ? LineBreaks.Next(mbox, position) : position;

    private static int NextFromLine(ReadOnlySpan<byte> mbox, int from)
    {
        while (true)
        {
            var found = mbox[from..].IndexOf("\nFrom "u8);
            if (found < 0)
                return mbox.Length;
            var line = from + found + 1;
            if (IsAfterEmptyLine(mbox, line) && IsSeparator(mbox[line..LineBreaks.Next(mbox, line)]))
                return line;
            from = line;
        }
    }

    private static bool IsAfterEmptyLine(ReadOnlySpan<byte> mbox, int line)
    {
        var before = LineBreaks.TrimEnd(mbox, 0, line);
        return before == 0 || mbox[before - 1] == '\n';
    }

    // "From sender date": prose that begins a paragraph with "From " has no clock time.
    private static bool IsSeparator(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        return line.Length < 500 && colon > 0 && colon + 2 < line.Length && char.IsAsciiDigit((char)line[colon - 1]) && char.IsAsciiDigit((char)line[colon + 1]);
    }

    private static ReadOnlyMemory<byte> Unquote(ReadOnlyMemory<byte> mail)
    {
        var source = mail.Span;
        if (source.IndexOf("\n>"u8) < 0)
            return mail;
        var result = new byte[source.Length];
        int length = 0, position = 0;
        while (position < source.Length)
        {
            var next = LineBreaks.Next(source, position);
            var line = source[position..next];
            if (line[0] == '>' && line.TrimStart((byte)'>').StartsWith("From "u8))
                line = line[1..];
            line.CopyTo(result.AsSpan(length));
            length += line.Length;
            position = next;
        }
        return length == source.Length ? mail : result.AsMemory(0, length);
    }
}
