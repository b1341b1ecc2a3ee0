using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Writes contents in lines of at most 76 characters of ASCII (RFC 2045 section 6), such as no relay finds a reason to touch.</summary>
internal static class BodyWriter
{
    private const int Line = 76;
    private const int BytesPerLine = Line / 4 * 3;

    /// <summary>The text in UTF-8 with CRLF line breaks, one at its end unless it is empty, without a byte order mark and NUL.</summary>
    public static byte[] Canonical(string text)
    {
        text = text.StartsWith('\uFEFF') ? text[1..] : text;
        text = text.Replace("\0", "", StringComparison.Ordinal).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (text.Length > 0 && !text.EndsWith('\n'))
            text += "\n";
        return Encoding.UTF8.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal));
    }

    /// <summary>True when the text can go as it is: ASCII in short lines without anything that a relay, a mailbox file or a boundary could take for its own.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> text)
    {
        if (!Ascii.IsValid(text) || text.IndexOf("=_"u8) >= 0)
            return false;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf("\r\n"u8);
            var line = text[..end];
            if (line.Length > Line || line.EndsWith(" "u8) || line.EndsWith("\t"u8) || line.StartsWith("."u8) || line.StartsWith("From "u8)
                || line.ContainsAnyInRange((byte)0, (byte)8) || line.ContainsAnyInRange((byte)10, (byte)31) || line.Contains((byte)127))
                return false;
            text = text[(end + 2)..];
        }
        return true;
    }

    /// <summary>True when more than a third of the text would have to be escaped, so that base64 is shorter and nobody could read either.</summary>
    public static bool IsDense(ReadOnlySpan<byte> text)
    {
        var escaped = 0;
        foreach (var c in text)
            escaped += c is > 126 or (byte)'=' ? 1 : 0;
        return escaped > text.Length / 3;
    }

    /// <summary>Writes canonical text as quoted-printable (RFC 2045 section 6.7).</summary>
    public static void QuotedPrintable(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        Span<byte> line = stackalloc byte[Line];
        while (!text.IsEmpty)
        {
            var end = text.IndexOf("\r\n"u8);
            Lines(text[..end], line, output);
            output.Write("\r\n"u8);
            text = text[(end + 2)..];
        }
    }

    /// <summary>Writes bytes as base64, every line with CRLF.</summary>
    public static void Base64Lines(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        while (!content.IsEmpty)
        {
            var take = Math.Min(BytesPerLine, content.Length);
            var target = output.GetSpan(Line + 2);
            Base64.EncodeToUtf8(content[..take], target, out _, out var written);
            "\r\n"u8.CopyTo(target[written..]);
            output.Advance(written + 2);
            content = content[take..];
        }
    }

    // One line of text in as many lines as it takes, each but the last with a soft break.
    private static void Lines(ReadOnlySpan<byte> text, Span<byte> line, IBufferWriter<byte> output)
    {
        var used = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var last = i + 1 == text.Length;
            var literal = IsLiteral(text[i], last, used == 0, text[i..]);
            var need = literal ? 1 : 3;
            if (used + need > (last ? Line : Line - 1))
            {
                line[used++] = (byte)'=';
                output.Write(line[..used]);
                output.Write("\r\n"u8);
                used = 0;
                literal = IsLiteral(text[i], last, true, text[i..]);
            }
            if (literal)
            {
                line[used++] = text[i];
                continue;
            }
            line[used++] = (byte)'=';
            line[used++] = Digit(text[i] >> 4);
            line[used++] = Digit(text[i] & 15);
        }
        output.Write(line[..used]);
    }

    // A dot or "From " at the start of a line would be doubled or quoted by somebody on the way.
    private static bool IsLiteral(byte c, bool last, bool first, ReadOnlySpan<byte> rest)
    {
        if (first && (c == '.' || rest.StartsWith("From "u8)))
            return false;
        return c is > 32 and < 127 ? c != '=' : c is 32 or 9 && !last;
    }

    private static byte Digit(int value) => "0123456789ABCDEF"u8[value];
}
