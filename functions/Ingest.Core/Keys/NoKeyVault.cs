using Ingest.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>
/// Stands where the client of Azure Key Vault belongs, which this version does not have: every call throws <see cref="NotNowException"/> with
/// <see cref="Reason"/>, so that production starts and answers, and whatever needs a key is put off, never decided or lost.
/// </summary>
public sealed class NoKeyVault : IKeyVault
{
    /// <summary>The reason code that every call ends with.</summary>
    public const string Reason = "vault-not-supported";

    /// <inheritdoc />
    public Task<WrappedKey> WrapAsync(KeyPurpose purpose, ReadOnlyMemory<byte> key, CancellationToken cancel) =>
        Task.FromException<WrappedKey>(new NotNowException(Reason));

    /// <inheritdoc />
    public Task<byte[]> UnwrapAsync(KeyPurpose purpose, WrappedKey wrapped, CancellationToken cancel) =>
        Task.FromException<byte[]>(new NotNowException(Reason));

    /// <inheritdoc />
    public Task<KeySignature> SignAsync(ReadOnlyMemory<byte> sha256Digest, CancellationToken cancel) =>
        Task.FromException<KeySignature>(new NotNowException(Reason));

    /// <inheritdoc />
    public Task<bool> VerifyAsync(ReadOnlyMemory<byte> sha256Digest, KeySignature signature, CancellationToken cancel) =>
        Task.FromException<bool>(new NotNowException(Reason));

    /// <inheritdoc />
    public Task<byte[]> SealPublicKeyAsync(string kid, CancellationToken cancel) =>
        Task.FromException<byte[]>(new NotNowException(Reason));
}
