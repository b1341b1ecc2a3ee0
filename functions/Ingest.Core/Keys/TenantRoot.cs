using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>The unwrapped root keys of a tenant for one purpose, by epoch, and for data also its id key and its index keys, by epochs of their own; in one block of secret bytes.</summary>
internal sealed class TenantRoot
{
    private readonly int[] epochs;
    private readonly int[] indexEpochs;

    /// <param name="tenant">Whose.</param>
    /// <param name="epochs">Ascending; the block holds the root keys in this order, then the id key, then the index keys.</param>
    /// <param name="indexEpochs">The epochs of the index keys, ascending; empty when there is neither id nor index key.</param>
    public TenantRoot(TenantId tenant, int[] epochs, int[] indexEpochs)
    {
        Tenant = tenant;
        (this.epochs, this.indexEpochs) = (epochs, indexEpochs);
        Secret = new SecretBytes((epochs.Length + (indexEpochs.Length > 0 ? 1 + indexEpochs.Length : 0)) * Floe.KeyLength);
    }

    public TenantId Tenant { get; }

    public int Epoch => epochs[^1];

    /// <summary>Ascending. More than one while the index key is turned over.</summary>
    public IReadOnlyList<int> IndexEpochs => indexEpochs;

    public SecretBytes Secret { get; }

    public int IdKeyOffset => epochs.Length * Floe.KeyLength;

    public int IndexKeyOffset(int indexEpoch) => Array.IndexOf(indexEpochs, indexEpoch) is >= 0 and var at
        ? IdKeyOffset + (1 + at) * Floe.KeyLength
        : throw new SealBrokenException();

    public bool Has(int epoch) => Array.IndexOf(epochs, epoch) >= 0;

    public int RootOffset(int epoch) => Has(epoch) ? Array.IndexOf(epochs, epoch) * Floe.KeyLength : throw new SealBrokenException();

    public void ReadRoot(int epoch, Span<byte> destination) => Secret.Read(RootOffset(epoch), destination);
}
