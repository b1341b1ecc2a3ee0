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

/// <summary>What an admin publishes in DNS for a domain's key.</summary>
/// <param name="Name">The record's name.</param>
/// <param name="Value">The TXT record's text.</param>
public sealed record DkimRecord(string Name, string Value);

/// <summary>
/// The DKIM keys of a tenant's sending domains; used only for mail whose author is of that domain, so that a signature always aligns (RFC 7489 section 3.1.1). A key is
/// made in the signing vault and never leaves it; without a vault, under the development profile, it is kept here, sealed.
/// </summary>
public sealed class SigningKeys(TableServiceClient tables, KeyRing keys, KeyClient? vault, bool mayKeepPem)
{
    private const string Owner = "dkim", KeyPrefix = "dkey!";
    private const int Bits = 2048;
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Policies);
    // A domain's id is its own for good; what lies under the id comes and goes.
    private readonly BlindClaims _domains = new(tables.GetTableClient(TableNames.Policies), keys, "dkim.domain", prefix: "dkim!", column: "domain");

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
        if (await ReadAsync(tenant, domain, cancel) is { } known && known.Selector == selector) return RecordOf(domain, known);
        string row = KeyPrefix + await _domains.ClaimAsync(tenant, tenant.Tenant.Value, domain, Crockford32.Encode(RandomNumberGenerator.GetBytes(10)), cancel);
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, Owner, cancel);
        StoredKey made = await MakeAsync(tenant, domain, selector, cancel);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(made, SigningJson.Default.StoredKey);
        TableEntity entity = new(tenant.Tenant.Value, row) { ["doc"] = Envelope.Seal(json, key, Seal(tenant, row), SegmentLength.Row) };
        CryptographicOperations.ZeroMemory(json);
        for (int tries = 0; tries < 4; tries++)
        {
            TableEntity? there = await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, row, cancel: cancel);
            StoredKey? old = there is null ? null : await OpenAsync(tenant, row, there, cancel);
            if (old?.Selector == selector)
            {
                if (old.Kid != made.Kid) await ThrowAwayAsync(made, cancel);
                return RecordOf(domain, old);
            }

            try
            {
                // Of two who make one at the same time both must learn of the one that counts: what is published is what signs.
                if (there is null) await _rows.AddEntityAsync(entity, cancel);
                else await _rows.UpdateEntityAsync(entity, there.ETag, TableUpdateMode.Replace, cancel);
                await ThrowAwayAsync(old, cancel);
                return RecordOf(domain, made);
            }
            catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
            {
            }
        }

        await ThrowAwayAsync(made, cancel);
        throw new NotNowException("policy-contended");
    }

    /// <summary>The key of a domain, or null when it has none.</summary>
    public async Task<SigningKey?> FindAsync(TenantContext tenant, string domain, CancellationToken cancel) =>
        await ReadAsync(tenant, domain, cancel) is { } stored ? SigningKey.Open(domain, stored, vault) : null;

    /// <summary>The selector of a domain's key and the record to publish for it, or null when it has none.</summary>
    public async Task<(string Selector, DkimRecord Record)?> DescribeAsync(TenantContext tenant, string domain, CancellationToken cancel) =>
        await ReadAsync(tenant, domain, cancel) is { } stored ? (stored.Selector, RecordOf(domain, stored)) : null;

    /// <summary>Takes a domain's key away, for good: mail is no longer signed from now on. False when it had none.</summary>
    public async Task<bool> DeleteAsync(TenantContext tenant, string domain, CancellationToken cancel)
    {
        if (await RowAsync(tenant, domain, cancel) is not { } row || await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, row, cancel: cancel) is not { } there) return false;
        StoredKey? old = await OpenAsync(tenant, row, there, cancel);
        await _rows.DeleteEntityAsync(tenant.Tenant.Value, row, ETag.All, cancel);
        await ThrowAwayAsync(old, cancel);
        return true;
    }

    /// <summary>
    /// The signing keys of a tenant that leaves: every row's, and every one in the vault by the tenant's name, such as an earlier failure left there without a row. Of each the row and the
    /// vault's name, one of which may be empty. Where the vault may not be listed, those of the rows alone.
    /// </summary>
    internal async Task<IReadOnlyList<(string Row, string Name)>> NamesAsync(TenantContext tenant, CancellationToken cancel)
    {
        List<(string Row, string Name)> all = [];
        await foreach (TableEntity there in _rows.QueryAsync(TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(KeyPrefix)), cancel: cancel))
            all.Add((there.RowKey, await NameOfAsync(tenant, there, cancel)));
        if (vault is null) return all;
        HashSet<string> known = [.. all.Select(key => key.Name)];
        string prefix = VaultPrefix(tenant);
        try
        {
            await foreach (KeyProperties key in vault.GetPropertiesOfKeysAsync(cancel))
                if (key.Id.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && known.Add(key.Id.Name)) all.Add(("", key.Id.Name));
        }
        catch (NotNowException e) when (e.ReasonCode == "vault-forbidden")
        {
        }

        return all;
    }

    /// <summary>Destroys a signing key: in the vault first, since its row is what leads there. Throws <see cref="NotNowException"/> when the vault does not let it go.</summary>
    internal async Task DestroyAsync(TenantContext tenant, (string Row, string Name) key, CancellationToken cancel)
    {
        if (vault is not null && key.Name.Length > 0) await vault.DeleteKeyAsync(key.Name, cancel);
        if (key.Row.Length > 0) await _rows.DeleteEntityAsync(tenant.Tenant.Value, key.Row, ETag.All, cancel);
    }

    // Only a name of the tenant's own is ever deleted, whatever a row says.
    private async Task<string> NameOfAsync(TenantContext tenant, TableEntity there, CancellationToken cancel)
    {
        try
        {
            return await OpenAsync(tenant, there.RowKey, there, cancel) is { } stored && KeyVaultKeyIdentifier.TryParse(stored.Kid, out KeyVaultKeyIdentifier? id) && id.Vault == vault?.Vault
                && id.Name.StartsWith(VaultPrefix(tenant), StringComparison.OrdinalIgnoreCase) ? id.Name : "";
        }
        catch (Exception e) when (e is SealBrokenException or JsonException or KeyErasedException)
        {
            return "";
        }
    }

    private static string VaultPrefix(TenantContext tenant) => $"dkim-{tenant.Tenant.Value}-";

    private async Task<StoredKey> MakeAsync(TenantContext tenant, string domain, string selector, CancellationToken cancel)
    {
        if (vault is not null)
        {
            // A name of the vault's keys is in its logs: it says nothing of the domain.
            string name = $"{VaultPrefix(tenant)}{Crockford32.Encode(RandomNumberGenerator.GetBytes(10))}";
            KeyVaultKey made = await vault.CreateRsaKeyAsync(name, Bits, ["sign"], cancel);
            return new StoredKey(domain, selector, "", made.Id.ToString(), Convert.ToBase64String(made.ExportSubjectPublicKeyInfo()));
        }

        if (!mayKeepPem) throw new NotNowException("signing-vault-missing");
        using RSA rsa = RSA.Create(Bits);
        return new StoredKey(domain, selector, rsa.ExportPkcs8PrivateKeyPem());
    }

    // The row that named it is gone or another's by now, so nothing signs with it any more; a vault that does not answer keeps a key that nobody can find.
    private async Task ThrowAwayAsync(StoredKey? stored, CancellationToken cancel)
    {
        if (vault is null || stored is null || !KeyVaultKeyIdentifier.TryParse(stored.Kid, out KeyVaultKeyIdentifier? id) || id.Vault != vault.Vault) return;
        try
        {
            await vault.DeleteKeyAsync(id.Name, cancel);
        }
        catch (NotNowException)
        {
        }
    }

    private async Task<StoredKey?> ReadAsync(TenantContext tenant, string domain, CancellationToken cancel) =>
        await RowAsync(tenant, domain, cancel) is { } row && await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, row, cancel: cancel) is { } there
            // Whoever writes to the table cannot have a domain's mail signed with another's key.
            && await OpenAsync(tenant, row, there, cancel) is { } stored && string.Equals(stored.Domain, domain, StringComparison.OrdinalIgnoreCase) ? stored : null;

    /// <summary>Moves what leads from domains to their keys to the newest index key; see <see cref="BlindClaims"/>.</summary>
    internal Task<IndexMove> MoveIndexAsync(TenantContext tenant, int epoch, bool destroyed, int atMost, CancellationToken cancel) =>
        _domains.MoveAsync(tenant, tenant.Tenant.Value, epoch, destroyed, atMost, async id =>
            // A domain whose key was deleted gets another id when it gets another key.
            await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, KeyPrefix + id, cancel: cancel) is { } there ? (await OpenAsync(tenant, KeyPrefix + id, there, cancel))?.Domain : "", cancel);

    private async Task<StoredKey?> OpenAsync(TenantContext tenant, string row, TableEntity there, CancellationToken cancel)
    {
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Tenant, Owner, cancel);
        return key is null ? null : JsonSerializer.Deserialize(Envelope.Open(there.GetBinary("doc")!, key, Seal(tenant, row)), SigningJson.Default.StoredKey);
    }

    private static DkimRecord RecordOf(string domain, StoredKey stored)
    {
        string name = $"{stored.Selector}._domainkey.{domain}";
        if (stored.PublicKey.Length > 0) return new DkimRecord(name, DkimKey.RecordOf(Convert.FromBase64String(stored.PublicKey)));
        using DkimKey key = DkimKey.FromPem(stored.Pem);
        return new DkimRecord(name, key.PublicRecord);
    }

    private async Task<string?> RowAsync(TenantContext tenant, string domain, CancellationToken cancel) =>
        await _domains.FindAsync(tenant, tenant.Tenant.Value, domain.ToLowerInvariant(), cancel) is { } id ? KeyPrefix + id : null;
}

/// <summary>A domain's key as its row holds it: the private key itself, or the id and the public key of one in the signing vault.</summary>
internal sealed record StoredKey(string Domain, string Selector, string Pem, string Kid = "", string PublicKey = "");

[JsonSerializable(typeof(StoredKey))]
internal sealed partial class SigningJson : JsonSerializerContext;
