using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>A data key as an erasure names it: its place and its random id, never the key.</summary>
/// <param name="Class">What it protected.</param>
/// <param name="Owner">The id of the one thing it protected.</param>
/// <param name="Inbox">The inbox of a raw mail; null for every other.</param>
/// <param name="Id">The key's random id; empty when there was none, or it was erased before.</param>
public sealed record KeyName(KeyClass Class, string Owner, InboxId? Inbox = null, Guid Id = default);

public sealed partial class KeyRing
{
    /// <summary>
    /// Erases the key of this owner for good, and with it everything it sealed: its row is emptied and stays, so that neither a late writer nor a new listing makes
    /// another. False when no living key was there. Two operations. Of a mailbox's credentials, the keys of all that it ever had.
    /// </summary>
    public async Task<bool> EraseAsync(TenantContext tenant, KeyClass keyClass, string owner, CancellationToken cancel)
    {
        bool there = (await NameAsync(tenant, new KeyName(keyClass, owner), cancel)).Id != Guid.Empty
            || (keyClass == KeyClass.Credential && (await Credentials.ListAsync(tenant, InboxId.Parse(owner), cancel)).Count > 0);
        await EraseAsync(tenant, [new KeyName(keyClass, owner)], cancel);
        return there;
    }

    /// <summary>Erases the key of a raw mail for good, as <see cref="EraseAsync(TenantContext, KeyClass, string, CancellationToken)"/> does.</summary>
    public async Task<bool> EraseRawAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel)
    {
        KeyName name = new(KeyClass.Raw, messageKey, inbox);
        bool there = (await NameAsync(tenant, name, cancel)).Id != Guid.Empty;
        await EraseAsync(tenant, [name], cancel);
        return there;
    }

    /// <summary>Erases any number of keys for good, those that were never made included; a second time changes nothing.</summary>
    public async Task EraseAsync(TenantContext tenant, IReadOnlyList<KeyName> keys, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (IGrouping<string, KeyPlace> partition in keys.Select(key => PlaceOf(tenant, key)).Distinct().GroupBy(place => place.Partition))
        {
            foreach (KeyPlace[] some in partition.Chunk(MaxRawBatch))
            {
                await TimeLimit.RunAsync(async limited =>
                {
                    await rows.EmptyAsync(partition.Key, [.. some.Select(place => place.Row)], now, limited);
                    return true;
                }, time, cancel);
                foreach (KeyPlace place in some)
                    cache.Forget(place);
            }
        }

        // The emptied row says that the mailbox is erased; what its credentials were sealed with lies beside it.
        foreach (KeyName credential in keys.Where(key => key.Class == KeyClass.Credential))
            await Credentials.EraseAsync(tenant, InboxId.Parse(credential.Owner), keep: null, olderThan: null, cancel);
    }

    /// <summary>Deletes a key that sealed nothing of worth, or whose time is over: its row goes, and another may be made in its place. False when there was none.</summary>
    public async Task<bool> DiscardAsync(TenantContext tenant, KeyName key, CancellationToken cancel)
    {
        KeyPlace place = PlaceOf(tenant, key);
        bool there = await TimeLimit.RunAsync(limited => rows.DeleteAsync(place.Partition, place.Row, limited), time, cancel);
        cache.Forget(place);
        return there;
    }

    /// <summary>The name with the id of the living key as the table has it now, whatever this process holds; with an empty id when there is none. One operation.</summary>
    public async Task<KeyName> NameAsync(TenantContext tenant, KeyName key, CancellationToken cancel)
    {
        KeyRow? row = await RowAsync(tenant, key, cancel);
        return key with { Id = row is { Erased: null } ? row.KeyId : Guid.Empty };
    }

    /// <summary>When the living key of this name was made, as the table has it now; null when there is none. One operation.</summary>
    internal async Task<DateTimeOffset?> MadeAsync(TenantContext tenant, KeyName key, CancellationToken cancel) => await RowAsync(tenant, key, cancel) is { Erased: null } row ? row.Created : null;

    /// <summary>The tenant's own living keys whose owners begin like this, with the time at which each was made, as the table has them now. One query over keys of which a tenant has few.</summary>
    internal async Task<IReadOnlyList<(KeyName Name, DateTimeOffset Made)>> NamesAsync(TenantContext tenant, string ownerPrefix, CancellationToken cancel)
    {
        List<(KeyName, DateTimeOffset)> names = [];
        await foreach (KeyRow row in rows.ListAsync(KeyPlace.Data(Known(tenant), KeyClass.Tenant, ownerPrefix).Partition, cancel))
            if (row.Erased is null && KeyPlace.TryReadData(row.Row, out KeyClass keyClass, out string owner) && keyClass == KeyClass.Tenant && owner.StartsWith(ownerPrefix, StringComparison.Ordinal))
                names.Add((new KeyName(KeyClass.Tenant, owner, Id: row.KeyId), row.Created));
        return names;
    }

    /// <summary>True when the table says now, whatever this process holds, that the key was erased. One operation.</summary>
    public async Task<bool> IsErasedAsync(TenantContext tenant, KeyName key, CancellationToken cancel) => await RowAsync(tenant, key, cancel) is { Erased: not null };

    /// <summary>
    /// Erases the root keys of a tenant, its id key and its index keys, and with them everything that is its own. Their rows are emptied and stay: no root is ever made
    /// for this tenant again, and whoever wants one is refused. Returns how many of them were living.
    /// </summary>
    public async Task<int> EraseRootsAsync(TenantContext tenant, CancellationToken cancel)
    {
        string partition = KeyPlace.RootPartition(Known(tenant));
        List<string> there = [.. RootPlaces(tenant).Take(2).Select(place => place.Row)];
        int living = 0;
        await foreach (KeyRow row in rows.ListAsync(partition, cancel))
        {
            there.Add(row.Row);
            if (row.Erased is null) living++;
        }

        await TimeLimit.RunAsync(async limited =>
        {
            await rows.EmptyAsync(partition, [.. there.Distinct()], time.GetUtcNow(), limited);
            return true;
        }, time, cancel);
        roots.Forget(tenant.Tenant, KeyPurpose.Data);
        roots.Forget(tenant.Tenant, KeyPurpose.Credential);
        cache.Clear();
        return living;
    }

    // A tenant has few epochs; without its data keys a root of a later one would open nothing.
    internal static IEnumerable<KeyPlace> RootPlaces(TenantContext tenant) =>
    [
        KeyPlace.Root(tenant.Tenant, KeyPurpose.Data, 1), KeyPlace.Root(tenant.Tenant, KeyPurpose.Credential, 1), KeyPlace.IdKey(tenant.Tenant),
        .. Enumerable.Range(2, MostEpochs).SelectMany(e => new[] { KeyPlace.Root(tenant.Tenant, KeyPurpose.Data, e), KeyPlace.Root(tenant.Tenant, KeyPurpose.Credential, e) }),
        .. Enumerable.Range(1, MostEpochs).Select(e => KeyPlace.IndexKey(tenant.Tenant, e)),
    ];

    private const int MostEpochs = 1000;

    private Task<KeyRow?> RowAsync(TenantContext tenant, KeyName key, CancellationToken cancel)
    {
        KeyPlace place = PlaceOf(tenant, key);
        return TimeLimit.RunAsync(limited => rows.GetAsync(place.Partition, place.Row, limited), time, cancel);
    }

    internal static KeyPlace PlaceOf(TenantContext tenant, KeyName key) =>
        key.Class == KeyClass.Raw ? KeyPlace.Raw(Known(tenant), key.Inbox ?? default, key.Owner) : KeyPlace.Data(Known(tenant), key.Class, key.Owner);
}
