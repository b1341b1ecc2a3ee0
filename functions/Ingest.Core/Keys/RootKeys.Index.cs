using Ingest.Core.Access;

namespace Ingest.Core.Keys;

internal sealed partial class RootKeys
{
    /// <summary>
    /// Where the turning over of a tenant's index key stands. With <paramref name="start"/> a new one is made, unless an older one still lives or was not cleared away.
    /// What this process holds is read anew. Null when the tenant has none.
    /// </summary>
    public async Task<IndexKeys?> BeginIndexRotationAsync(TenantId tenant, bool start, CancellationToken cancel)
    {
        IndexKeys? at = IndexKeysOf(await ListAsync(tenant, cancel));
        if (at is { Older: [], Gone: [] } && start)
        {
            await InsertIndexKeyAsync(tenant, at.Newest + 1, cancel);
            at = IndexKeysOf(await ListAsync(tenant, cancel));
        }

        Forget(tenant, KeyPurpose.Data);
        return at;
    }

    /// <summary>Destroys an index key under which nothing stands alone any more. Its emptied row stays until what it left behind is cleared away.</summary>
    public async Task DestroyIndexKeyAsync(TenantId tenant, int epoch, CancellationToken cancel)
    {
        KeyPlace place = KeyPlace.IndexKey(tenant, epoch);
        await rows.EmptyAsync(place.Partition, [place.Row], time.GetUtcNow(), cancel);
        Forget(tenant, KeyPurpose.Data);
    }

    /// <summary>Ends the turning over: the emptied row of a destroyed index key goes.</summary>
    public async Task ForgetIndexKeyAsync(TenantId tenant, int epoch, CancellationToken cancel)
    {
        KeyPlace place = KeyPlace.IndexKey(tenant, epoch);
        await rows.DeleteAsync(place.Partition, place.Row, cancel);
    }

    private async Task InsertIndexKeyAsync(TenantId tenant, int epoch, CancellationToken cancel)
    {
        TenantRoot root = await HoldAsync(tenant, KeyPurpose.Data, cancel);
        SecretBytes made = SecretBytes.Random(Floe.KeyLength);
        try
        {
            DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
            KeyPlace place = KeyPlace.IndexKey(tenant, epoch);
            // Whoever was first counts.
            await rows.TryInsertAsync([new KeyRow(place.Partition, place.Row, root.Epoch, KeyWrap.Wrap(made, root, root.Epoch, KeyWrap.ForIndexKey(tenant, epoch, root.Epoch)), now)], cancel);
        }
        finally
        {
            made.LetGo();
            root.Secret.LetGo();
        }
    }

    private static IReadOnlyList<(int Epoch, KeyRow Row)> LivingIndexKeys(List<KeyRow> found) =>
        [.. found.Where(row => row.Erased is null).Select(row => (Epoch: KeyPlace.EpochOf(row.Row, KeyPlace.IndexPrefix), Row: row)).Where(key => key.Epoch > 0).OrderBy(key => key.Epoch)];

    private static IndexKeys? IndexKeysOf(List<KeyRow> found)
    {
        IReadOnlyList<(int Epoch, KeyRow Row)> living = LivingIndexKeys(found);
        if (living.Count == 0)
            return null;
        IEnumerable<(int, DateTimeOffset)> gone = found.Where(row => row.Erased is not null)
            .Select(row => (Epoch: KeyPlace.EpochOf(row.Row, KeyPlace.IndexPrefix), At: row.Erased!.Value)).Where(key => key.Epoch > 0).OrderBy(key => key.Epoch);
        return new IndexKeys(living[^1].Epoch, [.. living.SkipLast(1).Select(key => key.Epoch)], [.. gone], living[^1].Row.Created);
    }
}

/// <summary>Where the turning over of an index key stands.</summary>
/// <param name="Newest">The epoch that stays.</param>
/// <param name="Older">The epochs that go, ascending; empty when none does.</param>
/// <param name="Gone">The epochs whose keys are destroyed and whose rows may still lie about, with the time of that.</param>
/// <param name="Since">When the newest was made.</param>
internal sealed record IndexKeys(int Newest, IReadOnlyList<int> Older, IReadOnlyList<(int Epoch, DateTimeOffset At)> Gone, DateTimeOffset Since);
