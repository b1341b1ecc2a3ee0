using Ingest.LocalHost.Handlers;
using Ingest.LocalHost.Queues;
using Ingest.LocalHost.Script;
using Ingest.LocalHost.Timers;

namespace Ingest.LocalHost;

/// <summary>One host with one handler, from its start until it is stopped or stops itself; a successor is a new object.</summary>
internal sealed class HostInstance : IAsyncDisposable
{
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(2);

    private readonly HostContext host;
    private readonly IReadOnlyList<Function> functions;
    private readonly List<QueueListener> queues = [];
    private readonly CancellationTokenSource stopListening = new();
    private readonly CancellationTokenSource killHandler = new();
    private readonly CancellationTokenSource abort = new();
    private readonly TaskCompletionSource stoppedItself = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int port;

    public HostInstance(HostContext host, string name, int index, IReadOnlyList<Function> functions)
    {
        this.host = host;
        this.functions = functions;
        Aborted = abort.Token;
        port = host.Script.Host.Handler.Port ?? HandlerPort.Take();
        HandlerConsole console = new(name, host.Script.Host.Handler.StdErrIsError, host.Report);
        Handler = new Handler(name, port, host.Launch, console, host.InitializationTimeout, host.Clients, host.Report, host.Clock);
        Invoker = new Invoker(host, Handler, index);
        Invoker.GaveUpWaiting += () => StopItself("an invocation waited too long for the handler");
        Invoker.SendOutputs = new QueueOutputs(host.Queues, Wake).SendAsync;
    }

    public Handler Handler { get; }
    public Invoker Invoker { get; }

    /// <summary>Ends when the handler answered for the first time and the listeners run.</summary>
    public Task Listening => listening.Task;

    /// <summary>Cancelled when nothing may be finished any more.</summary>
    public CancellationToken Aborted { get; }

    /// <summary>Runs until <paramref name="stop"/> or until the host has to stop itself; the handler is dead when it returns.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Task handler = Handler.RunAsync(killHandler.Token);
        Task listeners = ListenAsync();
        Task stopWanted = Task.Delay(Timeout.InfiniteTimeSpan, host.Clock, stop);
        Task first = await Task.WhenAny(handler, stoppedItself.Task, stopWanted);
        await stopListening.CancelAsync();
        if (first != handler)
            await Task.WhenAny(listeners, Task.Delay(host.Options.StopGrace, host.Clock, abort.Token));
        await killHandler.CancelAsync();
        await handler;
        // With the handler gone, what still runs fails and gives its messages back.
        if (await Task.WhenAny(listeners, Task.Delay(Aftermath, host.Clock, abort.Token)) != listeners)
            await abort.CancelAsync();
        await listeners;
    }

    /// <summary>The host process is killed: no message is given back, nothing is waited for.</summary>
    public async Task CrashAsync()
    {
        await abort.CancelAsync();
        await killHandler.CancelAsync();
    }

    public ValueTask DisposeAsync()
    {
        if (host.Script.Host.Handler.Port is null)
            HandlerPort.Return(port);
        foreach (QueueListener queue in queues)
            queue.Dispose();
        stopListening.Dispose();
        killHandler.Dispose();
        abort.Dispose();
        return ValueTask.CompletedTask;
    }

    public void Wake(string queue)
    {
        foreach (QueueListener listener in queues)
            if (listener.Queue == queue)
                listener.Wake();
    }

    private async Task ListenAsync()
    {
        try
        {
            await Handler.IsInitializedAsync(Timeout.InfiniteTimeSpan, stopListening.Token);
        }
        catch (Exception ended) when (ended is OperationCanceledException or InvocationFailedException)
        {
            return;
        }
        List<Task> running = [];
        foreach (Function function in functions.Where(function => !function.Disabled))
        {
            if (function.Trigger is QueueTrigger queue)
            {
                QueueListener listener = new(host, function, queue, Invoker, Wake);
                queues.Add(listener);
                running.Add(WatchAsync(function, listener.RunAsync(stopListening.Token, abort.Token)));
            }
            else if (function.Trigger is TimerTrigger timer)
            {
                TimerListener listener = new(host, function, timer, Invoker);
                running.Add(WatchAsync(function, listener.RunAsync(stopListening.Token, abort.Token)));
            }
        }
        listening.TrySetResult();
        await Task.WhenAll(running);
    }

    // An error that no rule of the host knows ends the host, not only the listener.
    private async Task WatchAsync(Function function, Task listener)
    {
        try
        {
            await listener;
        }
        catch (OperationCanceledException) when (stopListening.IsCancellationRequested || abort.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Azure.RequestFailedException fault)
        {
            StopItself($"{function.Name}: storage answered {fault.Status} {fault.ErrorCode}");
        }
        catch (Exception fault)
        {
            StopItself($"{function.Name}: its listener failed with {fault.GetType().Name}: {fault.Message}");
        }
    }

    private void StopItself(string reason)
    {
        if (stoppedItself.TrySetResult())
            host.Fail($"{Handler.Name}: {reason}; the host instance stops");
    }
}
