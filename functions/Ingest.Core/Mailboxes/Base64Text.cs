using System.Buffers.Text;
using System.Text.Json;

namespace Ingest.Core.Mailboxes;

/// <summary>Decodes base64 of either alphabet (RFC 4648 sections 4 and 5) that arrives in pieces as the inside of a JSON string.</summary>
internal struct Base64Text
{
    /// <summary>"\u003d", the longest escape that may stand for a character of base64.</summary>
    private const int LongestEscape = 6;

    private static readonly byte[] Values = MakeValues();

    private uint bits;
    private int count;
    private bool padded;
    private byte[]? escape;
    private int escaped;

    /// <summary>Adds a piece; false when the target would grow above the limit. Throws <see cref="JsonException"/> on what is not base64.</summary>
    public bool Append(ReadOnlySpan<byte> piece, bool final, ref byte[] target, ref int length, int limit)
    {
        // Three bytes for each four characters, and what is left over.
        if (!Reserve(ref target, length, (piece.Length / 4 * 3) + 6, limit))
            return false;
        Span<byte> free = target;
        int at = length;
        for (int next = 0; next < piece.Length;)
        {
            // The framework's decoder does whole groups many bytes at a time; seams, escapes, padding and the other alphabet are left to us.
            if (count == 0 && escaped == 0 && !padded)
            {
                Base64Url.DecodeFromUtf8(piece[next..], free[at..], out int consumed, out int written, isFinalBlock: false);
                (next, at) = (next + consumed, at + written);
                if (next == piece.Length)
                    break;
            }

            byte character = piece[next++];
            if (escaped == 0 && character != '\\')
                Take(character, free, ref at);
            else if (Unescape(character) is { } meant)
                Take(meant, free, ref at);
        }

        if (final && (escaped > 0 || count == 1))
            throw new JsonException();
        if (final)
            Flush(free, ref at);
        length = at;
        return length <= limit;
    }

    private static bool Reserve(ref byte[] target, int length, int more, int limit)
    {
        if (target.Length - length >= more)
            return true;
        if (length > limit)
            return false;
        long wanted = Math.Max((long)length + more, length + (length / 2L));
        Array.Resize(ref target, (int)Math.Min(wanted, Math.Max((long)limit + 8, (long)length + more)));
        return true;
    }

    private void Take(byte character, Span<byte> free, ref int at)
    {
        if (character == '=')
        {
            padded = true;
            return;
        }

        byte value = Values[character];
        if (value == 255 || padded)
            throw new JsonException();
        bits = (bits << 6) | value;
        if (++count < 4)
            return;
        free[at++] = (byte)(bits >> 16);
        free[at++] = (byte)(bits >> 8);
        free[at++] = (byte)bits;
        (bits, count) = (0, 0);
    }

    private void Flush(Span<byte> free, ref int at)
    {
        if (count >= 2)
            free[at++] = (byte)(bits >> (count == 2 ? 4 : 10));
        if (count == 3)
            free[at++] = (byte)(bits >> 2);
        (bits, count) = (0, 0);
    }

    private byte? Unescape(byte character)
    {
        escape ??= new byte[LongestEscape];
        escape[escaped++] = character;
        ReadOnlySpan<byte> seen = escape.AsSpan(0, escaped);
        if (seen.SequenceEqual("\\/"u8))
        {
            escaped = 0;
            return (byte)'/';
        }

        if (escaped < LongestEscape)
            return seen.Length < 2 || seen[1] == 'u' ? null : throw new JsonException();
        escaped = 0;
        return seen.StartsWith("\\u00"u8) && Utf8Parser.TryParse(seen[4..], out byte meant, out int used, 'x') && used == 2
            ? meant
            : throw new JsonException();
    }

    private static byte[] MakeValues()
    {
        byte[] values = new byte[256];
        Array.Fill(values, (byte)255);
        ReadOnlySpan<byte> alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8;
        for (int at = 0; at < alphabet.Length; at++)
            values[alphabet[at]] = (byte)at;
        (values['+'], values['/']) = (62, 63);
        return values;
    }
}
