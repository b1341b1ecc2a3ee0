using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Encoded words in header text (RFC 2047), as lenient as the senders that write them.</summary>
internal static class EncodedWords
{
    private const int MaxCharsetLength = 64;

    /// <summary>The text with its encoded words decoded; words that cannot be read stay as they are.</summary>
    public static string Decode(string text)
    {
        var first = text.IndexOf("=?", StringComparison.Ordinal);
        if (first < 0)
            return text;
        var result = new StringBuilder(text.Length);
        var run = new WordRun(result);
        var span = text.AsSpan();
        var position = 0;
        while (first >= 0)
        {
            if (!TryRead(span, first, out var word))
            {
                first = Next(text, first + 2);
                continue;
            }
            var between = span[position..first];
            // White space between words is not text (section 6.2).
            if (!run.Started || !between.IsWhiteSpace())
            {
                run.Flush();
                result.Append(between);
            }
            run.Add(span, word);
            position = word.End;
            first = Next(text, position);
        }
        run.Flush();
        return result.Append(span[position..]).ToString();
    }

    /// <summary>Where the encoded word that starts at <paramref name="start"/> ends, or -1 when none does.</summary>
    public static int End(ReadOnlySpan<char> text, int start) => TryRead(text, start, out var word) ? word.End : -1;

    private static int Next(string text, int from) => from >= text.Length ? -1 : text.IndexOf("=?", from, StringComparison.Ordinal);

    private static bool TryRead(ReadOnlySpan<char> text, int start, out Word word)
    {
        word = default;
        if (start + 8 > text.Length || text[start] != '=' || text[start + 1] != '?')
            return false;
        var charset = start + 2;
        var rest = text[charset..];
        var mark = rest[..Math.Min(rest.Length, MaxCharsetLength)].IndexOf('?');
        if (mark < 0 || charset + mark + 2 >= text.Length || text[charset + mark + 2] != '?')
            return false;
        var encoding = text[charset + mark + 1];
        if (encoding is not ('B' or 'b' or 'Q' or 'q'))
            return false;
        var payload = charset + mark + 3;
        var end = PayloadEnd(text, payload);
        if (end < 0)
            return false;
        word = new Word(charset, mark, encoding is 'B' or 'b', payload, end, end + 2);
        return true;
    }

    // The payload holds no '?' by the book; some senders leave one in, so the mark counts only before '='.
    private static int PayloadEnd(ReadOnlySpan<char> text, int from)
    {
        for (var i = from; ;)
        {
            var mark = text[i..].IndexOf('?');
            if (mark < 0 || i + mark + 1 >= text.Length)
                return -1;
            i += mark;
            if (text[i + 1] == '=')
            {
                // "=?x?Q??=41?=": an empty payload is less likely than one that starts with '='.
                return i == from && i + 3 < text.Length && IsHex(text[i + 2]) && IsHex(text[i + 3]) ? -1 : i;
            }
            if (i > from && text[i - 1] == '=')
                return -1;
            i++;
            if (i - from > 4000)
                return -1;
        }
    }

    private static bool IsHex(char c) => char.IsAsciiHexDigit(c);

    internal readonly record struct Word(int Charset, int CharsetLength, bool Base64, int Payload, int PayloadEnd, int End);

    /// <summary>Adjacent words of one charset: their bytes are joined before decoding, as senders split inside characters.</summary>
    private struct WordRun(StringBuilder result)
    {
        private readonly ArrayBufferWriter<byte> bytes = new(64);
        private readonly StringBuilder raw = new();
        private readonly StringBuilder pending = new();
        private string charset = "";

        public bool Started { get; private set; }

        public void Add(ReadOnlySpan<char> text, Word word)
        {
            var name = text.Slice(word.Charset, word.CharsetLength);
            var star = name.IndexOf('*');
            if (star >= 0)
                name = name[..star];
            if (Started && !name.Equals(charset, StringComparison.OrdinalIgnoreCase))
                Flush();
            if (!Started)
                charset = name.ToString();
            Started = true;
            if (raw.Length > 0)
                raw.Append(' ');
            raw.Append(text[(word.Charset - 2)..word.End]);
            var payload = text[word.Payload..word.PayloadEnd];
            if (word.Base64)
            {
                // A word of a broken length goes on in the next one, if the two together are whole.
                if (pending.Length > 0 && (pending.Length + payload.Length) % 4 != 0)
                    FlushPending();
                pending.Append(payload);
                if (pending.Length % 4 == 0 || payload.EndsWith("="))
                    FlushPending();
                return;
            }
            FlushPending();
            TransferDecoding.DecodeQ(payload, Charsets.Find(charset) ?? Charsets.Utf8, bytes);
        }

        public void Flush()
        {
            if (!Started)
                return;
            FlushPending();
            var encoding = Charsets.Find(charset);
            if (encoding is null && !Charsets.Valid(bytes.WrittenSpan))
                result.Append(raw);
            else if (encoding is null && charset.Contains("utf-7", StringComparison.OrdinalIgnoreCase))
                result.Append(raw);
            else
                result.Append(Charsets.Decode(bytes.WrittenSpan, charset, out _));
            bytes.ResetWrittenCount();
            raw.Clear();
            Started = false;
        }

        private readonly void FlushPending()
        {
            if (pending.Length == 0)
                return;
            var source = new byte[pending.Length];
            var i = 0;
            foreach (var chunk in pending.GetChunks())
            {
                foreach (var c in chunk.Span)
                    source[i++] = c < 128 ? (byte)c : (byte)' ';
            }
            pending.Clear();
            bytes.Write(TransferDecoding.Decode(source, TransferEncoding.Base64));
        }
    }
}
