using System.ComponentModel;
using System.Diagnostics;

namespace Ingest.Cli.Servers;

/// <summary>
/// A process that never outlives this one: it holds the read end of a pipe whose write end is ours, and the kernel closes
/// ours however we die. (PR_SET_PDEATHSIG would follow the starting thread, and pool threads end early.)
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    // "$@" gets no stdin; the watcher reads the pipe and holds none of the outputs, so that they end with the program. What ends a whole
    // process group, as timeout(1) does, must not end the watcher before the program that it watches, which may be in a group of its own.
    private const string Supervisor = """
        exec 3<&0
        "$@" 3<&- </dev/null &
        child=$!
        ( trap '' TERM INT HUP; cat <&3; kill -TERM $child; sleep 5; kill -KILL $child ) >/dev/null 2>&1 &
        watcher=$!
        exec 3<&-
        wait $child
        code=$?
        kill -KILL $watcher 2>/dev/null
        exit $code
        """;

    private readonly Process process;
    private readonly ChildStart start;
    private readonly LineLog lines;
    private readonly Task exited;
    private int over;

    private ChildProcess(Process process, ChildStart start, LineLog lines)
    {
        this.process = process;
        this.start = start;
        this.lines = lines;
        exited = Task.WhenAll(
            lines.PumpAsync(process.StandardOutput), lines.PumpAsync(process.StandardError), process.WaitForExitAsync());
    }

    public int Id => process.Id;

    /// <summary>Ends when the process has ended and its last line was read; never fails.</summary>
    public Task Exited => exited;

    public bool HasExited => exited.IsCompleted;

    /// <summary>What it exited with; null while it runs.</summary>
    public int? ExitCode => exited.IsCompleted ? process.ExitCode : null;

    /// <summary>The last lines it printed, oldest first.</summary>
    public IReadOnlyList<string> LastLines => lines.Last();

    /// <summary>Starts it.</summary>
    /// <exception cref="ServerException">The program cannot be started.</exception>
    public static ChildProcess Start(ChildStart start)
    {
        var info = new ProcessStartInfo
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = start.WorkingFolder ?? "",
            FileName = start.Program,
        };
        if (!start.EndsWithStdin && !OperatingSystem.IsWindows())
        {
            info.FileName = "/bin/sh";
            foreach (string argument in (string[])["-c", Supervisor, start.Name, start.Program])
                info.ArgumentList.Add(argument);
        }

        foreach (string argument in start.Arguments)
            info.ArgumentList.Add(argument);
        foreach ((string name, string? value) in start.Environment)
            info.Environment[name] = value;

        var lines = new LineLog(start.LogFile);
        try
        {
            Process process = Process.Start(info) ?? throw new ServerException($"{start.Name} could not be started.");
            return new ChildProcess(process, start, lines);
        }
        catch (Win32Exception e)
        {
            lines.Dispose();
            throw new ServerException($"{start.Name} could not be started: {start.Program} was not found or may not be run.", e);
        }
    }

    /// <summary>The first line, of those printed already or still to come, that the function turns into a value.</summary>
    /// <exception cref="ServerException">It ended first, or the time was over.</exception>
    public async Task<T> WaitForAsync<T>(Func<string, T?> pick, TimeSpan within, CancellationToken cancel) where T : class
    {
        var found = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        using IDisposable listening = lines.Listen(line =>
        {
            if (pick(line) is { } value)
                found.TrySetResult(value);
        });
        try
        {
            await Task.WhenAny(found.Task, exited).WaitAsync(within, cancel);
        }
        catch (TimeoutException)
        {
            throw new ServerException($"{start.Name} was not ready within {within.TotalSeconds:0} s.{Tail()}");
        }

        if (found.Task.IsCompleted)
            return await found.Task;
        throw new ServerException($"{start.Name} ended with exit code {ExitCode} before it was ready.{Tail()}");
    }

    /// <summary>Asks it to end by closing its stdin; kills the tree if that takes too long. Safe to call twice.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The reader went first.
        }

        // Where no shell stands between, nothing but a kill ends a program that does not watch its stdin.
        bool endsByItself = start.EndsWithStdin || !OperatingSystem.IsWindows();
        if (endsByItself && await EndedWithinAsync(start.StopWithin, cancel))
            return;
        await KillAsync(cancel);
    }

    /// <summary>Kills the whole tree at once, as a power cut would.</summary>
    public async Task KillAsync(CancellationToken cancel)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await EndedWithinAsync(TimeSpan.FromSeconds(10), cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref over, 1) != 0)
            return;
        await StopAsync(CancellationToken.None);
        lines.Dispose();
        process.Dispose();
    }

    private async Task<bool> EndedWithinAsync(TimeSpan within, CancellationToken cancel)
    {
        try
        {
            await exited.WaitAsync(within, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private string Tail()
    {
        string said = string.Join(Environment.NewLine, lines.Last().TakeLast(8));
        string where = start.LogFile is { } file ? $" Its log: {file}" : "";
        return said.Length == 0 ? where : $"{where} It said last:{Environment.NewLine}{said}";
    }
}
