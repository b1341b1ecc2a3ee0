using Azure.Core;

namespace Ingest.Core.Keys;

/// <summary>How a vault is talked to: four tries, twenty seconds in all, nothing of a request or an answer in any log.</summary>
public sealed class KeyClientOptions : ClientOptions
{
    /// <summary>The defaults; a transport may be added as with any Azure client.</summary>
    public KeyClientOptions()
    {
        Retry.Mode = RetryMode.Exponential;
        Retry.MaxRetries = 3;
        Retry.Delay = TimeSpan.FromMilliseconds(500);
        Retry.MaxDelay = TimeSpan.FromSeconds(4);
        Retry.NetworkTimeout = TimeSpan.FromSeconds(6);
        Diagnostics.IsLoggingContentEnabled = false;
        Diagnostics.IsLoggingEnabled = false;
        Diagnostics.IsTelemetryEnabled = false;
        Diagnostics.IsDistributedTracingEnabled = false;
    }

    /// <summary>The clock of deadlines, waits and validity.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Told of every call that was sent, after it ended.</summary>
    public Action<VaultCall>? Observe { get; set; }
}

/// <summary>One call to a vault as it may be logged: no body, no token.</summary>
/// <param name="Operation">What was asked, such as "unwrapkey".</param>
/// <param name="Key">The key's name, and its version when one was named.</param>
/// <param name="Status">The last answer's status; 0 when there was none.</param>
/// <param name="Code">Our code of what went wrong; empty when nothing did.</param>
/// <param name="RequestId">The id under which the vault logged it; empty when it did not say.</param>
/// <param name="Took">From the first byte sent to the end, tries and waits included.</param>
public readonly record struct VaultCall(string Operation, string Key, int Status, string Code, string RequestId, TimeSpan Took);
