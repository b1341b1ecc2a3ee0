using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

public sealed partial class Eraser
{
    // What proves the erasure stays: the ledger, and the audit log, which has a life of its own.
    private static readonly string[] Wiped = [.. TableNames.All.Except([TableNames.Erasures, TableNames.Audit, TableNames.Keys])];

    /// <summary>
    /// Erases all of a tenant by its root keys, from which everything hangs, then wipes rows and blobs. Returns the signed receipt, which is also kept in the clear, since
    /// nothing of the tenant's can be opened any more; or the holds in the way. No tenant of that name can be made again.
    /// </summary>
    public async Task<(byte[]? Receipt, IReadOnlyList<Hold> Holds)> TenantAsync(TenantContext tenant, AuditActor actor, CancellationToken cancel)
    {
        if (await _ledger.FindLastAsync(tenant, cancel) is { } before)
        {
            await WipeAsync(tenant, cancel);
            return (before, []);
        }

        if (await _holds.ListAsync(tenant, cancel) is { Count: > 0 } holds)
        {
            await RefuseAsync(tenant, actor, ErasureKind.Tenant, "", holds, cancel);
            return (null, holds);
        }

        await AuditAsync(tenant, actor, ErasureKind.Tenant, AuditResult.Done, e => e, cancel);
        DateTimeOffset begun = _time.GetUtcNow();
        Erasure erasure = new() { Id = Pack.NewId(begun), Kind = ErasureKind.Tenant, Target = tenant.Tenant.Value, State = ErasureState.Begun, Begun = begun };
        await _ledger.OpenAsync(tenant, erasure, cancel);
        byte[] receipt = await SignLastAsync(tenant, erasure, cancel);
        // The receipt first: once it is there, whoever asks again goes on below, keys or no keys.
        await _ledger.KeepLastAsync(tenant, receipt, cancel);
        await WipeAsync(tenant, cancel);
        await _ledger.CloseAsync(tenant, erasure.Id, cancel);
        return (receipt, []);
    }

    private async Task<byte[]> SignLastAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        List<string> lines = [];
        await foreach (TableEntity row in _keyRows.QueryAsync(TableFilter.PartitionPrefix(tenant + "."), select: ["PartitionKey", "RowKey", "keyId", "erased"], cancel: cancel))
            if (row.GetDateTimeOffset("erased") is null) lines.Add($"{row.PartitionKey} {row.RowKey} {(row.GetGuid("keyId") is { } id ? id.ToString("D") : "-")}");
        lines.Sort(StringComparer.Ordinal);
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal)
        {
            ["contacts"] = lines.Count(l => l.Contains("dek!contact!", StringComparison.Ordinal)), ["tickets"] = lines.Count(l => l.Contains("dek!ticket!", StringComparison.Ordinal)),
            ["originals"] = lines.Count(l => l.Contains("dek!raw!", StringComparison.Ordinal)), ["rootKeys"] = lines.Count(l => l.StartsWith($"{tenant}.root ", StringComparison.Ordinal)),
        };
        ReceiptBody body = Receipt.Write(tenant, erasure, _time.GetUtcNow(), [], counts) with
        {
            KeysDestroyed = lines.Count,
            KeysDigest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))))),
            Keys = [.. lines.Where(l => l.StartsWith($"{tenant}.root ", StringComparison.Ordinal))],
        };
        return await Receipt.SignAsync(body, _vault, cancel);
    }

    private async Task WipeAsync(TenantContext tenant, CancellationToken cancel)
    {
        await _keys.EraseRootsAsync(tenant, cancel);
        foreach (string container in new[] { Packs.Container, TicketStore.Container, ErasureLedger.Container })
            await foreach (StoredBlob blob in _blobs.ListAsync(container, $"{tenant}/", cancel))
                if (container != ErasureLedger.Container || blob.Name != ErasureLedger.LastName(tenant)) await _blobs.DeleteIfExistsAsync(container, blob.Name, cancel);
        foreach (string table in Wiped) await WipeAsync(_tables.GetTableClient(table), tenant, cancel);
        // Data keys hang from roots that are gone; their rows only take room.
        await foreach (TableEntity row in _keyRows.QueryAsync(TableFilter.PartitionPrefix(tenant + "."), select: ["PartitionKey", "RowKey"], cancel: cancel))
            if (row.PartitionKey != $"{tenant}.root") await _keyRows.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: cancel);
    }

    private static async Task WipeAsync(TableClient table, TenantContext tenant, CancellationToken cancel)
    {
        foreach (TableFilter filter in new[] { TableFilter.PartitionPrefix(tenant + "."), TableFilter.PartitionIs(tenant.Tenant.Value) })
            await foreach (TableEntity row in table.QueryAsync(filter, select: ["PartitionKey", "RowKey"], cancel: cancel))
                await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: cancel);
        if (table.Name != TableNames.Lists) return;
        await foreach (TableEntity row in table.QueryAsync(TableFilter.PartitionIs("outbox").And(TableFilter.RowPrefix($"{tenant}!")), select: ["PartitionKey", "RowKey"], cancel: cancel))
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: cancel);
    }
}
