using Ingest.Core.Access;
using Ingest.Core.Keys;

namespace Ingest.Core.Tests.Keys;

/// <summary>A table of keys whose process ends before its n-th write.</summary>
internal sealed class CrashingKeyRows(IKeyRows inner, int writes) : IKeyRows
{
    private int left = writes;

    public bool Crashed => left < 0;

    public Task<KeyRow?> GetAsync(string partition, string row, CancellationToken cancel) => inner.GetAsync(partition, row, cancel);

    public Task<bool> TryInsertAsync(IReadOnlyList<KeyRow> rows, CancellationToken cancel) => Step(() => inner.TryInsertAsync(rows, cancel));

    public Task<bool> TryUpdateAsync(KeyRow row, CancellationToken cancel) => Step(() => inner.TryUpdateAsync(row, cancel));

    public Task<bool> DeleteAsync(string partition, string row, CancellationToken cancel) => Step(() => inner.DeleteAsync(partition, row, cancel));

    public Task EmptyAsync(string partition, IReadOnlyList<string> rows, DateTimeOffset at, CancellationToken cancel) => Step(async () =>
    {
        await inner.EmptyAsync(partition, rows, at, cancel);
        return true;
    });

    public Task<string?> NextPartitionAsync(string after, CancellationToken cancel) => inner.NextPartitionAsync(after, cancel);

    public IAsyncEnumerable<KeyRow> ListAsync(string partition, CancellationToken cancel) => inner.ListAsync(partition, cancel);

    public IAsyncEnumerable<KeyRow> ListAsync(TenantId tenant, CancellationToken cancel) => inner.ListAsync(tenant, cancel);

    private Task<bool> Step(Func<Task<bool>> write) => left-- > 0 ? write() : throw new CrashException();

    internal sealed class CrashException : Exception;
}
