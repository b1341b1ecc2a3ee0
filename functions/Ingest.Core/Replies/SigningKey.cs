using System.Security.Cryptography;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Mail.Auth;

namespace Ingest.Core.Replies;

/// <summary>A domain's DKIM key, open for use; dispose it.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly string _domain, _selector;
    private readonly DkimKey? _local;
    private readonly CryptographyClient? _remote;
    private readonly byte[] _publicKey = [];

    private SigningKey(string domain, StoredKey stored, DkimKey local) => (_domain, _selector, _local) = (domain, stored.Selector, local);

    private SigningKey(string domain, StoredKey stored, CryptographyClient remote) =>
        (_domain, _selector, _remote, _publicKey) = (domain, stored.Selector, remote, Convert.FromBase64String(stored.PublicKey));

    /// <summary>The key of a row; throws <see cref="NotNowException"/> when it is in a vault that the settings no longer name.</summary>
    internal static SigningKey Open(string domain, StoredKey stored, KeyClient? vault)
    {
        if (stored.Kid.Length == 0) return new SigningKey(domain, stored, DkimKey.FromPem(stored.Pem));
        return vault is not null && KeyVaultKeyIdentifier.TryParse(stored.Kid, out KeyVaultKeyIdentifier? id) && id.Vault == vault.Vault
            ? new SigningKey(domain, stored, vault.GetCryptographyClient(id))
            : throw new NotNowException("signing-vault-missing");
    }

    /// <summary>The mail with a signature of this domain (RFC 6376), made at this time; throws <see cref="NotNowException"/> when the vault does not sign.</summary>
    public async Task<byte[]> SignAsync(ReadOnlyMemory<byte> mail, DateTimeOffset at, CancellationToken cancel)
    {
        DkimSignature settings = new() { Domain = _domain, Selector = _selector, Key = _local, SignedAt = at };
        return _remote is null ? DkimSigner.Sign(mail.Span, settings) : await DkimSigner.SignAsync(mail, settings, SignDigestAsync, cancel);
    }

    /// <inheritdoc />
    public void Dispose() => _local?.Dispose();

    // Checked here, since a signature that does not hold makes a mail worse than none.
    private async ValueTask<byte[]> SignDigestAsync(ReadOnlyMemory<byte> digest, CancellationToken cancel)
    {
        byte[] signature = await _remote!.SignAsync(SignatureAlgorithm.RS256, digest, cancel);
        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(_publicKey, out _);
        return rsa.VerifyHash(digest.Span, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ? signature : throw new NotNowException("vault-unreadable");
    }
}
