namespace Ingest.Core.Keys;

/// <summary>Ends a call to the vault or the table after half a minute; the clients have shorter limits of their own, this one holds for every twin.</summary>
internal static class TimeLimit
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Throws <see cref="TimeoutException"/> when the limit, and not the caller, ended the call.</summary>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, TimeProvider time, CancellationToken cancel)
    {
        using CancellationTokenSource limit = new(Limit, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            return await call(both.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new TimeoutException("The store of keys did not answer in time.");
        }
    }
}
