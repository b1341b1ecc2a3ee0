using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Tells from its bytes in which charset a text is written that has no label or a false one. A few kilobytes are looked at, whatever the length.</summary>
internal static class CharsetGuess
{
    private const int Sample = 6000;
    private const int MinEvidence = 4;
    private const float Likely = 0.4f;
    private const float Better = 0.1f;

    // ESC $ and ESC ( are how ISO-2022 changes its character sets.
    private static readonly SearchValues<string> Iso2022Jp = SearchValues.Create(["\u001b$B", "\u001b$@", "\u001b(J", "\u001b$(D"], StringComparison.Ordinal);

    private static readonly SearchValues<byte> Ascii = SearchValues.Create([.. Enumerable.Range(0, 128).Select(static b => (byte)b)]);

    private static readonly (int CodePage, Encoding Encoding)[] Candidates =
        [.. LanguageLetters.All.SelectMany(static l => l.CodePages).Distinct().Where(static c => c != 1252).Select(static c => (c, Charsets.ByCodePage(c)!)).Where(static c => c.Item2 is not null)];

    /// <summary>The charset, windows-1252 when nothing speaks for another one.</summary>
    public static Encoding Of(ReadOnlySpan<byte> bytes)
    {
        bytes = Telling(bytes);
        Encoding best = Charsets.Windows1252;
        var high = 0;
        foreach (var b in bytes)
            high += b >= 0x80 ? 1 : 0;
        var western = Charsets.Windows1252.GetString(bytes);
        var sound = IsSound(western);
        var fit = sound ? Fit(western, 1252) : -1;
        // Quotes and a euro sign are in every language.
        if (sound && (high < MinEvidence || fit == 0))
            return best;
        foreach (var (codePage, encoding) in Candidates)
        {
            // None can fit better by enough.
            if (fit + Better > 1)
                break;
            var text = encoding.GetString(bytes);
            if (!IsSound(text) || Fit(text, codePage) is var found && (found < Likely || found < fit + Better))
                continue;
            (best, fit) = (encoding, found);
        }
        return best;
    }

    /// <summary>True when text under a western label is not western: most of its letters are beyond ASCII, and in rows.</summary>
    public static bool IsHardlyWestern(ReadOnlySpan<byte> bytes)
    {
        bytes = Telling(bytes);
        int high = 0, letters = 0, row = 0, rows = 0;
        foreach (var b in bytes)
        {
            letters += char.IsAsciiLetter((char)b) ? 1 : 0;
            high += b >= 0xA0 ? 1 : 0;
            row = b >= 0xA0 ? row + 1 : 0;
            rows += row > 0 && row % 4 == 0 ? 1 : 0;
        }
        return rows >= 2 && high > letters / 2;
    }

    /// <summary>True when text in EUC-JP goes under the label of Shift_JIS, in which its hiragana are rows of half-width kana.</summary>
    public static bool IsEucJp(ReadOnlySpan<byte> bytes)
    {
        bytes = Telling(bytes);
        int pairs = 0, hiragana = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] < 0x80)
                continue;
            if (bytes[i] is < 0xA1 or > 0xFE || i + 1 == bytes.Length || bytes[i + 1] is < 0xA1 or > 0xFE)
                return false;
            hiragana += bytes[i++] == 0xA4 ? 1 : 0;
            pairs++;
        }
        return hiragana >= 3 && hiragana * 3 >= pairs;
    }

    /// <summary>True when a western text goes under the label of a charset of two bytes: all that is not ASCII is one character within a word.</summary>
    public static bool IsWesternUnder(Encoding declared, ReadOnlySpan<byte> bytes)
    {
        bytes = Telling(bytes);
        var text = declared.GetString(bytes);
        var found = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] < '\u0080')
                continue;
            if (i == 0 || i + 1 == text.Length || !char.IsAsciiLetterLower(text[i - 1]) && text[i - 1] is < 'A' or > 'Z' || !char.IsAsciiLetterLower(text[i + 1]))
                return false;
            found++;
        }
        return found >= 2 && Charsets.Windows1252.GetString(bytes) is var western && IsSound(western) && Fit(western, 1252) >= Likely;
    }

    /// <summary>True for 7-bit text in ISO-2022-JP without its label.</summary>
    public static bool IsIso2022Jp(ReadOnlySpan<byte> bytes) =>
        bytes.Contains((byte)0x1b) && Encoding.ASCII.GetString(bytes[..Math.Min(bytes.Length, 20_000)]).AsSpan().ContainsAny(Iso2022Jp);

    private static float Fit(string text, int codePage)
    {
        var best = -1f;
        foreach (var language in LanguageLetters.All)
        {
            if (language.CodePages.Contains(codePage))
                best = Math.Max(best, language.Fit(text));
        }
        return best;
    }

    // Controls of the upper half and unassigned bytes do not occur in text.
    public static bool IsSound(string text)
    {
        var broken = 0;
        foreach (var c in text)
            broken += c is '\ufffd' or (>= '\u0080' and <= '\u009f') or (>= '\ue000' and <= '\uf8ff') ? 1 : 0;
        return broken * 200 <= text.Length && broken <= 3;
    }

    // From the first byte beyond ASCII on, whole lines if they are not too long.
    private static ReadOnlySpan<byte> Telling(ReadOnlySpan<byte> bytes)
    {
        var first = bytes.IndexOfAnyExcept(Ascii);
        if (first < 0)
            return default;
        bytes = bytes[Math.Max(0, bytes[..first].LastIndexOf((byte)'\n'))..];
        if (bytes.Length <= Sample)
            return bytes;
        var end = bytes[..Sample].LastIndexOfAny(Ascii);
        return bytes[..(end > Sample / 2 ? end : Sample)];
    }
}
