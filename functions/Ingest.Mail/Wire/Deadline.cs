namespace Ingest.Mail.Wire;

/// <summary>One timer for all the waits of a connection, one after the other; it also listens to the caller's cancellation while a wait lasts.</summary>
internal sealed class Deadline(TimeSpan length, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _source = new(Timeout.InfiniteTimeSpan, time);
    private CancellationTokenRegistration _caller;

    /// <summary>Ends when the wait has lasted too long or the caller gave up; once it did, the connection is lost.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>A wait begins.</summary>
    public void Begin(CancellationToken cancel)
    {
        _caller.Dispose();
        _source.CancelAfter(length);
        _caller = cancel.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    /// <summary>What was waited for is here.</summary>
    public void End()
    {
        _caller.Dispose();
        _caller = default;
        if (!_source.IsCancellationRequested) _source.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _caller.Dispose();
        _source.Dispose();
    }
}
