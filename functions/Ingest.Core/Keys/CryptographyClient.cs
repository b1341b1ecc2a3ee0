using Azure.Core;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>
/// What one version of a key does inside its vault, in the vocabulary of Azure.Security.KeyVault.Keys, which this stands in for. What needs only the public key
/// is done without the vault (<see cref="KeyVaultKey"/>).
/// </summary>
public sealed class CryptographyClient
{
    private readonly KeyVaultWire wire;

    internal CryptographyClient(KeyVaultKeyIdentifier id, KeyVaultWire wire)
    {
        if (id.Vault != wire.Vault || id.Version.Length == 0)
            throw new ArgumentException("Keys are used by their full id, in their own vault.", nameof(id));
        (Id, this.wire) = (id, wire);
    }

    /// <summary>The key and its version.</summary>
    public KeyVaultKeyIdentifier Id { get; }

    /// <summary>Unwraps a key, which the caller zeroes. Throws <see cref="SealBrokenException"/> when it was not wrapped by this version, and <see cref="NotNowException"/> when the vault does not answer or refuses.</summary>
    public Task<byte[]> UnwrapKeyAsync(string algorithm, ReadOnlyMemory<byte> wrapped, CancellationToken cancel) => wire.SendAsync(RequestMethod.Post, Id.Path, "unwrapkey", "",
        VaultBody.Operation(algorithm, wrapped.Span), answer => VaultBody.ValueBy(answer, Id), cancel, onBadRequest: () => new SealBrokenException());

    /// <summary>Signs a digest; throws <see cref="NotNowException"/> when the vault does not answer or refuses.</summary>
    public Task<byte[]> SignAsync(string algorithm, ReadOnlyMemory<byte> digest, CancellationToken cancel) => wire.SendAsync(RequestMethod.Post, Id.Path, "sign", "",
        VaultBody.Operation(algorithm, digest.Span), answer => VaultBody.ValueBy(answer, Id), cancel);
}
