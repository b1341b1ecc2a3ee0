using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>The unwrapped root keys of a tenant for one purpose, by epoch, and for data also its id key and newest index key; in one block of secret bytes.</summary>
internal sealed class TenantRoot
{
    private readonly int[] epochs;

    /// <param name="tenant">Whose.</param>
    /// <param name="epochs">Ascending; the block holds the root keys in this order, then the id key, then the index key.</param>
    /// <param name="indexEpoch">The epoch of the index key; 0 when there is neither id nor index key.</param>
    public TenantRoot(TenantId tenant, int[] epochs, int indexEpoch)
    {
        Tenant = tenant;
        this.epochs = epochs;
        IndexEpoch = indexEpoch;
        Secret = new SecretBytes((epochs.Length + (indexEpoch > 0 ? 2 : 0)) * Floe.KeyLength);
    }

    public TenantId Tenant { get; }

    public int Epoch => epochs[^1];

    public int IndexEpoch { get; }

    public SecretBytes Secret { get; }

    public int IdKeyOffset => epochs.Length * Floe.KeyLength;

    public int IndexKeyOffset => IdKeyOffset + Floe.KeyLength;

    public bool Has(int epoch) => Array.IndexOf(epochs, epoch) >= 0;

    public int RootOffset(int epoch) => Has(epoch) ? Array.IndexOf(epochs, epoch) * Floe.KeyLength : throw new SealBrokenException();

    public void ReadRoot(int epoch, Span<byte> destination) => Secret.Read(RootOffset(epoch), destination);
}
