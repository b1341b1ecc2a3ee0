namespace Ingest.Core.Redaction;

/// <summary>Patterns of what is never masked: # is a digit, ? a letter or digit, * any number of them, all else itself, whatever its case. A pattern must cover a whole word or more.</summary>
internal static class AllowPattern
{
    private const int Longest = 100;

    /// <summary>True when one of the patterns covers what stands between two places.</summary>
    internal static bool Allows(IReadOnlyList<string> patterns, ReadOnlySpan<char> text, int start, int end)
    {
        foreach (string pattern in patterns)
            for (int from = start; from >= 0 && start - from <= Longest; from--)
                if ((from == 0 || !char.IsAsciiLetterOrDigit(text[from - 1])) && End(pattern, text[from..]) is > 0 and int length && from + length >= end)
                    return true;
        return false;
    }

    // Each star takes as much as it can: what it stands for is letters and digits only, so it ends with the word.
    private static int End(string pattern, ReadOnlySpan<char> text)
    {
        int at = 0;
        foreach (char wanted in pattern)
        {
            if (wanted == '*')
            {
                while (at < text.Length && char.IsAsciiLetterOrDigit(text[at]))
                    at++;
                continue;
            }
            if (at == text.Length || !Fits(wanted, text[at]))
                return 0;
            at++;
        }
        return at == text.Length || !char.IsAsciiLetterOrDigit(text[at]) ? at : 0;
    }

    private static bool Fits(char wanted, char c) => wanted switch
    {
        '#' => char.IsAsciiDigit(c),
        '?' => char.IsAsciiLetterOrDigit(c),
        _ => char.ToUpperInvariant(wanted) == char.ToUpperInvariant(c),
    };
}
