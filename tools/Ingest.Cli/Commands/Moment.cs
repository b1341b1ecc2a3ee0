using System.Globalization;

namespace Ingest.Cli.Commands;

/// <summary>Times on the command line.</summary>
internal static class Moment
{
    /// <summary>ISO 8601, or seconds since 1970; this moment when nothing is given.</summary>
    public static DateTimeOffset Read(string? text)
    {
        if (text is null)
            return TimeProvider.System.GetUtcNow();
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw new CannotRunException("--now takes a time such as 2026-11-02T09:05:00Z, or seconds since 1970.");
    }
}
