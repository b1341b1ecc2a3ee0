using Ingest.Core.Screening;
using Ingest.Core.Threading;

namespace Ingest.Core.Pipeline;

/// <summary>How long work is put off when the world is not ready: growing, jittered, never for ever.</summary>
public static class Retry
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);
    private const int LastStepOfWait = 4, LastStepOfDns = 7;

    /// <summary>The delay before try number <paramref name="attempt"/> + 1: doubles from 2 s to 15 min, ± 20 %, at least what the world asked for.</summary>
    public static TimeSpan Delay(int attempt, TimeSpan? asked, Random random)
    {
        double seconds = Math.Min(Longest.TotalSeconds, First.TotalSeconds * Math.Pow(2, Math.Clamp(attempt, 0, 20)));
        seconds *= 0.8 + (0.4 * random.NextDouble());
        double floor = Math.Min(asked?.TotalSeconds ?? 0, TimeSpan.FromHours(6).TotalSeconds);
        return TimeSpan.FromSeconds(Math.Max(seconds, floor));
    }

    /// <summary>The delay of a piece of work that was put off for this reason.</summary>
    public static TimeSpan Delay(Work work, string reasonCode, TimeSpan? asked, Random random) => reasonCode switch
    {
        FindThread.InFlight => Wait(work.Waits, random),
        Authenticate.DnsTrouble => Delay(Math.Min(work.DnsWaits, LastStepOfDns), asked: null, random),
        _ => Delay(work.Attempt, asked, random),
    };

    /// <summary>The delay while another worker has what this work needs: from 2 s to 32 s, ± 20 %, since it usually takes no longer than that.</summary>
    public static TimeSpan Wait(int waits, Random random) => Delay(Math.Min(waits, LastStepOfWait), asked: null, random);
}
