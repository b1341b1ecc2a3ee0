using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Keys;
using Ingest.Core.Store;

namespace Ingest.Core.Access;

/// <summary>
/// Tokens of API callers: "ing_{tenant}_{id}_{secret}". Only a hash of the secret is stored; a token belongs to one tenant and ends at a set time.
/// </summary>
public sealed class ApiTokens(TableServiceClient tables, TimeProvider time)
{
    private const string Prefix = "ing";
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Tokens);

    /// <summary>Makes a token; this is the only time that it can be read.</summary>
    public async Task<string> CreateAsync(TenantContext tenant, TimeSpan life, CancellationToken cancel)
    {
        string id = Crockford32.Encode(RandomNumberGenerator.GetBytes(10)), secret = Crockford32.Encode(RandomNumberGenerator.GetBytes(30));
        await _rows.AddFreshAsync(new TableEntity(tenant.Tenant.Value, id) { ["hash"] = Hash(secret), ["expires"] = time.GetUtcNow() + life }, cancel);
        return $"{Prefix}_{tenant}_{id}_{secret}";
    }

    /// <summary>Whose token it is, or null when it is not (or no longer) one of ours.</summary>
    public async Task<TenantContext?> FindAsync(string token, CancellationToken cancel)
    {
        if (token.Length > 200 || token.Split('_') is not [Prefix, var tenantText, var id, var secret]) return null;
        if (!TenantId.TryParse(tenantText, out TenantId tenant) || !TenantId.TryParse(id, out _)) return null;
        TableEntity? row = await _rows.GetEntityIfExistsAsync(tenant.Value, id, cancel: cancel);
        if (row?.GetBinary("hash") is not { } hash || row.GetDateTimeOffset("expires") is not { } expires || expires <= time.GetUtcNow()) return null;
        return CryptographicOperations.FixedTimeEquals(hash, Hash(secret)) ? new TenantContext(tenant) : null;
    }

    // The secret is 240 random bits: a plain hash cannot be searched.
    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
