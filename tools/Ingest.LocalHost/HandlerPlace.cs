using Ingest.LocalHost.Handlers;
using Ingest.LocalHost.Script;

namespace Ingest.LocalHost;

/// <summary>Where one host instance after another runs: one that stopped itself is followed by a new one after a moment.</summary>
internal sealed class HandlerPlace
{
    private const string AllFunctions = "all";
    private readonly HostContext host;
    private readonly int index;
    private readonly IReadOnlyList<Function> functions;
    private readonly TaskCompletionSource<string?> firstStart = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int startsBefore;

    private HandlerPlace(HostContext host, int index, string group, IReadOnlyList<Function> functions)
    {
        this.host = host;
        this.index = index;
        this.functions = functions;
        Group = group;
        Name = group == AllFunctions ? $"handler {index}" : $"handler {index} {group}";
    }

    public string Name { get; }
    public string Group { get; }
    public HostInstance? Current { get; private set; }
    public int HostRestarts { get; private set; }
    public int Starts => startsBefore + (Current?.Handler.Starts ?? 0);
    public bool ServesHttp => functions.Any(function => function.Trigger is HttpTrigger);
    public IReadOnlyList<Function> Functions => functions;

    public HandlerInfo Info => new(
        index, Name, Group, Current?.Handler.State ?? HandlerState.Stopped, Current?.Handler.Pid, Current?.Handler.Port ?? 0, Starts);

    public static IReadOnlyList<HandlerPlace> Lay(HostContext host)
    {
        List<(string Group, IReadOnlyList<Function> Functions)> groups = host.Options.Groups
            ? [.. host.Script.Functions.GroupBy(function => function.Group).Select(group => (group.Key, (IReadOnlyList<Function>)[.. group]))]
            : host.Script.Functions.Count == 0 ? [] : [(AllFunctions, host.Script.Functions)];
        return [.. groups
            .SelectMany(group => Enumerable.Repeat(group, host.Options.Instances))
            .Select((group, index) => new HandlerPlace(host, index, group.Group, group.Functions))];
    }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            HostInstance instance = new(host, Name, index, functions);
            Current = instance;
            _ = instance.Listening.ContinueWith(_ => firstStart.TrySetResult(null), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            await instance.RunAsync(stop);
            startsBefore += instance.Handler.Starts;
            Current = null;
            await instance.DisposeAsync();
            if (stop.IsCancellationRequested)
                return;
            firstStart.TrySetResult($"{Name} does not start. Its last words: {Words(instance)}");
            host.Say($"{Name}: starting the host instance again in {host.Options.HostRestartDelay.TotalSeconds:0.#} s");
            await Task.Delay(host.Options.HostRestartDelay, host.Clock, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            HostRestarts++;
        }
    }

    /// <exception cref="LocalHostException">The host instance stopped before its handler was ready.</exception>
    public async Task ReadyAsync(CancellationToken cancel)
    {
        if (await firstStart.Task.WaitAsync(cancel) is { } failure)
            throw new LocalHostException(failure);
    }

    private static string Words(HostInstance instance) => instance.Handler.LastErrors is { Length: > 0 } words ? words : "none";
}
