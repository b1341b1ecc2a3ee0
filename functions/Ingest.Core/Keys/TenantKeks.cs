using System.Globalization;
using System.Security.Cryptography;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Keys;

/// <summary>
/// The key-encryption keys that tenants bring themselves: a list of ids per tenant, signed by the seal, since whoever can write the table could otherwise have a
/// tenant's next root wrapped under a key of their own. Ids that are not on the list are never asked for anything.
/// </summary>
public sealed class TenantKeks(TableServiceClient tables, IKeyVault vault, TimeProvider time)
{
    /// <summary>The most keys a tenant may have on its list: one that wraps and some that old rows still hang from.</summary>
    public const int Most = 4;

    private const string Row = "kek";
    private readonly TableClient rows = tables.GetTableClient(TableNames.Policies);

    /// <summary>The ids of the tenant's keys, without versions, the one that wraps first; empty when it brings none. Throws <see cref="RootKeyRefusedException"/> for a list that we did not write.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(TenantId tenant, CancellationToken cancel)
    {
        TableEntity? row = await TimeLimit.RunAsync(limited => rows.GetEntityIfExistsAsync(tenant.Value, Row, cancel: limited), time, cancel);
        if (row is null)
            return [];
        string[] kids = (row.GetString("kids") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        KeySignature signature = new(row.GetString("sigKid") ?? "", row.GetBinary("sig") ?? []);
        bool ours = kids.Length <= Most && Array.TrueForAll(kids, IsKek)
            && await TimeLimit.RunAsync(limited => vault.VerifyAsync(Digest(tenant, kids, row.GetDateTimeOffset("at") ?? default), signature, limited), time, cancel);
        return ours ? kids : throw new RootKeyRefusedException();
    }

    /// <summary>
    /// Makes these the tenant's keys; roots that hang from others move when they are wrapped anew, for which the old keys must stay on the list until then. The first is
    /// tried before: throws <see cref="NotNowException"/> when we may not wrap and unwrap with it, and <see cref="ArgumentException"/> for what is no key's id.
    /// </summary>
    public async Task SetAsync(TenantContext tenant, IReadOnlyList<string> kids, CancellationToken cancel)
    {
        if (kids.Count > Most || !kids.All(IsKek) || kids.Distinct(StringComparer.Ordinal).Count() != kids.Count)
            throw new ArgumentException("A tenant's keys are up to four different ids such as https://NAME.vault.azure.net/keys/NAME, without a version.", nameof(kids));
        if (kids.Count > 0)
            await TryAsync(new KeyScope(KeyPurpose.Data, kids), cancel);
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        KeySignature signature = await TimeLimit.RunAsync(limited => vault.SignAsync(Digest(tenant.Tenant, kids, now), limited), time, cancel);
        TableEntity row = new(tenant.Tenant.Value, Row) { ["kids"] = string.Join(' ', kids), ["at"] = now, ["sigKid"] = signature.Kid, ["sig"] = signature.Bytes };
        await TimeLimit.RunAsync(async limited => await rows.UpsertEntityAsync(row, TableUpdateMode.Replace, limited), time, cancel);
    }

    /// <summary>True for the id of a key without a version.</summary>
    public static bool IsKek(string kid) => KeyVaultKeyIdentifier.TryParse(kid, out KeyVaultKeyIdentifier? id) && id.Version.Length == 0;

    private async Task TryAsync(KeyScope scope, CancellationToken cancel)
    {
        byte[] trial = RandomNumberGenerator.GetBytes(Floe.KeyLength);
        byte[] back = await TimeLimit.RunAsync(async limited => await vault.UnwrapAsync(scope, await vault.WrapAsync(scope, trial, limited), limited), time, cancel);
        if (!trial.AsSpan().SequenceEqual(back))
            throw new NotNowException("vault-unreadable");
    }

    private static byte[] Digest(TenantId tenant, IReadOnlyList<string> kids, DateTimeOffset at)
    {
        Canonical list = new Canonical(4096).Add("TKE1 tenant keys").Add(tenant.Value).Add(at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        foreach (string kid in kids)
            list.Add(kid);
        return SHA256.HashData(list.Written);
    }
}
