namespace Ingest.Core.Keys;

/// <summary>Which of the two key-encryption keys: they have different readers.</summary>
public enum KeyPurpose
{
    /// <summary>Mail, tickets, contacts.</summary>
    Data = 1,
    /// <summary>Mailbox credentials: the front may wrap under it, only the pipeline may unwrap.</summary>
    Credential = 2,
}

/// <summary>Which key-encryption keys a wrapped key may hang from: ours for a purpose, and those that its tenant brought.</summary>
/// <param name="Purpose">What it protects.</param>
/// <param name="Own">The ids, without version, of the tenant's own keys; the first is the one that wraps. Empty for ours alone.</param>
public readonly record struct KeyScope(KeyPurpose Purpose, IReadOnlyList<string> Own)
{
    /// <summary>Ours alone.</summary>
    public static implicit operator KeyScope(KeyPurpose purpose) => new(purpose, []);
}

/// <summary>A key that only the vault can unwrap.</summary>
/// <param name="Kid">The full id of the key-encryption key and its version.</param>
/// <param name="Algorithm">The JOSE name of the algorithm, such as "RSA-OAEP-256".</param>
/// <param name="Bytes">The wrapped key.</param>
public sealed record WrappedKey(string Kid, string Algorithm, byte[] Bytes);

/// <summary>A signature of the seal key.</summary>
/// <param name="Kid">The full id of the signing key and its version.</param>
/// <param name="Bytes">ES256 as r ‖ s, 64 bytes.</param>
public sealed record KeySignature(string Kid, byte[] Bytes);

/// <summary>The outside keeper of the root of all keys. A failure to answer is an exception and means "not now".</summary>
public interface IKeyVault
{
    /// <summary>Wraps a key of 32 bytes.</summary>
    Task<WrappedKey> WrapAsync(KeyScope scope, ReadOnlyMemory<byte> key, CancellationToken cancel);

    /// <summary>Unwraps a key; the caller zeroes the result. Throws <see cref="SealBrokenException"/> when it was not wrapped within this scope.</summary>
    Task<byte[]> UnwrapAsync(KeyScope scope, WrappedKey wrapped, CancellationToken cancel);

    /// <summary>The id and version of the key that <see cref="WrapAsync"/> wraps under now; what hangs from another waits to be wrapped anew.</summary>
    Task<string> WrappingKidAsync(KeyScope scope, CancellationToken cancel);

    /// <summary>Signs a SHA-256 digest with the seal key.</summary>
    Task<KeySignature> SignAsync(ReadOnlyMemory<byte> sha256Digest, CancellationToken cancel);

    /// <summary>True when the seal key made this signature of this digest; false for every other signature and key id.</summary>
    Task<bool> VerifyAsync(ReadOnlyMemory<byte> sha256Digest, KeySignature signature, CancellationToken cancel);

    /// <summary>
    /// The public key of a seal key as DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), for whoever checks seals without the vault; older versions
    /// of the key included. Throws <see cref="SealBrokenException"/> for an id that is not one of the seal key's, without asking anyone.
    /// </summary>
    Task<byte[]> SealPublicKeyAsync(string kid, CancellationToken cancel);
}
