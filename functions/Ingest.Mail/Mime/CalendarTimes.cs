using System.Buffers;
using System.Globalization;

namespace Ingest.Mail.Mime;

/// <summary>Reads dates, times and durations of calendars, and finds what a zone's name means: the system's zones first, then the calendar's own when it has but one offset.</summary>
internal sealed class CalendarTimes(CalendarComponent calendar)
{
    private const int LongestZone = 80;

    /// <summary>The time of a property, null when there is none or it cannot be read.</summary>
    public CalendarTime? Of(CalendarProperty? property)
    {
        if (property is null)
            return null;
        var value = property.Value.Trim();
        if (DateTime.TryParseExact(value, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return new CalendarTime(date, true, "", null);
        var utc = value.EndsWith('Z');
        if (!DateTime.TryParseExact(utc ? value[..^1] : value, ["yyyyMMdd'T'HHmmss", "yyyyMMdd'T'HHmm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return null;
        if (utc)
            return new CalendarTime(time, false, "UTC", TimeSpan.Zero);
        var zone = HeaderText.Clean(property.Parameter("TZID")).Trim();
        return new CalendarTime(time, false, zone, zone.Length == 0 ? null : Offset(zone, time));
    }

    /// <summary>The time so much later, by a duration (RFC 5545 section 3.3.6); null when it is none.</summary>
    public CalendarTime? After(CalendarTime? start, string duration)
    {
        if (start is null || Duration(duration) is not { } length || length > DateTime.MaxValue - start.Local || length < DateTime.MinValue - start.Local)
            return null;
        var local = start.Local + length;
        return start with { Local = local, Offset = start.Zone is "" or "UTC" ? start.Offset : Offset(start.Zone, local) };
    }

    private static TimeSpan? Duration(string text)
    {
        var value = text.AsSpan().Trim();
        var negative = value.StartsWith("-");
        value = value.TrimStart("+-");
        if (!value.StartsWith("P") || value.Length > 40)
            return null;
        long seconds = 0, number = 0;
        foreach (var c in value[1..])
        {
            if (char.IsAsciiDigit(c))
            {
                number = number * 10 + c - '0';
                if (number > 10_000_000_000)
                    return null;
                continue;
            }
            var unit = c switch { 'W' => 604_800, 'D' => 86_400, 'H' => 3600, 'M' => 60, 'S' => 1, 'T' => 0, _ => -1 };
            if (unit < 0)
                return null;
            seconds += number * unit;
            number = 0;
        }
        return seconds > 100_000_000_000 ? null : TimeSpan.FromSeconds(negative ? -seconds : seconds);
    }

    private TimeSpan? Offset(string zone, DateTime local) => Known(zone) is { } known ? Whole(known.GetUtcOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified))) : Own(zone);

    // Before there were zones, towns had seconds.
    private static TimeSpan? Whole(TimeSpan offset) => offset.Ticks % TimeSpan.TicksPerMinute == 0 ? offset : null;

    // Names come from strangers and are looked up as files: only what a zone's name is made of, the last words of a path as some programs write it.
    private static TimeZoneInfo? Known(string zone)
    {
        var name = zone.Trim('/');
        if (name.Split('/') is { Length: > 2 } path)
            name = string.Join('/', path[^2..]);
        if (name.Length is 0 or > LongestZone || name.Contains("..", StringComparison.Ordinal) || name.AsSpan().ContainsAnyExcept(Allowed))
            return null;
        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found) ? found : null;
    }

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+- .");

    private TimeSpan? Own(string zone)
    {
        var described = calendar.Components.Find(c => c.Name == "VTIMEZONE" && c.Text("TZID").Trim() == zone);
        return described?.Components is [var only] && OffsetOf(only.Text("TZOFFSETTO")) is { } offset ? offset : null;
    }

    // "+0100" or "-053000".
    private static TimeSpan? OffsetOf(string text)
    {
        text = text.Trim();
        if (text.Length is not (5 or 7) || text[0] is not ('+' or '-') || !int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var digits))
            return null;
        var minutes = text.Length == 5 ? digits : digits / 100;
        // A distance with seconds cannot be that of a moment.
        if (minutes / 100 > 14 || minutes % 100 > 59 || (text.Length == 7 && digits % 100 != 0))
            return null;
        var offset = new TimeSpan(minutes / 100, minutes % 100, 0);
        return offset > TimeSpan.FromHours(14) ? null : text[0] == '-' ? -offset : offset;
    }
}
