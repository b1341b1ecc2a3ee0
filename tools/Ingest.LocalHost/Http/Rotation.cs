using Ingest.LocalHost.Script;

namespace Ingest.LocalHost.Http;

/// <summary>Takes turns over the instances that serve a function.</summary>
internal sealed class Rotation(HostContext host, IReadOnlyList<HandlerPlace> places)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(25);
    private int turn;

    /// <summary>The next initialized instance, else one that is starting, else none.</summary>
    public HostInstance? Next(Function function) => Ready(function) ?? Of(function).FirstOrDefault();

    /// <summary>The next initialized instance; waits a little for one, and gives up with null.</summary>
    public async Task<HostInstance?> ReadyAsync(Function function, CancellationToken cancel)
    {
        long since = host.Clock.GetTimestamp();
        while (true)
        {
            if (Ready(function) is { } instance)
                return instance;
            if (host.Clock.GetElapsedTime(since) >= host.Options.HttpPatience)
                return null;
            await Task.Delay(LookEvery, host.Clock, cancel);
        }
    }

    private HostInstance? Ready(Function function)
    {
        List<HostInstance> ready = [.. Of(function).Where(instance => instance.Handler.Initialized)];
        // One that is dead without the host's knowledge gets its share, as it would.
        return ready.Count == 0 ? null : ready[(int)((uint)Interlocked.Increment(ref turn) % (uint)ready.Count)];
    }

    private IEnumerable<HostInstance> Of(Function function) => places
        .Where(place => place.Functions.Contains(function))
        .Select(place => place.Current)
        .OfType<HostInstance>();
}
