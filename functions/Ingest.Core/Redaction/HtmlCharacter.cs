using System.Text;
using Ingest.Mail.Text;

namespace Ingest.Core.Redaction;

/// <summary>Reads one character of html, of a link or of a script: what it stands for and how much of the source it takes.</summary>
internal static class HtmlCharacter
{
    [ThreadStatic]
    private static StringBuilder? spare;

    /// <summary>Adds what the character reference at an ampersand stands for; one that is none is an ampersand. Gives the length in the source.</summary>
    internal static int AddReference(ReadableText.Builder to, string html, int i, int end, bool attribute)
    {
        StringBuilder read = spare ??= new StringBuilder(8);
        read.Clear();
        int length = HtmlEntities.Reference(html.AsSpan(i, Math.Min(end - i, 64)), attribute, read);
        if (length == 0)
        {
            to.Add('&', i, 1);
            return 1;
        }
        Span<char> letters = stackalloc char[read.Length];
        read.CopyTo(0, letters, read.Length);
        to.Add(letters, i, length);
        return length;
    }

    /// <summary>Adds what a backslash escape of a script (ECMA-262 12.9.4), of JSON (RFC 8259 section 7) or of a style sheet (CSS Syntax 4.3.7) stands for. Gives the length in the source.</summary>
    internal static int AddEscape(ReadableText.Builder to, string text, int i, int end, bool style)
    {
        char kind = i + 1 < end ? text[i + 1] : '\0';
        if (style)
            return AddHex(to, text, i, i + 1, 1, 6, end, true);
        switch (kind)
        {
            case 'u' when i + 2 < end && text[i + 2] == '{':
                return AddHex(to, text, i, i + 3, 1, 6, end, false);
            case 'u':
                return AddHex(to, text, i, i + 2, 4, 4, end, false);
            case 'x':
                return AddHex(to, text, i, i + 2, 2, 2, end, false);
            case 'n' or 'r':
                to.Add('\n', i, 2);
                return 2;
            case 't' or 'b' or 'f' or 'v':
                to.Add(' ', i, 2);
                return 2;
            case '"' or '\'' or '/' or '\\' or '`':
                to.Add(kind, i, 2);
                return 2;
            default:
                to.Add('\\', i, 1);
                return 1;
        }
    }

    /// <summary>Adds what percent escapes stand for, several together where they are one character of UTF-8 (RFC 3986 section 2.5). Gives the length in the source.</summary>
    internal static int AddPercent(ReadableText.Builder to, string text, int i, int end)
    {
        Span<byte> bytes = stackalloc byte[4];
        Span<int> ends = stackalloc int[4];
        int count = 0, at = i;
        while (count < 4 && (count == 0 || bytes[0] >= 0x80) && Escape(text, at, end, out byte value) is > 0 and int length)
        {
            bytes[count] = value;
            ends[count++] = at += length;
        }
        if (count == 0)
        {
            to.Add('%', i, 1);
            return 1;
        }
        Span<char> letters = stackalloc char[2];
        bool whole = Rune.DecodeFromUtf8(bytes[..count], out Rune rune, out int used) == System.Buffers.OperationStatus.Done;
        at = ends[whole ? used - 1 : 0];
        if (whole)
            to.Add(letters[..rune.EncodeToUtf16(letters)], i, at - i);
        else
            to.Add((char)bytes[0], i, at - i);
        return at - i;
    }

    // What was escaped several times over (%2541) is read to its end, as links that carry links are.
    private static int Escape(string text, int at, int end, out byte value)
    {
        value = 0;
        int read = at < end && text[at] == '%' ? Hex(text, at + 1, 2, end) : -1;
        if (read < 0)
            return 0;
        int length = 3;
        while (read == '%' && Hex(text, at + length, 2, end) is >= 0 and int inner)
            (read, length) = (inner, length + 2);
        value = (byte)read;
        return length;
    }

    private static int AddHex(ReadableText.Builder to, string text, int start, int digits, int least, int most, int end, bool style)
    {
        int at = digits, value = 0;
        while (at < end && at - digits < most && char.IsAsciiHexDigit(text[at]))
            value = (value << 4) | Convert.ToInt32(text[at++].ToString(), 16);
        if (at - digits < least)
        {
            to.Add('\\', start, 1);
            return 1;
        }
        // One blank ends an escape of a style sheet, a bracket a long one of a script.
        if (at < end && (style ? text[at] is ' ' or '\n' or '\t' : text[digits - 1] == '{' && text[at] == '}'))
            at++;
        if (value > 0xFFFF && Rune.TryCreate(value, out Rune rune))
        {
            Span<char> letters = stackalloc char[2];
            to.Add(letters[..rune.EncodeToUtf16(letters)], start, at - start);
        }
        else
            to.Add((char)value, start, at - start);
        return at - start;
    }

    private static int Hex(string text, int at, int count, int end)
    {
        if (at + count > end)
            return -1;
        int value = 0;
        for (int i = at; i < at + count; i++)
            value = char.IsAsciiHexDigit(text[i]) ? (value << 4) | Convert.ToInt32(text[i].ToString(), 16) : -0x1000000;
        return value < 0 ? -1 : value;
    }
}
