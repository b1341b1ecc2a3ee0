namespace Ingest.Mail.Mime;

/// <summary>Decodes content while it is read; holds a few kilobytes, whatever the size of the content.</summary>
internal sealed class ContentStream(ReadOnlyMemory<byte> source, TransferEncoding encoding) : Stream
{
    private readonly byte[] decoded = new byte[4096];
    private ContentReader.State state;
    private int start;
    private int end;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException("The length is known only when all is decoded.");

    public override long Position
    {
        get => throw new NotSupportedException("Decoded content is read from start to end.");
        set => throw new NotSupportedException("Decoded content is read from start to end.");
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        if (start == end && buffer.Length >= decoded.Length)
            return Decode(buffer);
        if (start == end)
            (start, end) = (0, Decode(decoded));
        var length = Math.Min(buffer.Length, end - start);
        decoded.AsSpan(start, length).CopyTo(buffer);
        start += length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancellationToken) : ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("Decoded content is read from start to end.");

    public override void SetLength(long value) => throw new NotSupportedException("Decoded content is read only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Decoded content is read only.");

    private int Decode(Span<byte> buffer)
    {
        var reader = new ContentReader(source.Span, encoding, state);
        var length = reader.Read(buffer);
        state = reader.Here;
        return length;
    }
}
