using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ingest.Core.Keys;

/// <summary>What one FLOE message derives from its key, IV and additional data; holds the cipher of the segments now in work.</summary>
internal sealed class FloeKeys : IDisposable
{
    public const int ParameterLength = 10;
    public const int IvLength = 32;
    public const int HeaderTagLength = 32;
    public const int LengthLength = 4;
    public const int NonceLength = 12;
    public const int TagLength = 16;
    public const uint NotLast = 0xFFFFFFFF;

    /// <summary>2^20 segments share one cipher key.</summary>
    public const int RotationBits = 20;

    private const ulong MaxSegments = 1UL << 40;
    private const int HashLength = 48;
    private const int LongestPurpose = 12;

    private readonly byte[] prefix;
    private readonly byte[] info;
    private readonly int aadLength;
    private readonly byte[] messageKey = GC.AllocateArray<byte>(HashLength, pinned: true);
    private readonly ulong rotationMask;
    private AesGcm? cipher;
    private ulong cipherFirst;

    public FloeKeys(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> aad, int segmentLength, int rotationBits)
    {
        if (key.Length != Floe.KeyLength)
            throw new ArgumentException("A FLOE key is 32 bytes.", nameof(key));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(segmentLength, Floe.SegmentOverhead);

        // The additional data stays at the far end, where every purpose ends: only the text before it changes, and nothing is allocated per segment.
        aadLength = aad.Length;
        info = new byte[ParameterLength + IvLength + LongestPurpose + aad.Length + 1];
        aad.CopyTo(info.AsSpan(ParameterLength + IvLength + LongestPurpose));
        info[^1] = 1;
        rotationMask = ulong.MaxValue << rotationBits;
        prefix = new byte[ParameterLength + IvLength];
        WriteParameters(prefix, segmentLength);
        iv.CopyTo(prefix.AsSpan(ParameterLength));

        Span<byte> hash = stackalloc byte[HashLength];
        Derive(key, "HEADER_TAG:"u8, hash);
        HeaderTag = hash[..HeaderTagLength].ToArray();
        Derive(key, "MESSAGE_KEY:"u8, messageKey);
    }

    /// <summary>The commitment to key, IV, parameters and additional data.</summary>
    public byte[] HeaderTag { get; }

    public static void WriteParameters(Span<byte> destination, int segmentLength)
    {
        destination[0] = 0; // AES-256-GCM
        destination[1] = 0; // HKDF-Expand-SHA-384
        BinaryPrimitives.WriteInt32BigEndian(destination[2..], segmentLength);
        BinaryPrimitives.WriteInt32BigEndian(destination[6..], IvLength);
    }

    public AesGcm CipherFor(ulong position)
    {
        if (position >= MaxSegments)
            throw new InvalidOperationException("A FLOE message has at most 2^40 segments.");

        ulong first = position & rotationMask;
        if (cipher is not null && cipherFirst == first)
            return cipher;

        Span<byte> key = stackalloc byte[Floe.KeyLength];
        SegmentKey(first, key);
        cipher?.Dispose();
        cipher = new AesGcm(key, TagLength);
        cipherFirst = first;
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    /// <summary>The cipher key of the segments from this one on; the caller zeroes it.</summary>
    internal void SegmentKey(ulong first, Span<byte> key)
    {
        Span<byte> purpose = stackalloc byte[LongestPurpose];
        "DEK:"u8.CopyTo(purpose);
        BinaryPrimitives.WriteUInt64BigEndian(purpose[4..], first);
        Span<byte> hash = stackalloc byte[HashLength];
        Derive(messageKey, purpose, hash);
        hash[..Floe.KeyLength].CopyTo(key);
        CryptographicOperations.ZeroMemory(hash);
    }

    /// <summary>Position and last mark, as the cipher's additional data.</summary>
    public static void WriteSegmentAad(Span<byte> destination, ulong position, bool last)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, position);
        destination[8] = last ? (byte)1 : (byte)0;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(messageKey);
        cipher?.Dispose();
    }

    // HKDF-Expand of at most one block is one HMAC; HKDF.Expand itself refuses a 32-byte key with SHA-384.
    private void Derive(ReadOnlySpan<byte> key, ReadOnlySpan<byte> purpose, Span<byte> hash)
    {
        int start = LongestPurpose - purpose.Length;
        prefix.CopyTo(info.AsSpan(start));
        purpose.CopyTo(info.AsSpan(start + prefix.Length));
        HMACSHA384.HashData(key, info.AsSpan(start, prefix.Length + purpose.Length + aadLength + 1), hash);
    }
}
