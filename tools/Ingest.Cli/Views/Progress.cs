namespace Ingest.Cli.Views;

/// <summary>One line on stderr that says how far a command is; nothing at all when stderr is not a terminal.</summary>
internal sealed class Progress(TextWriter error) : IDisposable
{
    const string Erase = "\r\u001b[K";
    readonly bool onTerminal = !Console.IsErrorRedirected;
    bool shown;

    public void Show(FormattableString text)
    {
        if (!onTerminal)
            return;
        error.Write(Erase + FormattableString.Invariant(text));
        shown = true;
    }

    public void Clear()
    {
        if (shown)
            error.Write(Erase);
        shown = false;
    }

    public void Dispose() => Clear();
}
