using System.Security.Cryptography;
using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>
/// The keys of mailbox credentials. Each credential that is stored gets a key of its own, wrapped under the credential key-encryption key itself and signed, which takes
/// no right to unwrap; so the front, which meets strangers, can put a credential in and never get one out. The first who may unwrap takes the key in: from then on it
/// hangs from the tenant's credential root, and all mailboxes of a tenant cost one unwrap an hour.
/// </summary>
public sealed class CredentialKeys
{
    private static readonly TimeSpan KeyAge = TimeSpan.FromMinutes(10);

    private readonly IKeyRows rows;
    private readonly IKeyVault vault;
    private readonly RootKeys roots;
    private readonly TimeProvider time;
    private readonly KeyCache<KeyPlace, DataKey> cache;

    internal CredentialKeys(IKeyRows rows, IKeyVault vault, RootKeys roots, TimeProvider time)
    {
        (this.rows, this.vault, this.roots, this.time) = (rows, vault, roots, time);
        cache = new KeyCache<KeyPlace, DataKey>(time, key => key.Secret, KeyAge, KeyAge, capacity: 5_000, key => key.IsSpent);
    }

    /// <summary>
    /// A new key for a credential that is about to be stored. It stays in the table if the credential then is not; <see cref="EraseAsync"/> sweeps it. Throws
    /// <see cref="KeyErasedException"/> for a mailbox that was erased.
    /// </summary>
    public async Task<DataKey> MakeAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        DataKey made = new(Guid.NewGuid(), tenant.Tenant, KeyClass.Credential, inbox.Value, SecretBytes.Random(Floe.KeyLength));
        KeyPlace place = KeyPlace.Credential(tenant.Tenant, inbox, made.Id);
        byte[] key = GC.AllocateArray<byte>(Floe.KeyLength, pinned: true);
        bool kept = false;
        try
        {
            made.Read(key);
            KeyRow row = new(place.Partition, place.Row, 0, [], now) { KeyId = made.Id };
            row = await TimeLimit.RunAsync(limited => WriteAsync(tenant.Tenant, inbox, row, key, limited), time, cancel);
            // The id was drawn just now: a row that is there already is this one, and only the answer to it was lost.
            await TimeLimit.RunAsync(limited => rows.TryInsertAsync([row], limited), time, cancel);
            await RequireNotErasedAsync(tenant, inbox, row, cancel);
            kept = true;
            return made;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            if (!kept)
                made.Dispose();
        }
    }

    /// <summary>
    /// The key that sealed a credential, or null when it is erased. Throws <see cref="Pipeline.NotNowException"/> ("vault-forbidden") where the app may not open
    /// credentials, and <see cref="RootKeyRefusedException"/> for a row that we did not write.
    /// </summary>
    public async ValueTask<DataKey?> FindAsync(TenantContext tenant, InboxId inbox, Guid keyId, CancellationToken cancel)
    {
        KeyPlace place = KeyPlace.Credential(tenant.Tenant, inbox, keyId);
        if (cache.TryHold(place, out DataKey? kept))
            return kept.Another();
        long stamp = cache.Stamp;
        KeyRow? row = await TimeLimit.RunAsync(limited => rows.GetAsync(place.Partition, place.Row, limited), time, cancel);
        if (row is null)
        {
            // Credentials that were stored before each had its own key share one under their mailbox's name.
            KeyPlace old = KeyPlace.Data(tenant.Tenant, KeyClass.Credential, inbox.Value);
            row = await TimeLimit.RunAsync(limited => rows.GetAsync(old.Partition, old.Row, limited), time, cancel);
        }

        if (row is not { Erased: null } || row.KeyId != keyId)
            return null;
        DataKey key = await OpenAsync(tenant.Tenant, inbox, row, cancel);
        cache.Keep(place, key.Another(), stamp);
        return key;
    }

    /// <summary>The ids of the keys of all credentials that a mailbox has or had and that were not swept yet.</summary>
    public async Task<IReadOnlyList<Guid>> ListAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        string prefix = KeyPlace.Data(tenant.Tenant, KeyClass.Credential, inbox.Value).Row + "!";
        return await rows.ListAsync(KeyPlace.CredentialPartition(tenant.Tenant), cancel)
            .Where(row => row.Row.StartsWith(prefix, StringComparison.Ordinal)).Select(row => row.KeyId).ToListAsync(cancel);
    }

    /// <summary>Deletes the keys of all credentials that a mailbox ever had, but the one to keep and those that are younger; how many there were. <paramref name="tell"/> is asked before each; what it throws ends it.</summary>
    public async Task<int> EraseAsync(TenantContext tenant, InboxId inbox, Guid? keep, DateTimeOffset? olderThan, CancellationToken cancel, Func<KeyAct, Task>? tell = null)
    {
        string prefix = KeyPlace.Data(tenant.Tenant, KeyClass.Credential, inbox.Value).Row + "!";
        int erased = 0;
        await foreach (KeyRow row in rows.ListAsync(KeyPlace.CredentialPartition(tenant.Tenant), cancel))
        {
            if (!row.Row.StartsWith(prefix, StringComparison.Ordinal) || row.KeyId == keep || row.Created >= olderThan)
                continue;
            if (tell is not null)
                await tell(KeyAct.Destroy);
            if (await TimeLimit.RunAsync(limited => rows.DeleteAsync(row.Partition, row.Row, limited), time, cancel))
                erased++;
            cache.Forget(new KeyPlace(row.Partition, row.Row));
        }

        return erased;
    }

    /// <summary>Takes in every key of a tenant that still hangs from the key-encryption key itself; how many there were.</summary>
    internal async Task<int> TakeInAsync(TenantId tenant, CancellationToken cancel)
    {
        int taken = 0;
        await foreach (KeyRow row in rows.ListAsync(KeyPlace.CredentialPartition(tenant), cancel))
        {
            if (row.Proof is null || InboxOf(row) is not { } inbox)
                continue;
            try
            {
                (await OpenAsync(tenant, inbox, row, cancel)).Dispose();
                taken++;
            }
            catch (RootKeyRefusedException)
            {
                // A row that we did not write opens nothing, and must not keep the others from being taken in.
            }
        }

        return taken;
    }

    internal void Sweep() => cache.Sweep();

    internal void Clear() => cache.Clear();

    // An erasure says so first and then looks for keys: either it finds the one just written, or we find what it said.
    private async Task RequireNotErasedAsync(TenantContext tenant, InboxId inbox, KeyRow written, CancellationToken cancel)
    {
        KeyPlace mailbox = KeyPlace.Data(tenant.Tenant, KeyClass.Credential, inbox.Value);
        if (await TimeLimit.RunAsync(limited => rows.GetAsync(mailbox.Partition, mailbox.Row, limited), time, cancel) is not { Erased: not null })
            return;
        await TimeLimit.RunAsync(limited => rows.DeleteAsync(written.Partition, written.Row, limited), time, cancel);
        throw new KeyErasedException([inbox.Value]);
    }

    private async Task<KeyRow> WriteAsync(TenantId tenant, InboxId inbox, KeyRow row, byte[] key, CancellationToken cancel)
    {
        WrappedKey wrapped = await vault.WrapAsync(KeyPurpose.Credential, key, cancel);
        byte[] commit = KeyWrap.CredentialCommit(key, tenant, inbox, row.KeyId);
        KeySignature signature = await vault.SignAsync(KeyWrap.CredentialDigest(tenant, inbox, row, wrapped, commit), cancel);
        return row with { Wrapped = wrapped.Bytes, Proof = new RootProof(wrapped.Kid, wrapped.Algorithm, commit, signature) };
    }

    private async Task<DataKey> OpenAsync(TenantId tenant, InboxId inbox, KeyRow row, CancellationToken cancel)
    {
        DataKey key = new(row.KeyId, tenant, KeyClass.Credential, inbox.Value, new SecretBytes(Floe.KeyLength));
        try
        {
            if (row.Proof is { } proof)
                await TimeLimit.RunAsync(async limited => await UnwrapAsync(key, inbox, row, proof, limited), time, cancel);
            await HangAsync(key, row, cancel);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    // Signature first: only what we wrote is given to the vault, and a wrapped key alone does not say who wrapped it.
    private async Task<bool> UnwrapAsync(DataKey into, InboxId inbox, KeyRow row, RootProof proof, CancellationToken cancel)
    {
        WrappedKey wrapped = new(proof.Kid, proof.Algorithm, row.Wrapped);
        if (!await vault.VerifyAsync(Digest(into.Tenant, inbox, row, wrapped, proof.Commit), proof.Signature, cancel))
            throw new RootKeyRefusedException();
        byte[] key = [];
        try
        {
            key = await vault.UnwrapAsync(KeyPurpose.Credential, wrapped, cancel);
            if (key.Length != Floe.KeyLength || !CryptographicOperations.FixedTimeEquals(KeyWrap.CredentialCommit(key, into.Tenant, inbox, row.KeyId), proof.Commit))
                throw new RootKeyRefusedException();
            into.Secret.Write(0, key);
            return true;
        }
        catch (SealBrokenException)
        {
            throw new RootKeyRefusedException();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[] Digest(TenantId tenant, InboxId inbox, KeyRow row, WrappedKey wrapped, byte[] commit)
    {
        try
        {
            return KeyWrap.CredentialDigest(tenant, inbox, row, wrapped, commit);
        }
        catch (ArgumentException)
        {
            throw new RootKeyRefusedException();
        }
    }

    // A key that was put in from outside is hung under the tenant's root; one that hangs there is taken down.
    private async Task HangAsync(DataKey key, KeyRow row, CancellationToken cancel)
    {
        TenantRoot root = await roots.HoldAsync(key.Tenant, KeyPurpose.Credential, cancel);
        try
        {
            if (row.Proof is null && !root.Has(row.Epoch))
            {
                root.Secret.LetGo();
                roots.Forget(key.Tenant, KeyPurpose.Credential);
                root = await roots.HoldAsync(key.Tenant, KeyPurpose.Credential, cancel);
            }

            if (row.Proof is null)
            {
                KeyWrap.Unwrap(row.Wrapped, root, row.Epoch, KeyWrap.ForData(key.Tenant, KeyClass.Credential, key.Owner, key.Id, row.Epoch), key.Secret, 0);
                return;
            }

            byte[] wrapped = KeyWrap.Wrap(key.Secret, root, root.Epoch, KeyWrap.ForData(key.Tenant, KeyClass.Credential, key.Owner, key.Id, root.Epoch));
            // Whoever was quicker has taken in the same key, or erased it.
            await TimeLimit.RunAsync(limited => rows.TryUpdateAsync(row with { Epoch = root.Epoch, Wrapped = wrapped, Proof = null }, limited), time, cancel);
        }
        finally
        {
            root.Secret.LetGo();
        }
    }

    private static InboxId? InboxOf(KeyRow row) => row.Row.Split('!') is [_, _, { } owner, _] && InboxId.TryParse(owner, out InboxId inbox) ? inbox : null;
}
