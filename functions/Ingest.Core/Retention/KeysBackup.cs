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
public readonly record struct KeysRestore(int Restored, int There, int KeptErased);

/// <summary>
/// Daily backups of the table of keys. A backup holds wrapped keys only, sealed under a key of its day, which the vault wraps and which is destroyed after 30 days: then
/// nobody can read the backup any more, whoever copied it. A restore brings back what is missing, overwrites nothing, and leaves erased what the ledger says is erased.
/// </summary>
public sealed class KeysBackup(TableServiceClient tables, BlobStore blobs, IKeyVault vault, ErasureLedger ledger, TimeProvider time)
{
    /// <summary>The blob container.</summary>
    public const string Container = "keybackups";

    /// <summary>How long a backup can be read.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(30);

    private const string Partition = "backup";
    private const int PartBytes = 8 * 1024 * 1024;
    private readonly TableClient _keys = tables.GetTableClient(TableNames.Keys);
    private readonly TableClient _backups = tables.GetTableClient(TableNames.KeyBackups);

    /// <summary>Makes the backup of today, if there is none; null when there is.</summary>
    public async Task<KeysBackupInfo?> RunDailyAsync(CancellationToken cancel)
    {
        string day = Day(time.GetUtcNow());
        return (await ListAsync(cancel)).Any(b => b.Id.StartsWith(day, StringComparison.Ordinal)) ? null : await RunAsync(cancel);
    }

    /// <summary>Makes a backup now.</summary>
    public async Task<KeysBackupInfo> RunAsync(CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        string id = $"{Day(now)}-{Guid.NewGuid():N}";
        byte[] key = RandomNumberGenerator.GetBytes(Floe.KeyLength);
        try
        {
            WrappedKey wrapped = await vault.WrapAsync(KeyPurpose.Data, key, cancel);
            int count = 0, parts = 0;
            ArrayBufferWriter<byte> part = new();
            await foreach (TableEntity row in _keys.QueryAsync(TableFilter.All, cancel: cancel))
            {
                TableEntityJson.Write(part, row);
                part.Write("\n"u8);
                count++;
                if (part.WrittenCount < PartBytes) continue;
                await PutAsync(id, parts++, key, part.WrittenMemory, cancel);
                part.Clear();
            }

            if (part.WrittenCount > 0) await PutAsync(id, parts++, key, part.WrittenMemory, cancel);
            // The row last: a backup that a crash cut off has no key and is no backup.
            await _backups.AddEntityAsync(new TableEntity(Partition, id)
            {
                ["wrapped"] = wrapped.Bytes, ["kid"] = wrapped.Kid, ["alg"] = wrapped.Algorithm, ["made"] = now, ["parts"] = parts, ["rows"] = count,
            }, cancel);
            return new KeysBackupInfo(id, now, count, now + Life);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>The backups that can be read, newest first.</summary>
    public async Task<IReadOnlyList<KeysBackupInfo>> ListAsync(CancellationToken cancel) =>
        [.. (await _backups.QueryAsync(TableFilter.PartitionIs(Partition), cancel: cancel).ToListAsync(cancel))
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

    /// <summary>Brings back the rows that are missing; null when there is no such backup or its time is over. Throws <see cref="SealBrokenException"/> when it was tampered with.</summary>
    public async Task<KeysRestore?> RestoreAsync(string id, CancellationToken cancel)
    {
        if (id is not { Length: >= 1 and <= 64 } || !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') || await _backups.GetEntityIfExistsAsync(Partition, id, cancel: cancel) is not { } row) return null;
        byte[] key = await vault.UnwrapAsync(KeyPurpose.Data, new WrappedKey(row.GetString("kid")!, row.GetString("alg")!, row.GetBinary("wrapped")!), cancel);
        KeysRestore done = default;
        Dictionary<TenantContext, HashSet<KeyPlace>> erased = [];
        try
        {
            for (int part = 0; part < row.GetInt32("parts"); part++)
            {
                foreach (TableEntity saved in await ReadAsync(id, part, key, cancel))
                {
                    TenantContext tenant = new(TenantId.Parse(saved.PartitionKey.Split('.')[0]));
                    if (!erased.TryGetValue(tenant, out HashSet<KeyPlace>? gone)) erased[tenant] = gone = await ErasedAsync(tenant, cancel);
                    if (gone.Contains(new KeyPlace(saved.PartitionKey, saved.RowKey))) done = done with { KeptErased = done.KeptErased + 1 };
                    else done = await PutBackAsync(saved, cancel) ? done with { Restored = done.Restored + 1 } : done with { There = done.There + 1 };
                }
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        // The emptied rows come back too, and an erasure may have begun meanwhile.
        foreach (TenantContext tenant in erased.Keys) await ledger.ReplayAsync(tenant, cancel);
        return done;
    }

    private async Task<HashSet<KeyPlace>> ErasedAsync(TenantContext tenant, CancellationToken cancel)
    {
        HashSet<KeyPlace> places = [];
        await foreach (KeyName name in ledger.ReadAllKeysAsync(tenant, cancel)) places.Add(KeyRing.PlaceOf(tenant, name));
        // Of a tenant that was erased as a whole nothing comes back, its roots least of all.
        if (await ledger.FindLastAsync(tenant, cancel) is not null) places.UnionWith(KeyRing.RootPlaces(tenant));
        return places;
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
        blobs.PutAsync(Container, Name(id, part), Floe.Encrypt(key, Binding(id, part), content.Span, (int)SegmentLength.Blob), onlyIfAbsent: true, cancel);

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
