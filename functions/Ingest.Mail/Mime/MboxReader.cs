using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>One mail inside an mbox file, its From_ line included.</summary>
/// <param name="Start">Offset of the From_ line.</param>
/// <param name="Length">Bytes up to the next From_ line or the end.</param>
public readonly record struct MboxEntry(long Start, long Length)
{
    /// <summary>Where the next one starts, or the file ends.</summary>
    public long End => Start + Length;
}

/// <summary>
/// Splits an mbox into mails (RFC 4155, and the mboxrd way of quoting). A mail starts at a "From " line with a time of day in it, at the very start or after
/// an empty line.
/// </summary>
public static class MboxReader
{
    /// <summary>Enough of a line to see whether it is a From_ line with a time in it.</summary>
    private const int HeadBytes = 256;

    /// <summary>The mails in order, one in memory at a time, each as <see cref="Unwrap"/> gives it; needs a stream that can seek.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Stream mbox, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (MboxEntry entry in FindAsync(mbox, 0, cancel))
        {
            long searched = mbox.Position;
            byte[] raw = new byte[Math.Min(entry.Length, Array.MaxLength)];
            mbox.Position = entry.Start;
            await mbox.ReadExactlyAsync(raw, cancel);
            mbox.Position = searched;
            yield return Unwrap(raw, out _);
        }
    }

    /// <summary>Where the mails lie, found in one pass and constant memory, from 0 or the end of an earlier entry on; needs a stream that can seek.</summary>
    public static async IAsyncEnumerable<MboxEntry> FindAsync(Stream mbox, long offset, [EnumeratorCancellation] CancellationToken cancel)
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

    /// <summary>The mail in an entry's bytes: without its From_ line and the blank line the format adds, and with the mboxrd quoting undone, in place; with the time of its From_ line, or else of the mail's topmost Received or its Date field, if one is readable.</summary>
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

        Memory<byte> mail = entry.AsMemory(0, written - AddedBlank(entry.AsSpan(0, written)));
        delivered ??= ReadFields(mail.Span);
        return mail;
    }

    /// <summary>True for "From " and a time of day: real mboxes hold unquoted prose such as "From here on".</summary>
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

    // "From sender date": the sender might look like a part of the date.
    private static DateTimeOffset? ReadDate(ReadOnlySpan<byte> from)
    {
        string text = Encoding.ASCII.GetString(from[..Math.Min(from.Length, HeadBytes)]);
        int sender = text.IndexOf(' ', "From ".Length);
        return sender < 0 ? null : DateReader.Read(text.AsSpan(sender));
    }

    // A copied file's own time says when it was copied; the mail always says the same.
    private static DateTimeOffset? ReadFields(ReadOnlySpan<byte> mail)
    {
        DateTimeOffset? received = null, date = null;
        bool sawReceived = false;
        while (!mail.IsEmpty)
        {
            ReadOnlySpan<byte> field = mail[..FieldLength(mail)];
            mail = mail[field.Length..];
            if (LineBreaks.TrimEnd(field, 0, field.Length) == 0)
                break;
            int colon = field.IndexOf((byte)':');
            if (colon < 0)
                continue;
            ReadOnlySpan<byte> name = field[..colon].TrimEnd(" \t"u8), value = field[(colon + 1)..];
            if (!sawReceived && Ascii.EqualsIgnoreCase(name, "Received"u8))
                (sawReceived, received) = (true, ReadReceived(value));
            else if (date is null && Ascii.EqualsIgnoreCase(name, "Date"u8))
                date = DateReader.Read(Encoding.ASCII.GetString(value[..Math.Min(value.Length, HeadBytes)]));
        }

        return received ?? date;
    }

    private static DateTimeOffset? ReadReceived(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> time = value[(value.LastIndexOf((byte)';') + 1)..];
        return time.Length == value.Length ? null : DateReader.Read(Encoding.ASCII.GetString(time[..Math.Min(time.Length, HeadBytes)]));
    }

    // A field goes on for as long as its next line begins with white space (RFC 5322 section 2.2.3).
    private static int FieldLength(ReadOnlySpan<byte> mail)
    {
        for (int length = 0; ;)
        {
            int eol = mail[length..].IndexOf((byte)'\n');
            if (eol < 0)
                return mail.Length;
            length += eol + 1;
            if (length == mail.Length || mail[length] is not ((byte)' ' or (byte)'\t'))
                return length;
        }
    }

    private struct LineHead()
    {
        private readonly byte[] head = new byte[HeadBytes];
        private int kept;

        public long Length { get; private set; }

        public readonly bool IsBlank => Length <= HeadBytes && LineBreaks.TrimEnd(head, 0, kept) == 0;

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
