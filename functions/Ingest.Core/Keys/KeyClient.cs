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
    private const int MostPages = 40;
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
            VersionPage read = await wire.SendAsync(RequestMethod.Get, key.Path, "versions", query, null, root => ReadPage(key, root), cancel);
            foreach (KeyProperties version in read.Versions)
                yield return version;
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

    private sealed record VersionPage(List<KeyProperties> Versions, string? Next);

    private static KeyVaultKey Checked(KeyVaultKeyIdentifier asked, KeyVaultKey read) => read.Id.IsSameKey(asked) && (asked.Version.Length == 0 || asked.Version == read.Id.Version)
        ? read
        : throw new NotNowException("vault-unreadable");

    private static VersionPage? ReadPage(KeyVaultKeyIdentifier key, JsonElement root)
    {
        List<KeyProperties> versions = [];
        foreach (JsonElement entry in root.GetProperty("value").EnumerateArray())
        {
            JsonElement attributes = entry.GetProperty("attributes");
            if (!KeyVaultKeyIdentifier.TryParse(entry.GetProperty("kid").GetString(), out KeyVaultKeyIdentifier? id) || !id.IsSameKey(key) || id.Version.Length == 0)
                return null;
            DateTimeOffset? created = attributes.TryGetProperty("created", out JsonElement at) && at.TryGetInt64(out long seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
            versions.Add(new KeyProperties(id, attributes.TryGetProperty("enabled", out JsonElement enabled) && enabled.ValueKind == JsonValueKind.True, created));
        }

        string? link = root.TryGetProperty("nextLink", out JsonElement next) ? next.GetString() : null;
        return string.IsNullOrEmpty(link) ? new VersionPage(versions, null) : QueryOf(key, link) is { } query ? new VersionPage(versions, query) : null;
    }

    // A link to anywhere but the same list would carry our token there.
    private static string? QueryOf(KeyVaultKeyIdentifier key, string link)
    {
        bool same = Uri.TryCreate(link, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps && uri.IsDefaultPort && uri.UserInfo.Length == 0 && uri.Host == key.Vault.Host
            && uri.AbsolutePath.Equals(key.Path + "/versions", StringComparison.OrdinalIgnoreCase);
        if (!same)
            return null;
        // We say the version of the API ourselves.
        string rest = string.Join('&', uri!.Query.TrimStart('?').Split('&').Where(part => part.Length > 0 && !part.StartsWith("api-version=", StringComparison.OrdinalIgnoreCase)));
        return "&" + rest;
    }
}
