using System.ComponentModel;
using System.Globalization;
using System.Net.Sockets;

namespace Ingest.LocalHost.Handlers;

public enum HandlerState
{
    /// <summary>Its process is starting, or between two runs.</summary>
    Starting,
    Ready,
    /// <summary>It ended with exit code 0: the host goes on believing in it and every invocation fails.</summary>
    Dead,
    Stopped,
}

/// <summary>Keeps one handler process running on one port, by the exit-code table of the Functions host.</summary>
internal sealed class Handler(string name, int port, HandlerLaunch launch, HandlerConsole console, TimeSpan patience, HostClients clients, Action<HostLine> report, TimeProvider clock)
{
    private const int NeverRan = -1;
    private static readonly TimeSpan LastWordsWithin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(25);
    private readonly ExitRules rules = new(clock);
    private readonly Lock gate = new();
    private HandlerProcess? process;
    private TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool restartWanted;

    private enum Readiness { Answers, Exited, TooLate }

    public string Name => name;
    public int Port => port;
    public HandlerState State { get; private set; } = HandlerState.Starting;
    public int Starts { get; private set; }
    public int? Pid => process?.Pid;
    public string LastErrors => console.LastErrors;

    /// <summary>The host's belief: true also for a handler that ended with 0.</summary>
    public bool Initialized => State is HandlerState.Ready or HandlerState.Dead;

    /// <summary>Runs until stopped (the token) or until the host has to stop (three strikes); the process is dead when it returns.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            AfterExit after;
            do
            {
                int code = await RunOnceAsync(stop);
                after = AfterRun(code);
                if (after == AfterExit.StayDead)
                    await Task.Delay(Timeout.InfiniteTimeSpan, clock, stop);
            }
            while (after != AfterExit.StopHost);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A stop is no failure.
        }
        finally
        {
            Stopped();
        }
    }

    /// <summary>True as soon as it is initialized; false when that took longer than <paramref name="limit"/>.</summary>
    /// <exception cref="InvocationFailedException">It stopped for good.</exception>
    public async Task<bool> IsInitializedAsync(TimeSpan limit, CancellationToken cancel)
    {
        Task waiting;
        lock (gate)
            waiting = ready.Task;
        try
        {
            await waiting.WaitAsync(limit, clock, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public void Kill()
    {
        lock (gate)
            process?.Kill();
    }

    /// <summary>Kills and starts again without a strike, unless the process of that start is gone already.</summary>
    public void Restart(int start)
    {
        lock (gate)
        {
            if (start != Starts || process is null)
                return;
            restartWanted = true;
            process.Kill();
        }
    }

    private async Task<int> RunOnceAsync(CancellationToken stop)
    {
        HandlerProcess running;
        try
        {
            running = await HandlerProcess.StartAsync(
                launch.ForPort(port, Guid.NewGuid().ToString()), console.Out, console.Error);
        }
        catch (Win32Exception fault)
        {
            Say(HostLineKind.Error, $"the handler cannot be started: {fault.Message}");
            return NeverRan;
        }
        using (running)
        {
            Started(running);
            using CancellationTokenRegistration kill = stop.Register(running.Kill);
            Readiness readiness = await WaitUntilAnswersAsync(running, stop);
            if (readiness == Readiness.Answers)
                BecameReady();
            else if (readiness == Readiness.TooLate)
                running.Kill();
            int code = await running.Exit;
            await Task.WhenAny(running.Silence, Task.Delay(LastWordsWithin, clock, CancellationToken.None));
            lock (gate)
                process = null;
            stop.ThrowIfCancellationRequested();
            if (readiness != Readiness.TooLate)
                return code;
            Say(HostLineKind.Error, $"the handler did not answer on its port within {patience.TotalSeconds:0.#} s");
            return NeverRan;
        }
    }

    private AfterExit AfterRun(int code)
    {
        bool wanted;
        lock (gate)
        {
            wanted = restartWanted;
            restartWanted = false;
        }
        AfterExit after = wanted ? AfterExit.Restart : rules.Judge(code);
        if (after != AfterExit.StayDead)
            NotReady();
        State = after == AfterExit.StayDead ? HandlerState.Dead : HandlerState.Starting;
        switch (after)
        {
            case AfterExit.StayDead:
                Say(HostLineKind.Error, "exited with code 0: it is not started again and every invocation will fail");
                break;
            case AfterExit.Restart:
                Say(HostLineKind.Lifecycle, wanted ? "killed; starting it again" : $"exited with code {code}; starting it again");
                break;
            case AfterExit.RestartAfterError:
                Say(HostLineKind.Error, $"{Ending(code)}: error {rules.Errors} of {ExitRules.Strikes}; starting it again");
                break;
            case AfterExit.StopHost:
                Say(HostLineKind.Error, $"{Ending(code)}: error {rules.Errors} of {ExitRules.Strikes}; the host instance stops");
                break;
        }
        return after;
    }

    private async Task<Readiness> WaitUntilAnswersAsync(HandlerProcess running, CancellationToken stop)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(patience);
        try
        {
            while (!await AnswersAsync(limit.Token))
            {
                // An exit with 0 is not noticed here: the host goes on polling until its time is up.
                if (running.Exit.IsCompleted && await running.Exit != 0)
                    return Readiness.Exited;
                await Task.Delay(PollEvery, clock, limit.Token);
            }
            return Readiness.Answers;
        }
        catch (OperationCanceledException)
        {
            return Readiness.TooLate;
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancel)
    {
        try
        {
            using HttpResponseMessage answer = await clients.Probe.GetAsync(new Uri(HostClients.Root(port)), HttpCompletionOption.ResponseHeadersRead, cancel);
            return true;
        }
        catch (HttpRequestException fault)
        {
            // Anything that is no socket failure is an answer, however odd.
            return fault.InnerException is not SocketException;
        }
    }

    private void Started(HandlerProcess running)
    {
        lock (gate)
        {
            process = running;
            Starts++;
        }
        State = HandlerState.Starting;
        Say(HostLineKind.Lifecycle, string.Create(CultureInfo.InvariantCulture, $"started (pid {running.Pid}, port {port})"));
    }

    private void BecameReady()
    {
        State = HandlerState.Ready;
        Say(HostLineKind.Lifecycle, "ready");
        lock (gate)
            ready.TrySetResult();
    }

    // Who waits now would wait in vain.
    private void Stopped()
    {
        State = HandlerState.Stopped;
        lock (gate)
        {
            ready.TrySetException(new InvocationFailedException("the host instance has stopped"));
            _ = ready.Task.Exception;
        }
    }

    private void NotReady()
    {
        lock (gate)
        {
            if (ready.Task.IsCompleted)
                ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private static string Ending(int code) => code == NeverRan ? "never became ready" : $"exited with code {code}";

    private void Say(HostLineKind kind, string text) => report(new HostLine(kind, name, text));
}
