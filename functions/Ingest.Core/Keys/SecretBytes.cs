using System.Security.Cryptography;

namespace Ingest.Core.Keys;

/// <summary>
/// Key bytes that the collector cannot copy, with a count of holders: zeroed when the last one lets go, so that a cache may drop a key while another
/// thread still works with it, or when all have forgotten it.
/// </summary>
internal sealed class SecretBytes
{
    private readonly byte[] bytes;
    private readonly Lock gate = new();
    private int holders = 1;

    public SecretBytes(int length) => bytes = GC.AllocateArray<byte>(length, pinned: true);

    ~SecretBytes() => CryptographicOperations.ZeroMemory(bytes);

    public int Length => bytes.Length;

    public static SecretBytes Random(int length)
    {
        SecretBytes made = new(length);
        RandomNumberGenerator.Fill(made.bytes);
        return made;
    }

    public void Write(int offset, ReadOnlySpan<byte> source)
    {
        lock (gate)
            source.CopyTo(bytes.AsSpan(offset));
    }

    /// <summary>Copies into the caller's own buffer; throws <see cref="ObjectDisposedException"/> rather than give zeroes for a key.</summary>
    public void Read(int offset, Span<byte> destination)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(holders == 0, this);
            bytes.AsSpan(offset, destination.Length).CopyTo(destination);
        }
    }

    public void CopyTo(int offset, SecretBytes destination, int destinationOffset, int count)
    {
        Span<byte> passing = stackalloc byte[count];
        Read(offset, passing);
        destination.Write(destinationOffset, passing);
        CryptographicOperations.ZeroMemory(passing);
    }

    /// <summary>Becomes one more holder; false when the bytes are already gone.</summary>
    public bool TryHold()
    {
        lock (gate)
        {
            if (holders == 0)
                return false;
            holders++;
            return true;
        }
    }

    public void LetGo()
    {
        lock (gate)
        {
            if (holders > 0 && --holders == 0)
                CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <inheritdoc />
    public override string ToString() => "***";
}
