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
public sealed class KeyVault : IKeyVault
{
    private const int Sha256Bytes = SHA256.HashSizeInBytes, Es256Bytes = 64;

    private readonly KeyClient data, credential;
    private readonly PublicKeys dataKeys, credentialKeys;

    /// <summary>The data key and the seal are in the first vault; the credential key may be in another, where the front has no right to unwrap.</summary>
    public KeyVault(KeyClient data, KeyClient credential, TimeProvider time)
    {
        (this.data, this.credential) = (data, credential);
        dataKeys = new PublicKeys(data, time);
        credentialKeys = data == credential ? dataKeys : new PublicKeys(credential, time);
    }

    /// <inheritdoc />
    public async Task<WrappedKey> WrapAsync(KeyPurpose purpose, ReadOnlyMemory<byte> key, CancellationToken cancel)
    {
        (_, PublicKeys keys, string name) = Of(purpose);
        KeyVaultKey kek = await keys.NewestAsync(name, "wrapKey", cancel);
        return new WrappedKey(kek.Id.ToString(), KeyWrapAlgorithm.RsaOaep256, kek.Wrap(key.Span));
    }

    /// <inheritdoc />
    public async Task<byte[]> UnwrapAsync(KeyPurpose purpose, WrappedKey wrapped, CancellationToken cancel)
    {
        (KeyClient client, _, string name) = Of(purpose);
        if (wrapped.Algorithm != KeyWrapAlgorithm.RsaOaep256 || !IsOurs(wrapped.Kid, client, name, out KeyVaultKeyIdentifier id))
            throw new SealBrokenException();
        return await client.GetCryptographyClient(id).UnwrapKeyAsync(wrapped.Algorithm, wrapped.Bytes, cancel);
    }

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

    private (KeyClient Client, PublicKeys Keys, string Name) Of(KeyPurpose purpose) => purpose switch
    {
        KeyPurpose.Data => (data, dataKeys, VaultKeyNames.Data),
        KeyPurpose.Credential => (credential, credentialKeys, VaultKeyNames.Credential),
    };

    private static bool IsOurs(string kid, KeyClient client, string name, out KeyVaultKeyIdentifier id) =>
        KeyVaultKeyIdentifier.TryParse(kid, out id!) && id.Version.Length > 0 && id.Vault == client.Vault && id.Name == name;

    private static void RequireDigest(ReadOnlyMemory<byte> digest)
    {
        if (digest.Length != Sha256Bytes)
            throw new ArgumentException("A SHA-256 digest is 32 bytes.", nameof(digest));
    }
}
