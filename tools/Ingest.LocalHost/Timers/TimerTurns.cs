using System.Collections.Concurrent;

namespace Ingest.LocalHost.Timers;

/// <summary>One instance at a time listens for a timer; when it stops, the next one takes over.</summary>
internal sealed class TimerTurns
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> turns = new(StringComparer.OrdinalIgnoreCase);

    public async Task RunAsync(string function, Func<Task> listen, CancellationToken stop)
    {
        SemaphoreSlim turn = turns.GetOrAdd(function, _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(stop);
        try
        {
            await listen();
        }
        finally
        {
            turn.Release();
        }
    }
}
