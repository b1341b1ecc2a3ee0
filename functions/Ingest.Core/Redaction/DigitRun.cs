namespace Ingest.Core.Redaction;

/// <summary>Groups of digits with nothing between them but blanks, dashes and single line breaks.</summary>
internal sealed class DigitRun
{
    private const int Usual = 64;
    // What a digit counts that is doubled, by ISO/IEC 7812-1 annex B.
    private static readonly byte[] Doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];

    private readonly List<Group> groups = [];
    private readonly List<Group> joined = [];
    private int[] places = new int[Usual];
    private byte[] values = new byte[Usual];

    /// <summary>Digits without a gap.</summary>
    /// <param name="First">Its first digit's number within the run.</param>
    /// <param name="Count">How many digits.</param>
    /// <param name="Break">What sort of break stands before it.</param>
    internal readonly record struct Group(int First, int Count, GapBreak Break);

    internal int Digits { get; private set; }

    internal int FirstIndex => places[0];

    internal List<Group> Groups => groups;

    internal void Add(int index, int value, bool startsGroup, GapBreak afterBreak)
    {
        if (startsGroup || groups.Count == 0)
            groups.Add(new Group(Digits, 1, groups.Count > 0 ? afterBreak : GapBreak.None));
        else
            groups[^1] = groups[^1] with { Count = groups[^1].Count + 1 };
        Reserve(1);
        (places[Digits], values[Digits]) = (index, (byte)value);
        Digits++;
    }

    /// <summary>Adds a group that stands between two places.</summary>
    internal void AddGroup(ReadOnlySpan<char> text, int start, int end, GapBreak afterBreak)
    {
        groups.Add(new Group(Digits, end - start, afterBreak));
        Reserve(end - start);
        for (int i = start; i < end; i++)
        {
            (places[Digits], values[Digits]) = (i, (byte)(text[i] - '0'));
            Digits++;
        }
    }

    private void Reserve(int more)
    {
        if (Digits + more <= places.Length)
            return;
        int room = Math.Max(Digits + more, places.Length * 2);
        Array.Resize(ref places, room);
        Array.Resize(ref values, room);
    }

    internal void Clear()
    {
        Digits = 0;
        groups.Clear();
    }

    /// <summary>Leaves out what stands before an index; a group is left out as a whole.</summary>
    internal void DropBefore(int index)
    {
        int whole = 0;
        while (whole < groups.Count && places[groups[whole].First] < index)
            whole++;
        int first = whole < groups.Count ? groups[whole].First : Digits;
        places.AsSpan(first, Digits - first).CopyTo(places);
        values.AsSpan(first, Digits - first).CopyTo(values);
        Digits -= first;
        groups.RemoveRange(0, whole);
        for (int i = 0; i < groups.Count; i++)
            groups[i] = groups[i] with { First = groups[i].First - first, Break = i == 0 ? GapBreak.None : groups[i].Break };
    }

    internal int IndexOf(int digit) => places[digit];

    internal int FirstSix(int first)
    {
        int value = 0;
        for (int i = first; i < first + 6; i++)
            value = value * 10 + values[i];
        return value;
    }

    /// <summary>The check digit of ISO/IEC 7812-1 annex B; a row of one digit repeated passes it too and is no card.</summary>
    internal bool PassesLuhn(int first, int count)
    {
        ReadOnlySpan<byte> digits = values.AsSpan(first, count);
        int sum = 0;
        // From the end, two by two.
        for (int i = count - 1; i >= 0; i -= 2)
            sum += digits[i] + (i > 0 ? Doubled[digits[i - 1]] : 0);
        return sum % 10 == 0 && digits.ContainsAnyExcept(digits[0]);
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

    internal int[] Indexes(int first, int count) => places.AsSpan(first, count).ToArray();
}
