using System.Buffers;
using System.Globalization;

namespace Ingest.Core.Redaction;

/// <summary>
/// Makes what a person reads plain, so that detectors look for one form only: digits of every script and width become ASCII digits, full-width signs their ASCII twins, blanks
/// and dashes of every sort a blank and a hyphen; characters that nobody sees are left out. Letters of other scripts stay.
/// </summary>
internal static class Fold
{
    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(' ', 95).Select(c => (char)c), '\n', '\t', ReadableText.Break]);
    private static readonly char[] Table = Build();

    /// <summary>True when the text is plain already.</summary>
    internal static bool IsPlain(ReadOnlySpan<char> letters) => !letters.ContainsAnyExcept(Plain);

    /// <summary>Writes the plain form and, for each of its characters, where it stood; returns its length, at most the text's.</summary>
    internal static int Into(ReadOnlySpan<char> letters, Span<char> plain, Span<int> origin)
    {
        int length = 0;
        for (int i = 0; i < letters.Length; i++)
        {
            char c = Table[letters[i]];
            if (c == '\0')
                continue;
            int at = i;
            if (char.IsHighSurrogate(c) && i + 1 < letters.Length && char.IsLowSurrogate(letters[i + 1]) && Beyond(char.ConvertToUtf32(c, letters[i + 1])) is { } folded)
                (c, i) = (folded, i + 1);
            plain[length] = c;
            origin[length++] = at;
        }
        return length;
    }

    private static char? Beyond(int rune) => rune switch
    {
        >= 0x1D7CE and <= 0x1D7FF => (char)('0' + (rune - 0x1D7CE) % 10),
        >= 0x1FBF0 and <= 0x1FBF9 => (char)('0' + rune - 0x1FBF0),
        _ => CharUnicodeInfo.GetDecimalDigitValue(char.ConvertFromUtf32(rune), 0) is >= 0 and int digit ? (char)('0' + digit) : null,
    };

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
        '\u00AD' or '\u034F' or '\u115F' or '\u1160' or '\u17B4' or '\u17B5' or '\u180E' or '\u3164' or '\uFFA0' => '\0',
        '\u2212' or '\uFE58' or '\uFE63' => '-',
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
        >= '\uFE00' and <= '\uFE0F' => '\0',
        _ when CharUnicodeInfo.GetDecimalDigitValue(c) is >= 0 and int digit => (char)('0' + digit),
        _ => char.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.Format or UnicodeCategory.Control => '\0',
            UnicodeCategory.SpaceSeparator => ' ',
            UnicodeCategory.DashPunctuation => '-',
            _ => c,
        },
    };
}
