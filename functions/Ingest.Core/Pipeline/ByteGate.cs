namespace Ingest.Core.Pipeline;

/// <summary>
/// Lets work in by weight in bytes, first come first served, so that two dozen large mails do not meet in one process.
/// One piece heavier than the whole gate passes alone.
/// </summary>
public sealed class ByteGate(long capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Weight, TaskCompletionSource Entered)> _waiting = new();
    private long _inside;

    /// <summary>The bytes inside now.</summary>
    public long Inside { get { lock (_lock) return _inside; } }

    /// <summary>Waits for room for <paramref name="weight"/> bytes; disposing the result gives it back.</summary>
    public async Task<IDisposable> EnterAsync(long weight, CancellationToken cancel)
    {
        weight = Math.Clamp(weight, 0, capacity);
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Enqueue((weight, entered));
            AdmitWaiting();
        }

        await using CancellationTokenRegistration registration = cancel.Register(() => entered.TrySetCanceled(cancel));
        await entered.Task.ConfigureAwait(false);
        return new Ticket(this, weight);
    }

    private void AdmitWaiting()
    {
        while (_waiting.TryPeek(out (long Weight, TaskCompletionSource Entered) next))
        {
            if (_inside + next.Weight > capacity && !next.Entered.Task.IsCompleted) return;
            _waiting.Dequeue();
            if (next.Entered.Task.IsCompleted) continue;
            _inside += next.Weight;
            if (!next.Entered.TrySetResult()) _inside -= next.Weight;
        }
    }

    private void Leave(long weight)
    {
        lock (_lock)
        {
            _inside -= weight;
            AdmitWaiting();
        }
    }

    private sealed class Ticket(ByteGate gate, long weight) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) gate.Leave(weight);
        }
    }
}
