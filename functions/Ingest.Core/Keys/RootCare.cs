using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>A root key of a tenant, as its row says.</summary>
/// <param name="Purpose">What hangs from it.</param>
/// <param name="Epoch">Its generation.</param>
/// <param name="Kid">The key-encryption key that wrapped it, with its version.</param>
/// <param name="Created">When it was made.</param>
public sealed record RootState(KeyPurpose Purpose, int Epoch, string Kid, DateTimeOffset Created)
{
    /// <summary>False when another key, or another version, wraps by now.</summary>
    public bool IsNewest { get; init; }

    /// <summary>Empty when it was looked into and is whole, or was not looked into; else a code of what is wrong.</summary>
    public string Fault { get; init; } = "";
}

/// <summary>What wrapping anew did.</summary>
/// <param name="Rewrapped">Root keys that hang from the newest key now.</param>
/// <param name="TakenIn">Keys of credentials that hang from the tenant's root now.</param>
public readonly record struct RewrapReport(int Rewrapped, int TakenIn);

/// <summary>
/// The care of a tenant's root keys: what hangs from which key-encryption key, whether it opens, and wrapping anew when that key was turned over. Each row moves by
/// one conditional write, so that a crash anywhere leaves the old row or the new one, and doing it again does the rest.
/// </summary>
public sealed class RootCare
{
    private readonly IKeyRows rows;
    private readonly IKeyVault vault;
    private readonly RootKeys roots;
    private readonly CredentialKeys credentials;
    private readonly TimeProvider time;
    private readonly RootRows rootRows;

    internal RootCare(IKeyRows rows, IKeyVault vault, RootKeys roots, CredentialKeys credentials, TimeProvider time)
    {
        (this.rows, this.vault, this.roots, this.credentials, this.time) = (rows, vault, roots, credentials, time);
        rootRows = new RootRows(vault);
    }

    /// <summary>The tenant's root keys. With <paramref name="open"/> each is verified and unwrapped, too; nothing is changed.</summary>
    public async IAsyncEnumerable<RootState> ListAsync(TenantContext tenant, bool open, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (KeyPurpose purpose in Enum.GetValues<KeyPurpose>())
        {
            KeyScope scope = await roots.ScopeAsync(tenant.Tenant, purpose, cancel);
            string? newest = null;
            await foreach (KeyRow row in RowsAsync(tenant.Tenant, purpose, cancel))
            {
                newest ??= await LimitedAsync(limited => vault.WrappingKidAsync(scope, limited), cancel);
                string kid = row.Proof?.Kid ?? "";
                yield return new RootState(purpose, row.Epoch, kid, row.Created) { IsNewest = kid == newest, Fault = open ? await FaultOfAsync(tenant.Tenant, scope, row, cancel) : "" };
            }
        }
    }

    /// <summary>
    /// Every tenant that has root keys, mailboxes or none, and every one that was erased as a whole, which is the one without a living root. Two operations for each, however
    /// many keys it has.
    /// </summary>
    public async IAsyncEnumerable<(TenantContext Tenant, bool Living)> TenantsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        string after = "";
        while (await LimitedAsync(limited => rows.NextPartitionAsync(after, limited), cancel) is { } partition)
        {
            (string name, after) = KeyPlace.TenantOf(partition);
            if (!TenantId.TryParse(name, out TenantId tenant))
                continue;
            List<KeyRow> found = await rows.ListAsync(KeyPlace.RootPartition(tenant), cancel).ToListAsync(cancel);
            if (found.Count > 0)
                yield return (new TenantContext(tenant), found.Exists(row => row.Erased is null));
        }
    }

    /// <summary>
    /// Wraps each root key that hangs from an older key under the newest one, and takes in keys of credentials. At most <paramref name="most"/> roots; the rest next time.
    /// Throws <see cref="RootKeyRefusedException"/> for a row that we did not write. <paramref name="tell"/> is asked before each; what it throws ends it.
    /// </summary>
    public async Task<RewrapReport> RewrapAsync(TenantContext tenant, int most, CancellationToken cancel, Func<KeyAct, Task>? tell = null)
    {
        int rewrapped = 0;
        foreach (KeyPurpose purpose in Enum.GetValues<KeyPurpose>())
        {
            KeyScope scope = await roots.ScopeAsync(tenant.Tenant, purpose, cancel);
            string? newest = null;
            await foreach (KeyRow row in RowsAsync(tenant.Tenant, purpose, cancel))
            {
                newest ??= await LimitedAsync(limited => vault.WrappingKidAsync(scope, limited), cancel);
                if (row.Proof?.Kid == newest || rewrapped == most)
                    continue;
                if (tell is not null)
                    await tell(KeyAct.Rewrap);
                if (await LimitedAsync(limited => RewrapAsync(tenant.Tenant, scope, row, limited), cancel))
                    rewrapped++;
            }
        }

        return new RewrapReport(rewrapped, await credentials.TakeInAsync(tenant.Tenant, cancel));
    }

    private async Task<bool> RewrapAsync(TenantId tenant, KeyScope scope, KeyRow row, CancellationToken cancel)
    {
        byte[] key = await rootRows.OpenAsync(tenant, scope, row, cancel);
        try
        {
            KeyRow next = await rootRows.WriteAsync(tenant, scope, row, key, cancel);
            // The old wrapping is the only other way to everything that this tenant has: it goes only when the new one is known to open.
            CryptographicOperations.ZeroMemory(await rootRows.OpenAsync(tenant, scope, next, cancel));
            return await rows.TryUpdateAsync(next, cancel);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private async Task<string> FaultOfAsync(TenantId tenant, KeyScope scope, KeyRow row, CancellationToken cancel)
    {
        try
        {
            CryptographicOperations.ZeroMemory(await LimitedAsync(limited => rootRows.OpenAsync(tenant, scope, row, limited), cancel));
            return "";
        }
        catch (RootKeyRefusedException)
        {
            return "root-refused";
        }
        catch (NotNowException e)
        {
            return e.ReasonCode;
        }
    }

    private async IAsyncEnumerable<KeyRow> RowsAsync(TenantId tenant, KeyPurpose purpose, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (KeyRow row in rows.ListAsync(KeyPlace.RootPartition(tenant), cancel))
        {
            if (KeyPlace.EpochOf(row.Row, KeyPlace.RootPrefix(purpose)) > 0)
                yield return row;
        }
    }

    private Task<T> LimitedAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancel) => TimeLimit.RunAsync(call, time, cancel);
}
