using System.Globalization;
using System.Text;
using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Retention;

/// <summary>
/// Every erasure there was. It is written before anything is destroyed, and every key is named in it before the key goes: so an erasure that a crash ended is gone on
/// with, and keys that come back with an old copy of their table are erased again. The names of keys lie in the table and, each a blob of its own that is never written
/// again, in a container: whoever puts an old copy of all tables back has not made the ledger forget.
/// </summary>
public sealed partial class ErasureLedger(TableServiceClient tables, BlobStore blobs, KeyRing keys, TimeProvider time)
{
    /// <summary>The blob container.</summary>
    public const string Container = "erasures";

    private const string Owner = "erasures", EntryPrefix = "e!", TargetPrefix = "t!", KeysPrefix = "k!", FoundPrefix = "f!", NewestPrefix = "n!";
    // One partition for all tenants, so that housekeeping finds what is not closed without reading what is; no tenant has a hyphen in its name.
    private const string OpenPartition = "-open";
    private const int KeysInRow = 200, ReadsAtOnce = 16;
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Erasures);

    private static SealContext Seal(TenantContext tenant, string id, string part) => new(tenant.Tenant, KeyClass.Tenant, Owner, $"{part}:{id}");

    /// <summary>The erasure of this target, entered now if there was none; whoever asks at the same time gets the same one.</summary>
    internal async Task<Erasure> BeginAsync(TenantContext tenant, ErasureKind kind, string target, ErasureNotes notes, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (await FindAsync(tenant, kind, target, cancel) is { } there)
        {
            if (there.State != ErasureState.Held) return there;
            await OpenAsync(tenant, there, cancel);
            return await SaveAsync(tenant, there with { State = ErasureState.Begun, Begun = now, Notes = notes }, cancel);
        }

        Erasure fresh = new() { Id = Pack.NewId(now), Kind = kind, Target = target, State = ErasureState.Begun, Begun = now, Notes = notes };
        await OpenAsync(tenant, fresh, cancel);
        try
        {
            await _rows.SubmitTransactionAsync(
            [
                new TableTransactionAction(TableTransactionActionType.Add, await WriteAsync(tenant, fresh, cancel)),
                new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(tenant.Tenant.Value, NewestRow(fresh)) { ["erasure"] = fresh.Id }),
                new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(tenant.Tenant.Value, TargetRow(kind, target)) { ["erasure"] = fresh.Id }),
            ], cancel);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Somebody else asked at the same moment, or an answer was lost.
        }

        Erasure begun = await FindAsync(tenant, kind, target, cancel) ?? throw new NotNowException("erasure-contended");
        if (begun.Id != fresh.Id) await CloseAsync(tenant, fresh.Id, cancel);
        return begun;
    }

    /// <summary>Enters an erasure among those that the clock looks at, before anything of it is written.</summary>
    internal Task<ETag> OpenAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel) =>
        _rows.UpsertEntityAsync(new TableEntity(OpenPartition, $"{tenant}!{erasure.Id}") { ["kind"] = erasure.Kind.ToString() }, TableUpdateMode.Replace, cancel);

    /// <summary>Takes an erasure from those that are looked at by the clock.</summary>
    internal Task CloseAsync(TenantContext tenant, string id, CancellationToken cancel) => _rows.DeleteEntityAsync(OpenPartition, $"{tenant}!{id}", ETag.All, cancel);

    // Sorts from new to old.
    private static string NewestRow(Erasure erasure) => string.Create(CultureInfo.InvariantCulture, $"{NewestPrefix}{DateTimeOffset.MaxValue.UtcTicks - erasure.Begun.UtcTicks:D19}!{erasure.Id}");

    /// <summary>The erasure of a target, or null when there was none.</summary>
    public async Task<Erasure?> FindAsync(TenantContext tenant, ErasureKind kind, string target, CancellationToken cancel) =>
        (await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, TargetRow(kind, target), cancel: cancel))?.GetString("erasure") is { } id ? await FindAsync(tenant, id, cancel) : null;

    /// <summary>The erasure with this id, or null.</summary>
    public async Task<Erasure?> FindAsync(TenantContext tenant, string id, CancellationToken cancel) =>
        id is { Length: >= 1 and <= 64 } && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            && await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, EntryPrefix + id, cancel: cancel) is { } row ? await ReadAsync(tenant, row, cancel) : null;

    /// <summary>Every erasure of a tenant, oldest first.</summary>
    public async IAsyncEnumerable<Erasure> ListAsync(TenantContext tenant, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(EntryPrefix)), cancel: cancel))
            yield return await ReadAsync(tenant, row, cancel);
    }

    /// <summary>Writes an erasure as it stands now; throws <see cref="NotNowException"/> when somebody else went on with it meanwhile.</summary>
    internal async Task<Erasure> SaveAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        try
        {
            ETag version = await _rows.UpdateEntityAsync(await WriteAsync(tenant, erasure, cancel), new ETag(erasure.Version), TableUpdateMode.Replace, cancel);
            if (erasure.State is ErasureState.Settled or ErasureState.Held) await CloseAsync(tenant, erasure.Id, cancel);
            return erasure with { Version = version.ToString() };
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            throw new NotNowException("erasure-contended");
        }
    }

    /// <summary>Names the keys that a part of an erasure is about to destroy. What was named before stands: asked again, it tells those.</summary>
    internal Task<IReadOnlyList<KeyName>> NameKeysAsync(TenantContext tenant, Erasure erasure, string part, IReadOnlyList<KeyName> names, CancellationToken cancel) => NameKeysAsync(tenant, erasure.Id, part, names, cancel);

    /// <summary>The same for keys that go without an erasure, such as by a redaction, under an id of its own.</summary>
    internal async Task<IReadOnlyList<KeyName>> NameKeysAsync(TenantContext tenant, string erasure, string part, IReadOnlyList<KeyName> names, CancellationToken cancel)
    {
        List<KeyName> before = [.. await ReadKeysAsync(tenant, erasure, part, cancel).ToListAsync(cancel)];
        HashSet<(KeyClass, string)> known = [.. before.Select(k => (k.Class, k.Owner))];
        KeyName[] added = [.. names.Where(k => known.Add((k.Class, k.Owner)))];
        foreach (KeyName[] some in added.Chunk(KeysInRow))
        {
            KeyName[] living = await Task.WhenAll(some.Select(k => keys.NameAsync(tenant, k, cancel)));
            string name = Guid.NewGuid().ToString("N"), row = $"{KeysPrefix}{erasure}!{part}!{name}";
            // In the clear, ids as they are: it must be readable when no key is left but those of an old copy.
            await blobs.PutAsync(Container, $"{tenant}/{erasure}/{name}", Encoding.ASCII.GetBytes(Format(living)), onlyIfAbsent: true, cancel);
            await _rows.UpsertEntityAsync(new TableEntity(tenant.Tenant.Value, row) { ["keys"] = Format(living), ["count"] = living.Length }, TableUpdateMode.Replace, cancel);
            before.AddRange(living);
        }

        return before;
    }

    /// <summary>Every key that an erasure named, or a part of it.</summary>
    public async IAsyncEnumerable<KeyName> ReadKeysAsync(TenantContext tenant, string erasure, string? part, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string prefix = part is null ? $"{KeysPrefix}{erasure}!" : $"{KeysPrefix}{erasure}!{part}!";
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(prefix)), cancel: cancel))
            foreach (KeyName key in Parse(row.GetString("keys") ?? "")) yield return key;
    }

    /// <summary>Every key that was ever named, by the table and by the container.</summary>
    public async IAsyncEnumerable<KeyName> ReadAllKeysAsync(TenantContext tenant, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(KeysPrefix)), cancel: cancel))
            foreach (KeyName name in Parse(row.GetString("keys") ?? "")) yield return name;
        await foreach (StoredBlob blob in blobs.ListAsync(Container, $"{tenant}/", cancel))
        {
            if (blob.Name == LastName(tenant)) continue;
            if (await blobs.ReadRangeAsync(Container, blob.Name, 0, (int)blob.Size, cancel) is not { } names) continue;
            foreach (KeyName name in Parse(Encoding.ASCII.GetString(names))) yield return name;
        }
    }

    /// <summary>Erases once more every key that the ledger names: after a restore, or to be sure. Returns how many had come back to life.</summary>
    public async Task<int> ReplayAsync(TenantContext tenant, CancellationToken cancel)
    {
        // Of a tenant that was erased as a whole the roots, too, which no erasure names.
        int revived = await FindLastAsync(tenant, cancel) is not null ? await keys.EraseRootsAsync(tenant, cancel) : 0;
        List<KeyName> all = (await ReadAllKeysAsync(tenant, cancel).ToListAsync(cancel)).DistinctBy(k => (k.Class, k.Inbox, k.Owner)).ToList();
        foreach (KeyName[] some in all.Chunk(KeysInRow))
        {
            KeyName[] now = await Task.WhenAll(some.Select(k => keys.NameAsync(tenant, k, cancel)));
            revived += now.Count(k => k.Id != Guid.Empty);
            await keys.EraseAsync(tenant, now, cancel);
        }

        // A model of before may hold what was erased since, under a key that had its time before the erasure: housekeeping builds one from what lives.
        if (all.Count > 0)
            foreach ((KeyName model, _) in await keys.NamesAsync(tenant, Tickets.Lessons.ModelKeys, cancel)) await keys.DiscardAsync(tenant, model, cancel);

        return revived;
    }

    /// <summary>The blob that says for good that a tenant was erased: its last receipt.</summary>
    internal static string LastName(TenantContext tenant) => $"{tenant}/gone";

    /// <summary>
    /// Keeps a tenant's last receipt in the clear, since nothing of theirs can be opened any more; it holds ids and counts. As a blob first, which is never written again:
    /// an old copy of the table does not make the tenant readable.
    /// </summary>
    internal async Task KeepLastAsync(TenantContext tenant, byte[] receipt, CancellationToken cancel)
    {
        await blobs.PutAsync(Container, LastName(tenant), receipt, onlyIfAbsent: true, cancel);
        byte[] kept = await ReadLastAsync(tenant, cancel) ?? receipt;
        await _rows.UpsertEntityAsync(new TableEntity(tenant.Tenant.Value, "gone") { ["last"] = Encoding.UTF8.GetString(kept) }, TableUpdateMode.Replace, cancel);
    }

    /// <summary>The receipt of a tenant's erasure, or null when it was not erased: by the table or, where an old copy of it was put back, by the container.</summary>
    public async Task<byte[]?> FindLastAsync(TenantContext tenant, CancellationToken cancel) =>
        (await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, "gone", cancel: cancel))?.GetString("last") is { } receipt ? Encoding.UTF8.GetBytes(receipt) : await ReadLastAsync(tenant, cancel);

    private async Task<byte[]?> ReadLastAsync(TenantContext tenant, CancellationToken cancel)
    {
        using MemoryStream receipt = new();
        return await blobs.CopyToAsync(Container, LastName(tenant), receipt, cancel: cancel) ? receipt.ToArray() : null;
    }

    private static string TargetRow(ErasureKind kind, string target) => $"{TargetPrefix}{kind}!{target}";

    private static string Format(IEnumerable<KeyName> names) =>
        string.Concat(names.Select(k => string.Create(CultureInfo.InvariantCulture, $"{(int)k.Class} {k.Inbox?.Value ?? "-"} {k.Owner} {k.Id:N}\n")));

    private static IEnumerable<KeyName> Parse(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
        .Select(f => new KeyName((KeyClass)int.Parse(f[0], CultureInfo.InvariantCulture), f[2], f[1] == "-" ? null : InboxId.Parse(f[1]), Guid.ParseExact(f[3], "N")));

    private async Task<TableEntity> WriteAsync(TenantContext tenant, Erasure e, CancellationToken cancel)
    {
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, Owner, cancel);
        TableEntity row = new(tenant.Tenant.Value, EntryPrefix + e.Id)
        {
            ["kind"] = e.Kind.ToString(),
            ["target"] = e.Target,
            ["state"] = e.State.ToString(),
            ["begun"] = e.Begun,
            ["doc"] = Envelope.Seal(JsonSerializer.SerializeToUtf8Bytes(e.Notes, RetentionJson.Default.ErasureNotes), key, Seal(tenant, e.Id, "erasure"), SegmentLength.Row),
        };
        if (e.Destroyed is { } destroyed) row["destroyed"] = destroyed;
        if (e.Receipt is { } receipt) row["receipt"] = Envelope.Seal(receipt, key, Seal(tenant, e.Id, "receipt"), SegmentLength.Row);
        return row;
    }

    private async Task<Erasure> ReadAsync(TenantContext tenant, TableEntity row, CancellationToken cancel)
    {
        string id = row.RowKey[EntryPrefix.Length..];
        using DataKey key = await keys.FindAsync(tenant, KeyClass.Tenant, Owner, cancel) ?? throw new NotNowException("erasure-key-missing");
        return new Erasure
        {
            Id = id,
            Kind = Enum.Parse<ErasureKind>(row.GetString("kind")!),
            Target = row.GetString("target")!,
            State = Enum.Parse<ErasureState>(row.GetString("state")!),
            Begun = row.GetDateTimeOffset("begun") ?? default,
            Destroyed = row.GetDateTimeOffset("destroyed"),
            Notes = JsonSerializer.Deserialize(Envelope.Open(row.GetBinary("doc")!, key, Seal(tenant, id, "erasure")), RetentionJson.Default.ErasureNotes)!,
            Receipt = row.GetBinary("receipt") is { } box ? Envelope.Open(box, key, Seal(tenant, id, "receipt")) : null,
            Version = row.ETag.ToString(),
        };
    }
}
