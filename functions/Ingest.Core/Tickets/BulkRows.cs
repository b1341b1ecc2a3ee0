using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>Where decisions on many kept-back mails stand: how far each came in the clear, what it means sealed.</summary>
public sealed class BulkRows(TableServiceClient tables, KeyRing keys)
{
    private const string Owner = "quarantine", Prefix = "bulk!";
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Quarantine);

    private static SealContext Seal(TenantContext tenant, string id) => new(tenant.Tenant, KeyClass.Tenant, Owner, "bulk:" + id);

    /// <summary>Writes a new one.</summary>
    public async Task AddAsync(TenantContext tenant, BulkDecision bulk, CancellationToken cancel)
    {
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, Owner, cancel);
        TableEntity row = Write(tenant, bulk);
        row["doc"] = Box(tenant, bulk.Id, bulk.Scope, key);
        await _rows.UpsertEntityAsync(row, TableUpdateMode.Replace, cancel);
    }

    private static byte[] Box(TenantContext tenant, string id, BulkScope scope, DataKey key) =>
        Envelope.Seal(JsonSerializer.SerializeToUtf8Bytes(scope, BulkJson.Default.BulkScope), key, Seal(tenant, id), SegmentLength.Row);

    /// <summary>Writes how far one came; false when somebody else moved it meanwhile. With its end the mails and the sender that it meant are forgotten.</summary>
    public async Task<bool> MoveAsync(TenantContext tenant, BulkDecision bulk, CancellationToken cancel)
    {
        TableEntity row = Write(tenant, bulk);
        if (bulk.State != BulkState.Running)
        {
            using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, Owner, cancel);
            row["doc"] = Box(tenant, bulk.Id, bulk.Scope.Ended, key);
        }

        try
        {
            await _rows.UpdateEntityAsync(row, new ETag(bulk.Version), TableUpdateMode.Merge, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            return false;
        }
    }

    /// <summary>One of them; null when there is none of this id, or its key was erased.</summary>
    public async Task<BulkDecision?> FindAsync(TenantContext tenant, string id, CancellationToken cancel) =>
        BulkDecision.IsId(id) && await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, Prefix + id, cancel: cancel) is { } row ? await ReadAsync(tenant, row, cancel) : null;

    /// <summary>All of a tenant, newest last.</summary>
    public async IAsyncEnumerable<BulkDecision> ListAsync(TenantContext tenant, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(Prefix)), cancel: cancel))
            if (await ReadAsync(tenant, row, cancel) is { } bulk) yield return bulk;
    }

    /// <summary>Forgets one.</summary>
    public Task RemoveAsync(TenantContext tenant, string id, CancellationToken cancel) => _rows.DeleteEntityAsync(tenant.Tenant.Value, Prefix + id, cancel: cancel);

    private async Task<BulkDecision?> ReadAsync(TenantContext tenant, TableEntity row, CancellationToken cancel)
    {
        string id = row.RowKey[Prefix.Length..];
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Tenant, Owner, cancel);
        if (key is null || row.GetBinary("doc") is not { } box) return null;
        return new BulkDecision
        {
            Id = id,
            Action = Enum.Parse<BulkAction>(row.GetString("action")!),
            State = Enum.Parse<BulkState>(row.GetString("state")!),
            By = row.GetString("by") ?? "",
            Created = row.GetDateTimeOffset("created") ?? default,
            Moved = row.GetDateTimeOffset("moved") ?? default,
            Done = row.GetInt64("done") ?? 0,
            Passed = row.GetInt64("passed") ?? 0,
            Meant = row.GetInt64("meant") ?? -1,
            Place = row.GetString("place") ?? "",
            Scope = JsonSerializer.Deserialize(Envelope.Open(box, key, Seal(tenant, id)), BulkJson.Default.BulkScope)!,
            Version = row.ETag.ToString("H"),
        };
    }

    private static TableEntity Write(TenantContext tenant, BulkDecision bulk) => new(tenant.Tenant.Value, Prefix + bulk.Id)
    {
        ["action"] = bulk.Action.ToString(), ["state"] = bulk.State.ToString(), ["by"] = bulk.By, ["created"] = bulk.Created, ["moved"] = bulk.Moved, ["done"] = bulk.Done, ["passed"] = bulk.Passed,
        ["meant"] = bulk.Meant, ["place"] = bulk.Place,
    };
}
