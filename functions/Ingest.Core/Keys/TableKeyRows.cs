using System.Runtime.CompilerServices;
using Azure;
using Ingest.Core.Store;

namespace Ingest.Core.Keys;

/// <summary>The table of keys in Azure Tables.</summary>
public sealed class TableKeyRows(TableClient table) : IKeyRows
{
    /// <inheritdoc />
    public async Task<KeyRow?> GetAsync(string partition, string row, CancellationToken cancel) =>
        await table.GetEntityIfExistsAsync(partition, row, cancel: cancel) is { } entity ? Read(entity) : null;

    /// <inheritdoc />
    public async Task<bool> TryInsertAsync(IReadOnlyList<KeyRow> rows, CancellationToken cancel)
    {
        try
        {
            if (rows.Count == 1) await table.AddEntityAsync(Write(rows[0]), cancel);
            else await table.SubmitTransactionAsync([.. rows.Select(r => new TableTransactionAction(TableTransactionActionType.Add, Write(r)))], cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public async Task<bool> TryUpdateAsync(KeyRow row, CancellationToken cancel)
    {
        try
        {
            await table.UpdateEntityAsync(Write(row), new ETag(row.ETag!), TableUpdateMode.Replace, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public Task<bool> DeleteAsync(string partition, string row, CancellationToken cancel) => table.DeleteEntityAsync(partition, row, ETag.All, cancel);

    /// <inheritdoc />
    public async IAsyncEnumerable<KeyRow> ListAsync(string partition, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (TableEntity entity in table.QueryAsync(TableFilter.PartitionIs(partition), cancel: cancel)) yield return Read(entity);
    }

    private static TableEntity Write(KeyRow row)
    {
        TableEntity entity = new(row.Partition, row.Row)
        {
            ["epoch"] = row.Epoch,
            ["wrapped"] = row.Wrapped,
            ["created"] = row.Created,
            ["keyId"] = row.KeyId,
        };
        if (row.Proof is not { } proof) return entity;
        entity["kid"] = proof.Kid;
        entity["alg"] = proof.Algorithm;
        entity["commit"] = proof.Commit;
        entity["sigKid"] = proof.Signature.Kid;
        entity["sig"] = proof.Signature.Bytes;
        return entity;
    }

    private static KeyRow Read(TableEntity e) => new(e.PartitionKey, e.RowKey, e.GetInt32("epoch") ?? 0, e.GetBinary("wrapped")!, e.GetDateTimeOffset("created") ?? default)
    {
        KeyId = e.GetGuid("keyId") ?? default,
        Proof = e.GetString("kid") is { } kid
            ? new RootProof(kid, e.GetString("alg")!, e.GetBinary("commit")!, new KeySignature(e.GetString("sigKid")!, e.GetBinary("sig")!))
            : null,
        ETag = e.ETag.ToString(),
    };
}
