using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Reads UTF-8 to which something on the way has added text in windows-1252, or from which it cut a character.</summary>
internal static class MixedText
{
    /// <summary>The text, each byte by what it is; null unless the whole characters are at least so many times the stray bytes.</summary>
    public static string? Read(ReadOnlySpan<byte> bytes, int times)
    {
        var cut = IsOnlyCut(bytes);
        // Counted before anything is written: most text that comes here is in another charset.
        int whole = 0, stray = 0;
        for (var rest = bytes; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf8(rest, out _, out var length) == OperationStatus.Done)
                whole += length > 1 ? 1 : 0;
            else if (!cut)
                (stray, length) = (stray + 1, 1);
            rest = rest[length..];
        }
        return whole > 0 && whole >= stray * times ? Write(bytes, cut) : null;
    }

    private static string Write(ReadOnlySpan<byte> bytes, bool cut)
    {
        var text = new StringBuilder(bytes.Length);
        Span<char> one = stackalloc char[1];
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done)
                text.Append(rune);
            else if (cut)
                text.Append('\uFFFD');
            else
            {
                length = 1;
                Charsets.Windows1252.GetChars(bytes[..1], one);
                text.Append(one[0]);
            }
            bytes = bytes[length..];
        }
        return text.ToString();
    }

    // True when all that is wrong are characters cut short, as by a limit on length: their first bytes alone, or one at the very end that began others before.
    private static bool IsOnlyCut(ReadOnlySpan<byte> bytes)
    {
        Span<bool> began = stackalloc bool[256];
        began.Clear();
        for (var rest = bytes.TrimEnd(" \t\r\n"u8); !rest.IsEmpty;)
        {
            var first = rest[0];
            var whole = Rune.DecodeFromUtf8(rest, out _, out var length) == OperationStatus.Done;
            if (!whole && length == 1 && (rest.Length > 1 || !began[first]))
                return false;
            began[first] |= whole;
            rest = rest[length..];
        }
        return true;
    }
}
