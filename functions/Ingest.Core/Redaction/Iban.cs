using System.Runtime.CompilerServices;
using Ingest.Core.Redaction.Numbers;

namespace Ingest.Core.Redaction;

/// <summary>Finds international account numbers (ISO 13616): a country that has them, its length and its places of letters and digits, and the remainder by 97.</summary>
internal static class Iban
{
    private const int Longest = 34;
    private const int LongestGap = 6;
    private const int MostLines = 9;
    private const int MostLettersBefore = 24;

    /// <summary>All account numbers; where they stand is kept, so that none of their digits is taken for a card's.</summary>
    internal static void Find(Scan scan)
    {
        if (scan.Least(FindingType.Iban) > 1 && scan.Least(FindingType.Card) > 1 && scan.Least(FindingType.CardExpiry) > 1 && scan.Least(FindingType.CardCode) > 1)
            return;
        ReadOnlySpan<char> text = scan.Text;
        DigitRows rows = scan.Rows;
        for (int row = 0; row < rows.Count;)
        {
            int at = rows.Start(row);
            if (Start(text, at) is >= 0 and int start && EndFrom(text, start) is > 0 and int end)
            {
                scan.Add(FindingType.Iban, start, end, RuleOf(Country(text, start)), Confidence(text, start));
                scan.Accounts.Add(new IbanPlace(at, end));
                row = rows.From(row, end);
            }
            else
                row++;
        }
    }

    // The country's letters stand right before the check digits, or with a gap; the word "IBAN" may be glued to them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Start(ReadOnlySpan<char> text, int digits)
    {
        if (digits < 2 || char.IsAsciiDigit(text[digits - 2]))
            return -1;
        int second = Back(text, digits), first = second < 0 || !char.IsAsciiLetter(text[second]) ? -1 : Back(text, second);
        if (first < 0 || !char.IsAsciiLetter(text[first]) || IbanCountries.ShapeOf(Capital(text[first]), Capital(text[second])) is null)
            return -1;
        // Letters apart from each other only count where a line was broken between them, or each sign stands alone.
        if (second - first > 1 && !text[first..second].Contains('\n') && !IsSpaced(text, first, second, digits))
            return -1;
        int word = first;
        while (word > 0 && first - word < MostLettersBefore && char.IsAsciiLetter(text[word - 1]))
            word--;
        bool alone = first == word && (word == 0 || !char.IsAsciiDigit(text[word - 1]));
        return alone || (first > word && text[word..first].Contains("iban", StringComparison.OrdinalIgnoreCase)) ? first : -1;
    }

    private static bool IsSpaced(ReadOnlySpan<char> text, int first, int second, int digits) =>
        second - first == 2 && digits - second == 2 && digits + 2 < text.Length && text[first + 1] == ' ' && text[second + 1] == ' ' && text[digits + 1] == ' ' && char.IsAsciiDigit(text[digits + 2]);

    private static int Back(ReadOnlySpan<char> text, int at)
    {
        int i = at - 1;
        while (i >= 0 && at - i <= LongestGap && IsGap(text[i]))
            i--;
        return i >= 0 && at - i <= LongestGap ? i : -1;
    }

    private static int EndFrom(ReadOnlySpan<char> text, int start)
    {
        // What a country wrote once is another length, so that at most one of the two fits.
        (char first, char second) = Country(text, start);
        return EndFrom(text, start, IbanCountries.ShapeOf(first, second)) is > 0 and int end ? end : EndFrom(text, start, IbanCountries.FormerShapeOf(first, second));
    }

    private static int EndFrom(ReadOnlySpan<char> text, int start, string? shape)
    {
        if (shape is null)
            return 0;
        Span<char> code = stackalloc char[Longest];
        int length = 0, gap = 0, lines = 0, i = start;
        for (; i < text.Length; i++)
        {
            char c = text[i];
            if (!char.IsAsciiLetterOrDigit(c))
            {
                lines += c is '\n' or ReadableText.Break ? 1 : 0;
                if (++gap > LongestGap || lines > MostLines || !IsGap(c))
                    return 0;
                continue;
            }
            c = Capital(c);
            char wanted = length < 2 ? 'c' : length < 4 ? 'n' : shape[length - 4];
            // Letters that pass for digits: the remainder proves which it was.
            if (wanted == 'n' && c is 'O' or 'I' or 'L')
                c = c == 'O' ? '0' : '1';
            if (!Fits(wanted, c))
                return 0;
            (code[length++], gap) = (c, 0);
            if (length >= 4 && length == shape.Length + 4)
                return (i + 1 == text.Length || !char.IsAsciiLetterOrDigit(text[i + 1]) || IsBankWord(text[(i + 1)..])) && IsValid(code[..length]) ? i + 1 : 0;
        }
        return 0;
    }

    // The word for the bank's code may be glued to the number as "IBAN" is.
    private static bool IsBankWord(ReadOnlySpan<char> text) => text.StartsWith("BIC", StringComparison.OrdinalIgnoreCase) || text.StartsWith("SWIFT", StringComparison.OrdinalIgnoreCase);

    private static (char First, char Second) Country(ReadOnlySpan<char> text, int start)
    {
        int second = start + 1;
        while (!char.IsAsciiLetter(text[second]))
            second++;
        return (Capital(text[start]), Capital(text[second]));
    }

    private static bool IsValid(ReadOnlySpan<char> code) => CheckDigits.Mod97(code[..4], CheckDigits.Mod97(code[4..])) == 1;

    private static bool Fits(char wanted, char c) => wanted == 'c' || (wanted == 'n' ? char.IsAsciiDigit(c) : char.IsAsciiLetterUpper(c));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsGap(char c) => c is ' ' or '-' or '.' or '\t' or '\n' or '_' or '/' or '>' or '|' or '(' or ')' or ReadableText.Break;

    private static char Capital(char c) => char.IsAsciiLetterLower(c) ? (char)(c - 32) : c;

    private static double Confidence(ReadOnlySpan<char> text, int start) =>
        (IbanCountries.IsRegistered(Country(text, start)) ? 1 : 0.9) - (char.IsAsciiLetterLower(text[start]) ? 0.05 : 0);

    private static string RuleOf((char First, char Second) country) => Rules[(country.First - 'A') * 26 + country.Second - 'A'];

    // One per country, so that a policy can choose among them.
    private static readonly string[] Rules = [.. Enumerable.Range(0, 26 * 26).Select(i => $"{(char)('a' + i / 26)}{(char)('a' + i % 26)}.iban")];
}

/// <summary>Where an account number stands.</summary>
/// <param name="Check">Where its check digits begin.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct IbanPlace(int Check, int End);
