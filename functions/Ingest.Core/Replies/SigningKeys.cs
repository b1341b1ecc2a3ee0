using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Store;
using Ingest.Mail.Auth;

namespace Ingest.Core.Replies;

/// <summary>A domain's DKIM key, open for use; dispose it.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly DkimKey _key;
    private readonly string _domain, _selector;

    internal SigningKey(string domain, string selector, DkimKey key) => (_domain, _selector, _key) = (domain, selector, key);

    /// <summary>The mail with a signature of this domain (RFC 6376), made at this time.</summary>
    public byte[] Sign(ReadOnlySpan<byte> mail, DateTimeOffset at) =>
        DkimSigner.Sign(mail, new DkimSignature { Domain = _domain, Selector = _selector, Key = _key, SignedAt = at });

    /// <inheritdoc />
    public void Dispose() => _key.Dispose();
}

/// <summary>What an admin publishes in DNS for a domain's key.</summary>
/// <param name="Name">The record's name.</param>
/// <param name="Value">The TXT record's text.</param>
public sealed record DkimRecord(string Name, string Value);

/// <summary>The DKIM keys of a tenant's sending domains, sealed; used only for mail whose author is of that domain, so that a signature always aligns (RFC 7489 section 3.1.1).</summary>
public sealed class SigningKeys(TableServiceClient tables, KeyRing keys)
{
    private const string Owner = "dkim";
    private const int Bits = 2048;
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Policies);

    private static SealContext Seal(TenantContext tenant, string row) => new(tenant.Tenant, KeyClass.Tenant, Owner, "dkim:" + row);

    /// <summary>Makes a key for a domain, in place of any that it had, and returns the record to publish; mail is signed from now on.</summary>
    public async Task<DkimRecord> CreateAsync(TenantContext tenant, string domain, string selector, CancellationToken cancel)
    {
        using RSA rsa = RSA.Create(Bits);
        string row = await RowAsync(tenant, domain, cancel);
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, Owner, cancel);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new StoredKey(selector, rsa.ExportPkcs8PrivateKeyPem()), SigningJson.Default.StoredKey);
        await _rows.UpsertEntityAsync(new TableEntity(tenant.Tenant.Value, row) { ["doc"] = Envelope.Seal(json, key, Seal(tenant, row), SegmentLength.Row) }, TableUpdateMode.Replace, cancel);
        CryptographicOperations.ZeroMemory(json);
        using DkimKey made = DkimKey.FromPem(rsa.ExportPkcs8PrivateKeyPem());
        return new DkimRecord($"{selector}._domainkey.{domain}", made.PublicRecord);
    }

    /// <summary>The key of a domain, or null when it has none.</summary>
    public async Task<SigningKey?> FindAsync(TenantContext tenant, string domain, CancellationToken cancel)
    {
        string row = await RowAsync(tenant, domain, cancel);
        if ((await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, row, cancel: cancel))?.GetBinary("doc") is not { } box) return null;
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Tenant, Owner, cancel);
        if (key is null) return null;
        StoredKey stored = JsonSerializer.Deserialize(Envelope.Open(box, key, Seal(tenant, row)), SigningJson.Default.StoredKey)!;
        return new SigningKey(domain, stored.Selector, DkimKey.FromPem(stored.Pem));
    }

    private async Task<string> RowAsync(TenantContext tenant, string domain, CancellationToken cancel)
    {
        using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
        return "dkim!" + ids.BlindIndex("dkim.domain", domain.ToLowerInvariant());
    }
}

internal sealed record StoredKey(string Selector, string Pem);

[JsonSerializable(typeof(StoredKey))]
internal sealed partial class SigningJson : JsonSerializerContext;
