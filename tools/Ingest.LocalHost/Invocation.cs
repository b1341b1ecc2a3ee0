namespace Ingest.LocalHost;

public enum InvocationOutcome { Succeeded, Failed, TimedOut }

/// <summary>One call of a function, as tests and tools see it; <paramref name="DequeueCount"/> is 0 where there is no queue message.</summary>
public sealed record Invocation(Guid Id, string Function, int Handler, long DequeueCount);

/// <summary>How often a function was called and how that ended.</summary>
public readonly record struct InvocationCounts(long Started, long Succeeded, long Failed, long TimedOut, long Poisoned);
