using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ingest.Core.Keys;

/// <summary>Encrypts one FLOE message segment by segment, in order. Not for use by two threads at once.</summary>
public sealed class FloeEncryptor : IDisposable
{
    private readonly FloeKeys keys;
    private readonly FillRandom random;
    private readonly byte[] header = new byte[Floe.HeaderLength];
    private readonly int segmentLength;
    private ulong position;
    private bool closed;

    /// <summary>Begins a message with a fresh random IV.</summary>
    public FloeEncryptor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> aad, int segmentLength)
        : this(key, aad, segmentLength, RandomNumberGenerator.Fill, FloeKeys.RotationBits)
    {
    }

    /// <summary>Begins a message with given IVs, for known answers only.</summary>
    internal FloeEncryptor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> aad, int segmentLength, FillRandom random, int rotationBits)
    {
        this.random = random;
        this.segmentLength = segmentLength;
        Span<byte> iv = header.AsSpan(FloeKeys.ParameterLength, FloeKeys.IvLength);
        random(iv);
        keys = new FloeKeys(key, iv, aad, segmentLength, rotationBits);
        FloeKeys.WriteParameters(header, segmentLength);
        keys.HeaderTag.CopyTo(header.AsSpan(FloeKeys.ParameterLength + FloeKeys.IvLength));
    }

    internal delegate void FillRandom(Span<byte> destination);

    /// <summary>Parameters, IV and header tag; written before the first segment.</summary>
    public ReadOnlySpan<byte> Header => header;

    /// <summary>Bytes of plaintext in a full segment.</summary>
    public int PlainLength => segmentLength - Floe.SegmentOverhead;

    /// <summary>Encrypts the next segment and says how many bytes it wrote; each but the last must be full, the last may be empty.</summary>
    public int Encrypt(ReadOnlySpan<byte> plain, Span<byte> destination, bool last)
    {
        if (closed)
            throw new InvalidOperationException("The last segment is already written.");
        if (plain.Length > PlainLength || (!last && plain.Length != PlainLength))
            throw new ArgumentException("Every segment but the last is full.", nameof(plain));

        int length = plain.Length + Floe.SegmentOverhead;
        BinaryPrimitives.WriteUInt32BigEndian(destination, last ? (uint)length : FloeKeys.NotLast);
        Span<byte> nonce = destination.Slice(FloeKeys.LengthLength, FloeKeys.NonceLength);
        random(nonce);
        Span<byte> cipherText = destination.Slice(FloeKeys.LengthLength + FloeKeys.NonceLength, plain.Length);
        Span<byte> tag = destination.Slice(length - FloeKeys.TagLength, FloeKeys.TagLength);
        Span<byte> aad = stackalloc byte[9];
        FloeKeys.WriteSegmentAad(aad, position, last);
        keys.CipherFor(position).Encrypt(nonce, plain, cipherText, tag, aad);
        position++;
        closed = last;
        return length;
    }

    /// <inheritdoc />
    public void Dispose() => keys.Dispose();
}
