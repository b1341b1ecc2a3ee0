using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ingest.Core.Keys;

/// <summary>Decrypts one FLOE message segment by segment, in order or each by its place. Not for use by two threads at once.</summary>
public sealed class FloeDecryptor : IDisposable
{
    private readonly FloeKeys keys;
    private readonly int segmentLength;
    private ulong position;

    /// <summary>Begins a message; throws <see cref="SealBrokenException"/> unless the header is for this key, data and segment length.</summary>
    public FloeDecryptor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> aad, int segmentLength, ReadOnlySpan<byte> header)
        : this(key, aad, segmentLength, header, FloeKeys.RotationBits)
    {
    }

    internal FloeDecryptor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> aad, int segmentLength, ReadOnlySpan<byte> header, int rotationBits)
    {
        this.segmentLength = segmentLength;
        Span<byte> expected = stackalloc byte[FloeKeys.ParameterLength];
        FloeKeys.WriteParameters(expected, segmentLength);
        if (header.Length != Floe.HeaderLength || !header[..FloeKeys.ParameterLength].SequenceEqual(expected))
            throw new SealBrokenException();

        keys = new FloeKeys(key, header.Slice(FloeKeys.ParameterLength, FloeKeys.IvLength), aad, segmentLength, rotationBits);
        if (!CryptographicOperations.FixedTimeEquals(keys.HeaderTag, header[(FloeKeys.ParameterLength + FloeKeys.IvLength)..]))
        {
            keys.Dispose();
            throw new SealBrokenException();
        }
    }

    /// <summary>True when the last segment was decrypted: only then is the message whole.</summary>
    public bool Done { get; private set; }

    /// <summary>Decrypts the next segment and says how many bytes it wrote; throws <see cref="SealBrokenException"/> on any difference.</summary>
    public int Decrypt(ReadOnlySpan<byte> segment, Span<byte> destination, bool last)
    {
        if (Done)
            throw new SealBrokenException();
        int written = DecryptAt(position, segment, destination, last);
        position++;
        Done = last;
        return written;
    }

    /// <summary>
    /// Decrypts the segment at this place, counted from 0, whatever was decrypted before, and says how many bytes it wrote. It proves that the segment stands there
    /// and whether it is the last, not that the others are whole. Throws <see cref="SealBrokenException"/> on any difference.
    /// </summary>
    public int DecryptAt(ulong place, ReadOnlySpan<byte> segment, Span<byte> destination, bool last)
    {
        int plainLength = segment.Length - Floe.SegmentOverhead;
        bool shape = plainLength >= 0 && plainLength <= destination.Length && segment.Length <= segmentLength
            && (last || segment.Length == segmentLength)
            && BinaryPrimitives.ReadUInt32BigEndian(segment) == (last ? (uint)segment.Length : FloeKeys.NotLast);
        if (!shape)
            throw new SealBrokenException();

        ReadOnlySpan<byte> nonce = segment.Slice(FloeKeys.LengthLength, FloeKeys.NonceLength);
        ReadOnlySpan<byte> cipherText = segment.Slice(FloeKeys.LengthLength + FloeKeys.NonceLength, plainLength);
        Span<byte> aad = stackalloc byte[9];
        FloeKeys.WriteSegmentAad(aad, place, last);
        try
        {
            keys.CipherFor(place).Decrypt(nonce, cipherText, segment[^FloeKeys.TagLength..], destination[..plainLength], aad);
            return plainLength;
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new SealBrokenException();
        }
    }

    /// <inheritdoc />
    public void Dispose() => keys.Dispose();
}
