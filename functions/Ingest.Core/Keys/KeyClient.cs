using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure.Core;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>One version of a key as a list of versions shows it.</summary>
/// <param name="Id">Which.</param>
/// <param name="Enabled">False when it is switched off.</param>
/// <param name="CreatedOn">When it was made; null when the vault does not say.</param>
public sealed record KeyProperties(KeyVaultKeyIdentifier Id, bool Enabled, DateTimeOffset? CreatedOn);

/// <summary>
/// The keys of one vault, in the vocabulary of Azure.Security.KeyVault.Keys, which this stands in for. Every call ends within twenty seconds; what goes wrong is a
/// <see cref="NotNowException"/> whose code begins with "vault-". Safe to share between threads; make one per vault and process.
/// </summary>
public sealed class KeyClient : IDisposable
{
    private const int MostPages = 40, MostPagesOfKeys = 1000;
    private readonly KeyVaultWire wire;

    /// <summary>Opens a vault; nothing is sent yet.</summary>
    public KeyClient(VaultAddress vault, TokenCredential credential, KeyClientOptions? options = null) => wire = new KeyVaultWire(vault, credential, options ?? new KeyClientOptions());

    /// <summary>Which vault.</summary>
    public VaultAddress Vault => wire.Vault;

    /// <summary>The public part of a version of a key, or of the newest one.</summary>
    public async Task<KeyVaultKey> GetKeyAsync(string name, string version, CancellationToken cancel) =>
        Checked(KeyVaultKeyIdentifier.Of(Vault, name, version), await wire.SendAsync(RequestMethod.Get, KeyVaultKeyIdentifier.Of(Vault, name, version).Path, "", "", null, KeyVaultKey.Read, cancel));

    /// <summary>All versions of a key, in the vault's order.</summary>
    public async IAsyncEnumerable<KeyProperties> GetPropertiesOfKeyVersionsAsync(string name, [EnumeratorCancellation] CancellationToken cancel)
    {
        KeyVaultKeyIdentifier key = KeyVaultKeyIdentifier.Of(Vault, name);
        string? query = "&maxresults=25";
        for (int page = 0; query is not null; page++)
        {
            if (page == MostPages)
                throw new NotNowException("vault-unreadable");
            KeyPage read = await wire.SendAsync(RequestMethod.Get, key.Path, "versions", query, null, root => ReadPage(root, key.Path + "/versions", id => id.IsSameKey(key) && id.Version.Length > 0), cancel);
            foreach (KeyProperties version in read.Keys)
                yield return version;
            query = read.Next;
        }
    }

    /// <summary>Every key of the vault that is not deleted, by its id without a version, in the vault's order. Needs the right to list.</summary>
    public async IAsyncEnumerable<KeyProperties> GetPropertiesOfKeysAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        string? query = "&maxresults=25";
        for (int page = 0; query is not null; page++)
        {
            if (page == MostPagesOfKeys)
                throw new NotNowException("vault-unreadable");
            KeyPage read = await wire.SendAsync(RequestMethod.Get, KeysPath, "", query, null, root => ReadPage(root, KeysPath, id => id.Vault == Vault && id.Version.Length == 0), cancel);
            foreach (KeyProperties key in read.Keys)
                yield return key;
            query = read.Next;
        }
    }

    /// <summary>Makes an RSA key, or another version of one, in the vault's software; it never leaves the vault.</summary>
    public async Task<KeyVaultKey> CreateRsaKeyAsync(string name, int bits, IReadOnlyList<string> operations, CancellationToken cancel)
    {
        KeyVaultKeyIdentifier key = KeyVaultKeyIdentifier.Of(Vault, name);
        return Checked(key, await wire.SendAsync(RequestMethod.Post, key.Path, "create", "", VaultBody.NewRsaKey(bits, operations), KeyVaultKey.Read, cancel));
    }

    /// <summary>Deletes a key with all its versions; the vault can bring it back for as long as it is set up to. False when it was not there.</summary>
    public async Task<bool> DeleteKeyAsync(string name, CancellationToken cancel)
    {
        try
        {
            await wire.SendAsync(RequestMethod.Delete, KeyVaultKeyIdentifier.Of(Vault, name).Path, "", "", null, _ => Done, cancel);
            return true;
        }
        catch (NotNowException e) when (e.ReasonCode == "vault-key-missing")
        {
            return false;
        }
    }

    /// <summary>What a version of a key does inside this vault; throws <see cref="ArgumentException"/> for another vault's.</summary>
    public CryptographyClient GetCryptographyClient(KeyVaultKeyIdentifier id) => new(id, wire);

    /// <inheritdoc />
    public void Dispose() => wire.Dispose();

    private static readonly object Done = new();

    private const string KeysPath = "/keys";

    private sealed record KeyPage(List<KeyProperties> Keys, string? Next);

    private static KeyVaultKey Checked(KeyVaultKeyIdentifier asked, KeyVaultKey read) => read.Id.IsSameKey(asked) && (asked.Version.Length == 0 || asked.Version == read.Id.Version)
        ? read
        : throw new NotNowException("vault-unreadable");

    private KeyPage? ReadPage(JsonElement root, string list, Func<KeyVaultKeyIdentifier, bool> belongs)
    {
        List<KeyProperties> keys = [];
        foreach (JsonElement entry in root.GetProperty("value").EnumerateArray())
        {
            JsonElement attributes = entry.GetProperty("attributes");
            if (!KeyVaultKeyIdentifier.TryParse(entry.GetProperty("kid").GetString(), out KeyVaultKeyIdentifier? id) || !belongs(id))
                return null;
            DateTimeOffset? created = attributes.TryGetProperty("created", out JsonElement at) && at.TryGetInt64(out long seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
            keys.Add(new KeyProperties(id, attributes.TryGetProperty("enabled", out JsonElement enabled) && enabled.ValueKind == JsonValueKind.True, created));
        }

        string? link = root.TryGetProperty("nextLink", out JsonElement next) ? next.GetString() : null;
        return string.IsNullOrEmpty(link) ? new KeyPage(keys, null) : QueryOf(list, link) is { } query ? new KeyPage(keys, query) : null;
    }

    // A link to anywhere but the same list would carry our token there.
    private string? QueryOf(string list, string link)
    {
        bool same = Uri.TryCreate(link, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps && uri.IsDefaultPort && uri.UserInfo.Length == 0 && uri.Host == Vault.Host
            && uri.AbsolutePath.Equals(list, StringComparison.OrdinalIgnoreCase);
        if (!same)
            return null;
        // We say the version of the API ourselves.
        string rest = string.Join('&', uri!.Query.TrimStart('?').Split('&').Where(part => part.Length > 0 && !part.StartsWith("api-version=", StringComparison.OrdinalIgnoreCase)));
        return "&" + rest;
    }
}
