using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>
/// The root keys of tenants: made on first use, proven on every load, kept for at most an hour. A row is written once by one transaction; whoever loses
/// that race reads the winner's. Signature first, then unwrap, then commitment.
/// </summary>
internal sealed partial class RootKeys(IKeyRows rows, IKeyVault vault, TimeProvider time, TenantKeks? keks)
{
    private const int FirstEpoch = 1;

    private readonly RootRows rootRows = new(vault);

    private readonly KeyCache<(TenantId, KeyPurpose), TenantRoot> cache =
        new(time, root => root.Secret, maxAge: TimeSpan.FromMinutes(60), maxIdle: TimeSpan.FromMinutes(15), capacity: 4000);

    private readonly ConcurrentDictionary<(TenantId, KeyPurpose), Lazy<Task<TenantRoot>>> loading = new();
    private readonly ConcurrentDictionary<(TenantId, KeyPurpose), int> newestSeen = new();
    private readonly ConcurrentDictionary<TenantId, int> newestIndexSeen = new();

    /// <summary>The tenant's root with a hold for the caller; at most one load at a time, which no caller's cancellation ends.</summary>
    public async ValueTask<TenantRoot> HoldAsync(TenantId tenant, KeyPurpose purpose, CancellationToken cancel)
    {
        (TenantId, KeyPurpose) id = (tenant, purpose);
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            if (cache.TryHold(id, out TenantRoot? found))
                return found;

            Lazy<Task<TenantRoot>> load = loading.GetOrAdd(id, _ => new Lazy<Task<TenantRoot>>(() => Task.Run(() => LoadOnceAsync(tenant, purpose))));
            TenantRoot root = await load.Value.WaitAsync(cancel);
            if (root.Secret.TryHold())
                return root;
        }
    }

    /// <summary>Drops what is kept, so that the next use reads the rows again.</summary>
    public void Forget(TenantId tenant, KeyPurpose purpose) => cache.Forget((tenant, purpose));

    public void Sweep() => cache.Sweep();

    public void Clear() => cache.Clear();

    private async Task<TenantRoot> LoadOnceAsync(TenantId tenant, KeyPurpose purpose)
    {
        try
        {
            // Another load may have ended between the caller's look into the cache and now.
            if (cache.TryHold((tenant, purpose), out TenantRoot? found))
            {
                found.Secret.LetGo();
                return found;
            }

            long stamp = cache.Stamp;
            TenantRoot root = await TimeLimit.RunAsync(cancel => LoadAsync(tenant, purpose, cancel), time, CancellationToken.None);
            cache.Keep((tenant, purpose), root, stamp);
            root.Secret.LetGo();
            return root;
        }
        finally
        {
            loading.TryRemove((tenant, purpose), out _);
        }
    }

    private async Task<TenantRoot> LoadAsync(TenantId tenant, KeyPurpose purpose, CancellationToken cancel)
    {
        List<KeyRow> found = await ListAsync(tenant, cancel);
        if (!found.Any(row => KeyPlace.EpochOf(row.Row, KeyPlace.RootPrefix(purpose)) > 0))
        {
            // A process that has seen a root does not make another: the rows were taken away.
            if (newestSeen.ContainsKey((tenant, purpose)))
                throw new RootKeyRefusedException();
            if (await TryCreateAsync(tenant, purpose, cancel) is { } created)
                return created;
            found = await ListAsync(tenant, cancel);
        }

        return await OpenAsync(tenant, purpose, found, cancel);
    }

    private async Task<TenantRoot> OpenAsync(TenantId tenant, KeyPurpose purpose, List<KeyRow> found, CancellationToken cancel)
    {
        List<KeyRow> roots = [.. found.Where(row => KeyPlace.EpochOf(row.Row, KeyPlace.RootPrefix(purpose)) > 0).OrderBy(row => row.Epoch)];
        KeyRow? idKey = found.Find(row => row.Row == KeyPlace.IdKey(tenant).Row);
        IReadOnlyList<(int Epoch, KeyRow Row)> indexKeys = purpose == KeyPurpose.Data ? LivingIndexKeys(found) : [];
        bool whole = roots.Count > 0 && (purpose == KeyPurpose.Credential || (idKey is not null && indexKeys.Count > 0));
        if (!whole || roots[^1].Epoch < newestSeen.GetValueOrDefault((tenant, purpose)) || (indexKeys.Count > 0 && indexKeys[^1].Epoch < newestIndexSeen.GetValueOrDefault(tenant)))
            throw new RootKeyRefusedException();

        TenantRoot root = new(tenant, [.. roots.Select(row => row.Epoch)], [.. indexKeys.Select(key => key.Epoch)]);
        try
        {
            KeyScope scope = await ScopeAsync(tenant, purpose, cancel);
            foreach (KeyRow row in roots)
                await OpenRootAsync(root, scope, row, cancel);
            if (purpose == KeyPurpose.Data)
                OpenTenantKeys(root, idKey!, indexKeys);
        }
        catch
        {
            root.Secret.LetGo();
            throw;
        }

        newestSeen.AddOrUpdate((tenant, purpose), root.Epoch, (_, seen) => Math.Max(seen, root.Epoch));
        if (indexKeys.Count > 0)
            newestIndexSeen.AddOrUpdate(tenant, indexKeys[^1].Epoch, (_, seen) => Math.Max(seen, indexKeys[^1].Epoch));
        return root;
    }

    private async Task OpenRootAsync(TenantRoot root, KeyScope scope, KeyRow row, CancellationToken cancel)
    {
        byte[] key = await rootRows.OpenAsync(root.Tenant, scope, row, cancel);
        root.Secret.Write(root.RootOffset(row.Epoch), key);
        CryptographicOperations.ZeroMemory(key);
    }

    private static void OpenTenantKeys(TenantRoot root, KeyRow idKey, IReadOnlyList<(int Epoch, KeyRow Row)> indexKeys)
    {
        try
        {
            KeyWrap.Unwrap(idKey.Wrapped, root, idKey.Epoch, KeyWrap.ForIdKey(root.Tenant, idKey.Epoch), root.Secret, root.IdKeyOffset);
            foreach ((int epoch, KeyRow row) in indexKeys)
                KeyWrap.Unwrap(row.Wrapped, root, row.Epoch, KeyWrap.ForIndexKey(root.Tenant, epoch, row.Epoch), root.Secret, root.IndexKeyOffset(epoch));
        }
        catch (SealBrokenException)
        {
            throw new RootKeyRefusedException();
        }
    }

    /// <summary>Root, id key and index key appear together or not at all; null when another was first.</summary>
    private async Task<TenantRoot?> TryCreateAsync(TenantId tenant, KeyPurpose purpose, CancellationToken cancel)
    {
        TenantRoot root = new(tenant, [FirstEpoch], purpose == KeyPurpose.Data ? [FirstEpoch] : []);
        bool kept = false;
        byte[] key = GC.AllocateArray<byte>(Floe.KeyLength, pinned: true);
        try
        {
            RandomNumberGenerator.Fill(key);
            root.Secret.Write(0, key);
            DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
            KeyPlace place = KeyPlace.Root(tenant, purpose, FirstEpoch);
            KeyScope scope = await ScopeAsync(tenant, purpose, cancel);
            List<KeyRow> made = [await rootRows.WriteAsync(tenant, scope, new KeyRow(place.Partition, place.Row, FirstEpoch, [], now), key, cancel)];
            if (purpose == KeyPurpose.Data)
                made.AddRange(MakeTenantKeys(root, now));

            kept = await rows.TryInsertAsync(made, cancel);
            if (kept)
                newestSeen.TryAdd((tenant, purpose), FirstEpoch);
            return kept ? root : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            if (!kept)
                root.Secret.LetGo();
        }
    }

    private static IEnumerable<KeyRow> MakeTenantKeys(TenantRoot root, DateTimeOffset now)
    {
        KeyPlace idPlace = KeyPlace.IdKey(root.Tenant);
        KeyPlace indexPlace = KeyPlace.IndexKey(root.Tenant, FirstEpoch);
        yield return Make(idPlace, root.IdKeyOffset, KeyWrap.ForIdKey(root.Tenant, root.Epoch));
        yield return Make(indexPlace, root.IndexKeyOffset(FirstEpoch), KeyWrap.ForIndexKey(root.Tenant, FirstEpoch, root.Epoch));

        KeyRow Make(KeyPlace place, int offset, Canonical binding)
        {
            SecretBytes made = SecretBytes.Random(Floe.KeyLength);
            made.CopyTo(0, root.Secret, offset, Floe.KeyLength);
            KeyRow row = new(place.Partition, place.Row, root.Epoch, KeyWrap.Wrap(made, root, root.Epoch, binding), now);
            made.LetGo();
            return row;
        }
    }

    private async Task<List<KeyRow>> ListAsync(TenantId tenant, CancellationToken cancel)
    {
        List<KeyRow> found = [];
        await foreach (KeyRow row in rows.ListAsync(KeyPlace.RootPartition(tenant), cancel))
            found.Add(row);
        return found;
    }

    /// <summary>The keys that a tenant's roots may hang from: its own come in only for data, since the front may unwrap data keys and must not unwrap credentials.</summary>
    public async Task<KeyScope> ScopeAsync(TenantId tenant, KeyPurpose purpose, CancellationToken cancel) =>
        purpose == KeyPurpose.Data && keks is not null ? new KeyScope(purpose, await keks.FindAsync(tenant, cancel)) : purpose;
}
