using System.Numerics;
using System.Runtime.CompilerServices;

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
    private int first;
    private bool isCut, isUnwrapped;

    /// <summary>A token that nothing was read into, with the room for its signs.</summary>
    internal NumberToken(Span<char> signs, Span<int> places)
    {
        this.signs = signs;
        this.places = places;
    }

    /// <summary>How many signs.</summary>
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

    /// <summary>Gaps that are a line break right between two signs, as where a long line was wrapped.</summary>
    internal ulong BareBreaks { get; private set; }

    /// <summary>The first signs.</summary>
    internal readonly ReadOnlySpan<char> Signs(int count) => signs.Slice(first, count);

    /// <summary>Where in the text a sign stands.</summary>
    internal readonly int PlaceOf(int sign) => places[first + sign];

    /// <summary>Reads what begins at a place; the rest of what was read last is not read again.</summary>
    internal void Read(ReadOnlySpan<char> text, int start)
    {
        if (!Goes(start))
            Read(text, start, false);
    }

    /// <summary>Reads what begins at a place, with lines that were wrapped within a number put together.</summary>
    internal void ReadUnwrapped(ReadOnlySpan<char> text, int start) => Read(text, start, true);

    // Leaves out what stands before a word of what was read; false where the whole would have been another one had it begun there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Goes(int start)
    {
        for (ulong words = isUnwrapped ? 0 : Gaps; words != 0; words &= words - 1)
        {
            int sign = BitOperations.TrailingZeroCount(words);
            if (places[first + sign] < start)
                continue;
            ulong later = words & (words - 1);
            if (places[first + sign] > start || (isCut && (later == 0 || first + Count == Most)))
                return false;
            (first, Count, Letters, Ends, Gaps) = (first + sign, Count - sign, Letters >> sign, Ends >> sign, later >> sign);
            ulong rest = ~1UL;
            (Dashes, Dots, Slashes) = (Dashes >> sign & rest, Dots >> sign & rest, Slashes >> sign & rest);
            (Breaks, BareBreaks) = (Breaks >> sign & rest, BareBreaks >> sign & rest);
            return true;
        }
        return false;
    }

    private void Read(ReadOnlySpan<char> text, int start, bool joinsLines)
    {
        (first, isCut, isUnwrapped) = (0, false, joinsLines);
        (Gaps, Dashes, Dots, Slashes, Breaks, BareBreaks) = (0, 0, 0, 0, 0, 0);
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
                {
                    isCut = true;
                    break;
                }
                letters |= 1UL << count;
                signs[count] = (char)(c & ~0x20);
            }
            else
            {
                ends |= 1UL << (count - 1);
                lettersHere = 0;
                if (i + 1 < text.Length && char.IsAsciiLetterOrDigit(text[i + 1]) && c is ' ' or '-' or '.' or '/')
                    (Gaps, i) = (Mark(c, 1UL << count), i + 1);
                else if (Gap(text, i, count, joinsLines) is > 0 and int after)
                    i = after;
                else
                {
                    (Count, Letters, Ends) = (count, letters, ends);
                    return;
                }
                continue;
            }
            places[count++] = i++;
        }
        isCut |= count == Most;
        if (count > 0 && (i >= text.Length || !char.IsAsciiLetterOrDigit(text[i])))
            ends |= 1UL << (count - 1);
        (Count, Letters, Ends) = (count, letters, ends);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Mark(char mark, ulong bit)
    {
        Dashes |= mark is '-' or '_' ? bit : 0;
        Dots |= mark == '.' ? bit : 0;
        Slashes |= mark == '/' ? bit : 0;
        return Gaps | bit;
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
        if (joinsLines && bare)
            return i;
        ulong bit = 1UL << count;
        Gaps = Mark(mark, bit);
        BareBreaks |= bare ? bit : 0;
        // Wide room is the border of a column.
        Breaks |= breaks > 0 || blanks > marks + 1 ? bit : 0;
        return i;
    }
}
