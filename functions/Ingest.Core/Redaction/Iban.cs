namespace Ingest.Core.Redaction;

/// <summary>Recognises account numbers (ISO 13616), whose groups of four look like cards.</summary>
internal static class Iban
{
    private const int Shortest = 15;
    private const int Longest = 34;

    /// <summary>Where the account number ends whose check digits stand at an index, or 0 when there is none.</summary>
    internal static int EndAt(ReadOnlySpan<char> letters, int checkDigits)
    {
        int start = checkDigits - 2;
        if (start < 0 || !char.IsAsciiLetterUpper(letters[start]) || !char.IsAsciiLetterUpper(letters[start + 1]) || (start > 0 && char.IsAsciiLetterOrDigit(letters[start - 1])))
            return 0;
        Span<char> code = stackalloc char[Longest];
        int length = 0, end = 0;
        for (int i = start; i < letters.Length && length < Longest; i++)
        {
            char c = letters[i];
            if (char.IsAsciiLetterOrDigit(c))
                code[length++] = char.ToUpperInvariant(c);
            else if (c is not (' ' or '\u00A0') || letters[i - 1] == c)
                break;
            bool wordEnds = i + 1 == letters.Length || !char.IsAsciiLetterOrDigit(letters[i + 1]);
            if (wordEnds && length >= Shortest && Remainder(code[..length]) == 1)
                end = i + 1;
        }
        return end;
    }

    private static int Remainder(ReadOnlySpan<char> code)
    {
        int rest = 0;
        for (int i = 0; i < code.Length; i++)
        {
            char c = code[(i + 4) % code.Length];
            rest = char.IsAsciiDigit(c) ? (rest * 10 + c - '0') % 97 : (rest * 100 + c - 'A' + 10) % 97;
        }
        return rest;
    }
}
