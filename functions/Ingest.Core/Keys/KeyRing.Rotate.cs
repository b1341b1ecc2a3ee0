using System.Diagnostics.CodeAnalysis;
using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>How the rotation of a tenant's root key goes on.</summary>
/// <param name="Purpose">Which root.</param>
/// <param name="Epoch">The epoch under which all that is new is wrapped.</param>
/// <param name="Rewrapped">Keys that this call wrapped under it.</param>
/// <param name="Left">Keys that still hang from an older root because other work was in the way; and one more when the call reached its bound, for all behind it.</param>
/// <param name="Broken">Keys that do not open under the root they name, which keep that root from being destroyed.</param>
/// <param name="Done">True when older roots are destroyed.</param>
/// <param name="NotBefore">When another process can no longer wrap under an older root, so that it may be destroyed.</param>
public sealed record KeyRotation(KeyPurpose Purpose, int Epoch, int Rewrapped, int Left, int Broken, bool Done, DateTimeOffset NotBefore);

public sealed partial class KeyRing
{
    /// <summary>The age at which housekeeping turns a root over by itself.</summary>
    public static readonly TimeSpan RootMaxAge = TimeSpan.FromDays(365);

    /// <summary>
    /// Turns a tenant's root key over: makes the next one, wraps id key, index keys and data keys under it, and destroys the old once nothing can hang from it. What
    /// is sealed is not touched. A call does at most <paramref name="atMost"/> keys; called again after a crash, at any step, it goes on where it was. Without
    /// <paramref name="start"/> it only goes on with what was begun, or begins when the root is a year old. Null when there is nothing to do. <paramref name="tell"/> is
    /// asked before each act; what it throws ends it.
    /// </summary>
    public async Task<KeyRotation?> RotateRootAsync(TenantContext tenant, KeyPurpose purpose, bool start, int atMost, CancellationToken cancel, Func<KeyAct, Task>? tell = null)
    {
        tell ??= _ => Task.CompletedTask;
        if (start)
            await tell(KeyAct.Make);
        RootRotation? at = await roots.BeginRotationAsync(Known(tenant), purpose, start, cancel);
        if (at is { Older: [] } && !start && time.GetUtcNow() - at.Since > RootMaxAge)
        {
            await tell(KeyAct.Make);
            at = await roots.BeginRotationAsync(tenant.Tenant, purpose, start: true, cancel);
        }

        if (at is null || at.Older.Count == 0)
            return null;

        int rewrapped = purpose == KeyPurpose.Data ? await roots.RewrapTenantKeysAsync(tenant.Tenant, tell, cancel) : 0;
        (int done, int left, int broken) = await RewrapAsync(tenant.Tenant, purpose, at.Newest, atMost, tell, cancel);
        DateTimeOffset notBefore = at.Since + RootKeys.OldRootInUse;
        bool over = left == 0 && broken == 0 && rewrapped + done == 0 && time.GetUtcNow() >= notBefore;
        if (over)
        {
            await tell(KeyAct.Destroy);
            await roots.EndRotationAsync(tenant.Tenant, purpose, at.Older, cancel);
        }

        return new KeyRotation(purpose, at.Newest, rewrapped + done, left, broken, over, notBefore);
    }

    /// <summary>How long until no process is left that does not know a key that was made, or holds one that was destroyed.</summary>
    public static TimeSpan KnownToAll => RootKeys.OldRootInUse;

    /// <summary>Where the turning over of a tenant's index key stands; with <paramref name="start"/> it is begun. Null when the tenant has none.</summary>
    internal Task<IndexKeys?> BeginIndexRotationAsync(TenantContext tenant, bool start, CancellationToken cancel) => roots.BeginIndexRotationAsync(Known(tenant), start, cancel);

    /// <summary>Destroys an older index key, once nothing stands under it alone.</summary>
    internal Task DestroyIndexKeyAsync(TenantContext tenant, int epoch, CancellationToken cancel) => roots.DestroyIndexKeyAsync(Known(tenant), epoch, cancel);

    /// <summary>Ends the turning over, once nothing is left of a destroyed index key.</summary>
    internal Task ForgetIndexKeyAsync(TenantContext tenant, int epoch, CancellationToken cancel) => roots.ForgetIndexKeyAsync(Known(tenant), epoch, cancel);

    /// <summary>Drops what is held of a tenant's root, so that names are made under the index keys as the table has them now.</summary>
    public void ForgetNames(TenantContext tenant) => roots.Forget(Known(tenant), KeyPurpose.Data);

    private async Task<(int Done, int Left, int Broken)> RewrapAsync(TenantId tenant, KeyPurpose purpose, int newest, int atMost, Func<KeyAct, Task> tell, CancellationToken cancel)
    {
        int done = 0, left = 0, broken = 0;
        TenantRoot root = await roots.HoldAsync(tenant, purpose, cancel);
        try
        {
            await foreach (KeyRow row in rows.ListAsync(tenant, cancel))
            {
                bool old = row.Erased is null && row.Epoch < newest && row.Epoch > 0 && KeyPlace.TryReadData(row.Row, out KeyClass read, out _) && PurposeOf(read) == purpose;
                if (!old)
                    continue;
                if (done >= atMost)
                    return (done, left + 1, broken);
                if (!TryRewrap(tenant, root, row, out KeyRow? renewed))
                {
                    broken++;
                    continue;
                }

                await tell(KeyAct.Rewrap);
                if (await TimeLimit.RunAsync(limited => rows.TryUpdateAsync(renewed, limited), time, cancel))
                    done++;
                else
                    left++;
            }

            return (done, left, broken);
        }
        finally
        {
            root.Secret.LetGo();
        }
    }

    private static bool TryRewrap(TenantId tenant, TenantRoot root, KeyRow row, [NotNullWhen(true)] out KeyRow? renewed)
    {
        renewed = null;
        try
        {
            KeyPlace.TryReadData(row.Row, out KeyClass keyClass, out string owner);
            Canonical Binding(int epoch) => KeyWrap.ForData(tenant, keyClass, owner, row.KeyId, epoch);
            byte[] wrapped = KeyWrap.Rewrap(row.Wrapped, root, row.Epoch, Binding(row.Epoch), Binding(root.Epoch));
            renewed = row with { Epoch = root.Epoch, Wrapped = wrapped };
            return true;
        }
        catch (SealBrokenException)
        {
            return false;
        }
    }
}
