using System.Buffers;
using System.Buffers.Text;

namespace Ingest.Mail.Mime;

/// <summary>Reads decoded content from encoded bytes; whatever the bytes are it makes progress, never writes more than it read, and ends.</summary>
internal ref struct ContentReader(ReadOnlySpan<byte> source, TransferEncoding encoding, ContentReader.State state = default)
{
    /// <summary>Where a reader stands, to go on later with another one over the same source.</summary>
    internal readonly record struct State(int Position, bool Ended, bool InData, int SolidUntil);

    private const int Smallest = 64;
    private const int Piece = 4096;
    private const int ShortRun = 16;
    private const int Window = 4096;

    private static readonly SearchValues<byte> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);

    private static readonly bool[] IsSextet = [.. Enumerable.Range(0, 256).Select(static b => Alphabet.Contains((byte)b))];

    private static ReadOnlySpan<sbyte> HexDigits =>
    [
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1, -1, -1, -1, -1,
        -1, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    ];

    private readonly ReadOnlySpan<byte> source = source;
    private int position = state.Position;
    private bool ended = state.Ended;
    private bool inData = state.InData;
    private int solidUntil = state.SolidUntil;

    public readonly State Here => new(position, ended, inData, solidUntil);

    /// <summary>Decoded bytes written to <paramref name="output"/>, 0 at the end. Needs room for a line of 64 bytes unless less remains.</summary>
    public int Read(scoped Span<byte> output) => encoding switch
    {
        TransferEncoding.Base64 => ReadBase64(output),
        TransferEncoding.QuotedPrintable => ReadQuotedPrintable(output),
        TransferEncoding.UuEncode => ReadUuEncode(output),
        _ => ReadIdentity(output),
    };

    private int ReadIdentity(scoped Span<byte> output)
    {
        var length = Math.Min(output.Length, source.Length - position);
        source.Slice(position, length).CopyTo(output);
        position += length;
        return length;
    }

    // White space is taken out first and whole quanta decoded after: .NET's decoder gives silently wrong bytes for white space across chunks.
    private int ReadBase64(scoped Span<byte> output)
    {
        while (!ended && position < source.Length && output.Length >= 4)
        {
            var filled = FillQuanta(output[..(output.Length / 4 * 4)]);
            if (Quanta(output, filled) is > 0 and var length)
                return length;
        }
        return 0;
    }

    private int FillQuanta(scoped Span<byte> output)
    {
        var filled = 0;
        var isBroken = false;
        while (filled < output.Length && position < source.Length)
        {
            if (isBroken)
                filled += FillBroken(output[filled..]);
            if (filled == output.Length || position >= source.Length)
                break;
            var rest = source[position..];
            var run = rest.IndexOfAnyExcept(Alphabet);
            isBroken = run is > 0 and < ShortRun;
            if (run < 0)
                run = rest.Length;
            run = Math.Min(run, output.Length - filled);
            rest[..run].CopyTo(output[filled..]);
            filled += run;
            position += run;
            inData |= run > 0;
            if (filled == output.Length || position >= source.Length || source[position++] != '=' || !inData)
                continue;
            inData = false;
            SkipPadding();
            break;
        }
        return filled;
    }

    // Byte by byte as far as a window or the padding: where every few characters are followed by others, vectors cost more than they gain.
    private int FillBroken(scoped Span<byte> output)
    {
        var window = source.Slice(position, Math.Min(Window, source.Length - position));
        int filled = 0, at = 0;
        for (; at < window.Length && filled < output.Length && window[at] != '='; at++)
        {
            if (IsSextet[window[at]])
                output[filled++] = window[at];
        }
        position += at;
        inData |= filled > 0;
        return filled;
    }

    private static int Quanta(Span<byte> output, int filled)
    {
        var whole = filled / 4 * 4;
        var length = 0;
        byte a = 0, b = 0, c = 0;
        var left = filled - whole;
        if (left > 0)
            (a, b, c) = (output[whole], left > 1 ? output[whole + 1] : (byte)'A', left > 2 ? output[whole + 2] : (byte)'A');
        // Not in place: .NET decodes there without vector instructions, seven times slower.
        Span<byte> encoded = stackalloc byte[Piece];
        for (var at = 0; at < whole; at += Piece)
        {
            var piece = Math.Min(Piece, whole - at);
            output.Slice(at, piece).CopyTo(encoded);
            Base64.DecodeFromUtf8(encoded[..piece], output.Slice(length, piece / 4 * 3), out _, out var written);
            length += written;
        }
        if (left < 2)
            return length;
        var bits = Sextet(a) << 18 | Sextet(b) << 12 | Sextet(c) << 6;
        output[length++] = (byte)(bits >> 16);
        if (left == 3)
            output[length++] = (byte)(bits >> 8);
        return length;
    }

    // After padding more base64 may follow (parts encoded one by one) or the footer of a mailing list, which is no base64.
    private void SkipPadding()
    {
        while (position < source.Length && source[position] is (byte)'=' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            position++;
        var rest = source[position..];
        var run = rest.IndexOfAnyExcept(Alphabet);
        if (run < 0)
            run = rest.Length;
        var padded = run < rest.Length && rest[run] == '=';
        var lineEnds = run == rest.Length || rest[run] is (byte)'\r' or (byte)'\n';
        ended = run == 0 || !(padded || (lineEnds && run % 4 == 0));
    }

    private static int Sextet(byte c) => c switch
    {
        >= (byte)'A' and <= (byte)'Z' => c - 'A',
        >= (byte)'a' and <= (byte)'z' => c - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => c - '0' + 52,
        (byte)'+' => 62,
        _ => 63,
    };

    private int ReadQuotedPrintable(scoped Span<byte> output)
    {
        var length = 0;
        while (length < output.Length && position < source.Length)
        {
            var rest = source[position..];
            if (rest.Length > 2 && rest[0] == '=' && TryEscape(rest, output, ref length))
                continue;
            // No further than what fits, so that a long line is not searched again for every piece.
            var window = rest[..Math.Min(rest.Length, output.Length - length + 1)];
            var run = window.IndexOfAny((byte)'=', (byte)'\n');
            if (run < 0)
                run = window.Length;
            if (run > 0)
                length += CopyRun(rest, run, output[length..]);
            else if (rest[0] == '\n')
            {
                output[length++] = (byte)'\n';
                position++;
            }
            else
                length += ReadEscape(rest, output[length..]);
        }
        return length;
    }

    // "=C3" and "=" before CRLF, by far the commonest.
    private bool TryEscape(ReadOnlySpan<byte> rest, scoped Span<byte> output, ref int length)
    {
        int high = HexDigits[rest[1]], low = HexDigits[rest[2]];
        if ((high | low) >= 0)
            output[length++] = (byte)(high << 4 | low);
        else if (rest[1] != '\r' || rest[2] != '\n')
            return false;
        position += 3;
        return true;
    }

    // Blanks at the end of a line were added on the way (RFC 2045 section 6.7 rule 3); the CR stays.
    private int CopyRun(ReadOnlySpan<byte> rest, int run, scoped Span<byte> output)
    {
        if (run > output.Length)
            return CopyPiece(rest, output);
        var text = rest[..run];
        position += run;
        if (run < rest.Length && rest[run] == '=')
        {
            text.CopyTo(output);
            return run;
        }
        var carriage = text[^1] == '\r';
        text = (carriage ? text[..^1] : text).TrimEnd(" \t"u8);
        text.CopyTo(output);
        if (carriage)
            output[text.Length] = (byte)'\r';
        return carriage ? text.Length + 1 : text.Length;
    }

    // Part of a run. Blanks at the cut wait until it is known what follows them, which is found out once.
    private int CopyPiece(ReadOnlySpan<byte> rest, scoped Span<byte> output)
    {
        var text = rest[..output.Length];
        if (position < solidUntil)
            text = text[..Math.Min(text.Length, solidUntil - position)];
        else if (text.TrimEnd(" \t\r"u8).Length is > 0 and var solid)
            text = text[..solid];
        else if (rest[0] == '\r')
            text = text[..1];
        else
        {
            var blanks = rest.IndexOfAnyExcept((byte)' ', (byte)'\t');
            if (blanks < 0 || LineEndsAt(rest[blanks..]))
            {
                position += blanks < 0 ? rest.Length : blanks;
                return 0;
            }
            solidUntil = position + blanks;
            text = text[..Math.Min(text.Length, blanks)];
        }
        text.CopyTo(output);
        position += text.Length;
        return text.Length;
    }

    private static bool LineEndsAt(ReadOnlySpan<byte> rest) => rest.IsEmpty || rest[0] == '\n' || (rest[0] == '\r' && (rest.Length == 1 || rest[1] == '\n'));

    private int ReadEscape(ReadOnlySpan<byte> rest, scoped Span<byte> output)
    {
        if (rest.Length > 2 && TransferDecoding.Hex(rest[1]) is >= 0 and var high && TransferDecoding.Hex(rest[2]) is >= 0 and var low)
        {
            position += 3;
            output[0] = (byte)(high << 4 | low);
            return 1;
        }
        // A soft line break, with blanks before the line end or at the very end.
        var blanks = 1;
        while (blanks < rest.Length && blanks < 1000 && rest[blanks] is (byte)' ' or (byte)'\t')
            blanks++;
        if (blanks == rest.Length || rest[blanks] is (byte)'\r' or (byte)'\n')
        {
            if (blanks < rest.Length && rest[blanks] == '\r')
                blanks++;
            if (blanks < rest.Length && rest[blanks] == '\n')
                blanks++;
            position += blanks;
            return 0;
        }
        position++;
        output[0] = (byte)'=';
        return 1;
    }

    private int ReadUuEncode(scoped Span<byte> output)
    {
        var length = 0;
        while (!ended && position < source.Length && output.Length - length >= Smallest)
        {
            var lineEnd = LineBreaks.Next(source, position);
            var line = source[position..LineBreaks.TrimEnd(source, position, lineEnd)];
            position = lineEnd;
            if (line.IsEmpty || line.StartsWith("begin "u8))
                continue;
            if (line.SequenceEqual("end"u8))
            {
                ended = true;
                break;
            }
            length += DecodeUuLine(line, output[length..]);
        }
        return length;
    }

    private static int DecodeUuLine(ReadOnlySpan<byte> line, scoped Span<byte> output)
    {
        var count = Math.Min((line[0] - 32) & 63, (line.Length - 1) * 3 / 4);
        var written = 0;
        for (var i = 1; i < line.Length && written < count; i += 4)
        {
            var bits = 0;
            for (var j = 0; j < 4; j++)
                bits = bits << 6 | (i + j < line.Length ? (line[i + j] - 32) & 63 : 0);
            for (var shift = 16; shift >= 0 && written < count; shift -= 8)
                output[written++] = (byte)(bits >> shift);
        }
        return written;
    }
}
