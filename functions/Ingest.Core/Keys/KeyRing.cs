using System.Collections.Concurrent;
using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>
/// Every key of every tenant: made on first use, found again, erased. A key that exists is in the table before it is used; insert comes first and a
/// conflict reads, so that a new key costs one operation and two makers agree on one. Erased keys leave an emptied row, in whose place no other key is ever
/// made, and may live on in another process for 10 minutes for what that writes; what it reads of mail, tickets and contacts opens for 60 seconds at most.
/// </summary>
public sealed partial class KeyRing : IDisposable
{
    /// <summary>The most raw keys one call makes: the rows of one transaction.</summary>
    public const int MaxRawBatch = 100;

    private const int InFlight = 16;
    private const int MostErased = 20_000;
    private static readonly TimeSpan KeyAge = TimeSpan.FromMinutes(10), SeenAge = TimeSpan.FromSeconds(60);

    private readonly IKeyRows rows;
    private readonly TimeProvider time;
    private readonly RootKeys roots;
    private readonly KeyCache<KeyPlace, DataKey> cache;
    private readonly ConcurrentDictionary<KeyPlace, long> erasedAt = new();
    private readonly ITimer sweeper;

    /// <summary>A ring over these rows and this vault, which knows the keys that tenants bring from <paramref name="keks"/>; dispose it to zero what it holds.</summary>
    public KeyRing(IKeyRows rows, IKeyVault vault, TimeProvider time, TenantKeks? keks = null)
    {
        this.rows = rows;
        this.time = time;
        roots = new RootKeys(rows, vault, time, keks);
        Credentials = new CredentialKeys(rows, vault, roots, time);
        Roots = new RootCare(rows, vault, roots, Credentials, time);
        cache = new KeyCache<KeyPlace, DataKey>(time, key => key.Secret, KeyAge, KeyAge, capacity: 20_000, key => key.IsSpent);
        sweeper = time.CreateTimer(_ => Sweep(), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    /// <summary>The keys of mailbox credentials, which whoever stores one need not be able to open.</summary>
    public CredentialKeys Credentials { get; }

    /// <summary>The care of root keys: what hangs from which key, and wrapping anew.</summary>
    public RootCare Roots { get; }

    /// <summary>The tenant's names; makes its root, id key and index key when it is new. At most one unwrap an hour.</summary>
    public async ValueTask<TenantKeys> ForTenantAsync(TenantContext tenant, CancellationToken cancel) =>
        new(await roots.HoldAsync(Known(tenant), KeyPurpose.Data, cancel));

    /// <summary>The key of this owner, made if there is none: no operation when held, one when new, two when it exists. Throws <see cref="KeyErasedException"/> when it was erased.</summary>
    public async ValueTask<DataKey> GetOrCreateAsync(TenantContext tenant, KeyClass keyClass, string owner, CancellationToken cancel)
    {
        KeyPlace place = KeyPlace.Data(Known(tenant), keyClass, owner);
        return Held(place) ?? (await MakeAsync(tenant.Tenant, keyClass, [(place, owner)], cancel))[0];
    }

    /// <summary>
    /// The keys of up to 100 raw mails of an inbox, in the given order, the new ones made in one transaction. Throws <see cref="KeyErasedException"/>, which
    /// says whose, when some were erased.
    /// </summary>
    public async ValueTask<IReadOnlyList<DataKey>> GetOrCreateRawAsync(
        TenantContext tenant, InboxId inbox, IReadOnlyList<string> messageKeys, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(messageKeys.Count, MaxRawBatch, nameof(messageKeys));
        List<(KeyPlace Place, string Owner)> wanted =
            [.. messageKeys.Select(messageKey => (KeyPlace.Raw(Known(tenant), inbox, messageKey), messageKey))];
        return wanted.Count == 0 ? [] : await MakeAsync(tenant.Tenant, KeyClass.Raw, wanted, cancel);
    }

    /// <summary>The key of this owner, or null when it was never made or is erased: no operation when held, else one. Held means for mail, tickets and contacts: seen in the table within 60 seconds.</summary>
    public ValueTask<DataKey?> FindAsync(TenantContext tenant, KeyClass keyClass, string owner, CancellationToken cancel) =>
        FindAsync(tenant.Tenant, KeyPlace.Data(Known(tenant), keyClass, owner), keyClass, owner, cancel);

    /// <summary>The key of a raw mail, or null when it was never made or is erased.</summary>
    public ValueTask<DataKey?> FindRawAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel) =>
        FindAsync(tenant.Tenant, KeyPlace.Raw(Known(tenant), inbox, messageKey), KeyClass.Raw, messageKey, cancel);

    /// <summary>The key of a raw mail; or none, and whether it was erased, which its emptied row says, or there is no row, as when the table was lost. No operation when held, else one.</summary>
    internal ValueTask<(DataKey? Key, bool Erased)> LookRawAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel) =>
        LookAsync(tenant.Tenant, KeyPlace.Raw(Known(tenant), inbox, messageKey), KeyClass.Raw, messageKey, cancel);

    /// <summary>Zeroes every key that nobody has borrowed.</summary>
    public void Dispose()
    {
        sweeper.Dispose();
        Credentials.Clear();
        cache.Clear();
        roots.Clear();
    }

    private async ValueTask<DataKey?> FindAsync(TenantId tenant, KeyPlace place, KeyClass keyClass, string owner, CancellationToken cancel) =>
        (await LookAsync(tenant, place, keyClass, owner, cancel)).Key;

    private async ValueTask<(DataKey? Key, bool Erased)> LookAsync(TenantId tenant, KeyPlace place, KeyClass keyClass, string owner, CancellationToken cancel)
    {
        // What may be erased is looked for again before it is read from for long: whoever reads for a person must not be shown what another process has erased.
        bool mayGo = keyClass is KeyClass.Raw or KeyClass.Ticket or KeyClass.Contact;
        if (cache.TryHold(place, out DataKey? held, mayGo ? SeenAge : null))
            return (held.Another(), false);
        if (erasedAt.TryGetValue(place, out long since) && time.GetElapsedTime(since) < SeenAge)
            return (null, true);
        long stamp = cache.Stamp;
        KeyRow? row = await TimeLimit.RunAsync(limited => rows.GetAsync(place.Partition, place.Row, limited), time, cancel);
        if (row is null or { Erased: not null })
        {
            cache.Forget(place);
            if (row is not null && erasedAt.Count < MostErased)
                erasedAt[place] = time.GetTimestamp();
            return (null, row is not null);
        }

        DataKey key = await OpenAsync(tenant, keyClass, owner, row, stamp, cancel);
        cache.Saw(place, kept => kept.Id == row.KeyId);
        return (key, false);
    }

    // Insert all that are not held; when some exist already, read, and insert what is still absent. An eraser at work at the same time can make
    // another round necessary, but not for ever.
    private async Task<DataKey[]> MakeAsync(
        TenantId tenant, KeyClass keyClass, IReadOnlyList<(KeyPlace Place, string Owner)> wanted, CancellationToken cancel)
    {
        Dictionary<KeyPlace, DataKey> have = [];
        TenantRoot root = await roots.HoldAsync(tenant, PurposeOf(keyClass), cancel);
        try
        {
            foreach ((KeyPlace place, _) in wanted)
            {
                if (!have.ContainsKey(place) && Held(place) is { } held)
                    have.Add(place, held);
            }

            for (int round = 0; ; round++)
            {
                List<(KeyPlace Place, string Owner)> absent = [.. wanted.Where(want => !have.ContainsKey(want.Place)).Distinct()];
                if (absent.Count == 0 || await TryInsertAsync(root, keyClass, absent, have, cancel))
                    return [.. wanted.Select(want => Lend(have[want.Place]))];
                if (round == 4)
                    throw new TimeoutException("The keys changed while they were read.");
                await ReadAsync(tenant, keyClass, absent, have, cancel);
            }
        }
        finally
        {
            root.Secret.LetGo();
            foreach (DataKey key in have.Values)
                key.Dispose();
        }
    }

    private async Task<bool> TryInsertAsync(
        TenantRoot root, KeyClass keyClass, List<(KeyPlace Place, string Owner)> absent, Dictionary<KeyPlace, DataKey> have, CancellationToken cancel)
    {
        long stamp = cache.Stamp;
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        List<DataKey> made = [.. absent.Select(want => new DataKey(Guid.NewGuid(), root.Tenant, keyClass, want.Owner, SecretBytes.Random(Floe.KeyLength)))];
        List<KeyRow> added = [.. absent.Zip(made, (want, key) => new KeyRow(want.Place.Partition, want.Place.Row, root.Epoch, Wrap(root, key), now) { KeyId = key.Id })];
        bool inserted = false;
        try
        {
            inserted = await TimeLimit.RunAsync(limited => rows.TryInsertAsync(added, limited), time, cancel);
            for (int i = 0; inserted && i < made.Count; i++)
            {
                cache.Keep(absent[i].Place, made[i].Another(), stamp);
                have.Add(absent[i].Place, made[i]);
            }

            return inserted;
        }
        finally
        {
            if (!inserted)
                made.ForEach(key => key.Dispose());
        }
    }

    private async Task ReadAsync(
        TenantId tenant, KeyClass keyClass, List<(KeyPlace Place, string Owner)> absent, Dictionary<KeyPlace, DataKey> have, CancellationToken cancel)
    {
        DataKey?[] read = new DataKey?[absent.Count];
        bool[] erased = new bool[absent.Count];
        ParallelOptions limits = new() { MaxDegreeOfParallelism = InFlight, CancellationToken = cancel };
        try
        {
            await Parallel.ForAsync(0, absent.Count, limits, async (i, stop) =>
                (read[i], erased[i]) = await LookAsync(tenant, absent[i].Place, keyClass, absent[i].Owner, stop));
        }
        finally
        {
            for (int i = 0; i < read.Length; i++)
            {
                if (read[i] is { } key)
                    have.Add(absent[i].Place, key);
            }
        }

        if (erased.Contains(true))
            throw new KeyErasedException([.. absent.Where((_, i) => erased[i]).Select(want => want.Owner)]);
    }

    private async ValueTask<DataKey> OpenAsync(TenantId tenant, KeyClass keyClass, string owner, KeyRow row, long stamp, CancellationToken cancel)
    {
        TenantRoot root = await roots.HoldAsync(tenant, PurposeOf(keyClass), cancel);
        if (!root.Has(row.Epoch))
        {
            // Another process has turned the root over since this one looked, or put an older one back.
            root.Secret.LetGo();
            roots.Forget(tenant, PurposeOf(keyClass));
            root = await roots.HoldAsync(tenant, PurposeOf(keyClass), cancel);
        }

        DataKey key = new(row.KeyId, tenant, keyClass, owner, new SecretBytes(Floe.KeyLength));
        try
        {
            KeyWrap.Unwrap(row.Wrapped, root, row.Epoch, KeyWrap.ForData(tenant, keyClass, owner, row.KeyId, row.Epoch), key.Secret, 0);
            cache.Keep(new KeyPlace(row.Partition, row.Row), key.Another(), stamp);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
        finally
        {
            root.Secret.LetGo();
        }
    }

    private static byte[] Wrap(TenantRoot root, DataKey key) =>
        KeyWrap.Wrap(key.Secret, root, root.Epoch, KeyWrap.ForData(root.Tenant, key.Class, key.Owner, key.Id, root.Epoch));

    private DataKey? Held(KeyPlace place) => cache.TryHold(place, out DataKey? kept) ? kept.Another() : null;

    private static DataKey Lend(DataKey key) => key.Secret.TryHold() ? key.Another() : throw new ObjectDisposedException(nameof(DataKey));

    private void Sweep()
    {
        foreach ((KeyPlace place, long since) in erasedAt)
            if (time.GetElapsedTime(since) >= SeenAge)
                erasedAt.TryRemove(place, out _);
        cache.Sweep();
        Credentials.Sweep();
        roots.Sweep();
    }

    private static TenantId Known(TenantContext tenant) =>
        tenant.Tenant != default ? tenant.Tenant : throw new ArgumentException("A tenant is needed.", nameof(tenant));

    private static KeyPurpose PurposeOf(KeyClass keyClass) => keyClass == KeyClass.Credential ? KeyPurpose.Credential : KeyPurpose.Data;
}
