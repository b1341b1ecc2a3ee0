using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Tells from its bytes in which charset a text is written that has no label or a false one. Two kilobytes of telling lines are looked at, whatever the length.</summary>
internal static class CharsetGuess
{
    private const int Sample = 2048;
    private const int MinEvidence = 4;
    private const int MinKinds = 3;
    private const float Likely = 0.4f;
    private const float Better = 0.1f;

    // ESC $ and ESC ( are how ISO-2022 changes its character sets.
    private static readonly SearchValues<string> Iso2022Jp = SearchValues.Create(["\u001b$B", "\u001b$@", "\u001b(J", "\u001b$(D"], StringComparison.Ordinal);

    private static readonly SearchValues<byte> Ascii = SearchValues.Create([.. Enumerable.Range(0, 128).Select(static b => (byte)b)]);

    private static readonly LanguageLetters[] Western = LanguagesOf(1252);

    private static readonly (Encoding Encoding, LanguageLetters[] Languages)[] Candidates =
        [.. LanguageLetters.All.SelectMany(static l => l.CodePages).Distinct().Where(static c => c != 1252 && Charsets.ByCodePage(c) is not null).Select(static c => (Charsets.ByCodePage(c)!, LanguagesOf(c)))];

    /// <summary>The charset, windows-1252 when nothing speaks for another one.</summary>
    public static Encoding Of(scoped ReadOnlySpan<byte> bytes)
    {
        bytes = Telling(bytes, stackalloc byte[Sample]);
        Encoding best = Charsets.Windows1252;
        var high = 0;
        UInt128 kinds = 0;
        foreach (var b in bytes)
        {
            high += b >= 0x80 ? 1 : 0;
            kinds |= b >= 0x80 ? UInt128.One << (b & 0x7F) : 0;
        }
        var western = Charsets.Windows1252.GetString(bytes);
        var sound = IsSound(western);
        var fit = sound ? Fit(western, Western) : -1;
        // Quotes and a euro sign are in every language; one letter over and over says nothing of it.
        if (sound && (high < MinEvidence || UInt128.PopCount(kinds) < MinKinds || fit == 0))
            return best;
        foreach (var (encoding, languages) in Candidates)
        {
            // None can fit better by enough.
            if (fit + Better > 1)
                break;
            var text = encoding.GetString(bytes);
            if (!IsSound(text) || Fit(text, languages) is var found && (found < Likely || found < fit + Better))
                continue;
            (best, fit) = (encoding, found);
        }
        return best;
    }

    /// <summary>True when text under a western label is not western: most of its letters are beyond ASCII, and in rows.</summary>
    public static bool IsHardlyWestern(scoped ReadOnlySpan<byte> bytes)
    {
        bytes = Telling(bytes, stackalloc byte[Sample]);
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
    public static bool IsEucJp(scoped ReadOnlySpan<byte> bytes)
    {
        bytes = Telling(bytes, stackalloc byte[Sample]);
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
    public static bool IsWesternUnder(Encoding declared, scoped ReadOnlySpan<byte> bytes)
    {
        bytes = Telling(bytes, stackalloc byte[Sample]);
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
        return found >= 2 && Charsets.Windows1252.GetString(bytes) is var western && IsSound(western) && Fit(western, Western) >= Likely;
    }

    /// <summary>True for 7-bit text in ISO-2022-JP without its label.</summary>
    public static bool IsIso2022Jp(ReadOnlySpan<byte> bytes) =>
        bytes.Contains((byte)0x1b) && Encoding.ASCII.GetString(bytes[..Math.Min(bytes.Length, 20_000)]).AsSpan().ContainsAny(Iso2022Jp);

    private static LanguageLetters[] LanguagesOf(int codePage) => [.. LanguageLetters.All.Where(l => l.CodePages.Contains(codePage))];

    private static float Fit(string text, LanguageLetters[] languages)
    {
        var best = -1f;
        foreach (var language in languages)
            best = Math.Max(best, language.Fit(text));
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

    // The lines that have bytes beyond ASCII, as many as there is room for; no charset that is guessed has a line break within a character.
    private static ReadOnlySpan<byte> Telling(ReadOnlySpan<byte> bytes, Span<byte> sample)
    {
        var length = 0;
        for (int first; length < sample.Length && (first = bytes.IndexOfAnyExcept(Ascii)) >= 0;)
        {
            var start = bytes[..first].LastIndexOf((byte)'\n') + 1;
            var room = sample.Length - length;
            start = Math.Max(start, first - (room / 2));
            var end = first + bytes[first..].IndexOf((byte)'\n') is var at && at >= first ? at + 1 : bytes.Length;
            var line = bytes[start..end];
            if (line.Length > room)
            {
                var whole = line[..room].LastIndexOfAny(Ascii);
                line = line[..(whole > room / 2 ? whole : room)];
            }
            line.CopyTo(sample[length..]);
            length += line.Length;
            bytes = line.Length < end - start ? default : bytes[end..];
        }
        return sample[..length];
    }
}
