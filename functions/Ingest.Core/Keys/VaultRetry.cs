using Azure.Core;
using Azure.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>Few and short retries: whoever is told to wait longer than that gives up, since the work comes again from its queue.</summary>
internal sealed class VaultRetry(RetryOptions options, TimeProvider time) : RetryPolicy(options.MaxRetries, DelayStrategy.CreateExponentialDelayStrategy(options.Delay, options.MaxDelay))
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(4);

    protected override ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        exception is null && message.HasResponse && KeyVaultFailure.RetryAfterOf(message.Response, time) > LongestWait ? ValueTask.FromResult(false) : base.ShouldRetryAsync(message, exception);
}
