namespace Ingest.Core.Keys;

/// <summary>One row of the table of keys. It holds wrapped keys only.</summary>
/// <param name="Partition">The tenant and shard.</param>
/// <param name="Row">The kind, class and owner.</param>
/// <param name="Epoch">The epoch of the root key: its own for a root row, that of the wrapping root for every other.</param>
/// <param name="Wrapped">The wrapped key.</param>
/// <param name="Created">When, to the millisecond.</param>
public sealed record KeyRow(string Partition, string Row, int Epoch, byte[] Wrapped, DateTimeOffset Created)
{
    /// <summary>A data key's own random id; empty for other rows.</summary>
    public Guid KeyId { get; init; }

    /// <summary>What proves that we wrote a root row; null for every other.</summary>
    public RootProof? Proof { get; init; }

    /// <summary>When the key was erased: the row then holds nothing else, and stands so that no other key is ever made in its place. Null for a living key.</summary>
    public DateTimeOffset? Erased { get; init; }

    /// <summary>The version that was read; null before that.</summary>
    public string? ETag { get; init; }
}

/// <summary>What a root row carries beside the wrapped key.</summary>
/// <param name="Kid">The key-encryption key that wrapped it.</param>
/// <param name="Algorithm">How.</param>
/// <param name="Commit">A MAC under the root key itself, checked after unwrapping.</param>
/// <param name="Signature">The vault's signature over the row, checked before unwrapping: wrapping alone does not say who wrapped.</param>
public sealed record RootProof(string Kid, string Algorithm, byte[] Commit, KeySignature Signature);
