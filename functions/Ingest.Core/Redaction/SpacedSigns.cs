using System.Globalization;

namespace Ingest.Core.Redaction;

/// <summary>
/// Reads a text once more in which signs stand one by one with blanks between, "a d a @ e x a m p l e . o r g": as if the blanks were not there. Addresses of mail and internet and telephone numbers that lie
/// within such a row and are beyond doubt count. A text has such a row where digits stand alone beside each other, or an at sign between two letters that do; any other costs nothing.
/// </summary>
internal static class SpacedSigns
{
    // Leaves no trace when a text is folded, and keeps the place of the blank.
    private const char Nothing = '\u00AD';

    private const int FewestSigns = 7, FewestDigits = 4, LongestGap = 3;
    private const double SureEmail = 0.9, SurePhone = 0.7, SureAddress = 0.5;

    /// <summary>True when digits stand alone, so many and so near to each other that they can be signs of one number, with a point between or without.</summary>
    internal static bool HasDigits(ReadOnlySpan<char> text, DigitRows rows)
    {
        for (int row = 0, alone = 0; row < rows.Count; row++)
        {
            int end = rows.End(row);
            if (rows.Length(row) > 1 || (end < text.Length && !char.IsWhiteSpace(text[end])))
            {
                alone = 0;
                continue;
            }
            alone = alone > 0 && rows.Start(row) - rows.End(row - 1) <= 2 * LongestGap + 1 ? alone + 1 : 1;
            if (alone == FewestDigits)
                return true;
        }
        return false;
    }

    /// <summary>True when a sign stands between blanks, and one letter alone before and after these.</summary>
    internal static bool IsAlone(ReadOnlySpan<char> text, int sign, int after)
    {
        int before = sign - 1;
        while (before > 0 && sign - before <= LongestGap && IsBlank(text[before]))
            before--;
        int next = after;
        while (next + 1 < text.Length && next - after < LongestGap && IsBlank(text[next]))
            next++;
        return before < sign - 1 && next > after && next < text.Length && !char.IsWhiteSpace(text[before]) && !char.IsWhiteSpace(text[next])
            && (before == 0 || !char.IsLetterOrDigit(text[before - 1])) && (next + 1 == text.Length || !char.IsLetterOrDigit(text[next + 1]));
    }

    /// <summary>The text without the blanks of its rows, and where these are; null when it has none.</summary>
    internal static ReadableText? Read(ReadableText text, List<(int Start, int End)> rows)
    {
        string letters = text.Letters;
        char[]? read = null;
        List<int> signs = [];
        for (int at = 0; at < letters.Length;)
        {
            at = Row(letters, at, signs);
            if (signs.Count < FewestSigns || !MayMean(letters, signs))
                continue;
            read ??= letters.ToCharArray();
            Close(read, signs);
            rows.Add((signs[0], signs[^1] + 1));
        }
        return read is null ? null : text.With(new string(read));
    }

    /// <summary>True for what lies within a row, and is beyond doubt.</summary>
    internal static bool Holds(List<(int Start, int End)> rows, Scan scan, Scan.Hit hit)
    {
        double sure = hit.Type switch { FindingType.Email => SureEmail, FindingType.Phone => SurePhone, FindingType.IpAddress => SureAddress, _ => double.MaxValue };
        if (hit.Confidence < sure)
            return false;
        int first = scan.First(hit.Start), low = 0, high = rows.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = rows[middle].End <= first ? (middle + 1, high) : (low, middle);
        }
        return low < rows.Count && first >= rows[low].Start && scan.First(hit.End - 1) < rows[low].End;
    }

    // The signs of the next row from a place on, each of which stands alone but for brackets and quotes around the row and what ends a sentence; returns where to look on.
    private static int Row(string letters, int from, List<int> signs)
    {
        signs.Clear();
        int at = from;
        while (at < letters.Length)
        {
            int blanks = at;
            while (at < letters.Length && IsBlank(letters[at]))
                at++;
            if (signs.Count > 0 && at - blanks > LongestGap)
                return at;
            int end = at;
            while (end < letters.Length && !char.IsWhiteSpace(letters[end]))
                end++;
            // A line's end.
            if (end == at && signs.Count > 0)
                return at;
            bool ends = false;
            int sign = end == at ? -1 : SignOf(letters, at, end, signs.Count == 0, out ends);
            if (end > at && sign < 0 && signs.Count > 0)
                return at;
            if (end > at && sign >= 0)
                signs.Add(sign);
            at = Math.Max(end, at + 1);
            if (signs.Count > 0 && ends)
                return at;
        }
        return at;
    }

    // Where the one sign of a word stands; less than 0 when it has more.
    private static int SignOf(string letters, int start, int end, bool isFirst, out bool ends)
    {
        int sign = start, last = end;
        while (isFirst && last - sign > 1 && letters[sign] is '(' or '[' or '<' or '"' or '\'' or '\u201C' or '\u2018' or '\u00AB' or '*')
            sign++;
        ends = false;
        while (last - sign > 1 && letters[last - 1] is '.' or ',' or ';' or ':' or '!' or '?' or ')' or ']' or '>' or '"' or '\'' or '\u201D' or '\u2019' or '\u00BB' or '*')
            (last, ends) = (last - 1, true);
        return SignEnd(letters, sign) >= last ? sign : -1;
    }

    internal static bool IsBlank(char c) => c is not ('\n' or '\r' or ReadableText.Break) && char.IsWhiteSpace(c);

    // Where a sign ends, with what is not seen of it; its beginning when there is none.
    private static int SignEnd(string letters, int at)
    {
        if (char.IsWhiteSpace(letters[at]))
            return at;
        int end = at + (char.IsHighSurrogate(letters[at]) && at + 1 < letters.Length ? 2 : 1);
        while (end < letters.Length && char.GetUnicodeCategory(letters[end]) is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark)
            end++;
        return end;
    }

    private static bool MayMean(string letters, List<int> signs)
    {
        int digits = 0;
        foreach (int sign in signs)
            digits += char.IsDigit(letters, sign) || char.GetNumericValue(letters, sign) >= 0 ? 1 : letters[sign] is '@' or '\uFF20' or '\uFE6B' ? FewestDigits : 0;
        return digits >= FewestDigits;
    }

    // Between a letter and a digit the blank stays, unless both can be of one address: what follows a number is no part of it.
    private static void Close(char[] read, List<int> signs)
    {
        bool whole = false;
        foreach (int sign in signs)
            whole |= read[sign] is '@' or '\uFF20' or '\uFE6B' or ':' or '\uFF1A';
        for (int i = 1; i < signs.Count; i++)
            if (whole || char.IsLetter(read[signs[i - 1]]) == char.IsLetter(read[signs[i]]))
                for (int at = signs[i] - 1; at > signs[i - 1] && char.IsWhiteSpace(read[at]); at--)
                    read[at] = Nothing;
    }
}
