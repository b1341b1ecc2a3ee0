using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>The table of keys. It has no versions, snapshots or soft delete, so that what is deleted is gone.</summary>
public interface IKeyRows
{
    /// <summary>The row, or null.</summary>
    Task<KeyRow?> GetAsync(string partition, string row, CancellationToken cancel);

    /// <summary>Writes 1 to 100 rows of one partition in one transaction; false, and nothing written, when any is there already.</summary>
    Task<bool> TryInsertAsync(IReadOnlyList<KeyRow> rows, CancellationToken cancel);

    /// <summary>Replaces the row if it still has the given row's ETag; false when it has changed or gone.</summary>
    Task<bool> TryUpdateAsync(KeyRow row, CancellationToken cancel);

    /// <summary>Deletes the row whatever its version; false when it was not there.</summary>
    Task<bool> DeleteAsync(string partition, string row, CancellationToken cancel);

    /// <summary>Puts emptied rows into 1 to 100 places of one partition in one transaction, whatever stands there; what stood there is gone.</summary>
    Task EmptyAsync(string partition, IReadOnlyList<string> rows, DateTimeOffset at, CancellationToken cancel);

    /// <summary>All rows of a partition, in the order of their row keys.</summary>
    IAsyncEnumerable<KeyRow> ListAsync(string partition, CancellationToken cancel);

    /// <summary>The first partition behind this name, in their order; null when there is none.</summary>
    Task<string?> NextPartitionAsync(string after, CancellationToken cancel);

    /// <summary>All rows of a tenant, in the order of partition and row key.</summary>
    IAsyncEnumerable<KeyRow> ListAsync(TenantId tenant, CancellationToken cancel);
}
