namespace Ingest.Core.Keys;

/// <summary>
/// Fast Lightweight Online Encryption (C2SP FLOE) with AES-256-GCM, HKDF-Expand-SHA-384 and a 32-byte IV: committing, bound to additional data,
/// in segments of equal length.
/// </summary>
public static class Floe
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyLength = 32;

    /// <summary>Bytes of parameters, IV and header tag before the first segment.</summary>
    public const int HeaderLength = FloeKeys.ParameterLength + FloeKeys.IvLength + FloeKeys.HeaderTagLength;

    /// <summary>Bytes that each segment adds to its plaintext: length, IV and tag.</summary>
    public const int SegmentOverhead = FloeKeys.LengthLength + FloeKeys.NonceLength + FloeKeys.TagLength;

    /// <summary>The number of bytes that a plaintext of this length becomes, header included.</summary>
    public static int SealedLength(int plainLength, int segmentLength)
    {
        int segments = SegmentsFor(plainLength, segmentLength - SegmentOverhead);
        return checked(HeaderLength + plainLength + segments * SegmentOverhead);
    }

    /// <summary>Encrypts at once; the last segment is full when the plaintext is a whole number of segments.</summary>
    public static byte[] Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain, int segmentLength)
    {
        byte[] result = GC.AllocateUninitializedArray<byte>(SealedLength(plain.Length, segmentLength));
        Encrypt(key, aad, plain, segmentLength, result);
        return result;
    }

    /// <summary>Encrypts into a buffer of exactly <see cref="SealedLength"/> bytes.</summary>
    public static void Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain, int segmentLength, Span<byte> destination)
    {
        using FloeEncryptor encryptor = new(key, aad, segmentLength);
        encryptor.Header.CopyTo(destination);
        destination = destination[HeaderLength..];
        while (plain.Length > encryptor.PlainLength)
        {
            destination = destination[encryptor.Encrypt(plain[..encryptor.PlainLength], destination, last: false)..];
            plain = plain[encryptor.PlainLength..];
        }

        encryptor.Encrypt(plain, destination, last: true);
    }

    /// <summary>Decrypts at once; throws <see cref="SealBrokenException"/> on any difference, and then keeps no plaintext.</summary>
    public static byte[] Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> sealedBytes, int segmentLength)
    {
        if (sealedBytes.Length < HeaderLength + SegmentOverhead)
            throw new SealBrokenException();

        using FloeDecryptor decryptor = new(key, aad, segmentLength, sealedBytes[..HeaderLength]);
        ReadOnlySpan<byte> body = sealedBytes[HeaderLength..];
        int overhead = SegmentsFor(body.Length, segmentLength) * SegmentOverhead;
        if (overhead > body.Length)
            throw new SealBrokenException();

        // Every byte of it is written, or it is cleared and forgotten.
        byte[] plain = GC.AllocateUninitializedArray<byte>(body.Length - overhead);
        try
        {
            Span<byte> rest = plain;
            while (body.Length > segmentLength)
            {
                rest = rest[decryptor.Decrypt(body[..segmentLength], rest, last: false)..];
                body = body[segmentLength..];
            }

            decryptor.Decrypt(body, rest, last: true);
            return plain;
        }
        catch (SealBrokenException)
        {
            plain.AsSpan().Clear();
            throw;
        }
    }

    private static int SegmentsFor(int length, int perSegment) => Math.Max(1, (int)(((long)length + perSegment - 1) / perSegment));
}
