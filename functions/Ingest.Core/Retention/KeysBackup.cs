using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>A backup of the table of keys.</summary>
/// <param name="Id">Its id: the day, and a random part.</param>
/// <param name="Made">When.</param>
/// <param name="Rows">How many rows it holds.</param>
/// <param name="Until">Until when it can be read.</param>
public sealed record KeysBackupInfo(string Id, DateTimeOffset Made, int Rows, DateTimeOffset Until);

/// <summary>What a restore did.</summary>
/// <param name="Restored">Rows that were missing and are back.</param>
/// <param name="There">Rows that were there and stayed as they were.</param>
/// <param name="KeptErased">Rows of erased keys, which were not brought back.</param>
/// <param name="KeptDestroyed">Root and index keys that were turned over since and from which nothing hangs any more, and keys of spam models, which are built anew: they were not brought back.</param>
/// <param name="MadeAnew">
/// Tenants, by id, with a root that was made anew since, under the number of one in the backup: what the backup holds of theirs opens under the old root alone, and none of it was brought back. Null when there is none.
/// </param>
public readonly record struct KeysRestore(int Restored, int There, int KeptErased, int KeptDestroyed, IReadOnlyList<string>? MadeAnew = null)
{
    /// <summary>Of the rows that are back, those of tickets and mails that the erasure of a person could not read: they were looked through at once, and what is theirs was erased.</summary>
    public int Awaited { get; init; }

    /// <summary>Tenants with an erasure that could not be gone on with just now, so that something of a person may be readable until housekeeping has looked; null when there is none.</summary>
    public IReadOnlyList<RestoreFault>? NotLookedAt { get; init; }

    /// <summary>Tenants whose ledger of erasures could not be read or carried out, so that nothing, or not all, of theirs was brought back, or something erased may be back; restoring again goes on. Null when there is none.</summary>
    public IReadOnlyList<RestoreFault>? NotDone { get; init; }
}

/// <summary>What was in the way of a restore with one tenant.</summary>
/// <param name="Tenant">Its id.</param>
/// <param name="Code">Why: a reason code, or the name of the fault.</param>
public sealed record RestoreFault(string Tenant, string Code)
{
    internal static RestoreFault Of(TenantContext tenant, Exception e) => new(tenant.ToString(), e is NotNowException later ? later.ReasonCode : e.GetType().Name);
}

/// <summary>
/// Daily backups of the table of keys. A backup holds wrapped keys only, sealed under a key of its day, which the vault wraps and which is destroyed after 30 days: then
/// nobody can read the backup any more, whoever copied it. A restore brings back what is missing, overwrites nothing, and leaves erased what the ledger says is erased, and originals
/// that were not to be kept.
/// However large the table, one part of it is in memory at a time, about 8 MiB of rows, held four times over at the worst; a backup that is cut off goes on at the part where it was.
/// </summary>
/// <param name="tables">The tables.</param>
/// <param name="blobs">The blobs.</param>
/// <param name="vault">What wraps a backup's key.</param>
/// <param name="ledger">What is erased.</param>
/// <param name="journal">What became of each original.</param>
/// <param name="time">The clock.</param>
/// <param name="lookAtUnread">Looks at what erasures of a tenant's people could not read, and erases what is theirs.</param>
public sealed partial class KeysBackup(TableServiceClient tables, BlobStore blobs, IKeyVault vault, ErasureLedger ledger, Journal journal, TimeProvider time, Func<TenantContext, CancellationToken, Task<int>> lookAtUnread)
{
    /// <summary>The blob container.</summary>
    public const string Container = "keybackups";

    /// <summary>How long a backup can be read.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(30);

    private const string Partition = "backup", Making = "making";
    internal int PartBytes { get; init; } = 8 * 1024 * 1024;
    private readonly TableClient _keys = tables.GetTableClient(TableNames.Keys);
    private readonly TableClient _backups = tables.GetTableClient(TableNames.KeyBackups);

    /// <summary>Makes the backup of today, or goes on with it, if there is none; null when there is.</summary>
    public async Task<KeysBackupInfo?> RunDailyAsync(CancellationToken cancel)
    {
        string day = Day(time.GetUtcNow());
        if ((await ListAsync(cancel)).Any(b => b.Id.StartsWith(day, StringComparison.Ordinal))) return null;
        TableEntity? begun = await _backups.GetEntityIfExistsAsync(Partition, Making, cancel: cancel);
        return begun?.GetBinary("wrapped") is not null && begun.GetString("id") is { } id && id.StartsWith(day, StringComparison.Ordinal)
            ? await GoOnAsync(begun, await OpenKeyAsync(begun, cancel), cancel)
            : await RunAsync(cancel);
    }

    /// <summary>Makes a backup now.</summary>
    public async Task<KeysBackupInfo> RunAsync(CancellationToken cancel)
    {
        byte[] key = RandomNumberGenerator.GetBytes(Floe.KeyLength);
        WrappedKey wrapped = await vault.WrapAsync(KeyPurpose.Data, key, cancel);
        TableEntity making = new(Partition, Making)
        {
            ["id"] = $"{Day(time.GetUtcNow())}-{Guid.NewGuid():N}", ["wrapped"] = wrapped.Bytes, ["kid"] = wrapped.Kid, ["alg"] = wrapped.Algorithm, ["made"] = time.GetUtcNow(), ["parts"] = 0, ["rows"] = 0,
        };
        await _backups.UpsertEntityAsync(making, TableUpdateMode.Replace, cancel);
        return await GoOnAsync(making, key, cancel);
    }

    private Task<byte[]> OpenKeyAsync(TableEntity row, CancellationToken cancel) =>
        vault.UnwrapAsync(KeyPurpose.Data, new WrappedKey(row.GetString("kid")!, row.GetString("alg")!, row.GetBinary("wrapped")!), cancel);

    // A part ends where a page does: so the place behind it can be written down.
    private async Task<KeysBackupInfo> GoOnAsync(TableEntity making, byte[] key, CancellationToken cancel)
    {
        string id = making.GetString("id")!;
        int parts = making.GetInt32("parts") ?? 0, count = making.GetInt32("rows") ?? 0;
        try
        {
            ArrayBufferWriter<byte> part = new();
            await foreach (TablePage page in _keys.QueryPagesAsync(TableFilter.All, 1000, continuationToken: making.GetString("next") is { Length: > 0 } next ? next : null, cancel: cancel))
            {
                foreach (TableEntity row in page.Values)
                {
                    TableEntityJson.Write(part, row);
                    part.Write("\n"u8);
                }

                count += page.Values.Count;
                if (part.WrittenCount < PartBytes || page.ContinuationToken is null) continue;
                await PutAsync(id, parts++, key, part.WrittenMemory, cancel);
                part.Clear();
                (making["parts"], making["rows"], making["next"]) = (parts, count, page.ContinuationToken);
                await _backups.UpsertEntityAsync(making, TableUpdateMode.Replace, cancel);
            }

            if (part.WrittenCount > 0) await PutAsync(id, parts++, key, part.WrittenMemory, cancel);
            TableEntity made = new(Partition, id);
            foreach (string column in (ReadOnlySpan<string>)["wrapped", "kid", "alg", "made"]) made[column] = making[column];
            (made["parts"], made["rows"]) = (parts, count);
            // The row last: a backup that a crash cut off has no row, and is none.
            await _backups.UpsertEntityAsync(made, TableUpdateMode.Replace, cancel);
            // Its key is in that row and nowhere else from now on.
            await _backups.UpsertEntityAsync(new TableEntity(Partition, Making) { ["id"] = id, ["next"] = "" }, TableUpdateMode.Replace, cancel);
            return new KeysBackupInfo(id, making.GetDateTimeOffset("made")!.Value, count, making.GetDateTimeOffset("made")!.Value + Life);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>The backups that can be read, newest first.</summary>
    public async Task<IReadOnlyList<KeysBackupInfo>> ListAsync(CancellationToken cancel) =>
        [.. (await _backups.QueryAsync(TableFilter.PartitionIs(Partition), cancel: cancel).ToListAsync(cancel)).Where(row => row.RowKey != Making)
            .Select(row => (row.RowKey, Made: row.GetDateTimeOffset("made") ?? default, Rows: row.GetInt32("rows") ?? 0))
            .Select(b => new KeysBackupInfo(b.RowKey, b.Made, b.Rows, b.Made + Life)).OrderByDescending(b => b.Made)];

    /// <summary>Destroys the keys of backups whose time is over, and then their blobs, those of no backup included; returns how many keys.</summary>
    public async Task<int> ExpireAsync(CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        int expired = 0;
        foreach (KeysBackupInfo old in (await ListAsync(cancel)).Where(b => b.Until <= now))
            if (await _backups.DeleteEntityAsync(Partition, old.Id, ETag.All, cancel)) expired++;
        HashSet<string> living = [.. (await ListAsync(cancel)).Select(b => b.Id)];
        await foreach (StoredBlob blob in blobs.ListAsync(Container, prefix: null, cancel))
            // One that is being made has no row yet.
            if (!living.Contains(blob.Name.Split('/')[0]) && blob.CreatedAt < now - TimeSpan.FromDays(1)) await blobs.DeleteIfExistsAsync(Container, blob.Name, cancel);
        return expired;
    }

    private async Task<bool> PutBackAsync(TableEntity row, CancellationToken cancel)
    {
        try
        {
            await _keys.AddEntityAsync(row, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            return false;
        }
    }

    private static byte[] Binding(string id, int part) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"TKE1 keys backup {id} {part}"));

    private Task<bool> PutAsync(string id, int part, byte[] key, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        blobs.PutAsync(Container, Name(id, part), Floe.Encrypt(key, Binding(id, part), content.Span, (int)SegmentLength.Blob), onlyIfAbsent: false, cancel);

    private async Task<List<TableEntity>> ReadAsync(string id, int part, byte[] key, CancellationToken cancel)
    {
        using MemoryStream box = new();
        if (!await blobs.CopyToAsync(Container, Name(id, part), box, cancel: cancel)) throw new NotNowException("backup-part-missing");
        byte[] plain = Floe.Decrypt(key, Binding(id, part), box.GetBuffer().AsSpan(0, (int)box.Length), (int)SegmentLength.Blob);
        List<TableEntity> rows = [];
        foreach (string line in Encoding.UTF8.GetString(plain).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            rows.Add(TableEntityJson.Read(json.RootElement));
        }

        return rows;
    }

    private static string Name(string id, int part) => string.Create(CultureInfo.InvariantCulture, $"{id}/{part:D5}");

    private static string Day(DateTimeOffset now) => now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
