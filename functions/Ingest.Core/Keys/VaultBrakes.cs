using System.Collections.Concurrent;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>
/// What keeps us from running into a vault: at most eight calls at once and thirty a second, a pause that the vault asked for, and for each key and operation that was
/// refused (403) or not there (404) a minute in which it is not asked again.
/// </summary>
internal sealed class VaultBrakes(TimeProvider time) : IDisposable
{
    public static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(60);

    private const int InFlight = 8;
    private const int MostRemembered = 10_000;
    private const int Burst = 60;
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(1) / 30;

    private readonly SemaphoreSlim gate = new(InFlight, InFlight);
    private readonly ConcurrentDictionary<string, (string Code, DateTimeOffset Until)> open = new(StringComparer.Ordinal);
    private readonly Lock bucket = new();
    private DateTimeOffset paused;
    private DateTimeOffset next;

    /// <summary>Throws what the last call of this kind ended with while it is too early to ask again.</summary>
    public void Check(string path)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (bucket)
        {
            if (paused > now)
                throw new NotNowException("vault-throttled", paused - now);
        }

        if (!open.TryGetValue(path, out (string Code, DateTimeOffset Until) refused))
            return;
        if (refused.Until > now)
            throw new NotNowException(refused.Code, refused.Until - now);
        open.TryRemove(new(path, refused));
    }

    /// <summary>Waits for its turn; dispose what is returned when the call is over.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancel)
    {
        if (Wait() is { } wait)
            await Task.Delay(wait, time, cancel);
        await gate.WaitAsync(cancel);
        return new Turn(gate);
    }

    public void Open(string path, string code)
    {
        if (open.Count >= MostRemembered)
            open.Clear();
        open[path] = (code, time.GetUtcNow() + OpenFor);
    }

    public void Pause(TimeSpan wait)
    {
        DateTimeOffset until = time.GetUtcNow() + (wait < OpenFor ? wait : OpenFor);
        lock (bucket)
            paused = until > paused ? until : paused;
    }

    public void Dispose() => gate.Dispose();

    private TimeSpan? Wait()
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (bucket)
        {
            // The time at which the bucket would be full again; each call moves it by its share of a second.
            next = (next > now ? next : now) + Apart;
            TimeSpan ahead = next - now - (Apart * Burst);
            return ahead > TimeSpan.Zero ? ahead : null;
        }
    }

    private sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
