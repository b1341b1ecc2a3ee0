using Azure;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Keys;

/// <summary>
/// Rows that say which id belongs to a value, by the value's blind index; each says it for good. While the index key is turned over a value has a row under each key, all
/// in one partition, inserted together; what the newest says counts.
/// </summary>
/// <param name="rows">The table.</param>
/// <param name="keys">The tenant's names.</param>
/// <param name="domain">What sort of value it is: the domain of the blind index.</param>
/// <param name="prefix">How the row keys begin.</param>
/// <param name="column">The column of the id.</param>
internal sealed class BlindClaims(TableClient rows, KeyRing keys, string domain, string prefix, string column)
{
    /// <summary>The id of a value, or null.</summary>
    public async Task<string?> FindAsync(TenantContext tenant, string partition, string value, CancellationToken cancel)
    {
        IReadOnlyList<string> places = await PlacesAsync(tenant, value, cancel);
        foreach (string place in places)
            if (await IdAtAsync(partition, place, cancel) is { } id)
                return place == places[0] ? id : await LeadAsync(partition, places[0], id, cancel);
        return null;
    }

    /// <summary>The id of a value: the one that it has, or else <paramref name="fresh"/>, which it has from now on.</summary>
    public async Task<string> ClaimAsync(TenantContext tenant, string partition, string value, string fresh, CancellationToken cancel)
    {
        IReadOnlyList<string> places = await PlacesAsync(tenant, value, cancel);
        try
        {
            await rows.SubmitTransactionAsync([.. places.Select(place => new TableTransactionAction(TableTransactionActionType.Add, Row(partition, place, fresh)))], cancel);
            return fresh;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // It is another's, or ours and the answer was lost.
            return await FindAsync(tenant, partition, value, cancel) ?? throw new NotNowException("claim-contended");
        }
    }

    /// <summary>
    /// Moves rows from their places under an older index key to those under the newest, some at most. <paramref name="valueOf"/> says what an id belongs to: empty when to
    /// nothing, so that the claim can go; null when that cannot be said now. With <paramref name="destroyed"/> the older key is gone.
    /// </summary>
    public async Task<IndexMove> MoveAsync(TenantContext tenant, string partition, int epoch, bool destroyed, int atMost, Func<string, Task<string?>> valueOf, CancellationToken cancel)
    {
        IndexMove done = default;
        TableFilter old = TableFilter.PartitionIs(partition).And(TableFilter.RowPrefix(prefix + TenantKeys.BlindPrefix(epoch)));
        await foreach (TableEntity row in rows.QueryAsync(old, cancel: cancel))
        {
            if (done.Moved == atMost) return done with { Left = done.Left + 1 };
            done = done.And(destroyed ? await DropAsync(row, cancel) : await MoveAsync(tenant, row, valueOf, cancel));
        }

        return done;
    }

    private async Task<IndexMoved> MoveAsync(TenantContext tenant, TableEntity row, Func<string, Task<string?>> valueOf, CancellationToken cancel)
    {
        string id = row.GetString(column) ?? "";
        if (await valueOf(id) is not { } value) return IndexMoved.Later;
        if (value.Length > 0)
        {
            IReadOnlyList<string> places = await PlacesAsync(tenant, value, cancel);
            if (!places.Contains(row.RowKey)) return IndexMoved.Broken;
            await LeadAsync(row.PartitionKey, places[0], id, cancel);
        }

        return await DropAsync(row, cancel);
    }

    private async Task<IndexMoved> DropAsync(TableEntity row, CancellationToken cancel)
    {
        await rows.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: cancel);
        return IndexMoved.Done;
    }

    // Makes the newest place say what an older one says, and returns what it says then.
    private async Task<string> LeadAsync(string partition, string newest, string id, CancellationToken cancel)
    {
        try
        {
            await rows.AddEntityAsync(Row(partition, newest, id), cancel);
            return id;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            return await IdAtAsync(partition, newest, cancel) ?? throw new NotNowException("claim-contended");
        }
    }

    private TableEntity Row(string partition, string place, string id) => new(partition, place) { [column] = id };

    private async Task<string?> IdAtAsync(string partition, string place, CancellationToken cancel) => (await rows.GetEntityIfExistsAsync(partition, place, cancel: cancel))?.GetString(column);

    private async Task<IReadOnlyList<string>> PlacesAsync(TenantContext tenant, string value, CancellationToken cancel)
    {
        using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
        return [.. ids.BlindIndexes(domain, value).Select(index => prefix + index)];
    }
}
