using System.Buffers;
using Ingest.Core.Store;
using Xunit;

namespace Ingest.Core.Tests.Store;

[Collection(nameof(StorageCollection))]
public sealed class BlobStoreTests(StorageFixture storage)
{
    private readonly BlobStore blobs = new(storage.Account);
    private readonly string container = StorageFixture.NewName();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_blob_is_one_write_whatever_its_length_and_comes_back()
    {
        await blobs.CreateContainerIfNotExistsAsync(container, Cancel);
        foreach (int length in new[] { 0, 1, 10_000, 9_000_000 })
        {
            byte[] content = Random(length);
            using OperationCounter count = OperationCounter.Start();
            Assert.True(await blobs.PutAsync(container, $"b/{length}", content, onlyIfAbsent: true, Cancel));
            Assert.Equal((1, 0), (count.BlobWrites, count.BlobReads));
            Assert.Equal(content, await ReadAllAsync($"b/{length}"));
            Assert.Equal((1, 1), (count.BlobWrites, count.BlobReads));
        }
    }

    [Fact]
    public async Task A_sequence_of_segments_is_written_in_order()
    {
        Segment first = new([1, 2, 3]);
        Segment last = first.Then([4]).Then([5, 6]);
        ReadOnlySequence<byte> content = new(first, 1, last, 2);
        Assert.True(await blobs.PutAsync(container, "s", content, onlyIfAbsent: true, Cancel));
        Assert.Equal([2, 3, 4, 5, 6], await ReadAllAsync("s"));
    }

    [Fact]
    public async Task Only_if_absent_never_overwrites_and_otherwise_it_does()
    {
        Assert.True(await blobs.PutAsync(container, "a", new byte[] { 1 }, onlyIfAbsent: true, Cancel));
        Assert.False(await blobs.PutAsync(container, "a", new byte[] { 2 }, onlyIfAbsent: true, Cancel));
        Assert.False(await blobs.PutLargeAsync(container, "a", new MemoryStream([3]), onlyIfAbsent: true, Cancel));
        Assert.Equal([1], await ReadAllAsync("a"));
        Assert.True(await blobs.PutAsync(container, "a", new byte[] { 4 }, onlyIfAbsent: false, Cancel));
        Assert.Equal([4], await ReadAllAsync("a"));
        Assert.True(await blobs.PutLargeAsync(container, "a", new MemoryStream([5]), onlyIfAbsent: false, Cancel));
        Assert.Equal([5], await ReadAllAsync("a"));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(100, 2)]
    [InlineData(BlobStore.BlockLength, 2)]
    [InlineData(BlobStore.BlockLength * 2 + 7, 4)]
    public async Task A_large_blob_goes_in_blocks_and_one_commit(int length, int writes)
    {
        await blobs.CreateContainerIfNotExistsAsync(container, Cancel);
        byte[] content = Random(length);
        using OperationCounter count = OperationCounter.Start();
        Assert.True(await blobs.PutLargeAsync(container, "large", new DrippingStream(content), onlyIfAbsent: true, Cancel));
        Assert.Equal(writes, count.BlobWrites);
        Assert.Equal(content, await ReadAllAsync("large"));
    }

    [Fact]
    public async Task A_large_blob_makes_its_container_too()
    {
        Assert.True(await blobs.PutLargeAsync(container, "large", new MemoryStream(Random(100)), onlyIfAbsent: true, Cancel));
        Assert.Equal(100, (await ReadAllAsync("large")).Length);
    }

    [Fact]
    public async Task A_range_is_one_read_of_exactly_those_bytes()
    {
        byte[] content = Random(100_000);
        await blobs.PutAsync(container, "pack", content, onlyIfAbsent: true, Cancel);
        using OperationCounter count = OperationCounter.Start();
        Assert.Equal(content[..10], await blobs.ReadRangeAsync(container, "pack", 0, 10, Cancel));
        Assert.Equal(content[99_000..], await blobs.ReadRangeAsync(container, "pack", 99_000, 1_000, Cancel));
        Assert.Equal(2, count.BlobReads);
        MemoryStream copy = new();
        Assert.True(await blobs.CopyToAsync(container, "pack", copy, 50, 100, Cancel));
        Assert.Equal(content[50..150], copy.ToArray());
    }

    [Fact]
    public async Task A_range_past_the_end_is_bad_data_and_a_missing_blob_is_nothing()
    {
        await blobs.PutAsync(container, "pack", Random(100), onlyIfAbsent: true, Cancel);
        await Assert.ThrowsAsync<InvalidDataException>(() => blobs.ReadRangeAsync(container, "pack", 90, 11, Cancel));
        await Assert.ThrowsAsync<InvalidDataException>(() => blobs.ReadRangeAsync(container, "pack", 100, 1, Cancel));
        Assert.Null(await blobs.ReadRangeAsync(container, "none", 0, 1, Cancel));
        Assert.Null(await blobs.ReadRangeAsync(StorageFixture.NewName(), "none", 0, 1, Cancel));
        Assert.Null(await blobs.OpenReadAsync(container, "none", Cancel));
        Assert.False(await blobs.CopyToAsync(container, "none", Stream.Null, cancel: Cancel));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => blobs.ReadRangeAsync(container, "pack", 0, 0, Cancel));
    }

    [Fact]
    public async Task A_deleted_blob_is_gone_once()
    {
        await blobs.PutAsync(container, "a", new byte[] { 1 }, onlyIfAbsent: true, Cancel);
        Assert.True(await blobs.DeleteIfExistsAsync(container, "a", Cancel));
        Assert.False(await blobs.DeleteIfExistsAsync(container, "a", Cancel));
        Assert.Null(await blobs.OpenReadAsync(container, "a", Cancel));
        Assert.False(await blobs.DeleteIfExistsAsync(StorageFixture.NewName(), "a", Cancel));
    }

    [Fact]
    public async Task A_listing_holds_the_names_under_a_prefix()
    {
        foreach (string name in new[] { "t1/a", "t1/b c%20+'é", "t2/a" })
            await blobs.PutAsync(container, name, new byte[] { 1, 2 }, onlyIfAbsent: true, Cancel);
        using OperationCounter count = OperationCounter.Start();
        List<StoredBlob> found = await blobs.ListAsync(container, "t1/", Cancel).ToListAsync(Cancel);
        Assert.Equal(["t1/a", "t1/b c%20+'é"], found.Select(b => b.Name));
        Assert.All(found, b => Assert.True(b is { Size: 2, CreatedAt: not null }));
        Assert.Equal((1, 0), (count.BlobLists, count.BlobReads));
        Assert.Empty(await blobs.ListAsync(StorageFixture.NewName(), cancel: Cancel).ToListAsync(Cancel));
        Assert.Equal([1, 2], await ReadAllAsync("t1/b c%20+'é"));
    }

    private static byte[] Random(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private async Task<byte[]> ReadAllAsync(string name)
    {
        await using Stream? stream = await blobs.OpenReadAsync(container, name, Cancel);
        Assert.NotNull(stream);
        MemoryStream copy = new();
        await stream.CopyToAsync(copy, Cancel);
        return copy.ToArray();
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes) => Memory = bytes;

        public Segment Then(byte[] bytes)
        {
            Segment next = new(bytes) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }

    /// <summary>Gives fewer bytes than asked for, as a network does.</summary>
    private sealed class DrippingStream(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 100_003)], cancellationToken);
    }
}
