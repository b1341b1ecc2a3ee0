using System.Runtime.CompilerServices;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Store;

namespace Ingest.Core.Keys;

/// <summary>The table of keys in table storage. A column that is missing or of another type reads as empty, so that it fails as a broken seal does.</summary>
public sealed class TableKeyRows(TableClient table) : IKeyRows
{
    /// <summary>The table's name.</summary>
    public const string TableName = "keys";

    private const string Epoch = "epoch";
    private const string Wrapped = "wrapped";
    private const string Created = "created";
    private const string KeyId = "keyId";
    private const string Kid = "kid";
    private const string Algorithm = "alg";
    private const string Commit = "commit";
    private const string SignatureKid = "sigKid";
    private const string Signature = "sig";
    private const string Erased = "erased";

    /// <inheritdoc />
    public async Task<KeyRow?> GetAsync(string partition, string row, CancellationToken cancel) =>
        await table.GetEntityIfExistsAsync(partition, row, cancel: cancel) is { } entity ? Read(entity) : null;

    /// <inheritdoc />
    public async Task<bool> TryInsertAsync(IReadOnlyList<KeyRow> rows, CancellationToken cancel)
    {
        try
        {
            if (rows.Count == 1)
                await table.AddEntityAsync(Write(rows[0]), cancel);
            else
                await table.SubmitTransactionAsync([.. rows.Select(row => new TableTransactionAction(TableTransactionActionType.Add, Write(row)))], cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public async Task<bool> TryUpdateAsync(KeyRow row, CancellationToken cancel)
    {
        if (row.ETag is null)
            return false;
        try
        {
            await table.UpdateEntityAsync(Write(row), new ETag(row.ETag), TableUpdateMode.Replace, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 412 || e.ErrorCode is TableErrorCode.ResourceNotFound or TableErrorCode.EntityNotFound)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public Task<bool> DeleteAsync(string partition, string row, CancellationToken cancel) =>
        table.DeleteEntityAsync(partition, row, cancel: cancel);

    /// <inheritdoc />
    public Task EmptyAsync(string partition, IReadOnlyList<string> rows, DateTimeOffset at, CancellationToken cancel) =>
        table.SubmitTransactionAsync([.. rows.Select(row => new TableTransactionAction(TableTransactionActionType.UpsertReplace, new TableEntity(partition, row) { [Erased] = at }))], cancel);

    /// <inheritdoc />
    public async Task<string?> NextPartitionAsync(string after, CancellationToken cancel)
    {
        await foreach (TableEntity entity in table.QueryAsync(TableFilter.PartitionAfter(after), maxPerPage: 1, select: ["PartitionKey"], cancel: cancel))
            return entity.PartitionKey;
        return null;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<KeyRow> ListAsync(string partition, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (TableEntity entity in table.QueryAsync(TableFilter.PartitionIs(partition), cancel: cancel))
            yield return Read(entity);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<KeyRow> ListAsync(TenantId tenant, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (TableEntity entity in table.QueryAsync(TableFilter.PartitionPrefix(tenant.Value + "."), cancel: cancel))
            yield return Read(entity);
    }

    private static TableEntity Write(KeyRow row)
    {
        TableEntity entity = new(row.Partition, row.Row) { { Epoch, row.Epoch }, { Wrapped, row.Wrapped }, { Created, row.Created } };
        if (row.Erased is { } erased)
            entity[Erased] = erased;
        if (row.KeyId != Guid.Empty)
            entity[KeyId] = row.KeyId;
        if (row.Proof is { } proof)
        {
            entity[Kid] = proof.Kid;
            entity[Algorithm] = proof.Algorithm;
            entity[Commit] = proof.Commit;
            entity[SignatureKid] = proof.Signature.Kid;
            entity[Signature] = proof.Signature.Bytes;
        }

        return entity;
    }

    private static KeyRow Read(TableEntity entity)
    {
        RootProof? proof = entity.ContainsKey(Signature)
            ? new RootProof(Text(Kid), Text(Algorithm), Bytes(Commit), new KeySignature(Text(SignatureKid), Bytes(Signature)))
            : null;
        return new KeyRow(
            entity.PartitionKey, entity.RowKey, entity[Epoch] as int? ?? 0, Bytes(Wrapped), entity[Created] as DateTimeOffset? ?? DateTimeOffset.UnixEpoch)
        {
            KeyId = entity[KeyId] as Guid? ?? Guid.Empty,
            Proof = proof,
            Erased = entity[Erased] as DateTimeOffset?,
            ETag = entity.ETag.ToString("G"),
        };

        string Text(string name) => entity[name] as string ?? "";
        byte[] Bytes(string name) => entity[name] as byte[] ?? [];
    }
}
