using System.Buffers;

namespace Ingest.Core.Keys;

public static partial class Envelope
{
    /// <summary>
    /// Opens a part of a sealed stream that can seek, from <paramref name="offset"/> on for at most <paramref name="count"/> bytes of the plaintext, and returns how
    /// many it wrote. Only the segments that hold the part are read, two segments are held in memory, and what is written is genuine and stands where it says.
    /// The whole length is proven too, by the last segment. Throws <see cref="SealBrokenException"/> on any difference.
    /// </summary>
    public static async Task<long> OpenRangeAsync(
        Stream envelope, Stream plain, DataKey key, SealContext context, long offset, long count, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        byte[] prefix = new byte[Prefix];
        envelope.Position = 0;
        int got = await envelope.ReadAtLeastAsync(prefix, Prefix, throwOnEndOfStream: false, cancel);
        int segmentLength = EnvelopeHeader.ReadSegmentLength(prefix.AsSpan(0, got));
        using FloeDecryptor decryptor = StartOpen(prefix, key, context, segmentLength);

        int perSegment = segmentLength - Floe.SegmentOverhead;
        long body = envelope.Length - Prefix;
        long segments = Math.Max(1, (body + segmentLength - 1) / segmentLength);
        SegmentSource source = new(envelope, decryptor, segmentLength, segments, body);
        byte[] opened = ArrayPool<byte>.Shared.Rent(segmentLength);
        try
        {
            // The end first: a stream cut at a whole segment would else look like a shorter one.
            int tail = await source.OpenAsync(segments - 1, opened, cancel);
            long total = (segments - 1) * perSegment + tail;
            if (total > MaxPlainLength)
                throw new SealBrokenException();

            long end = Math.Min(total, count > total - offset ? total : offset + count);
            long at = offset;
            while (at < end)
            {
                long place = at / perSegment;
                int length = await source.OpenAsync(place, opened, cancel);
                int from = (int)(at - place * perSegment), until = (int)Math.Min(length, end - place * perSegment);
                await plain.WriteAsync(opened.AsMemory(from, until - from), cancel);
                at += until - from;
            }

            return Math.Max(0, end - offset);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(opened, clearArray: true);
        }
    }

    private sealed class SegmentSource(Stream envelope, FloeDecryptor decryptor, int segmentLength, long segments, long body)
    {
        private readonly byte[] input = new byte[segmentLength];

        public async Task<int> OpenAsync(long place, byte[] opened, CancellationToken cancel)
        {
            bool last = place == segments - 1;
            int length = (int)(last ? body - place * segmentLength : segmentLength);
            envelope.Position = Prefix + place * segmentLength;
            int got = await envelope.ReadAtLeastAsync(input.AsMemory(0, Math.Max(0, length)), Math.Max(0, length), throwOnEndOfStream: false, cancel);
            return got == length ? decryptor.DecryptAt((ulong)place, input.AsSpan(0, Math.Max(0, length)), opened, last) : throw new SealBrokenException();
        }
    }
}
