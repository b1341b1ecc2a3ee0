using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
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

    /// <summary>True for a name under which a key can be published: labels of a-z, 0-9 and hyphens with dots between them, 63 characters at most.</summary>
    public static bool IsSelector(string text) => text.Length <= 63 && IsDnsName(text);

    /// <summary>True for a domain for which a key can be made; one with letters beyond ASCII is written in its ASCII form (RFC 5890).</summary>
    public static bool IsDomain(string text) => text.Length <= 180 && text.Contains('.', StringComparison.Ordinal) && IsDnsName(text);

    /// <summary>The domains from which a mailbox sends mail that is ours to sign, that of its address first; none for Gmail, which signs what it sends.</summary>
    public static IReadOnlyList<string> DomainsOf(Mailbox mailbox) => mailbox.Kind == MailboxKind.Google
        ? []
        : [.. mailbox.Profile.Aliases.Prepend(mailbox.Profile.Address).Select(a => a[(a.LastIndexOf('@') + 1)..].ToLowerInvariant()).Where(IsDomain).Distinct()];

    private static bool IsDnsName(string text) => text.Length > 0
        && text.Split('.').All(label => label is { Length: > 0 and <= 63 } && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));

    /// <summary>
    /// Makes a key for a domain, in place of one that it had under another selector, and returns the record to publish; mail is signed from now on. Asked again
    /// with the same selector it makes no new one.
    /// </summary>
    public async Task<DkimRecord> CreateAsync(TenantContext tenant, string domain, string selector, CancellationToken cancel)
    {
        if (!IsDomain(domain)) throw new ArgumentException("It is no domain for which a key can be published.", nameof(domain));
        if (!IsSelector(selector)) throw new ArgumentException("It is no name under which a key can be published.", nameof(selector));
        string row = await RowAsync(tenant, domain, cancel);
        using RSA rsa = RSA.Create(Bits);
        string pem = rsa.ExportPkcs8PrivateKeyPem();
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, Owner, cancel);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new StoredKey(selector, pem), SigningJson.Default.StoredKey);
        TableEntity made = new(tenant.Tenant.Value, row) { ["doc"] = Envelope.Seal(json, key, Seal(tenant, row), SegmentLength.Row) };
        CryptographicOperations.ZeroMemory(json);
        for (int tries = 0; tries < 4; tries++)
        {
            TableEntity? there = await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, row, cancel: cancel);
            if (there is not null && await OpenAsync(tenant, row, there, cancel) is { } old && old.Selector == selector) return RecordOf(domain, old);
            try
            {
                // Of two who make one at the same time both must learn of the one that counts: what is published is what signs.
                if (there is null) await _rows.AddEntityAsync(made, cancel);
                else await _rows.UpdateEntityAsync(made, there.ETag, TableUpdateMode.Replace, cancel);
                return RecordOf(domain, new StoredKey(selector, pem));
            }
            catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
            {
            }
        }

        throw new NotNowException("policy-contended");
    }

    /// <summary>The key of a domain, or null when it has none.</summary>
    public async Task<SigningKey?> FindAsync(TenantContext tenant, string domain, CancellationToken cancel) =>
        await ReadAsync(tenant, domain, cancel) is { } stored ? new SigningKey(domain, stored.Selector, DkimKey.FromPem(stored.Pem)) : null;

    /// <summary>The selector of a domain's key and the record to publish for it, or null when it has none.</summary>
    public async Task<(string Selector, DkimRecord Record)?> DescribeAsync(TenantContext tenant, string domain, CancellationToken cancel) =>
        await ReadAsync(tenant, domain, cancel) is { } stored ? (stored.Selector, RecordOf(domain, stored)) : null;

    /// <summary>Takes a domain's key away, for good: mail is no longer signed from now on. False when it had none.</summary>
    public async Task<bool> DeleteAsync(TenantContext tenant, string domain, CancellationToken cancel)
    {
        string row = await RowAsync(tenant, domain, cancel);
        if (await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, row, ["RowKey"], cancel) is null) return false;
        await _rows.DeleteEntityAsync(tenant.Tenant.Value, row, ETag.All, cancel);
        return true;
    }

    private async Task<StoredKey?> ReadAsync(TenantContext tenant, string domain, CancellationToken cancel)
    {
        string row = await RowAsync(tenant, domain, cancel);
        return await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, row, cancel: cancel) is { } there ? await OpenAsync(tenant, row, there, cancel) : null;
    }

    private async Task<StoredKey?> OpenAsync(TenantContext tenant, string row, TableEntity there, CancellationToken cancel)
    {
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Tenant, Owner, cancel);
        return key is null ? null : JsonSerializer.Deserialize(Envelope.Open(there.GetBinary("doc")!, key, Seal(tenant, row)), SigningJson.Default.StoredKey);
    }

    private static DkimRecord RecordOf(string domain, StoredKey stored)
    {
        using DkimKey key = DkimKey.FromPem(stored.Pem);
        return new DkimRecord($"{stored.Selector}._domainkey.{domain}", key.PublicRecord);
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
