using System.Runtime.InteropServices;
using System.Text;
using Ingest.Mail.Mime;

namespace Ingest.Core.Redaction.Files;

/// <summary>Bytes as text and back: what is not masked stays byte for byte, whatever the encoding, and whether or not it is valid.</summary>
internal sealed class FileText
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, true);
    private const string Ebcdic = "IBM037";
    private const int FewestSigns = 8;
    private readonly Encoding encoding;
    private readonly byte[] head, tail;

    private FileText(string text, Encoding encoding, byte[] head, byte[] tail) => (Text, this.encoding, this.head, this.tail) = (text, encoding, head, tail);

    /// <summary>The text, without byte order mark.</summary>
    internal string Text { get; }

    /// <summary>What covers a letter: a dot if the encoding has it.</summary>
    internal char Cover { get; private init; } = '•';

    /// <summary>Reads by byte order mark, else by the zeros of wide characters, else as UTF-8, else by the declared charset, else one byte a letter.</summary>
    internal static FileText Read(byte[] content, string? charset, bool asciiOnly = false)
    {
        (Encoding? marked, int skip) = Mark(content);
        if (marked is null && Wide(content) is { } wide)
            marked = wide;
        if (marked is not null)
            return Wide(content, marked, skip);
        Encoding? declared = PartEdit.FindEncoding(charset) ?? (IsEbcdic(content) ? PartEdit.FindEncoding(Ebcdic) : null);
        bool ascii = Ascii.IsValid(content);
        // Stateful encodings hide other letters behind ASCII.
        if (ascii && declared?.CodePage is 50220 or 50225 or 52936 && Exact(content, declared) is { } stateful)
            return stateful;
        if (System.Text.Unicode.Utf8.IsValid(content))
            return new FileText(StrictUtf8.GetString(content), StrictUtf8, [], []) { Cover = asciiOnly && ascii ? 'X' : '•' };
        if (declared is not null && declared.CodePage is not (65001 or 1200 or 1201 or 12000 or 12001) && Exact(content, declared) is { } exact)
            return exact;
        return new FileText(Encoding.Latin1.GetString(content), Encoding.Latin1, [], []) { Cover = 'X' };
    }

    /// <summary>The bytes of another text in the same encoding.</summary>
    internal byte[] Write(string text) => [.. head, .. encoding.GetBytes(text), .. tail];

    // Text of mainframes (IBM code page 37 and its kin, which have letters and digits in common): blanks are 0x40, and hardly any other byte is one of ASCII's letters.
    private static bool IsEbcdic(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> start = content[..Math.Min(content.Length, 4096)];
        int blanks = 0, signs = 0, ascii = 0;
        foreach (byte b in start)
        {
            blanks += b == 0x40 ? 1 : 0;
            signs += b is (>= 0x81 and <= 0x89) or (>= 0x91 and <= 0x99) or (>= 0xA2 and <= 0xA9) or (>= 0xC1 and <= 0xC9) or (>= 0xD1 and <= 0xD9) or (>= 0xE2 and <= 0xE9) or (>= 0xF0 and <= 0xF9) ? 1 : 0;
            ascii += b is 0x20 or (>= 0x62 and <= 0x69) or (>= 0x70 and <= 0x79) or (>= 0x30 and <= 0x39) ? 1 : 0;
        }
        return signs > FewestSigns && blanks * 50 >= start.Length && signs * 10 >= start.Length * 6 && ascii * 20 <= start.Length;
    }

    private static FileText? Exact(byte[] content, Encoding encoding)
    {
        string text = encoding.GetString(content);
        return encoding.GetBytes(text).AsSpan().SequenceEqual(content) ? new FileText(text, encoding, [], []) { Cover = encoding.GetString(encoding.GetBytes("•")) == "•" ? '•' : 'X' } : null;
    }

    private static FileText Wide(byte[] content, Encoding encoding, int skip)
    {
        int unit = encoding.CodePage is 12000 or 12001 ? 4 : encoding.CodePage is 1200 or 1201 ? 2 : 1;
        int end = content.Length - (content.Length - skip) % unit;
        byte[] head = content[..skip], tail = content[end..], body = content[skip..end];
        if (unit == 1)
            return System.Text.Unicode.Utf8.IsValid(body)
                ? new FileText(StrictUtf8.GetString(body), StrictUtf8, head, tail)
                : new FileText(Encoding.Latin1.GetString(body), Encoding.Latin1, head, tail) { Cover = 'X' };
        if (unit == 4)
            return new FileText(encoding.GetString(body), encoding, head, tail);
        Encoding exact = new HalfPairs(encoding.CodePage == 1201);
        return new FileText(exact.GetString(body), exact, head, tail);
    }

    private static (Encoding?, int) Mark(ReadOnlySpan<byte> content) => content switch
    {
        [0xFF, 0xFE, 0, 0, ..] => (new UTF32Encoding(false, false), 4),
        [0, 0, 0xFE, 0xFF, ..] => (new UTF32Encoding(true, false), 4),
        [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
        [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
        [0xEF, 0xBB, 0xBF, ..] => (StrictUtf8, 3),
        _ => (null, 0),
    };

    // Wide text without a mark: most of its high bytes are zero, as Latin letters and digits have them.
    private static Encoding? Wide(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> start = content[..(Math.Min(content.Length, 4096) & ~3)];
        if (start.Length < 8 || !start.Contains((byte)0))
            return null;
        Span<int> zeros = stackalloc int[4];
        for (int i = 0; i < start.Length; i++)
            zeros[i & 3] += start[i] == 0 ? 1 : 0;
        int quarter = start.Length / 4, most = quarter * 9 / 10, few = quarter / 10;
        return (zeros[0] > most, zeros[1] > most, zeros[2] > most, zeros[3] > most) switch
        {
            (false, true, true, true) when zeros[0] <= few => new UTF32Encoding(false, false),
            (true, true, true, false) when zeros[3] <= few => new UTF32Encoding(true, false),
            (false, true, false, true) when zeros[0] + zeros[2] <= 2 * few => Encoding.Unicode,
            (true, false, true, false) when zeros[1] + zeros[3] <= 2 * few => Encoding.BigEndianUnicode,
            _ => null,
        };
    }

    /// <summary>UTF-16 that keeps halves of characters, which the standard one replaces.</summary>
    private sealed class HalfPairs(bool bigEndian) : Encoding
    {
        public override int GetByteCount(char[] chars, int index, int count) => count * 2;

        public override int GetCharCount(byte[] bytes, int index, int count) => count / 2;

        public override int GetMaxByteCount(int charCount) => charCount * 2;

        public override int GetMaxCharCount(int byteCount) => byteCount / 2;

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex)
        {
            Span<byte> to = bytes.AsSpan(byteIndex, charCount * 2);
            MemoryMarshal.AsBytes(chars.AsSpan(charIndex, charCount)).CopyTo(to);
            Swap(to);
            return to.Length;
        }

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
        {
            Span<byte> to = MemoryMarshal.AsBytes(chars.AsSpan(charIndex, byteCount / 2));
            bytes.AsSpan(byteIndex, to.Length).CopyTo(to);
            Swap(to);
            return byteCount / 2;
        }

        private void Swap(Span<byte> bytes)
        {
            if (bigEndian)
                for (int i = 0; i + 1 < bytes.Length; i += 2)
                    (bytes[i], bytes[i + 1]) = (bytes[i + 1], bytes[i]);
        }
    }
}
