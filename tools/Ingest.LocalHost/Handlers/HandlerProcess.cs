using System.Collections.Concurrent;
using System.Diagnostics;

namespace Ingest.LocalHost.Handlers;

/// <summary>One run of the handler; it dies by SIGKILL only, and with this process at the latest.</summary>
internal sealed class HandlerProcess : IDisposable
{
    private static readonly BlockingCollection<Action> Starts = [];
    private static readonly ConcurrentDictionary<HandlerProcess, bool> Alive = new();
    private readonly Process process;
    private readonly TaskCompletionSource<int> exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource outEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource errorEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    static HandlerProcess()
    {
        // The parent death signal follows the thread that forked, not the process: so one thread, which never ends, starts them all.
        new Thread(() =>
        {
            foreach (Action start in Starts.GetConsumingEnumerable())
                start();
        })
        { IsBackground = true, Name = "handler starter" }.Start();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (HandlerProcess handler in Alive.Keys)
                handler.Kill();
        };
    }

    private HandlerProcess(ProcessStartInfo start, Action<string> standardOut, Action<string> standardError)
    {
        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Tell(standardOut, line.Data, outEnded);
        process.ErrorDataReceived += (_, line) => Tell(standardError, line.Data, errorEnded);
        process.Exited += (_, _) => Ended();
    }

    public int Pid { get; private set; }

    /// <summary>Ends with the exit code; 128 + signal when it was killed.</summary>
    public Task<int> Exit => exit.Task;

    /// <summary>Ends when its last line was read; children of its own can keep that from happening.</summary>
    public Task Silence => Task.WhenAll(outEnded.Task, errorEnded.Task);

    /// <exception cref="System.ComponentModel.Win32Exception">The file cannot be started.</exception>
    public static Task<HandlerProcess> StartAsync(ProcessStartInfo start, Action<string> standardOut, Action<string> standardError)
    {
        TaskCompletionSource<HandlerProcess> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            HandlerProcess handler = new(start, standardOut, standardError);
            try
            {
                handler.Start();
                started.SetResult(handler);
            }
            catch (Exception fault)
            {
                handler.Dispose();
                started.SetException(fault);
            }
        });
        return started.Task;
    }

    /// <summary>SIGKILL to this process alone, not to its children: that is what the host does.</summary>
    public void Kill()
    {
        try
        {
            process.Kill(entireProcessTree: false);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose()
    {
        Alive.TryRemove(this, out _);
        process.Dispose();
    }

    private void Start()
    {
        process.Start();
        Pid = process.Id;
        Alive[this] = true;
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private void Ended()
    {
        Alive.TryRemove(this, out _);
        exit.TrySetResult(process.ExitCode);
    }

    private static void Tell(Action<string> sink, string? line, TaskCompletionSource ended)
    {
        if (line is null)
            ended.TrySetResult();
        else
            sink(line);
    }
}
