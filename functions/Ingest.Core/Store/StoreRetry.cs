using Azure.Core;

namespace Ingest.Core.Store;

/// <summary>One retry rule for tables, queues and blobs: short, because a function that finds the store away sends itself a delayed message.</summary>
internal static class StoreRetry
{
    /// <summary>Tries after the first.</summary>
    public const int MaxRetries = 2;

    public static void Apply(ClientOptions options, TimeSpan networkTimeout)
    {
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = MaxRetries;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        options.Retry.NetworkTimeout = networkTimeout;
        options.Diagnostics.IsLoggingContentEnabled = false;
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsTelemetryEnabled = false;
        options.Diagnostics.IsDistributedTracingEnabled = false;
    }
}
