using System.Buffers;

namespace Ingest.Core.Redaction.Files;

/// <summary>Reads groups of digits that stand in neighbouring fields of a table or list as one number, as a card's are embossed.</summary>
internal static class SplitCard
{
    private const int Groups = 4, Digits = 4, LongestGap = 6;
    private static readonly SearchValues<char> Between = SearchValues.Create(",;\t| \"\n\r");
    private static readonly SearchValues<char> Separators = SearchValues.Create(",;\t|");

    /// <summary>All such numbers; null when there are none.</summary>
    internal static ReadableText? Read(ReadableText fields)
    {
        string letters = fields.Letters;
        ReadableText.Builder? read = null;
        int groups = 0, first = 0, last = -1;
        for (int i = 0; i <= letters.Length;)
        {
            int end = i;
            while (end < letters.Length && char.IsLetterOrDigit(letters[end]))
                end++;
            bool group = end - i == Digits && !letters.AsSpan(i, Digits).ContainsAnyExceptInRange('0', '9');
            if (end > i || i == letters.Length)
            {
                if (!group || last < 0 || !IsGap(letters.AsSpan(last, i - last)))
                {
                    if (groups == Groups)
                        Add(read ??= new ReadableText.Builder(64), fields, first, last);
                    (groups, first) = (0, i);
                }
                groups += group ? 1 : 0;
                last = group ? end : -1;
            }
            i = end + 1;
        }
        return read?.Finish();
    }

    // A field ends and the next one begins: that alone, for a number in one field is read with it.
    private static bool IsGap(ReadOnlySpan<char> gap) => gap.Length <= LongestGap && gap.ContainsAny(Separators) && !gap.ContainsAnyExcept(Between);

    private static void Add(ReadableText.Builder read, ReadableText fields, int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            bool digit = char.IsAsciiDigit(fields.Letters[i]);
            if (digit || char.IsAsciiDigit(fields.Letters[i - 1]))
                read.Add(digit ? fields.Letters[i] : ' ', fields.StartOf(i), digit ? fields.EndOf(i) - fields.StartOf(i) : 0);
        }
        read.Add('\n', fields.EndOf(end - 1), 0);
    }
}
