namespace Ingest.Core.Redaction;

/// <summary>Groups of digits with nothing between them but blanks, dashes and single line breaks.</summary>
internal sealed class DigitRun
{
    private readonly List<(int Index, byte Value)> digits = [];
    private readonly List<Group> groups = [];
    private readonly List<Group> joined = [];

    /// <summary>Digits without a gap.</summary>
    /// <param name="First">Its first digit's number within the run.</param>
    /// <param name="Count">How many digits.</param>
    /// <param name="Break">What sort of break stands before it.</param>
    internal readonly record struct Group(int First, int Count, GapBreak Break);

    internal int Digits => digits.Count;

    internal int FirstIndex => digits[0].Index;

    internal List<Group> Groups => groups;

    internal void Add(int index, int value, bool startsGroup, GapBreak afterBreak)
    {
        if (startsGroup || groups.Count == 0)
            groups.Add(new Group(digits.Count, 1, groups.Count > 0 ? afterBreak : GapBreak.None));
        else
            groups[^1] = groups[^1] with { Count = groups[^1].Count + 1 };
        digits.Add((index, (byte)value));
    }

    /// <summary>Adds a group that stands between two places.</summary>
    internal void AddGroup(ReadOnlySpan<char> text, int start, int end, GapBreak afterBreak)
    {
        groups.Add(new Group(digits.Count, end - start, afterBreak));
        for (int i = start; i < end; i++)
            digits.Add((i, (byte)(text[i] - '0')));
    }

    internal void Clear()
    {
        digits.Clear();
        groups.Clear();
    }

    /// <summary>Leaves out what stands before an index; a group is left out as a whole.</summary>
    internal void DropBefore(int index)
    {
        int whole = 0;
        while (whole < groups.Count && digits[groups[whole].First].Index < index)
            whole++;
        int first = whole < groups.Count ? groups[whole].First : digits.Count;
        digits.RemoveRange(0, first);
        groups.RemoveRange(0, whole);
        for (int i = 0; i < groups.Count; i++)
            groups[i] = groups[i] with { First = groups[i].First - first, Break = i == 0 ? GapBreak.None : groups[i].Break };
    }

    internal int IndexOf(int digit) => digits[digit].Index;

    internal int FirstSix(int first)
    {
        int value = 0;
        for (int i = first; i < first + 6; i++)
            value = value * 10 + digits[i].Value;
        return value;
    }

    /// <summary>The check digit of ISO/IEC 7812-1 annex B; a row of one digit repeated passes it too and is no card.</summary>
    internal bool PassesLuhn(int first, int count)
    {
        int sum = 0;
        bool varied = false;
        for (int i = 0; i < count; i++)
        {
            int value = digits[first + count - 1 - i].Value;
            varied |= value != digits[first].Value;
            sum += i % 2 == 0 ? value : value > 4 ? value * 2 - 9 : value * 2;
        }
        return varied && sum % 10 == 0;
    }

    /// <summary>The groups as they would be had the lines not been wrapped in the middle of a number; null when no line was.</summary>
    internal List<Group>? Unwrapped()
    {
        if (!groups.Exists(static g => g.Break == GapBreak.BareLine))
            return null;
        joined.Clear();
        foreach (Group group in groups)
        {
            if (group.Break == GapBreak.BareLine)
                joined[^1] = joined[^1] with { Count = joined[^1].Count + group.Count };
            else
                joined.Add(group);
        }
        return joined;
    }

    internal int[] Indexes(int first, int count)
    {
        int[] indexes = new int[count];
        for (int i = 0; i < count; i++)
            indexes[i] = digits[first + i].Index;
        return indexes;
    }
}
