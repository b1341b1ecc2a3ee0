using System.Buffers;
using Ingest.Core.Redaction.Numbers;

namespace Ingest.Core.Redaction;

/// <summary>
/// Finds card numbers whose embossed groups have marks between them that numbers in lists have too: commas, slashes, stars, brackets, quotes. Only whole cards of known networks,
/// in fours or as American Express has them, with nothing alike before or behind.
/// </summary>
internal static class PunctuatedCards
{
    private const int LongestGap = 5;
    // Marks around single groups, as of bold type, may differ; others must be the same each time.
    private static readonly SearchValues<char> Loose = SearchValues.Create(" *_()[]-"), Strict = SearchValues.Create("/|+\\'’,\";~·•‧∙");
    private const double Certainty = 0.9;

    /// <summary>Adds such cards to those found, which stay in order.</summary>
    internal static void Find(ReadOnlySpan<char> text, DigitRows rows, List<CardNumber> found)
    {
        int before = found.Count;
        for (int row = 0, next; row + 2 < rows.Count; row = next)
        {
            next = row + 1;
            int start = rows.Start(row);
            if (rows.Length(row) != 4 || !IsShaped(rows, row) || !IsMarked(text, rows, row) || (start > 0 && char.IsAsciiLetter(text[start - 1])) || Read(text, start) is not { } card || Overlaps(found, before, card))
                continue;
            found.Add(card);
            next = rows.From(row, card.Digits[^1] + 1);
        }
        if (before > 0 && found.Count > before)
            found.Sort(static (a, b) => a.Digits[0].CompareTo(b.Digits[0]));
    }

    // After four digits 4, 4, 4 or 6, 5, with little between.
    private static bool IsShaped(DigitRows rows, int row)
    {
        if (rows.Start(row + 1) - rows.End(row) > LongestGap || rows.Start(row + 2) - rows.End(row + 1) > LongestGap)
            return false;
        return (rows.Length(row + 1), rows.Length(row + 2)) switch
        {
            (4, 4) => row + 3 < rows.Count && rows.Length(row + 3) == 4 && rows.Start(row + 3) - rows.End(row + 2) <= LongestGap,
            (6, 5) => true,
            _ => false,
        };
    }

    // Nothing but blanks and dashes between is what all cards have.
    private static bool IsMarked(ReadOnlySpan<char> text, DigitRows rows, int row)
    {
        int last = rows.Length(row + 1) == 4 ? row + 3 : row + 2;
        for (; row < last; row++)
            if (text[rows.End(row)..rows.Start(row + 1)].ContainsAnyExcept(" -_"))
                return true;
        return false;
    }

    private static CardNumber? Read(ReadOnlySpan<char> text, int start)
    {
        Span<int> places = stackalloc int[16];
        Span<char> digits = stackalloc char[16];
        ReadOnlySpan<int> shape = [4, 4, 4, 4];
        ReadOnlySpan<char> gap = default;
        bool marked = false;
        int at = start, count = 0;
        for (int group = 0; group < shape.Length; group++)
        {
            if (group > 0)
            {
                int length = GapLength(text, at);
                ReadOnlySpan<char> here = text.Slice(at, length);
                if (length == 0 || (group > 1 && !here.SequenceEqual(gap) && (here.ContainsAny(Strict) || gap.ContainsAny(Strict))))
                    return null;
                gap = here;
                marked |= here.IndexOfAnyExcept(" -_") >= 0;
                at += length;
            }
            int size = Size(text, at);
            if (group == 1 && size == 6)
                shape = [4, 6, 5];
            if (size != shape[group])
                return null;
            for (int i = 0; i < size; i++, count++)
                (places[count], digits[count]) = (at + i, text[at + i]);
            at += size;
        }
        digits = digits[..count];
        if (!marked || HasMore(text, start, at, gap) || !CheckDigits.Luhn(digits) || CardNetwork.Of((int)CheckDigits.Number(digits[..6]), count, false) is not { } network)
            return null;
        return new CardNumber(places[..count].ToArray(), network.Rule, Math.Round(network.Confidence * Certainty, 2));
    }

    private static int Size(ReadOnlySpan<char> text, int at)
    {
        int end = at;
        while (end < text.Length && end - at < 7 && char.IsAsciiDigit(text[end]))
            end++;
        return end - at;
    }

    private static int GapLength(ReadOnlySpan<char> text, int at)
    {
        int end = at;
        while (end < text.Length && end - at <= LongestGap && (Loose.Contains(text[end]) || Strict.Contains(text[end])))
            end++;
        return end - at <= LongestGap ? end - at : 0;
    }

    // The row goes on, or the line before or behind is another of its kind: a table.
    private static bool HasMore(ReadOnlySpan<char> text, int start, int end, ReadOnlySpan<char> gap)
    {
        ReadOnlySpan<char> before = text[..start], after = text[end..];
        if ((after.Length > 0 && char.IsAsciiLetterOrDigit(after[0])) || IsNumber(after, gap, false) || IsNumber(before, gap, true))
            return true;
        bool strict = gap.ContainsAny(Strict);
        ReadOnlySpan<char> above = before.TrimEnd(" *_([\"'|"), below = after.TrimStart(" *_)]\"'|,;");
        return strict && ((above.EndsWith("\n") && IsNumber(above.TrimEnd(" |,;\"'\n"), gap, true, lastOf: true)) || (below.StartsWith("\n") && Row(below.TrimStart(" \n|\"'"), gap)));
    }

    private static bool IsNumber(ReadOnlySpan<char> text, ReadOnlySpan<char> gap, bool before, bool lastOf = false)
    {
        if (before && lastOf)
        {
            int digits = text.Length;
            while (digits > 0 && text.Length - digits < 7 && char.IsAsciiDigit(text[digits - 1]))
                digits--;
            return digits < text.Length && text[..digits].EndsWith(gap);
        }
        return before ? text.EndsWith(gap) && text.Length > gap.Length && char.IsAsciiDigit(text[^(gap.Length + 1)])
            : text.StartsWith(gap) && text.Length > gap.Length && char.IsAsciiDigit(text[gap.Length]) && Size(text, gap.Length) > 2;
    }

    private static bool Row(ReadOnlySpan<char> text, ReadOnlySpan<char> gap) => Size(text, 0) is > 0 and int size && text[size..].StartsWith(gap);

    private static bool Overlaps(List<CardNumber> found, int count, CardNumber card)
    {
        int low = 0, high = count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = found[middle].Digits[^1] < card.Digits[0] ? (middle + 1, high) : (low, middle);
        }
        return low < count && found[low].Digits[0] <= card.Digits[^1];
    }
}
