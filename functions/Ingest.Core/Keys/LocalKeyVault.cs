using System.Security.Cryptography;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>
/// The vault as three PEM files of this user, for the development profile only: nothing outside the machine guards them. The keys are made on first
/// use; two processes that begin at once agree on one of them.
/// </summary>
public sealed class LocalKeyVault(string folder) : IKeyVault, IDisposable
{
    private const string Oaep = "RSA-OAEP-256";
    private const int RsaBits = 3072;

    // RSA and ECDsa instances promise nothing about threads, and speed does not matter here.
    private readonly Lock gate = new();
    private readonly Dictionary<KeyPurpose, (RSA Key, string Kid)> wrapping = [];
    private (ECDsa Key, string Kid)? sealing;

    /// <inheritdoc />
    public Task<WrappedKey> WrapAsync(KeyScope scope, ReadOnlyMemory<byte> key, CancellationToken cancel)
    {
        lock (gate)
        {
            (RSA rsa, string kid) = Wrapping(scope);
            return Task.FromResult(new WrappedKey(kid, Oaep, rsa.Encrypt(key.Span, RSAEncryptionPadding.OaepSHA256)));
        }
    }

    /// <inheritdoc />
    public Task<byte[]> UnwrapAsync(KeyScope scope, WrappedKey wrapped, CancellationToken cancel)
    {
        lock (gate)
        {
            (RSA rsa, string kid) = Wrapping(scope);
            if (wrapped.Algorithm != Oaep || wrapped.Kid != kid)
                return Task.FromException<byte[]>(new SealBrokenException());
            try
            {
                return Task.FromResult(rsa.Decrypt(wrapped.Bytes, RSAEncryptionPadding.OaepSHA256));
            }
            catch (CryptographicException)
            {
                return Task.FromException<byte[]>(new SealBrokenException());
            }
        }
    }

    /// <inheritdoc />
    public Task<string> WrappingKidAsync(KeyScope scope, CancellationToken cancel)
    {
        lock (gate)
            return Task.FromResult(Wrapping(scope).Kid);
    }

    /// <inheritdoc />
    public Task<KeySignature> SignAsync(ReadOnlyMemory<byte> sha256Digest, CancellationToken cancel)
    {
        RequireDigest(sha256Digest);
        lock (gate)
        {
            (ECDsa ec, string kid) = Sealing();
            byte[] signature = ec.SignHash(sha256Digest.ToArray(), DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            return Task.FromResult(new KeySignature(kid, signature));
        }
    }

    /// <inheritdoc />
    public Task<bool> VerifyAsync(ReadOnlyMemory<byte> sha256Digest, KeySignature signature, CancellationToken cancel)
    {
        RequireDigest(sha256Digest);
        lock (gate)
        {
            (ECDsa ec, string kid) = Sealing();
            return Task.FromResult(signature.Kid == kid
                && ec.VerifyHash(sha256Digest.Span, signature.Bytes, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        }
    }

    /// <inheritdoc />
    public Task<byte[]> SealPublicKeyAsync(string kid, CancellationToken cancel)
    {
        lock (gate)
        {
            (ECDsa ec, string own) = Sealing();
            return kid == own ? Task.FromResult(ec.ExportSubjectPublicKeyInfo()) : Task.FromException<byte[]>(new SealBrokenException());
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (gate)
        {
            foreach ((RSA key, _) in wrapping.Values)
                key.Dispose();
            wrapping.Clear();
            sealing?.Key.Dispose();
            sealing = null;
        }
    }

    private (RSA Key, string Kid) Wrapping(KeyScope scope)
    {
        // A key that a tenant brings is in a vault of the tenant's; no file may stand in for it.
        if (scope.Own.Count > 0)
            throw new NotNowException("vault-key-elsewhere");
        KeyPurpose purpose = scope.Purpose;
        if (wrapping.TryGetValue(purpose, out (RSA, string) known))
            return known;

        string name = purpose switch
        {
            KeyPurpose.Data => "kek-data",
            KeyPurpose.Credential => "kek-credential",
        };
        RSA key = RSA.Create();
        key.ImportFromPem(OwnerOnlyFile.ReadOrMake(folder, name + ".pem", static () =>
        {
            using RSA made = RSA.Create(RsaBits);
            return made.ExportPkcs8PrivateKeyPem();
        }));
        return wrapping[purpose] = (key, Kid(name, key.ExportSubjectPublicKeyInfo()));
    }

    private (ECDsa Key, string Kid) Sealing()
    {
        if (sealing is { } known)
            return known;

        ECDsa key = ECDsa.Create();
        key.ImportFromPem(OwnerOnlyFile.ReadOrMake(folder, "seal.pem", static () =>
        {
            using ECDsa made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return made.ExportPkcs8PrivateKeyPem();
        }));
        sealing = (key, Kid("seal", key.ExportSubjectPublicKeyInfo()));
        return sealing.Value;
    }

    private static string Kid(string name, byte[] publicKey) => $"local:{name}/{Convert.ToHexStringLower(SHA256.HashData(publicKey).AsSpan(0, 8))}";

    private static void RequireDigest(ReadOnlyMemory<byte> digest)
    {
        if (digest.Length != SHA256.HashSizeInBytes)
            throw new ArgumentException("A SHA-256 digest is 32 bytes.", nameof(digest));
    }
}
