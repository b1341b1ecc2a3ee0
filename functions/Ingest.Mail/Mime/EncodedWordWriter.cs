using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Writes text as encoded words (RFC 2047): UTF-8, no word longer than allowed, none ending inside a character.</summary>
internal static class EncodedWordWriter
{
    private const string Start = "=?utf-8?q?";
    private const int Around = 12;
    private const int LongestWord = 75;
    private const int LongestLine = 76;

    /// <summary>The length words may have so that the first still fits on a line with what stands before it.</summary>
    public static int Room(int before) => Math.Clamp(LongestLine - before, 30, LongestWord);

    /// <summary>True for text that reads back as it is: ASCII, single blanks inside only, nothing that looks like an encoded word, no word too long for a line.</summary>
    public static bool IsPlain(string text, int longest)
    {
        if (!Ascii.IsValid(text) || text.Contains("=?", StringComparison.Ordinal) || text.Contains("  ", StringComparison.Ordinal)
            || text.StartsWith(' ') || text.EndsWith(' '))
            return false;
        foreach (var range in text.AsSpan().Split(' '))
        {
            if (text.AsSpan(range).Length > longest)
                return false;
        }
        return true;
    }

    /// <summary>The words that stand for the text, each at most <paramref name="longest"/> characters; in Q, which a person can read, unless B is much shorter.</summary>
    public static List<string> Encode(string text, int longest)
    {
        int plain = 0, bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            plain += QLength(rune);
            bytes += rune.Utf8SequenceLength;
        }
        return plain * 2 <= (bytes + 2) / 3 * 4 * 3 ? Quoted(text, longest - Around) : Base64(text, longest - Around);
    }

    private static List<string> Quoted(string text, int room)
    {
        var words = new List<string>();
        var word = new StringBuilder(Start);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (word.Length - Start.Length + QLength(rune) > room)
            {
                words.Add(word.Append("?=").ToString());
                word.Clear().Append(Start);
            }
            if (rune.Value == ' ')
                word.Append('_');
            else if (IsSafe(rune))
                word.Append((char)rune.Value);
            else
            {
                foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
                    word.Append('=').Append(Digit(b >> 4)).Append(Digit(b & 15));
            }
        }
        words.Add(word.Append("?=").ToString());
        return words;
    }

    private static List<string> Base64(string text, int room)
    {
        var words = new List<string>();
        var most = room / 4 * 3;
        var buffer = new byte[most];
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (length + rune.Utf8SequenceLength > most)
            {
                words.Add($"=?utf-8?b?{Convert.ToBase64String(buffer, 0, length)}?=");
                length = 0;
            }
            length += rune.EncodeToUtf8(buffer.AsSpan(length));
        }
        words.Add($"=?utf-8?b?{Convert.ToBase64String(buffer, 0, length)}?=");
        return words;
    }

    private static int QLength(Rune rune) => rune.Value == ' ' || IsSafe(rune) ? 1 : 3 * rune.Utf8SequenceLength;

    // What an encoded word within a phrase may hold (section 5, rule 3): the strictest place rules everywhere.
    private static bool IsSafe(Rune rune) => rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '!' or '*' or '+' or '-' or '/');

    private static char Digit(int value) => "0123456789ABCDEF"[value];
}
