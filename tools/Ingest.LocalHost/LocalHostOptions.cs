using System.Collections.Frozen;

namespace Ingest.LocalHost;

/// <summary>What a local host runs and how; everything that Azure decides for an app is here or in host.json.</summary>
public sealed record LocalHostOptions
{
    public const int DefaultPort = 7071;

    /// <summary>The folder that would be deployed: host.json, one folder per function with its function.json, the handler.</summary>
    public required string ScriptRoot { get; init; }

    /// <summary>Port of the public HTTP front on 127.0.0.1; 0 picks a free one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>App settings: given to the handlers, used for %SETTING% and for connections; they win over this process's own environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = FrozenDictionary<string, string>.Empty;

    public int Instances { get; init; } = 1;

    /// <summary>As Flex Consumption scales: all HTTP functions share handlers, every other function has its own.</summary>
    public bool Groups { get; init; }

    /// <summary>How long a received queue message stays invisible; renewed at half of it. Whole seconds.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Replaces host.json's functionTimeout.</summary>
    public TimeSpan? FunctionTimeout { get; init; }

    /// <summary>What a timed-out invocation still gets before its handler is killed.</summary>
    public TimeSpan TimeoutGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Replaces host.json's customHandler.initializationTimeout.</summary>
    public TimeSpan? InitializationTimeout { get; init; }

    /// <summary>Pause before a host instance that stopped itself is started again, as the platform would.</summary>
    public TimeSpan HostRestartDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a stop waits for running invocations before the handlers are killed.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a public request waits for a ready handler before it is answered 503.</summary>
    public TimeSpan HttpPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Opens /admin/functions and every auth level; drawn at random when not given.</summary>
    public string? MasterKey { get; init; }

    public IReadOnlyCollection<string> HostKeys { get; init; } = [];

    /// <summary>Function name to its own key.</summary>
    public IReadOnlyDictionary<string, string> FunctionKeys { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Names the timers' state in storage; by default derived from the script root.</summary>
    public string? HostId { get; init; }

    /// <summary>When true, start ends only when every handler answers, and fails if one gives up.</summary>
    public bool WaitForReady { get; init; } = true;

    /// <summary>Receives one line per event; called from several threads.</summary>
    public Action<HostLine>? Sink { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
