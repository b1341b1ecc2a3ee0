using System.Buffers;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Ingest.Core.Store;

/// <summary>A blob in a listing.</summary>
/// <param name="Name">Its name within the container.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="CreatedAt">When it was first written; null if the service does not say.</param>
public sealed record StoredBlob(string Name, long Size, DateTimeOffset? CreatedAt);

/// <summary>
/// The blobs of an account. Writing makes a missing container. Writes with <c>onlyIfAbsent</c> answer false when the name is taken, which after a
/// lost reply may be by the caller's own write: names are chosen so that this does not matter.
/// </summary>
public sealed class BlobStore
{
    /// <summary>Bytes in a block of <see cref="PutLargeAsync"/>, and the memory it needs.</summary>
    public const int BlockLength = 4 * 1024 * 1024;

    private readonly BlobServiceClient blobs;
    private readonly PutBlob putBlob;

    /// <summary>The blobs of this account.</summary>
    public BlobStore(StorageAccount account)
    {
        blobs = account.Blobs;
        putBlob = new PutBlob(account.Blobs);
    }

    /// <summary>True if the container was made, false if it was there.</summary>
    public async Task<bool> CreateContainerIfNotExistsAsync(string container, CancellationToken cancel = default) =>
        await blobs.GetBlobContainerClient(container).CreateIfNotExistsAsync(cancellationToken: cancel) is not null;

    /// <summary>Writes a blob in one operation; false if <paramref name="onlyIfAbsent"/> and the name is taken.</summary>
    public Task<bool> PutAsync(string container, string name, ReadOnlyMemory<byte> content, bool onlyIfAbsent, CancellationToken cancel = default) =>
        PutAsync(container, name, new ReadOnlySequence<byte>(content), onlyIfAbsent, cancel);

    /// <summary>Writes a blob in one operation; false if <paramref name="onlyIfAbsent"/> and the name is taken.</summary>
    public Task<bool> PutAsync(string container, string name, ReadOnlySequence<byte> content, bool onlyIfAbsent, CancellationToken cancel = default) =>
        WithContainerAsync(container, () => putBlob.SendAsync(Blob(container, name).Uri, content, onlyIfAbsent, cancel), cancel);

    /// <summary>Writes a blob of any length in blocks of <see cref="BlockLength"/> and one commit; false if <paramref name="onlyIfAbsent"/> and the name is taken.</summary>
    public async Task<bool> PutLargeAsync(string container, string name, Stream content, bool onlyIfAbsent, CancellationToken cancel = default)
    {
        BlockBlobClient blob = Blob(container, name);
        List<string> blocks = [];
        // Ids are this upload's own: two uploads of one name must not mix their blocks.
        Guid upload = Guid.NewGuid();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BlockLength);
        try
        {
            int length;
            while ((length = await content.ReadAtLeastAsync(buffer.AsMemory(0, BlockLength), BlockLength, throwOnEndOfStream: false, cancel)) > 0)
            {
                string id = BlockId(upload, blocks.Count);
                await WithContainerAsync(container, async () =>
                {
                    using MemoryStream block = new(buffer, 0, length, writable: false);
                    await blob.StageBlockAsync(id, block, cancellationToken: cancel);
                    return true;
                }, cancel);
                blocks.Add(id);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return await WithContainerAsync(container, () => CommitAsync(blob, blocks, onlyIfAbsent, cancel), cancel);
    }

    /// <summary>Exactly <paramref name="length"/> bytes from <paramref name="offset"/>, or null if there is no such blob; <see cref="InvalidDataException"/> if it ends before.</summary>
    public async Task<byte[]?> ReadRangeAsync(string container, string name, long offset, int length, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        try
        {
            await using Stream? content = await OpenAsync(container, name, new HttpRange(offset, length), cancel);
            if (content is null)
                return null;
            byte[] bytes = new byte[length];
            int read = await content.ReadAtLeastAsync(bytes, length, throwOnEndOfStream: false, cancel);
            return read == length ? bytes : throw EndsBefore(null);
        }
        catch (RequestFailedException e) when (e.Status == 416)
        {
            throw EndsBefore(e);
        }

        static InvalidDataException EndsBefore(Exception? inner) => new("The blob ends before the range that was asked for.", inner);
    }

    /// <summary>The whole blob as a stream read as it arrives, which the caller disposes; null if there is no such blob.</summary>
    public Task<Stream?> OpenReadAsync(string container, string name, CancellationToken cancel = default) =>
        OpenAsync(container, name, default, cancel);

    /// <summary>Copies a range (to the end if <paramref name="length"/> is null) into a stream; false if there is no such blob.</summary>
    public async Task<bool> CopyToAsync(string container, string name, Stream destination, long offset = 0, long? length = null, CancellationToken cancel = default)
    {
        HttpRange range = offset == 0 && length is null ? default : new HttpRange(offset, length);
        await using Stream? content = await OpenAsync(container, name, range, cancel);
        if (content is null)
            return false;
        await content.CopyToAsync(destination, cancel);
        return true;
    }

    /// <summary>True if the blob was deleted, false if it was not there.</summary>
    public async Task<bool> DeleteIfExistsAsync(string container, string name, CancellationToken cancel = default) =>
        await Blob(container, name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel);

    /// <summary>The blobs whose names start with the prefix, in order of name; none if the container is missing.</summary>
    public async IAsyncEnumerable<StoredBlob> ListAsync(string container, string? prefix = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        AsyncPageable<BlobItem> listing = blobs.GetBlobContainerClient(container).GetBlobsAsync(prefix: prefix, cancellationToken: cancel);
        await using IAsyncEnumerator<BlobItem> items = listing.GetAsyncEnumerator(cancel);
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync())
                    yield break;
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                yield break;
            }
            BlobItem blob = items.Current;
            yield return new StoredBlob(blob.Name, blob.Properties.ContentLength ?? 0, blob.Properties.CreatedOn);
        }
    }

    private BlockBlobClient Blob(string container, string name) => blobs.GetBlobContainerClient(container).GetBlockBlobClient(name);

    private async Task<Stream?> OpenAsync(string container, string name, HttpRange range, CancellationToken cancel)
    {
        try
        {
            BlobDownloadStreamingResult blob = await Blob(container, name).DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancel);
            return blob.Content;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    private static async Task<bool> CommitAsync(BlockBlobClient blob, List<string> blocks, bool onlyIfAbsent, CancellationToken cancel)
    {
        try
        {
            CommitBlockListOptions options = new();
            if (onlyIfAbsent)
                options.Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All };
            await blob.CommitBlockListAsync(blocks, options, cancel);
            return true;
        }
        catch (RequestFailedException e) when (onlyIfAbsent && PutBlob.IsTaken(e.ErrorCode))
        {
            return false;
        }
    }

    /// <summary>Containers are made at deployment; a missing one is made on the way rather than asked for each time.</summary>
    private async Task<bool> WithContainerAsync(string container, Func<Task<bool>> write, CancellationToken cancel)
    {
        try
        {
            return await write();
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await CreateContainerIfNotExistsAsync(container, cancel);
            return await write();
        }
    }

    private static string BlockId(Guid upload, int index)
    {
        Span<byte> id = stackalloc byte[20];
        upload.TryWriteBytes(id);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(id[16..], index);
        return Convert.ToBase64String(id);
    }
}
