namespace Ingest.Cli.Servers;

/// <summary>The lines a child prints: the last ones in memory, all of them in a file if one is named.</summary>
internal sealed class LineLog : IDisposable
{
    private const int Kept = 500;

    private readonly Lock gate = new();
    private readonly Queue<string> last = new();
    private readonly List<Action<string>> listeners = [];
    private readonly StreamWriter? file;

    public LineLog(string? path)
    {
        if (path is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        file = new StreamWriter(stream) { AutoFlush = true };
    }

    public IReadOnlyList<string> Last()
    {
        lock (gate)
            return [.. last];
    }

    /// <summary>Reads to the end of the stream; a broken pipe is an end.</summary>
    public async Task PumpAsync(StreamReader from)
    {
        try
        {
            while (await from.ReadLineAsync() is { } line)
                Add(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The child was killed in mid-line.
        }
    }

    /// <summary>
    /// Calls for every line, the kept ones first, until the value it returns is disposed. It is called under the lock:
    /// what it sets is set before the next line is read.
    /// </summary>
    public IDisposable Listen(Action<string> listener)
    {
        lock (gate)
        {
            foreach (string line in last)
                listener(line);
            listeners.Add(listener);
        }

        return new Listening(this, listener);
    }

    public void Dispose()
    {
        lock (gate)
            file?.Dispose();
    }

    private void Add(string line)
    {
        lock (gate)
        {
            last.Enqueue(line);
            if (last.Count > Kept)
                last.Dequeue();
            if (file?.BaseStream is not null)
                file.WriteLine(line);
            foreach (Action<string> listener in listeners)
                listener(line);
        }
    }

    private sealed class Listening(LineLog log, Action<string> listener) : IDisposable
    {
        public void Dispose()
        {
            lock (log.gate)
                log.listeners.Remove(listener);
        }
    }
}
