namespace Ingest.Core.Redaction.Numbers;

/// <summary>
/// Letters and digits as they stand from one place on, capitals, with what separates them: one blank, hyphen, dot, slash or line break at a time. Bit n of a mask speaks of the
/// n-th sign.
/// </summary>
internal ref struct NumberToken
{
    /// <summary>The most signs that are read.</summary>
    internal const int Most = 30;

    private const int LongestGap = 5;
    private const int MostLettersLater = 3;

    private readonly Span<char> signs;
    private readonly Span<int> places;

    internal NumberToken(ReadOnlySpan<char> text, int start, bool joinsLines, Span<char> signs, Span<int> places)
    {
        this.signs = signs;
        this.places = places;
        Read(text, start, joinsLines);
    }

    internal int Count { get; private set; }

    /// <summary>Signs that are letters.</summary>
    internal ulong Letters { get; private set; }

    /// <summary>Signs after which a word ends.</summary>
    internal ulong Ends { get; private set; }

    /// <summary>Signs before which something stands that is neither letter nor digit.</summary>
    internal ulong Gaps { get; private set; }

    internal ulong Dashes { get; private set; }

    internal ulong Dots { get; private set; }

    internal ulong Slashes { get; private set; }

    /// <summary>Gaps with a line break or the border of a cell in them.</summary>
    internal ulong Breaks { get; private set; }

    /// <summary>True when a line break stands right between two signs, as where a long line was wrapped.</summary>
    internal bool HasBareBreak { get; private set; }

    /// <summary>The first signs.</summary>
    internal readonly ReadOnlySpan<char> Signs(int count) => signs[..count];

    /// <summary>Where in the text a sign stands.</summary>
    internal readonly int PlaceOf(int sign) => places[sign];

    private void Read(ReadOnlySpan<char> text, int start, bool joinsLines)
    {
        int i = start, lettersHere = 0, count = 0;
        ulong letters = 0, ends = 0;
        while (i < text.Length && count < Most)
        {
            char c = text[i];
            if (char.IsAsciiDigit(c))
                (signs[count], lettersHere) = (c, 0);
            else if (char.IsAsciiLetter(c))
            {
                // A word of its own is not part of a number.
                if (++lettersHere > MostLettersLater && Gaps != 0)
                    break;
                letters |= 1UL << count;
                signs[count] = (char)(c & ~0x20);
            }
            else
            {
                ends |= 1UL << (count - 1);
                if (c == ' ' && i + 1 < text.Length && char.IsAsciiLetterOrDigit(text[i + 1]))
                {
                    Gaps |= 1UL << count;
                    (i, lettersHere) = (i + 1, 0);
                    continue;
                }
                int after = Gap(text, i, count, joinsLines);
                if (after == 0)
                {
                    (Count, Letters, Ends) = (count, letters, ends);
                    return;
                }
                (i, lettersHere) = (after, 0);
                continue;
            }
            places[count++] = i++;
        }
        if (count > 0 && (i >= text.Length || !char.IsAsciiLetterOrDigit(text[i])))
            ends |= 1UL << (count - 1);
        (Count, Letters, Ends) = (count, letters, ends);
    }

    // Where the next sign stands, 0 when too much or something else lies between.
    private int Gap(ReadOnlySpan<char> text, int from, int count, bool joinsLines)
    {
        int breaks = 0, marks = 0, blanks = 0, i = from;
        char mark = ' ';
        for (; i < text.Length && i - from <= LongestGap && !char.IsAsciiLetterOrDigit(text[i]); i++)
        {
            char c = text[i];
            if (c is '\n' or ReadableText.Break)
                breaks++;
            else if (c is '-' or '.' or '/' or '_')
                (mark, marks) = (c, marks + 1);
            else if (c is ' ' or '\t')
                blanks += c == '\t' ? 2 : 1;
            else if (c is not ('>' or '|') || breaks == 0)
                return 0;
        }
        if (i == text.Length || i - from > LongestGap || breaks > 1 || marks > 1)
            return 0;
        bool bare = i - from == 1 && text[from] == '\n';
        HasBareBreak |= bare;
        if (joinsLines && bare)
            return i;
        ulong bit = 1UL << count;
        Gaps |= bit;
        // Wide room is the border of a column.
        Breaks |= breaks > 0 || blanks > marks + 1 ? bit : 0;
        Dashes |= mark is '-' or '_' ? bit : 0;
        Dots |= mark == '.' ? bit : 0;
        Slashes |= mark == '/' ? bit : 0;
        return i;
    }
}
