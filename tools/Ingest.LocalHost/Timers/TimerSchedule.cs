using System.Globalization;

namespace Ingest.LocalHost.Timers;

/// <summary>When a timer fires: NCRONTAB with five or six fields, or a fixed interval. All times are UTC.</summary>
internal abstract class TimerSchedule
{
    public abstract bool AdjustForDst { get; }

    /// <summary>The first occurrence strictly after <paramref name="after"/>; null when there is none.</summary>
    public abstract DateTimeOffset? Next(DateTimeOffset after);

    /// <exception cref="FormatException">It is neither.</exception>
    public static TimerSchedule Parse(string text)
    {
        string[] fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length is 5 or 6)
            return new CronSchedule(fields);
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan interval) && interval > TimeSpan.Zero)
            return new IntervalSchedule(interval);
        throw new FormatException($"'{text}' is no timer schedule: five or six fields, or hh:mm:ss");
    }

    /// <summary>True when two of the next occurrences lie less than a minute apart: such timers are not monitored.</summary>
    public bool IsFrequent(DateTimeOffset now)
    {
        DateTimeOffset? last = Next(now);
        for (int i = 0; i < 10 && last is { } from; i++)
        {
            DateTimeOffset? next = Next(from);
            if (next - from < TimeSpan.FromMinutes(1))
                return true;
            last = next;
        }
        return false;
    }
}

internal sealed class IntervalSchedule(TimeSpan interval) : TimerSchedule
{
    public override bool AdjustForDst => false;

    public override DateTimeOffset? Next(DateTimeOffset after) =>
        interval < DateTimeOffset.MaxValue - after ? after + interval : null;
}

internal sealed class CronSchedule : TimerSchedule
{
    // The longest gap of a date that exists: 29 February on a given weekday, over a century without leap day.
    private const int MostDays = 41 * 366;
    private readonly CronField seconds, minutes, hours, days, months, weekdays;

    public CronSchedule(string[] fields)
    {
        string[] six = fields.Length == 5 ? ["0", .. fields] : fields;
        seconds = CronField.Seconds(six[0]);
        minutes = CronField.Minutes(six[1]);
        hours = CronField.Hours(six[2]);
        days = CronField.DaysOfMonth(six[3]);
        months = CronField.MonthsOfYear(six[4]);
        weekdays = CronField.DaysOfWeek(six[5]);
    }

    public override bool AdjustForDst => true;

    public override DateTimeOffset? Next(DateTimeOffset after)
    {
        DateTime from = after.UtcDateTime;
        from = from.AddTicks(TimeSpan.TicksPerSecond - (from.Ticks % TimeSpan.TicksPerSecond));
        DateTime day = from.Date;
        TimeSpan start = from.TimeOfDay;
        for (int i = 0; i < MostDays; i++, day = day.AddDays(1), start = TimeSpan.Zero)
            if (months.Contains(day.Month) && days.Contains(day.Day) && weekdays.Contains((int)day.DayOfWeek) && TimeFrom(start) is { } time)
                return new DateTimeOffset(day + time, TimeSpan.Zero);
        return null;
    }

    private TimeSpan? TimeFrom(TimeSpan start)
    {
        for (int hour = hours.NextFrom(start.Hours); hour >= 0; hour = hours.NextFrom(hour + 1))
        {
            bool sameHour = hour == start.Hours;
            for (int minute = minutes.NextFrom(sameHour ? start.Minutes : 0); minute >= 0; minute = minutes.NextFrom(minute + 1))
            {
                int second = seconds.NextFrom(sameHour && minute == start.Minutes ? start.Seconds : 0);
                if (second >= 0)
                    return new TimeSpan(hour, minute, second);
            }
        }
        return null;
    }
}
