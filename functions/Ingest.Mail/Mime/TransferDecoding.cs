using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Decoding of content, piece by piece so that a large attachment need not live twice.</summary>
internal static class TransferDecoding
{
    public static byte[] Decode(ReadOnlySpan<byte> source, TransferEncoding encoding)
    {
        if (encoding == TransferEncoding.Identity)
            return source.ToArray();
        var buffer = ArrayPool<byte>.Shared.Rent(RoomFor(source.Length));
        try
        {
            return buffer.AsSpan(0, Decode(source, encoding, buffer)).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Bytes that a buffer for the decoded form of so many encoded bytes must have.</summary>
    public static int RoomFor(int encoded) => encoded + 64;

    /// <summary>Decodes into a buffer with room for it and says how many bytes it are.</summary>
    public static int Decode(ReadOnlySpan<byte> source, TransferEncoding encoding, Span<byte> buffer)
    {
        if (encoding == TransferEncoding.Identity)
        {
            source.CopyTo(buffer);
            return source.Length;
        }
        var reader = new ContentReader(source, encoding);
        var length = 0;
        while (reader.Read(buffer[length..]) is > 0 and var read)
            length += read;
        return length;
    }

    /// <summary>Decodes into one array of about the right size, for content that is kept.</summary>
    public static ReadOnlyMemory<byte> DecodeOnce(ReadOnlySpan<byte> source, TransferEncoding encoding)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(encoding == TransferEncoding.Base64 ? source.Length / 4 * 3 + 64 : source.Length + 64);
        var reader = new ContentReader(source, encoding);
        var length = 0;
        while (length < buffer.Length && reader.Read(buffer.AsSpan(length)) is > 0 and var read)
            length += read;
        return buffer.AsMemory(0, length);
    }

    public static void CopyTo(ReadOnlyMemory<byte> source, TransferEncoding encoding, Stream target)
    {
        if (encoding == TransferEncoding.Identity)
        {
            target.Write(source.Span);
            return;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            var reader = new ContentReader(source.Span, encoding);
            while (reader.Read(buffer) is > 0 and var read)
                target.Write(buffer, 0, read);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static long Length(ReadOnlySpan<byte> source, TransferEncoding encoding)
    {
        if (encoding == TransferEncoding.Identity)
            return source.Length;
        Span<byte> buffer = stackalloc byte[3072];
        var reader = new ContentReader(source, encoding);
        long length = 0;
        while (reader.Read(buffer) is > 0 and var read)
            length += read;
        return length;
    }

    /// <summary>The Q encoding of encoded words (RFC 2047 section 4.2).</summary>
    public static void DecodeQ(ReadOnlySpan<char> payload, Encoding charset, ArrayBufferWriter<byte> target)
    {
        var output = target.GetSpan(charset.GetMaxByteCount(payload.Length));
        var length = 0;
        for (var i = 0; i < payload.Length; i++)
        {
            var c = payload[i];
            if (c == '=' && i + 2 < payload.Length && char.IsAsciiHexDigit(payload[i + 1]) && char.IsAsciiHexDigit(payload[i + 2]))
            {
                output[length++] = (byte)(Hex(payload[i + 1]) << 4 | Hex(payload[i + 2]));
                i += 2;
            }
            else if (c == ' ' && (i + 1 < payload.Length && payload[i + 1] == '_' || i > 0 && payload[i - 1] == '_'))
                // A fold within the word, beside the blank that was meant.
                continue;
            else if (c == '_')
                output[length++] = (byte)' ';
            else if (c < 128)
                output[length++] = (byte)c;
            else
                // Raw characters have no place here; they were read before the word was, so they go back to bytes of its charset.
                length += charset.GetBytes(payload.Slice(i, 1), output[length..]);
        }
        target.Advance(length);
    }

    internal static int Hex(int c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'A' and <= 'F' => c - 'A' + 10,
        >= 'a' and <= 'f' => c - 'a' + 10,
        _ => -1,
    };
}
