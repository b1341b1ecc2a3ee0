using Ingest.LocalHost;
using Ingest.LocalHost.Handlers;

namespace Ingest.App.Tests.Endurance;

/// <summary>kill -9 of handlers at random moments: some while they start, some twice in a row, most in the middle of their work.</summary>
internal sealed class Chaos(Rig rig, Random random, TimeSpan longestPause)
{
    public int Kills { get; private set; }

    /// <summary>Kills so many times, or until there is nothing left to disturb.</summary>
    public async Task RunAsync(int kills, CancellationToken cancel)
    {
        while (Kills < kills)
        {
            await Task.Delay(longestPause * random.NextDouble(), cancel);
            HandlerInfo[] alive = [.. rig.Running.Handlers.Where(h => h.Pid is not null && (h.State == HandlerState.Ready || random.Next(8) == 0))];
            if (alive.Length == 0) continue;
            rig.Running.KillHandler(alive[random.Next(alive.Length)].Index);
            Kills++;
        }
    }
}
