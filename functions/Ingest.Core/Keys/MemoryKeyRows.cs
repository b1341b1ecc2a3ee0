using System.Globalization;
using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>The table of keys in memory, for tests and single runs: the same promises, and a count of the calls.</summary>
public sealed class MemoryKeyRows : IKeyRows
{
    private readonly SortedDictionary<(string Partition, string Row), KeyRow> rows = new(Comparer<(string Partition, string Row)>.Create(InOrder));
    private readonly Lock gate = new();
    private long version;
    private int operations;

    /// <summary>The number of calls so far; a list and a transaction count as one.</summary>
    public int Operations => Volatile.Read(ref operations);

    /// <inheritdoc />
    public Task<KeyRow?> GetAsync(string partition, string row, CancellationToken cancel)
    {
        lock (gate)
        {
            operations++;
            return Task.FromResult(rows.GetValueOrDefault((partition, row)));
        }
    }

    /// <inheritdoc />
    public Task<bool> TryInsertAsync(IReadOnlyList<KeyRow> rows, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfZero(rows.Count, nameof(rows));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Count, 100, nameof(rows));
        if (rows.DistinctBy(row => row.Row).Count() != rows.Count || rows.Any(row => row.Partition != rows[0].Partition))
            throw new ArgumentException("The rows of a transaction are different rows of one partition.", nameof(rows));
        lock (gate)
        {
            operations++;
            if (rows.Any(row => this.rows.ContainsKey((row.Partition, row.Row))))
                return Task.FromResult(false);
            foreach (KeyRow row in rows)
                Put(row);
            return Task.FromResult(true);
        }
    }

    /// <inheritdoc />
    public Task<bool> TryUpdateAsync(KeyRow row, CancellationToken cancel)
    {
        lock (gate)
        {
            operations++;
            bool same = rows.TryGetValue((row.Partition, row.Row), out KeyRow? found) && found.ETag == row.ETag;
            if (same)
                Put(row);
            return Task.FromResult(same);
        }
    }

    /// <inheritdoc />
    public Task<bool> DeleteAsync(string partition, string row, CancellationToken cancel)
    {
        lock (gate)
        {
            operations++;
            return Task.FromResult(rows.Remove((partition, row)));
        }
    }

    /// <inheritdoc />
    public Task EmptyAsync(string partition, IReadOnlyList<string> rows, DateTimeOffset at, CancellationToken cancel)
    {
        lock (gate)
        {
            operations++;
            foreach (string row in rows)
                Put(new KeyRow(partition, row, 0, [], DateTimeOffset.UnixEpoch) { Erased = at });
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<string?> NextPartitionAsync(string after, CancellationToken cancel)
    {
        lock (gate)
        {
            operations++;
            return Task.FromResult(rows.Keys.Select(key => key.Partition).FirstOrDefault(partition => string.CompareOrdinal(partition, after) > 0));
        }
    }

    /// <inheritdoc />
    public IAsyncEnumerable<KeyRow> ListAsync(string partition, CancellationToken cancel) => ListAsync(row => row.Partition == partition);

    /// <inheritdoc />
    public IAsyncEnumerable<KeyRow> ListAsync(TenantId tenant, CancellationToken cancel) => ListAsync(row => row.Partition.StartsWith(tenant.Value + ".", StringComparison.Ordinal));

    private async IAsyncEnumerable<KeyRow> ListAsync(Func<KeyRow, bool> wanted)
    {
        KeyRow[] found;
        lock (gate)
        {
            operations++;
            found = [.. rows.Values.Where(wanted)];
        }

        // A real store answers later, so that callers meet the same order of events here.
        await Task.Yield();
        foreach (KeyRow row in found)
            yield return row;
    }

    private void Put(KeyRow row) =>
        rows[(row.Partition, row.Row)] = row with { ETag = (++version).ToString(CultureInfo.InvariantCulture) };

    private static int InOrder((string Partition, string Row) left, (string Partition, string Row) right)
    {
        int partitions = string.CompareOrdinal(left.Partition, right.Partition);
        return partitions != 0 ? partitions : string.CompareOrdinal(left.Row, right.Row);
    }
}
