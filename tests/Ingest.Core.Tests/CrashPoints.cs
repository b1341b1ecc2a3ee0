using System.Globalization;

namespace Ingest.Core.Tests;

/// <summary>
/// At which of many points a test cuts something off. Each costs a second or more, so a run takes some of them at even distances, and the next day's others: within days every point has its turn, and a
/// failure names its own. INGEST_CRASH_SEED moves them as another day would; INGEST_CRASH_POINTS=all takes every one.
/// </summary>
internal static class CrashPoints
{
    /// <summary>Which points those of a run are.</summary>
    public static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("INGEST_CRASH_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out int seed)
        ? seed
        : (int)(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalDays;

    private static bool All => Environment.GetEnvironmentVariable("INGEST_CRASH_POINTS") == "all";

    /// <summary>So many points at most of all there are, in their order.</summary>
    public static IEnumerable<int> Of(int count, int most)
    {
        int step = Step((count + most - 1) / most);
        for (int at = First(step); at < count; at += step) yield return at;
    }

    /// <summary>The distance of points where one in so many is enough and nobody knows how many there are.</summary>
    public static int Step(int oneIn) => All ? 1 : Math.Max(1, oneIn);

    /// <summary>The first point at this distance.</summary>
    public static int First(int step) => Seed % step;
}
