using Ingest.Core.Keys;

namespace Ingest.Core.Tests.Keys;

/// <summary>A vault that counts, waits a little as a network does, and fails when told to.</summary>
internal sealed class CountingVault(IKeyVault inner) : IKeyVault
{
    private int wraps, unwraps, signs;

    public int Wraps => wraps;

    public int Unwraps => unwraps;

    public int Signs => signs;

    public Exception? Failure { get; set; }

    /// <summary>What the vault waits for before it unwraps.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public Task<WrappedKey> WrapAsync(KeyScope scope, ReadOnlyMemory<byte> key, CancellationToken cancel)
    {
        Interlocked.Increment(ref wraps);
        return inner.WrapAsync(scope, key, cancel);
    }

    public Task<string> WrappingKidAsync(KeyScope scope, CancellationToken cancel) => inner.WrappingKidAsync(scope, cancel);

    public async Task<byte[]> UnwrapAsync(KeyScope scope, WrappedKey wrapped, CancellationToken cancel)
    {
        Interlocked.Increment(ref unwraps);
        await Gate.WaitAsync(cancel);
        await Task.Yield();
        if (Failure is { } failure)
            throw failure;
        return await inner.UnwrapAsync(scope, wrapped, cancel);
    }

    public Task<KeySignature> SignAsync(ReadOnlyMemory<byte> sha256Digest, CancellationToken cancel)
    {
        Interlocked.Increment(ref signs);
        return inner.SignAsync(sha256Digest, cancel);
    }

    public Task<bool> VerifyAsync(ReadOnlyMemory<byte> sha256Digest, KeySignature signature, CancellationToken cancel) =>
        inner.VerifyAsync(sha256Digest, signature, cancel);

    public Task<byte[]> SealPublicKeyAsync(string kid, CancellationToken cancel) => inner.SealPublicKeyAsync(kid, cancel);
}
