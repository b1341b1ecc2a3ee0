using System.Security.Cryptography;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class EnvelopeRangeTests
{
    private static readonly SealContext Context = new(TenantId.Parse("acme"), KeyClass.Ticket, "t1", "blob:m1");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4064)]
    [InlineData(4065)]
    [InlineData(3 * 4064)]
    [InlineData(50_000)]
    public async Task Every_part_of_a_sealed_stream_opens_alone(int length)
    {
        using DataKey key = EnvelopeTests.KeyFor(Context);
        byte[] plain = RandomNumberGenerator.GetBytes(length);
        byte[] envelope = Envelope.Seal(plain, key, Context, SegmentLength.Row);
        foreach (int offset in (int[])[0, 1, 4063, 4064, 4065, 12_191, length - 1, length, length + 1])
        {
            foreach (long count in (long[])[0, 1, 4064, 10_000, long.MaxValue])
            {
                if (offset < 0)
                    continue;
                MemoryStream opened = new();
                long written = await Envelope.OpenRangeAsync(new MemoryStream(envelope), opened, key, Context, offset, count, TestContext.Current.CancellationToken);
                byte[] expected = [.. plain.Skip(offset).Take((int)Math.Min(count, int.MaxValue))];
                Assert.Equal(expected, opened.ToArray());
                Assert.Equal(expected.Length, written);
            }
        }
    }

    [Fact]
    public async Task A_part_reads_only_its_segments_and_the_last()
    {
        using DataKey key = EnvelopeTests.KeyFor(Context);
        byte[] envelope = Envelope.Seal(new byte[100 * 4064], key, Context, SegmentLength.Row);
        CountingStream stream = new(envelope);
        await Envelope.OpenRangeAsync(stream, Stream.Null, key, Context, 50 * 4064 + 10, 100, TestContext.Current.CancellationToken);
        Assert.InRange(stream.BytesRead, 2 * 4096, (2 * 4096) + 102);
    }

    [Fact]
    public async Task A_broken_segment_breaks_only_the_parts_that_need_it_and_a_missing_end_breaks_all()
    {
        using DataKey key = EnvelopeTests.KeyFor(Context);
        byte[] envelope = Envelope.Seal(new byte[10 * 4064], key, Context, SegmentLength.Row);
        envelope[102 + (3 * 4096) + 100] ^= 1;
        Assert.Equal(4064, await OpenAsync(envelope, 2 * 4064));
        await Assert.ThrowsAsync<SealBrokenException>(() => OpenAsync(envelope, 3 * 4064));
        Assert.Equal(4064, await OpenAsync(envelope, 4 * 4064));

        foreach (int cut in (int[])[1, 4096, 4097, 5 * 4096, envelope.Length - 102, envelope.Length - 50])
            await Assert.ThrowsAsync<SealBrokenException>(() => OpenAsync(envelope[..^cut], 0));
        await Assert.ThrowsAsync<SealBrokenException>(() => OpenAsync([.. envelope, 0], 0));
        // The second segment in the place of the third.
        envelope.AsSpan(102 + 4096, 4096).CopyTo(envelope.AsSpan(102 + (2 * 4096)));
        await Assert.ThrowsAsync<SealBrokenException>(() => OpenAsync(envelope, 2 * 4064));

        Task<long> OpenAsync(byte[] box, long offset) =>
            Envelope.OpenRangeAsync(new MemoryStream(box), Stream.Null, key, Context, offset, 4064, TestContext.Current.CancellationToken);
    }

    private sealed class CountingStream(byte[] content) : MemoryStream(content)
    {
        public long BytesRead { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await base.ReadAsync(buffer, cancellationToken);
            BytesRead += read;
            return read;
        }
    }
}
