using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Text of header values: unfolding, raw 8-bit characters, encoded words.</summary>
internal static class HeaderText
{
    private static readonly SearchValues<char> Controls = SearchValues.Create(
        string.Create(33, 0, static (span, _) =>
        {
            for (var i = 0; i < 32; i++)
                span[i] = (char)i;
            span[32] = '\u007f';
        }));

    /// <summary>The value on one line, trimmed; a fold becomes one space.</summary>
    public static string Unfold(ReadOnlySpan<byte> value, Encoding? fallback)
    {
        value = value.Trim(" \t\r\n"u8);
        if (value.IndexOfAny((byte)'\r', (byte)'\n') < 0)
            return Chars(value, fallback);
        var buffer = ArrayPool<byte>.Shared.Rent(value.Length);
        try
        {
            var length = Unfold(value, buffer);
            return Chars(buffer.AsSpan(0, length), fallback);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The value unfolded and decoded, on one line, without control characters.</summary>
    public static string Decode(ReadOnlySpan<byte> value, Encoding? fallback) => DecodeWords(Unfold(value, fallback));

    /// <summary>Encoded words decoded, control characters made spaces.</summary>
    public static string DecodeWords(string text) => Clean(EncodedWords.Decode(text));

    /// <summary>Control characters, line breaks above all, made spaces: they would let a header smuggle another one.</summary>
    public static string Clean(string text)
    {
        if (text.AsSpan().IndexOfAny(Controls) < 0)
            return text;
        return string.Create(text.Length, text, static (span, source) =>
        {
            source.CopyTo(span);
            foreach (ref var c in span)
            {
                if (c < ' ' || c == '\u007f')
                    c = ' ';
            }
        }).Trim();
    }

    private static int Unfold(ReadOnlySpan<byte> value, Span<byte> buffer)
    {
        var length = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is not ((byte)'\r' or (byte)'\n'))
            {
                buffer[length++] = value[i];
                continue;
            }
            while (i + 1 < value.Length && value[i + 1] is (byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t')
                i++;
            while (length > 0 && buffer[length - 1] is (byte)' ' or (byte)'\t')
                length--;
            buffer[length++] = (byte)' ';
        }
        return length;
    }

    private static string Chars(ReadOnlySpan<byte> value, Encoding? fallback)
    {
        if (Ascii.IsValid(value))
            return Encoding.ASCII.GetString(value);
        if (Charsets.Valid(value))
            return Charsets.Utf8.GetString(value);
        if (fallback is null || fallback.CodePage == 65001)
            return Charsets.Windows1252.GetString(value);
        var text = fallback.GetString(value);
        return text.Contains('\uFFFD') ? Charsets.Windows1252.GetString(value) : text;
    }
}
