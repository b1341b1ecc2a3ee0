using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>The names of our keys in their vaults; the deployment makes them.</summary>
public static class VaultKeyNames
{
    /// <summary>RSA, wrapKey and unwrapKey: for mail, tickets, contacts.</summary>
    public const string Data = "kek-data";

    /// <summary>RSA, wrapKey and unwrapKey: for mailbox credentials.</summary>
    public const string Credential = "kek-credential";

    /// <summary>EC on P-256, sign: for what we wrote ourselves.</summary>
    public const string Seal = "seal";
}

/// <summary>
/// The root of all keys in Azure Key Vault. Wrapping and checking seals are done here with the public keys; unwrapping and sealing are done by the vault, always by
/// the full id of a key's version and only for the keys that are ours.
/// </summary>
public sealed class KeyVault : IKeyVault, IDisposable
{
    private const int Sha256Bytes = SHA256.HashSizeInBytes, Es256Bytes = 64;

    private readonly KeyClient data, credential;
    private readonly PublicKeys dataKeys, credentialKeys;
    private readonly Func<VaultAddress, KeyClient> open;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<VaultAddress, Lazy<(KeyClient Client, PublicKeys Keys)>> others = new();

    /// <summary>
    /// The data key and the seal are in the first vault; the credential key may be in another, where the front has no right to unwrap. <paramref name="open"/> opens the
    /// vaults of tenants that bring their own key.
    /// </summary>
    public KeyVault(VaultAddress data, VaultAddress credential, Func<VaultAddress, KeyClient> open, TimeProvider time)
    {
        (this.open, this.time) = (open, time);
        (this.data, dataKeys) = Vault(data);
        (this.credential, credentialKeys) = Vault(credential);
    }

    /// <inheritdoc />
    public async Task<WrappedKey> WrapAsync(KeyScope scope, ReadOnlyMemory<byte> key, CancellationToken cancel)
    {
        KeyVaultKey kek = await WrappingKeyAsync(scope, cancel);
        return new WrappedKey(kek.Id.ToString(), KeyWrapAlgorithm.RsaOaep256, kek.Wrap(key.Span));
    }

    /// <inheritdoc />
    public async Task<byte[]> UnwrapAsync(KeyScope scope, WrappedKey wrapped, CancellationToken cancel)
    {
        if (wrapped.Algorithm != KeyWrapAlgorithm.RsaOaep256 || !IsWithin(scope, wrapped.Kid, out KeyVaultKeyIdentifier id))
            throw new SealBrokenException();
        return await Vault(id.Vault).Client.GetCryptographyClient(id).UnwrapKeyAsync(wrapped.Algorithm, wrapped.Bytes, cancel);
    }

    /// <inheritdoc />
    public async Task<string> WrappingKidAsync(KeyScope scope, CancellationToken cancel) => (await WrappingKeyAsync(scope, cancel)).Id.ToString();

    /// <inheritdoc />
    public async Task<KeySignature> SignAsync(ReadOnlyMemory<byte> sha256Digest, CancellationToken cancel)
    {
        RequireDigest(sha256Digest);
        KeyVaultKey seal = await dataKeys.NewestAsync(VaultKeyNames.Seal, "sign", cancel);
        try
        {
            byte[] signature = await data.GetCryptographyClient(seal.Id).SignAsync(SignatureAlgorithm.ES256, sha256Digest, cancel);
            // A seal that does not hold would lock a tenant out; better not to have written it.
            return signature.Length == Es256Bytes && seal.Verify(sha256Digest.Span, signature)
                ? new KeySignature(seal.Id.ToString(), signature)
                : throw new NotNowException("vault-unreadable");
        }
        catch (NotNowException)
        {
            dataKeys.Forget(VaultKeyNames.Seal);
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<bool> VerifyAsync(ReadOnlyMemory<byte> sha256Digest, KeySignature signature, CancellationToken cancel)
    {
        RequireDigest(sha256Digest);
        if (!IsOurs(signature.Kid, data, VaultKeyNames.Seal, out KeyVaultKeyIdentifier id) || signature.Bytes.Length != Es256Bytes)
            return false;
        KeyVaultKey seal = await dataKeys.VersionAsync(id, cancel);
        return !seal.IsRsa && seal.Verify(sha256Digest.Span, signature.Bytes);
    }

    /// <inheritdoc />
    public async Task<byte[]> SealPublicKeyAsync(string kid, CancellationToken cancel) => IsOurs(kid, data, VaultKeyNames.Seal, out KeyVaultKeyIdentifier id)
        ? (await dataKeys.VersionAsync(id, cancel)).ExportSubjectPublicKeyInfo()
        : throw new SealBrokenException();

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (Lazy<(KeyClient Client, PublicKeys Keys)> vault in others.Values)
            vault.Value.Client.Dispose();
    }

    private Task<KeyVaultKey> WrappingKeyAsync(KeyScope scope, CancellationToken cancel)
    {
        if (scope.Own.Count == 0)
        {
            (_, PublicKeys keys, string name) = Of(scope.Purpose);
            return keys.NewestAsync(name, "wrapKey", cancel);
        }

        return KeyVaultKeyIdentifier.TryParse(scope.Own[0], out KeyVaultKeyIdentifier? own)
            ? Vault(own.Vault).Keys.NewestAsync(own.Name, "wrapKey", cancel)
            : throw new NotNowException("vault-key-refused");
    }

    private (KeyClient Client, PublicKeys Keys, string Name) Of(KeyPurpose purpose) => purpose switch
    {
        KeyPurpose.Data => (data, dataKeys, VaultKeyNames.Data),
        KeyPurpose.Credential => (credential, credentialKeys, VaultKeyNames.Credential),
    };

    private (KeyClient Client, PublicKeys Keys) Vault(VaultAddress address) => others.GetOrAdd(address, _ => new(() =>
    {
        KeyClient client = open(address);
        return (client, new PublicKeys(client, time));
    })).Value;

    // A row may name any key at all; only these are ever asked to open it.
    private bool IsWithin(KeyScope scope, string kid, out KeyVaultKeyIdentifier id)
    {
        (KeyClient client, _, string name) = Of(scope.Purpose);
        if (IsOurs(kid, client, name, out id))
            return true;
        return KeyVaultKeyIdentifier.TryParse(kid, out id!) && id.Version.Length > 0 && scope.Own.Contains(id.Unversioned.ToString(), StringComparer.Ordinal);
    }

    private static bool IsOurs(string kid, KeyClient client, string name, out KeyVaultKeyIdentifier id) =>
        KeyVaultKeyIdentifier.TryParse(kid, out id!) && id.Version.Length > 0 && id.Vault == client.Vault && id.Name == name;

    private static void RequireDigest(ReadOnlyMemory<byte> digest)
    {
        if (digest.Length != Sha256Bytes)
            throw new ArgumentException("A SHA-256 digest is 32 bytes.", nameof(digest));
    }
}
