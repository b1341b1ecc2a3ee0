namespace Ingest.Core.Mailboxes;

/// <summary>
/// When a mail was received, as a provider says. Gmail repeats the Date field of an imported mail, whatever it says, and the tables hold no time before 1601:
/// a mail of the year 102 could be neither taken in nor parked. The same time in always gives the same time out.
/// </summary>
public static class ReceivedAt
{
    private static readonly DateTimeOffset Latest = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The time itself, or the nearest one between 1970 and 9999.</summary>
    public static DateTimeOffset Storable(DateTimeOffset received) =>
        received < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : received > Latest ? Latest : received;

    /// <summary>The same from Unix milliseconds; any number will do.</summary>
    public static DateTimeOffset FromUnixMs(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, 0, Latest.ToUnixTimeMilliseconds()));
}
