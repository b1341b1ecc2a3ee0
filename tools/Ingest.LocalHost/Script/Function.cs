using Ingest.LocalHost.Timers;

namespace Ingest.LocalHost.Script;

internal enum AuthLevel { Anonymous, Function, Admin }

internal abstract record Trigger(string Name);

internal sealed record QueueTrigger(string Name, string Queue, string Connection, bool Binary) : Trigger(Name);

internal sealed record TimerTrigger(string Name, TimerSchedule Schedule, bool UseMonitor, bool RunOnStartup) : Trigger(Name);

internal sealed record HttpTrigger(string Name, string? Route, IReadOnlyList<string> Methods, AuthLevel Level) : Trigger(Name);

/// <summary>A queue out binding; the queue name may hold {property} expressions.</summary>
internal sealed record QueueOutput(string Name, string Queue, string Connection, bool Binary);

internal enum RetryStrategy { FixedDelay, ExponentialBackoff }

/// <summary>The retry section of a function.json; <paramref name="MaxCount"/> is -1 for no end.</summary>
internal sealed record RetryPolicy(RetryStrategy Strategy, int MaxCount, TimeSpan Least, TimeSpan Most);

/// <summary>One function as its function.json describes it.</summary>
internal sealed record Function
{
    public const string HttpGroup = "http";

    public required string Name { get; init; }
    public required Trigger Trigger { get; init; }
    public required IReadOnlyList<QueueOutput> QueueOutputs { get; init; }
    /// <summary>Name of the http out binding.</summary>
    public required string? HttpOutput { get; init; }
    /// <summary>Exactly one http input and one http output: only then is a request passed on as it is.</summary>
    public required bool PureHttp { get; init; }
    public required RetryPolicy? Retry { get; init; }
    public required bool Disabled { get; init; }

    public string Group => Trigger is HttpTrigger ? HttpGroup : "function:" + Name;
}
