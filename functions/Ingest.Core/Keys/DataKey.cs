using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>
/// One random key of one erasable thing, lent for a piece of work. Disposing gives it back; its bytes are zeroed once neither the ring nor any
/// borrower holds it.
/// </summary>
public sealed class DataKey : IDisposable
{
    private readonly SecretBytes secret;
    private readonly KeyUse use;
    private int disposed;

    /// <summary>Takes over one hold of the secret.</summary>
    internal DataKey(Guid id, TenantId tenant, KeyClass keyClass, string owner, SecretBytes secret, KeyUse? use = null)
    {
        this.use = use ?? new KeyUse();
        Id = id;
        Tenant = tenant;
        Class = keyClass;
        Owner = owner;
        this.secret = secret;
    }

    /// <summary>The key's own random id, written in every envelope it seals.</summary>
    public Guid Id { get; }

    /// <summary>Whose it is.</summary>
    public TenantId Tenant { get; }

    /// <summary>What it protects.</summary>
    public KeyClass Class { get; }

    /// <summary>The id of the one thing it protects.</summary>
    public string Owner { get; }

    internal SecretBytes Secret => secret;

    /// <summary>True when the copy that all its handles share has sealed as much as one may.</summary>
    internal bool IsSpent => use.IsSpent;

    /// <summary>Gives the key back; a second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
            secret.LetGo();
    }

    /// <summary>Never the key.</summary>
    public override string ToString() => "***";

    /// <summary>Another handle for the same key, with a hold that the caller has already taken.</summary>
    internal DataKey Another() => new(Id, Tenant, Class, Owner, secret, use);

    /// <summary>Counts what was sealed.</summary>
    internal void Sealed(long bytes) => use.Add(bytes);

    internal void Read(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed) != 0, this);
        secret.Read(0, destination);
    }
}
