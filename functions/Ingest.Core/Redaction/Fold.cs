using System.Buffers;
using System.Globalization;

namespace Ingest.Core.Redaction;

/// <summary>
/// Makes what a person reads plain, so that detectors look for one form only: digits of every script, width, height and frame become ASCII digits, full-width and framed signs
/// their ASCII twins, blanks and dashes of every sort a blank and a hyphen; letters of other scripts that pass for Latin ones become those within words that have Latin letters
/// or digits; characters that nobody sees, and marks over letters, are left out. Other letters of other scripts stay.
/// </summary>
internal static class Fold
{
    private const string Strangers = "АВЕЗКМНОРСТУХаеорсухіјѕІЈЅԁӏԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοιν";
    private const string Twins = "ABE3KMHOPCTYXaeopcyxijsIJSdlqwABEZHIKMNOPTYXoiv";
    /// <summary>Stands for a label in brackets or dots that was put where something was masked: no detector reads it, nor across it.</summary>
    internal const char Wall = '\u0001';

    private const int LongestWord = 256;
    private const int LongestColour = 24, FewestCovers = 4, MostLeft = 4;
    private const char Cover = '•';
    private const char Escape = '\x1B';

    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(' ', 95).Select(c => (char)c), '\n', '\t', ReadableText.Break]);
    private static readonly SearchValues<char> Foreign = SearchValues.Create(Strangers);
    private static readonly char[] Table = Build();

    /// <summary>True when the text is plain already.</summary>
    internal static bool IsPlain(ReadOnlySpan<char> letters) => !letters.ContainsAnyExcept(Plain) && !HasLabel(letters);

    private static bool HasLabel(ReadOnlySpan<char> letters)
    {
        for (int at; (at = letters.IndexOf('[')) >= 0; letters = letters[(at + 1)..])
            if (Labels.LengthAt(letters[at..]) > 0)
                return true;
        return false;
    }

    /// <summary>Writes the plain form and, for each of its characters, where it stood; returns its length, at most the text's.</summary>
    internal static int Into(ReadOnlySpan<char> letters, Span<char> plain, Span<int> origin)
    {
        int length = 0;
        for (int i = 0; i < letters.Length; i++)
        {
            if (letters[i] == Escape && ColourLength(letters[i..]) is > 0 and int colour)
            {
                i += colour - 1;
                continue;
            }
            char c = Table[letters[i]];
            if (c == '\0')
                continue;
            int at = i;
            if ((c == '[' ? Labels.LengthAt(letters[i..]) : c == Cover ? CoveredLength(letters[i..]) : 0) is > 0 and int masked)
            {
                plain[length] = Wall;
                origin[length++] = at;
                i += masked - 1;
                continue;
            }
            if (char.IsHighSurrogate(c) && i + 1 < letters.Length && char.IsLowSurrogate(letters[i + 1]) && Beyond(char.ConvertToUtf32(c, letters[i + 1])) is { } folded)
            {
                i++;
                if (folded == '\0')
                    continue;
                c = folded;
            }
            plain[length] = c;
            origin[length++] = at;
        }
        Unmask(plain[..length]);
        return length;
    }

    // Dots that cover what was masked, with what was left of its end; 0 for what may be a list or a longer number.
    private static int CoveredLength(ReadOnlySpan<char> letters)
    {
        int at = 0, covers = 0, left = 0, end = 0;
        for (; at < letters.Length && left <= MostLeft; at++)
        {
            bool sign = char.IsAsciiLetterOrDigit(letters[at]);
            if (letters[at] == Cover && left == 0)
                covers++;
            else if (sign)
                left++;
            else if (letters[at] is not (' ' or '-' or '.' or '/') || at == end + 1)
                break;
            end = letters[at] == Cover || sign ? at + 1 : end;
            // A blank within what is left, but not after it.
            if (left == MostLeft && at + 1 < letters.Length && !char.IsAsciiLetterOrDigit(letters[at + 1]))
                break;
        }
        if (covers < FewestCovers || left is not (0 or MostLeft))
            return covers < FewestCovers ? 0 : letters[..end].LastIndexOf(Cover) + 1;
        ReadOnlySpan<char> next = letters[end..];
        bool goesOn = left > 0 && next.Length > MostLeft && next[0] is ' ' or '-' && !next.Slice(1, MostLeft).ContainsAnyExceptInRange('0', '9') && (next.Length == MostLeft + 1 || !char.IsAsciiLetterOrDigit(next[MostLeft + 1]));
        return goesOn ? 0 : end;
    }

    // What a terminal is told with (ECMA-48 5.4): nobody reads it.
    private static int ColourLength(ReadOnlySpan<char> letters)
    {
        if (letters.Length < 3 || letters[1] != '[')
            return 0;
        int at = 2;
        while (at < letters.Length && at < LongestColour && letters[at] is >= ' ' and <= '?')
            at++;
        return at < letters.Length && letters[at] is >= '@' and <= '~' ? at + 1 : 0;
    }

    // Words of two scripts: the strangers in them become the letters that they pass for.
    private static void Unmask(Span<char> plain)
    {
        int done = 0;
        while (plain[done..].IndexOfAny(Foreign) is >= 0 and int next)
        {
            int at = done + next, start = at, end = at;
            while (start > done && at - start < LongestWord && char.IsLetterOrDigit(plain[start - 1]))
                start--;
            while (end < plain.Length && end - at < LongestWord && char.IsLetterOrDigit(plain[end]))
                end++;
            Span<char> word = plain[start..end];
            if (IsMixed(word))
                foreach (ref char c in word)
                    c = Strangers.IndexOf(c) is >= 0 and int stranger ? Twins[stranger] : c;
            done = end;
        }
    }

    // Some Latin letters or digits, and otherwise nothing but letters that pass for them.
    private static bool IsMixed(ReadOnlySpan<char> word)
    {
        bool latin = false;
        foreach (char c in word)
        {
            latin |= char.IsAsciiLetterOrDigit(c);
            if (!char.IsAsciiLetterOrDigit(c) && !Foreign.Contains(c))
                return false;
        }
        return latin;
    }

    // '\0' for what nobody sees, null for what stays as it is.
    private static char? Beyond(int rune) => rune switch
    {
        >= 0x1D7CE and <= 0x1D7FF => (char)('0' + (rune - 0x1D7CE) % 10),
        >= 0x1FBF0 and <= 0x1FBF9 => (char)('0' + rune - 0x1FBF0),
        >= 0x1D400 and <= 0x1D6A3 => Latin((rune - 0x1D400) % 52),
        >= 0x1F130 and <= 0x1F149 => (char)('A' + rune - 0x1F130),
        >= 0x1F150 and <= 0x1F169 => (char)('A' + rune - 0x1F150),
        >= 0x1F170 and <= 0x1F189 => (char)('A' + rune - 0x1F170),
        (>= 0xE0000 and <= 0xE01EF) or (>= 0x1D173 and <= 0x1D17A) or (>= 0x1BCA0 and <= 0x1BCA3) => '\0',
        _ => CharUnicodeInfo.GetDigitValue(char.ConvertFromUtf32(rune), 0) is >= 0 and int digit ? (char)('0' + digit) : null,
    };

    private static char Latin(int place) => (char)(place < 26 ? 'A' + place : 'a' + place - 26);

    private static char[] Build()
    {
        char[] table = new char[char.MaxValue + 1];
        for (int i = 0; i < table.Length; i++)
            table[i] = Of((char)i);
        return table;
    }

    private static char Of(char c) => c switch
    {
        '\n' or '\t' or ReadableText.Break or (>= ' ' and <= '~') => c,
        '\r' => '\0',
        '\u2028' or '\u2029' or '\u0085' or '\f' => '\n',
        '\u00AD' or '\u034F' or '\u115F' or '\u1160' or '\u17B4' or '\u17B5' or (>= '\u180B' and <= '\u180F') or '\u2800' or '\u3164' or '\uFFA0' or '\uFFFC' or '\uFFFD' => '\0',
        '\u2212' or '\uFE58' or '\uFE63' or '\u2043' or '\u02D7' => '-',
        '\u2024' or '\uFE52' => '.',
        '\u2044' or '\u2215' or '\u29F8' => '/',
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
        >= '\u24B6' and <= '\u24CF' => (char)('A' + c - 0x24B6),
        >= '\u24D0' and <= '\u24E9' => (char)('a' + c - 0x24D0),
        // Marks that are put over and around letters; those of scripts that write vowels so stay.
        (>= '\u0300' and <= '\u036F') or (>= '\u1AB0' and <= '\u1AFF') or (>= '\u1DC0' and <= '\u1DFF') or (>= '\u20D0' and <= '\u20FF') or (>= '\uFE00' and <= '\uFE0F') or (>= '\uFE20' and <= '\uFE2F') => '\0',
        _ when CharUnicodeInfo.GetDigitValue(c) is >= 0 and int digit => (char)('0' + digit),
        _ => char.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.Format or UnicodeCategory.Control => '\0',
            UnicodeCategory.SpaceSeparator => ' ',
            UnicodeCategory.DashPunctuation => '-',
            _ => c,
        },
    };
}
