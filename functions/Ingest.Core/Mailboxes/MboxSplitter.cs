using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Ingest.Core.Mailboxes;

/// <summary>One mail inside an mbox file, its From_ line included.</summary>
/// <param name="Start">Offset of the From_ line.</param>
/// <param name="Length">Bytes up to the next From_ line or the end.</param>
internal readonly record struct MboxEntry(long Start, long Length)
{
    public long End => Start + Length;
}

/// <summary>Finds the mails of an mbox (RFC 4155 and its mboxrd relative) in one pass and constant memory, from any earlier boundary on.</summary>
internal static class MboxSplitter
{
    /// <summary>Enough of a line to see whether it is a From_ line with a time in it.</summary>
    private const int HeadBytes = 256;

    public static async IAsyncEnumerable<MboxEntry> ReadAsync(Stream mbox, long offset, [EnumeratorCancellation] CancellationToken cancel)
    {
        mbox.Position = offset;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            var line = new LineHead();
            long start = offset, lineStart = offset;
            bool afterBlank = true;
            int read;
            while ((read = await mbox.ReadAsync(buffer, cancel)) > 0)
            {
                for (int at = 0; at < read;)
                {
                    int end = buffer.AsSpan(at, read - at).IndexOf((byte)'\n');
                    int taken = end < 0 ? read - at : end + 1;
                    line.Take(buffer.AsSpan(at, taken));
                    at += taken;
                    if (end < 0)
                        continue;
                    if (afterBlank && lineStart > start && line.IsFrom)
                    {
                        yield return new MboxEntry(start, lineStart - start);
                        start = lineStart;
                    }

                    afterBlank = line.IsBlank;
                    lineStart += line.Length;
                    line.Clear();
                }
            }

            if (lineStart + line.Length > start)
                yield return new MboxEntry(start, lineStart + line.Length - start);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The mail itself: without its From_ line and the blank line the format adds, and with the mboxrd quoting undone, in place.</summary>
    public static ReadOnlyMemory<byte> Unwrap(byte[] entry, out DateTimeOffset? delivered)
    {
        delivered = null;
        Span<byte> rest = entry;
        if (IsFromLine(rest[..Math.Min(rest.Length, HeadBytes)]))
        {
            int eol = rest.IndexOf((byte)'\n');
            Span<byte> from = eol < 0 ? rest : rest[..eol];
            delivered = ReadDate(from);
            rest = eol < 0 ? [] : rest[(eol + 1)..];
        }

        int written = 0;
        while (!rest.IsEmpty)
        {
            int eol = rest.IndexOf((byte)'\n');
            Span<byte> line = eol < 0 ? rest : rest[..(eol + 1)];
            rest = rest[line.Length..];
            int quotes = line.IndexOfAnyExcept((byte)'>');
            if (quotes > 0 && line[quotes..].StartsWith("From "u8))
                line = line[1..];
            line.CopyTo(entry.AsSpan(written));
            written += line.Length;
        }

        return entry.AsMemory(0, written - AddedBlank(entry.AsSpan(0, written)));
    }

    /// <summary>Bodies hold unquoted "From here on" lines in many real mboxes; only a time of day makes it a boundary.</summary>
    public static bool IsFromLine(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("From "u8))
            return false;
        int eol = line.IndexOf((byte)'\n');
        line = eol < 0 ? line : line[..eol];
        for (int colon = 7; colon + 2 < line.Length; colon++)
        {
            if (line[colon] == ':' && char.IsAsciiDigit((char)line[colon - 1]) && char.IsAsciiDigit((char)line[colon - 2])
                && char.IsAsciiDigit((char)line[colon + 1]) && char.IsAsciiDigit((char)line[colon + 2]))
                return true;
        }

        return false;
    }

    private static int AddedBlank(ReadOnlySpan<byte> mail) =>
        mail.EndsWith("\r\n\r\n"u8) ? 2 : mail.EndsWith("\n\n"u8) ? 1 : 0;

    /// <summary>The asctime date that ends a From_ line, which is UTC by RFC 4155; null when it is anything else.</summary>
    private static DateTimeOffset? ReadDate(ReadOnlySpan<byte> from)
    {
        string text = Encoding.ASCII.GetString(from[..Math.Min(from.Length, HeadBytes)]).Trim();
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string last = string.Join(' ', words.TakeLast(5));
        return DateTimeOffset.TryParseExact(last, "ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date)
            ? date
            : null;
    }

    private struct LineHead()
    {
        private readonly byte[] head = new byte[HeadBytes];
        private int kept;

        public long Length { get; private set; }

        public readonly bool IsBlank => Length == 1 || (Length == 2 && head[0] == '\r');

        public readonly bool IsFrom => IsFromLine(head.AsSpan(0, kept));

        public void Take(ReadOnlySpan<byte> bytes)
        {
            int keep = Math.Min(bytes.Length, HeadBytes - kept);
            bytes[..keep].CopyTo(head.AsSpan(kept));
            kept += keep;
            Length += bytes.Length;
        }

        public void Clear() => (kept, Length) = (0, 0);
    }
}
