namespace Ingest.Core.Redaction.Numbers;

/// <summary>What stands right beside a number and makes it less likely one of its own: a piece of an amount, a link, a longer number.</summary>
internal static class Surroundings
{
    private const int LongestLink = 200;
    private const double LabelFactor = 0.7;

    /// <summary>By how much to believe less in a number.</summary>
    internal static double Factor(ReadOnlySpan<char> text, int start, int end, bool overLines, bool named)
    {
        double factor = Beside(text, start, end) * (overLines ? 0.6 : 1) * (!named && IsInLink(text, start) ? 0.3 : 1);
        // "DNI:X 3703415 R": a name and its sign.
        if (named && At(text, start - 1) == ':' && char.IsLetter(At(text, start - 2)) && Math.Abs(factor - LabelFactor) < 0.01)
            return 1;
        return named ? Math.Max(factor, factor < 0.3 ? 0.5 : 0.9) : factor;
    }

    private static double Beside(ReadOnlySpan<char> text, int start, int end)
    {
        char before = At(text, start - 1), beyond = At(text, start - 2), after = At(text, end), behind = At(text, end + 1);
        double factor = 1;
        if (before is '$' or '€' or '£' or '¥' or '%' || after is '%' or '€' or '£')
            factor *= 0.1;
        if (before is '+' or '@' || after == '@')
            factor *= 0.3;
        if (before is '-' or '.' or ',' or '/' or '_' or ':' or '*' && char.IsAsciiLetterOrDigit(beyond))
            factor *= char.IsAsciiDigit(beyond) || before is '_' or '/' ? 0.2 : LabelFactor;
        if (after is '-' or '.' or ',' or '/' or '_' or ':' or '*' or '=' && char.IsAsciiLetterOrDigit(behind))
            factor *= 0.2;
        // A number without signs of its own may be a part of the row that it stands in; what was masked before counts as the number it was.
        bool row = (before == ' ' && (char.IsAsciiDigit(beyond) || beyond is ']' or '•')) || (after == ' ' && (char.IsAsciiDigit(behind) || behind is '[' or '•'));
        if (row && text[start..end].IndexOfAny('-', '.', '/') < 0)
            factor *= 0.7;
        return factor;
    }

    /// <summary>True within an address of the web or of mail.</summary>
    internal static bool IsInLink(ReadOnlySpan<char> text, int start)
    {
        int least = Math.Max(0, start - LongestLink);
        for (int i = start - 1; i >= least && text[i] is not (' ' or '\n' or '\t' or '<' or '"' or '(' or ReadableText.Break); i--)
            if ((text[i] == '/' && i > 0 && text[i - 1] == '/') || text[i] is '@' or '?' or '&' or '\\')
                return true;
        return false;
    }

    private static char At(ReadOnlySpan<char> text, int at) => at >= 0 && at < text.Length ? text[at] : ' ';
}
