using System.Globalization;

namespace Ingest.LocalHost.Timers;

/// <summary>One field of an NCRONTAB expression as the set of its values.</summary>
internal sealed class CronField
{
    private static readonly string[] Months = [.. CultureInfo.InvariantCulture.DateTimeFormat.MonthNames.Take(12)];
    private static readonly string[] Days = CultureInfo.InvariantCulture.DateTimeFormat.DayNames;

    private readonly int least;
    private readonly int most;
    private readonly string[] names;
    private ulong values;

    private CronField(int least, int most, string[] names)
    {
        this.least = least;
        this.most = most;
        this.names = names;
    }

    public static CronField Seconds(string text) => new CronField(0, 59, []).Read(text);
    public static CronField Minutes(string text) => new CronField(0, 59, []).Read(text);
    public static CronField Hours(string text) => new CronField(0, 23, []).Read(text);
    public static CronField DaysOfMonth(string text) => new CronField(1, 31, []).Read(text);
    public static CronField MonthsOfYear(string text) => new CronField(1, 12, Months).Read(text);
    /// <summary>0 is Sunday; 7 is no day.</summary>
    public static CronField DaysOfWeek(string text) => new CronField(0, 6, Days).Read(text);

    public bool Contains(int value) => (values >> value & 1) == 1;

    /// <summary>The first value from <paramref name="start"/> on, or -1.</summary>
    public int NextFrom(int start)
    {
        for (int value = Math.Max(start, least); value <= most; value++)
            if (Contains(value))
                return value;
        return -1;
    }

    private CronField Read(string text)
    {
        foreach (string part in text.Split(','))
            ReadPart(part);
        return this;
    }

    private void ReadPart(string part)
    {
        int slash = part.IndexOf('/', StringComparison.Ordinal);
        int step = slash < 0 ? 1 : Whole(part[(slash + 1)..]);
        if (step < 1)
            throw Wrong(part);
        string range = slash < 0 ? part : part[..slash];
        int dash = range.IndexOf('-', StringComparison.Ordinal);
        if (range == "*")
            Add(least, most, step);
        else if (dash > 0)
            AddRange(Value(range[..dash]), Value(range[(dash + 1)..]), step);
        else
            // A step after a single value runs from it to the end of the field.
            Add(Value(range), slash < 0 ? Value(range) : most, step);
    }

    // A range given backwards is turned round, not wrapped: FRI-MON means MON-FRI.
    private void AddRange(int first, int last, int step) => Add(Math.Min(first, last), Math.Max(first, last), step);

    private void Add(int first, int last, int step)
    {
        for (long value = first; value <= last; value += step)
            values |= 1UL << (int)value;
    }

    private int Value(string text)
    {
        int index = text.Length >= 3 ? Array.FindIndex(names, name => name.StartsWith(text, StringComparison.OrdinalIgnoreCase)) : -1;
        int value = index >= 0 ? index + least : Whole(text);
        return value >= least && value <= most ? value : throw Wrong(text);
    }

    private static int Whole(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : throw Wrong(text);

    private static FormatException Wrong(string part) => new($"'{part}' is no valid part of a timer schedule");
}
