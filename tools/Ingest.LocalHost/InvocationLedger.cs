using System.Collections.Concurrent;

namespace Ingest.LocalHost;

/// <summary>Counts invocations and tells those who watch; shared by all instances.</summary>
internal sealed class InvocationLedger
{
    private readonly ConcurrentDictionary<string, InvocationCounts> counts = new(StringComparer.OrdinalIgnoreCase);

    public event Action<Invocation>? Started;
    public event Action<Invocation, InvocationOutcome>? Ended;

    public IReadOnlyDictionary<string, InvocationCounts> Counts => counts;

    public void Begin(Invocation invocation)
    {
        Change(invocation.Function, count => count with { Started = count.Started + 1 });
        Started?.Invoke(invocation);
    }

    public void End(Invocation invocation, InvocationOutcome outcome)
    {
        Change(invocation.Function, count => outcome switch
        {
            InvocationOutcome.Succeeded => count with { Succeeded = count.Succeeded + 1 },
            InvocationOutcome.Failed => count with { Failed = count.Failed + 1 },
            InvocationOutcome.TimedOut => count with { TimedOut = count.TimedOut + 1 },
        });
        Ended?.Invoke(invocation, outcome);
    }

    public void Poison(string function) => Change(function, count => count with { Poisoned = count.Poisoned + 1 });

    private void Change(string function, Func<InvocationCounts, InvocationCounts> change) =>
        counts.AddOrUpdate(function, _ => change(default), (_, count) => change(count));
}
