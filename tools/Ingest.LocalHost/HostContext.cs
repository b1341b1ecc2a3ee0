using Ingest.LocalHost.Handlers;
using Ingest.LocalHost.Queues;
using Ingest.LocalHost.Script;
using Ingest.LocalHost.Timers;

namespace Ingest.LocalHost;

/// <summary>What all instances of one local host share.</summary>
internal sealed record HostContext
{
    public required LocalHostOptions Options { get; init; }
    public required ScriptRoot Script { get; init; }
    public required HandlerLaunch Launch { get; init; }
    public required HostClients Clients { get; init; }
    public required InvocationLedger Ledger { get; init; }
    public required QueueStorage Queues { get; init; }
    public required TimerTurns Timers { get; init; }
    public required TimerStatusStore TimerStatus { get; init; }
    public required Action<HostLine> Report { get; init; }

    public TimeProvider Clock => Options.Clock;
    public TimeSpan? FunctionTimeout => Options.FunctionTimeout ?? Script.Host.FunctionTimeout;
    public TimeSpan InitializationTimeout => Options.InitializationTimeout ?? Script.Host.Handler.InitializationTimeout;

    /// <summary>True when requests of the function reach the handler as they are, at their own path.</summary>
    public bool Passes(Function function) => function.PureHttp && (Script.Host.Handler.Proxying || Script.Host.Handler.Forwarding);

    public void Say(string text) => Report(new HostLine(HostLineKind.Lifecycle, "host", text));
    public void Warn(string text) => Report(new HostLine(HostLineKind.Warning, "host", text));
    public void Fail(string text) => Report(new HostLine(HostLineKind.Error, "host", text));
}
