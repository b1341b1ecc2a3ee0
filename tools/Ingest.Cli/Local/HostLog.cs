using System.Globalization;
using Ingest.LocalHost;

namespace Ingest.Cli.Local;

/// <summary>What the host and the app say: all of it in a file, warnings and errors also to the person who watches.</summary>
internal sealed class HostLog(string path, TimeProvider clock, Action<string> say) : IAsyncDisposable
{
    readonly Lock gate = new();
    readonly StreamWriter file = new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    bool closed;

    public void Add(HostLine line)
    {
        lock (gate)
            if (!closed)
                file.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyy-MM-dd HH:mm:ss.fff}Z {line}"));
        if (line.Kind is HostLineKind.Warning or HostLineKind.Error or HostLineKind.HandlerError)
            say(line.ToString());
    }

    public ValueTask DisposeAsync()
    {
        lock (gate)
            closed = true;
        return file.DisposeAsync();
    }
}
