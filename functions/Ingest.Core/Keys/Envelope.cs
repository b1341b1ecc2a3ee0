using System.Buffers;
using System.Security.Cryptography;

namespace Ingest.Core.Keys;

/// <summary>
/// Seals bytes under a data key so that they open only in the place they were sealed for. Opening fails in one way, <see cref="SealBrokenException"/>,
/// whatever is wrong.
/// </summary>
public static partial class Envelope
{
    /// <summary>The most plaintext that one envelope holds: 150 MiB, the largest mail that any provider takes.</summary>
    public const int MaxPlainLength = 150 * 1024 * 1024;

    private const int Prefix = EnvelopeHeader.Length + Floe.HeaderLength;

    /// <summary>Seals at once; throws <see cref="ArgumentException"/> when the key is not for this context.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> plain, DataKey key, in SealContext context, SegmentLength segment)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plain.Length, MaxPlainLength, nameof(plain));
        byte[] result = GC.AllocateUninitializedArray<byte>(EnvelopeHeader.Length + Floe.SealedLength(plain.Length, Checked(segment)));
        Canonical aad = Begin(result, key, context);
        Span<byte> secret = stackalloc byte[Floe.KeyLength];
        try
        {
            key.Read(secret);
            Floe.Encrypt(secret, aad.Written, plain, (int)segment, result.AsSpan(EnvelopeHeader.Length));
            key.Sealed(plain.Length);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }

        return result;
    }

    /// <summary>Opens at once: all of the plaintext or <see cref="SealBrokenException"/>, never a part.</summary>
    public static byte[] Open(ReadOnlySpan<byte> envelope, DataKey key, in SealContext context)
    {
        int segmentLength = EnvelopeHeader.ReadSegmentLength(envelope);
        if (envelope.Length > SealedLength(MaxPlainLength, (SegmentLength)segmentLength))
            throw new SealBrokenException();
        Canonical aad = Check(envelope, key, context);
        Span<byte> secret = stackalloc byte[Floe.KeyLength];
        try
        {
            key.Read(secret);
            return Floe.Decrypt(secret, aad.Written, envelope[EnvelopeHeader.Length..], segmentLength);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>The id of the key that sealed this, not yet proven; throws <see cref="SealBrokenException"/> when it is no envelope of ours.</summary>
    public static Guid ReadKeyId(ReadOnlySpan<byte> envelope) => EnvelopeHeader.ReadKeyId(envelope);

    /// <summary>The number of bytes that a plaintext of this length becomes.</summary>
    public static int SealedLength(int plainLength, SegmentLength segment) =>
        EnvelopeHeader.Length + Floe.SealedLength(plainLength, Checked(segment));

    /// <summary>Seals a stream to its end, holding two segments of it in memory; the caller's token bounds the time.</summary>
    public static async Task SealAsync(
        Stream plain, Stream envelope, DataKey key, SealContext context, SegmentLength segment, CancellationToken cancel)
    {
        byte[] prefix = new byte[Prefix];
        using FloeEncryptor encryptor = StartSeal(prefix, key, context, Checked(segment));
        await envelope.WriteAsync(prefix, cancel);

        byte[] output = ArrayPool<byte>.Shared.Rent((int)segment);
        byte[] current = ArrayPool<byte>.Shared.Rent(encryptor.PlainLength);
        byte[] next = ArrayPool<byte>.Shared.Rent(encryptor.PlainLength);
        try
        {
            // One segment ahead, because only the end of the stream tells which segment is the last.
            int have = await plain.ReadAtLeastAsync(current.AsMemory(0, encryptor.PlainLength), encryptor.PlainLength, false, cancel);
            for (long total = have; ; total += have)
            {
                int more = have < encryptor.PlainLength
                    ? 0
                    : await plain.ReadAtLeastAsync(next.AsMemory(0, encryptor.PlainLength), encryptor.PlainLength, false, cancel);
                ArgumentOutOfRangeException.ThrowIfGreaterThan(total + more, MaxPlainLength, nameof(plain));
                int written = encryptor.Encrypt(current.AsSpan(0, have), output, last: more == 0);
                await envelope.WriteAsync(output.AsMemory(0, written), cancel);
                if (more == 0)
                {
                    key.Sealed(total);
                    return;
                }

                (current, next, have) = (next, current, more);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(output);
            ArrayPool<byte>.Shared.Return(current, clearArray: true);
            ArrayPool<byte>.Shared.Return(next, clearArray: true);
        }
    }

    /// <summary>
    /// Opens a stream and returns the length of the plaintext, holding one segment in memory. What it has written is genuine so far, but only a
    /// normal return says that it is all; on <see cref="SealBrokenException"/> the caller throws it away.
    /// </summary>
    public static async Task<long> OpenAsync(Stream envelope, Stream plain, DataKey key, SealContext context, CancellationToken cancel)
    {
        byte[] prefix = new byte[Prefix];
        int got = await envelope.ReadAtLeastAsync(prefix, Prefix, throwOnEndOfStream: false, cancel);
        int segmentLength = EnvelopeHeader.ReadSegmentLength(prefix.AsSpan(0, got));
        using FloeDecryptor decryptor = StartOpen(prefix, key, context, segmentLength);

        // One byte more than a segment shows whether anything follows the last one.
        byte[] input = ArrayPool<byte>.Shared.Rent(segmentLength + 1);
        byte[] output = ArrayPool<byte>.Shared.Rent(segmentLength);
        try
        {
            int held = 0;
            for (long total = 0; ;)
            {
                held += await envelope.ReadAtLeastAsync(
                    input.AsMemory(held, segmentLength + 1 - held), segmentLength + 1 - held, throwOnEndOfStream: false, cancel);
                bool last = held <= segmentLength;
                int length = last ? held : segmentLength;
                int opened = decryptor.Decrypt(input.AsSpan(0, length), output, last);
                if ((total += opened) > MaxPlainLength)
                    throw new SealBrokenException();
                await plain.WriteAsync(output.AsMemory(0, opened), cancel);
                if (last)
                    return total;
                input[0] = input[segmentLength];
                held = 1;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(input);
            ArrayPool<byte>.Shared.Return(output, clearArray: true);
        }
    }

    private static FloeEncryptor StartSeal(Span<byte> prefix, DataKey key, in SealContext context, int segmentLength)
    {
        Canonical aad = Begin(prefix, key, context);
        Span<byte> secret = stackalloc byte[Floe.KeyLength];
        try
        {
            key.Read(secret);
            FloeEncryptor encryptor = new(secret, aad.Written, segmentLength);
            encryptor.Header.CopyTo(prefix[EnvelopeHeader.Length..]);
            return encryptor;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static FloeDecryptor StartOpen(ReadOnlySpan<byte> prefix, DataKey key, in SealContext context, int segmentLength)
    {
        Canonical aad = Check(prefix, key, context);
        Span<byte> secret = stackalloc byte[Floe.KeyLength];
        try
        {
            key.Read(secret);
            return new FloeDecryptor(secret, aad.Written, segmentLength, prefix[EnvelopeHeader.Length..]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static Canonical Begin(Span<byte> destination, DataKey key, in SealContext context)
    {
        if (!EnvelopeHeader.Fits(key, context))
            throw new ArgumentException("This key does not seal this thing.", nameof(key));
        EnvelopeHeader.Write(destination, key);
        return EnvelopeHeader.Bind(destination, context);
    }

    private static Canonical Check(ReadOnlySpan<byte> envelope, DataKey key, in SealContext context)
    {
        Guid id = EnvelopeHeader.ReadKeyId(envelope);
        if (id != key.Id || (KeyClass)envelope[6] != key.Class || !EnvelopeHeader.Fits(key, context))
            throw new SealBrokenException();
        try
        {
            return EnvelopeHeader.Bind(envelope, context);
        }
        catch (ArgumentException)
        {
            throw new SealBrokenException();
        }
    }

    private static int Checked(SegmentLength segment) => segment is SegmentLength.Row or SegmentLength.Blob
        ? (int)segment
        : throw new ArgumentOutOfRangeException(nameof(segment));
}
