using System.Runtime.InteropServices;

namespace Ingest.Cli;

/// <summary>Ctrl-C and SIGTERM: the first asks the command to stop, the second ends the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    readonly CancellationTokenSource source = new();
    readonly List<PosixSignalRegistration> registrations;
    readonly TextWriter error;
    int count;

    public Interruption(TextWriter error)
    {
        this.error = error;
        registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Handle))];
    }

    public CancellationToken Cancel => source.Token;

    void Handle(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref count) > 1)
            return;                                          // not cancelled: the default action ends the process
        context.Cancel = true;
        if (context.Signal == PosixSignal.SIGINT && !Console.IsErrorRedirected)
            error.WriteLine();
        source.Cancel();
    }

    public void Dispose()
    {
        registrations.ForEach(registration => registration.Dispose());
        source.Dispose();
    }
}
