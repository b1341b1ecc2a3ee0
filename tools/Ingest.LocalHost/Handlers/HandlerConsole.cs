namespace Ingest.LocalHost.Handlers;

/// <summary>Sorts the handler's console lines as the host's log does, and keeps the last error lines for its obituary.</summary>
internal sealed class HandlerConsole(string source, bool stdErrIsError, Action<HostLine> report)
{
    private const string SystemPrefix = "LanguageWorkerConsoleLog";
    private const string ToolingPrefix = "azfuncjsonlog:";
    private const int Kept = 3;
    private readonly Queue<string> last = new();

    public void Out(string line)
    {
        if (!Special(line))
            report(new HostLine(HostLineKind.HandlerOut, source, line));
    }

    public void Error(string line)
    {
        if (Special(line))
            return;
        lock (last)
        {
            last.Enqueue(line);
            if (last.Count > Kept)
                last.Dequeue();
        }
        report(new HostLine(KindOf(line), source, line));
    }

    public string LastErrors
    {
        get
        {
            lock (last)
                return string.Join(" | ", last);
        }
    }

    private HostLineKind KindOf(string line) =>
        !stdErrIsError ? HostLineKind.HandlerOut
        : line.Contains("warn", StringComparison.OrdinalIgnoreCase) ? HostLineKind.HandlerWarning
        : HostLineKind.HandlerError;

    private bool Special(string line)
    {
        foreach (string prefix in (ReadOnlySpan<string>)[SystemPrefix, ToolingPrefix])
        {
            if (!line.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                continue;
            report(new HostLine(HostLineKind.HandlerSystem, source, line[prefix.Length..]));
            return true;
        }
        return false;
    }
}
