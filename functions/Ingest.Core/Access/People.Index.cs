using Azure;
using Ingest.Core.Keys;
using Ingest.Core.Store;

namespace Ingest.Core.Access;

public sealed partial class People
{
    private static TableEntity Index(TenantContext tenant, string place, string person) => new(tenant.Tenant.Value, place) { ["person"] = person };

    // Newest index key first.
    private async Task<IReadOnlyList<string>> PlacesAsync(TenantContext tenant, Identity identity, CancellationToken cancel)
    {
        using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
        return [.. ids.BlindIndexes("person.identity", identity.ToString()).Select(index => IndexPrefix + index)];
    }

    // Those that there are: a delete of none would undo the whole transaction.
    private async Task<IReadOnlyList<TableTransactionAction>> IndexRowsAsync(TenantContext tenant, Person person, CancellationToken cancel)
    {
        List<TableTransactionAction> rows = [];
        foreach (string place in await PlacesAsync(tenant, person.Identity, cancel))
            if ((await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, place, cancel: cancel))?.GetString("person") == person.Id)
                rows.Add(new(TableTransactionActionType.Delete, new TableEntity(tenant.Tenant.Value, place), ETag.All));
        return rows;
    }

    /// <summary>
    /// Moves people from their places under an older index key to those under the newest, some at most; what leads to nobody goes. Each is one turn of the book. Called when
    /// every process knows the newest key; with <paramref name="destroyed"/> the older key is gone.
    /// </summary>
    internal async Task<IndexMove> MoveIndexAsync(TenantContext tenant, int epoch, bool destroyed, int atMost, CancellationToken cancel)
    {
        IndexMove done = default;
        TableFilter old = TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(IndexPrefix + TenantKeys.BlindPrefix(epoch)));
        await foreach (TableEntity row in _rows.QueryAsync(old, cancel: cancel))
        {
            if (done.Moved == atMost) return done with { Left = done.Left + 1 };
            done = done.And(await MoveAsync(tenant, row, destroyed, cancel));
        }

        return done;
    }

    private async Task<IndexMoved> MoveAsync(TenantContext tenant, TableEntity row, bool destroyed, CancellationToken cancel)
    {
        ETag? book = await BookAsync(tenant, cancel);
        List<TableTransactionAction> rows = [new(TableTransactionActionType.Delete, new TableEntity(row.PartitionKey, row.RowKey), row.ETag)];
        if (!destroyed && await FindAsync(tenant, row.GetString("person") ?? "", cancel) is { } person)
        {
            IReadOnlyList<string> places = await PlacesAsync(tenant, person.Identity, cancel);
            if (places.Contains(row.RowKey)) rows.Add(new(TableTransactionActionType.UpsertReplace, Index(tenant, places[0], person.Id)));
        }

        return await TryWriteAsync(tenant, book, rows, cancel) ? IndexMoved.Done : IndexMoved.Later;
    }
}
