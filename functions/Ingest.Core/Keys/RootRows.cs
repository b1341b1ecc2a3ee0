using System.Security.Cryptography;
using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>One root row, written and opened: signature first, then unwrap, then commitment. Only a row that we wrote is ever given to the vault.</summary>
internal sealed class RootRows(IKeyVault vault)
{
    /// <summary>The row for this root key at this place, wrapped under the newest key of its scope, and signed.</summary>
    public async Task<KeyRow> WriteAsync(TenantId tenant, KeyScope scope, KeyRow place, ReadOnlyMemory<byte> key, CancellationToken cancel)
    {
        WrappedKey wrapped = await vault.WrapAsync(scope, key, cancel);
        KeyRow row = place with { Wrapped = wrapped.Bytes };
        byte[] commit = KeyWrap.RootCommit(key.Span, tenant, scope.Purpose, row.Epoch);
        KeySignature signature = await vault.SignAsync(KeyWrap.RootDigest(tenant, scope.Purpose, row, wrapped, commit), cancel);
        return row with { Proof = new RootProof(wrapped.Kid, wrapped.Algorithm, commit, signature) };
    }

    /// <summary>Throws <see cref="RootKeyRefusedException"/> unless we wrote this row for this place.</summary>
    public async Task VerifyAsync(TenantId tenant, KeyScope scope, KeyRow row, CancellationToken cancel)
    {
        if (row.Proof is not { } proof || row.Row != KeyPlace.Root(tenant, scope.Purpose, row.Epoch).Row)
            throw new RootKeyRefusedException();
        byte[] digest;
        try
        {
            digest = KeyWrap.RootDigest(tenant, scope.Purpose, row, new WrappedKey(proof.Kid, proof.Algorithm, row.Wrapped), proof.Commit);
        }
        catch (ArgumentException)
        {
            throw new RootKeyRefusedException();
        }

        if (!await vault.VerifyAsync(digest, proof.Signature, cancel))
            throw new RootKeyRefusedException();
    }

    /// <summary>The root key of a row, which the caller zeroes; throws <see cref="RootKeyRefusedException"/> when the row is not as we wrote it.</summary>
    public async Task<byte[]> OpenAsync(TenantId tenant, KeyScope scope, KeyRow row, CancellationToken cancel)
    {
        await VerifyAsync(tenant, scope, row, cancel);
        byte[] key = [];
        try
        {
            RootProof proof = row.Proof!;
            key = await vault.UnwrapAsync(scope, new WrappedKey(proof.Kid, proof.Algorithm, row.Wrapped), cancel);
            bool committed = key.Length == Floe.KeyLength
                && CryptographicOperations.FixedTimeEquals(KeyWrap.RootCommit(key, tenant, scope.Purpose, row.Epoch), proof.Commit);
            return committed ? key : throw new RootKeyRefusedException();
        }
        catch (Exception e)
        {
            CryptographicOperations.ZeroMemory(key);
            if (e is SealBrokenException)
                throw new RootKeyRefusedException();
            throw;
        }
    }
}
