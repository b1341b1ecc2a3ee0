using System.Globalization;
using Ingest.App.Pages;

namespace Ingest.App.Console;

/// <summary>Times and sizes as people read them. All times are UTC and say so.</summary>
internal static class Moments
{
    /// <summary>Day and time, such as "22 Nov 2026, 10:00 UTC".</summary>
    public static Markup At(DateTimeOffset at) =>
        Markup.Of($"""<time datetime="{at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}">{Text(at)}</time>""");

    /// <summary>The same as text.</summary>
    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture) + " UTC";

    /// <summary>How long ago, such as "5 minutes ago", with the time itself for whoever asks.</summary>
    public static Markup Ago(DateTimeOffset at, DateTimeOffset now) => Markup.Of(
        $"""<time datetime="{at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}" title="{Text(at)}">{Since(at, now)}</time>""");

    /// <summary>A number of bytes.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1000 => Words.Count((int)bytes, "byte"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000.0:0.0} MB"),
    };

    private static string Since(DateTimeOffset at, DateTimeOffset now) => (now - at).TotalMinutes switch
    {
        < 1 => "just now",
        < 60 and var minutes => Words.Count((int)minutes, "minute") + " ago",
        < 24 * 60 and var minutes => Words.Count((int)(minutes / 60), "hour") + " ago",
        < 7 * 24 * 60 and var minutes => Words.Count((int)(minutes / 60 / 24), "day") + " ago",
        _ => at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture),
    };
}
