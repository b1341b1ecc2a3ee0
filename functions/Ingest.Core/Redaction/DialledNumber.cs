using System.Runtime.CompilerServices;

namespace Ingest.Core.Redaction;

/// <summary>Groups of digits that can be one telephone number: what stands between them is a blank, a hyphen, a point, a slash or brackets.</summary>
internal ref struct DialledNumber
{
    /// <summary>More groups no number has.</summary>
    internal const int MostGroups = 7;
    /// <summary>No more stands between two of them.</summary>
    internal const int LongestGap = 4;
    private const int MostDigits = 17, SizeBits = 5, SizeMask = (1 << SizeBits) - 1, ByteBits = 8;

    private ReadOnlySpan<char> text;
    private Ends ends;
    // The groups beside each other, the first one lowest.
    private ulong sizes, counts, separators;

    /// <summary>Where it begins, with what belongs to it before the first digit.</summary>
    internal int Start { get; private set; }

    /// <summary>True when a plus stands before it.</summary>
    internal bool HasPlus { get; private set; }

    /// <summary>How many groups.</summary>
    internal int Groups { get; private set; }

    /// <summary>True when its first group stands in brackets.</summary>
    internal bool IsBracketed { get; private set; }

    /// <summary>True when "(0)" follows the country.</summary>
    internal bool HasTrunkZero { get; private set; }

    /// <summary>How many digits a group has.</summary>
    internal readonly int Size(int group) => (int)(sizes >> (group * SizeBits)) & SizeMask;

    /// <summary>Where a group ends, with the bracket that closes it.</summary>
    internal readonly int End(int group) => ends[group];

    /// <summary>The sign before a group that says most: a bracket, a hyphen, a point, a slash, a line's end, or a blank.</summary>
    internal readonly char Separator(int group) => (char)(byte)(separators >> (group * ByteBits));

    /// <summary>The digits of the first groups.</summary>
    internal readonly int Count(int groups) => groups == 0 ? 0 : (byte)(counts >> ((groups - 1) * ByteBits));

    /// <summary>The sizes of the first groups as one value, to be compared with that of <see cref="FormOf"/>.</summary>
    internal readonly ulong Form(int groups) => sizes & ((1UL << (groups * SizeBits)) - 1);

    /// <summary>The value of groups of such sizes.</summary>
    internal static ulong FormOf(params ReadOnlySpan<int> sizes)
    {
        ulong form = 0;
        for (int i = 0; i < sizes.Length; i++)
            form |= (ulong)sizes[i] << (i * SizeBits);
        return form;
    }

    /// <summary>The digits of a group.</summary>
    internal readonly ReadOnlySpan<char> Digits(int group) => text[(ends[group] - Size(group))..ends[group]];

    /// <summary>True when the digits of the first groups are not all the same.</summary>
    internal readonly bool Varies(int groups)
    {
        char first = Digits(0)[0];
        for (int i = 0; i < groups; i++)
            if (Digits(i).ContainsAnyExcept(first))
                return true;
        return false;
    }

    /// <summary>A digit.</summary>
    internal readonly char this[int index]
    {
        get
        {
            int group = 0;
            while (index >= Count(group + 1))
                group++;
            return text[ends[group] - Count(group + 1) + index];
        }
    }

    /// <summary>Reads what begins with a row of digits; written where it is read, for it is too long to be copied for each row.</summary>
    internal static void Read(ReadOnlySpan<char> text, DigitRows rows, int row, out DialledNumber number)
    {
        int first = rows.Start(row);
        number = default;
        number.text = text;
        number.Start = first;
        if (first > 0 && text[first - 1] == '+')
            (number.Start, number.HasPlus) = (first - 1, true);
        bool open = number.Start > 0 && text[number.Start - 1] == '(';
        if (open && !number.HasPlus && number.Start > 1 && text[number.Start - 2] == '+')
            (number.Start, number.HasPlus) = (number.Start - 1, true);
        for (int count = 0; number.Groups < MostGroups; row++)
        {
            int size = rows.Length(row), end = rows.End(row);
            if (count + size > MostDigits)
                break;
            count += size;
            number.sizes |= (ulong)size << (number.Groups * SizeBits);
            number.counts |= (ulong)count << (number.Groups * ByteBits);
            number.ends[number.Groups++] = end;
            if (number.Groups == MostGroups || row + 1 == rows.Count || rows.Start(row + 1) - end > LongestGap)
                break;
            int next = Gap(text, end, number.HasPlus, number.Groups, out char separator, out bool closes);
            if (next == 0)
                break;
            if (closes && open && number.Groups <= 2)
                (number.IsBracketed, open) = (true, false);
            number.HasTrunkZero |= separator == '(' && text[next] == '0' && next + 1 < text.Length && text[next + 1] == ')';
            number.separators |= (ulong)separator << (number.Groups * ByteBits);
        }
        if (number.IsBracketed)
            number.Start -= 1;
    }

    // Where the next group begins; 0 when none belongs to it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Gap(ReadOnlySpan<char> text, int at, bool international, int groups, out char separator, out bool closes)
    {
        (separator, closes) = (' ', false);
        // As most are: one sign and a digit.
        if (at + 1 < text.Length && text[at] is ' ' or '-' or '.' or '/' && char.IsAsciiDigit(text[at + 1]))
        {
            separator = text[at];
            return at + 1;
        }
        int i = at, marks = 0, blanks = 0, brackets = 0;
        for (; i < text.Length && i - at < LongestGap && !char.IsAsciiDigit(text[i]); i++)
        {
            char c = text[i];
            if (c is '-' or '.' or '/')
                (marks, separator) = (marks + 1, separator is '(' or ')' ? separator : c);
            else if (c == ' ')
                blanks++;
            else if (c == ')' || (c == '(' && groups < 3))
                (brackets, separator, closes) = (brackets + 1, c, closes || c == ')');
            else if (c == '\n' && (closes || (international && i == at) || (i == at + 1 && text[at] == '-')))
                separator = c;
            // The mark of a quoted line.
            else if (c == '>' && text[i - 1] == '\n')
                continue;
            else
                return 0;
        }
        bool joins = i > at && i < text.Length && char.IsAsciiDigit(text[i]) && marks < 2 && blanks < 3 && brackets < 3 && (blanks < 2 || marks > 0 || brackets > 0);
        return joins ? i : 0;
    }

    [InlineArray(MostGroups)]
    private struct Ends
    {
        private int first;
    }
}
