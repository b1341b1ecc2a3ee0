using System.Security.Cryptography;
using Ingest.Core.Access;

namespace Ingest.Core.Keys;

internal sealed partial class RootKeys
{
    /// <summary>How long another process may still wrap under the root that was newest before: the age to which it keeps one, twice.</summary>
    public static readonly TimeSpan OldRootInUse = TimeSpan.FromHours(2);

    /// <summary>
    /// Makes a new root unless an older one still stands beside the newest, which is a rotation that has not ended; all that is new is wrapped under it from then on.
    /// Null when the tenant has none to rotate.
    /// </summary>
    public async Task<RootRotation?> BeginRotationAsync(TenantId tenant, KeyPurpose purpose, bool start, CancellationToken cancel)
    {
        List<KeyRow> found = RootsOf(await ListAsync(tenant, cancel), purpose);
        if (found.Count == 0)
            return null;
        if (start && found.Count == 1)
        {
            await InsertNextAsync(tenant, purpose, found[0].Epoch + 1, cancel);
            found = RootsOf(await ListAsync(tenant, cancel), purpose);
        }

        // What is held knows nothing of the newest.
        Forget(tenant, purpose);
        return new RootRotation(found[^1].Epoch, [.. found.SkipLast(1).Select(row => row.Epoch)], found[^1].Created);
    }

    /// <summary>Wraps id key and index keys under the newest root; returns how many were not yet.</summary>
    public async Task<int> RewrapTenantKeysAsync(TenantId tenant, Func<KeyAct, Task> tell, CancellationToken cancel)
    {
        int done = 0;
        TenantRoot root = await HoldAsync(tenant, KeyPurpose.Data, cancel);
        try
        {
            foreach (KeyRow row in await ListAsync(tenant, cancel))
            {
                int indexEpoch = KeyPlace.EpochOf(row.Row, KeyPlace.IndexPrefix);
                bool ours = (row.Row == KeyPlace.IdKey(tenant).Row || indexEpoch > 0) && row.Erased is null;
                if (!ours || row.Epoch == root.Epoch)
                    continue;
                Canonical Binding(int epoch) => indexEpoch > 0 ? KeyWrap.ForIndexKey(tenant, indexEpoch, epoch) : KeyWrap.ForIdKey(tenant, epoch);
                await tell(KeyAct.Rewrap);
                if (await rows.TryUpdateAsync(row with { Epoch = root.Epoch, Wrapped = KeyWrap.Rewrap(row.Wrapped, root, row.Epoch, Binding(row.Epoch), Binding(root.Epoch)) }, cancel))
                    done++;
            }

            return done;
        }
        finally
        {
            root.Secret.LetGo();
        }
    }

    /// <summary>Deletes a root that nothing hangs from any more.</summary>
    public async Task EndRotationAsync(TenantId tenant, KeyPurpose purpose, IReadOnlyList<int> epochs, CancellationToken cancel)
    {
        foreach (int epoch in epochs)
        {
            KeyPlace place = KeyPlace.Root(tenant, purpose, epoch);
            await rows.DeleteAsync(place.Partition, place.Row, cancel);
        }

        Forget(tenant, purpose);
    }

    private async Task InsertNextAsync(TenantId tenant, KeyPurpose purpose, int epoch, CancellationToken cancel)
    {
        // Only a tenant whose root opens gets another: a broken one is not for us to paper over.
        (await HoldAsync(tenant, purpose, cancel)).Secret.LetGo();
        byte[] key = GC.AllocateArray<byte>(Floe.KeyLength, pinned: true);
        try
        {
            RandomNumberGenerator.Fill(key);
            DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
            // Whoever was first counts.
            KeyPlace place = KeyPlace.Root(tenant, purpose, epoch);
            KeyScope scope = await ScopeAsync(tenant, purpose, cancel);
            await rows.TryInsertAsync([await rootRows.WriteAsync(tenant, scope, new KeyRow(place.Partition, place.Row, epoch, [], now), key, cancel)], cancel);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static List<KeyRow> RootsOf(List<KeyRow> found, KeyPurpose purpose) =>
        [.. found.Where(row => KeyPlace.EpochOf(row.Row, KeyPlace.RootPrefix(purpose)) > 0).OrderBy(row => row.Epoch)];
}

/// <summary>Where the rotation of a root stands.</summary>
/// <param name="Newest">The epoch under which all that is new is wrapped.</param>
/// <param name="Older">The epochs that are read only, ascending; empty when no rotation is under way.</param>
/// <param name="Since">When the newest was made.</param>
internal sealed record RootRotation(int Newest, IReadOnlyList<int> Older, DateTimeOffset Since);
