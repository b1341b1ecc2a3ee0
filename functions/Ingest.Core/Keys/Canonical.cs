using System.Buffers.Binary;
using System.Text;

namespace Ingest.Core.Keys;

/// <summary>Items written so that no two lists give the same bytes: each is its length in two bytes, big-endian, and then itself.</summary>
internal sealed class Canonical
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] buffer;
    private int length;

    public Canonical(int limit = 2048) => buffer = new byte[limit];

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    /// <summary>Adds a text; throws <see cref="ArgumentException"/> when it is too long or not valid Unicode, since both would let two texts be one.</summary>
    public Canonical Add(string item)
    {
        try
        {
            Strict.GetBytes(item, Take(Strict.GetByteCount(item)));
            return this;
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException("The context of a seal is not valid Unicode.");
        }
    }

    public Canonical Add(ReadOnlySpan<byte> item)
    {
        item.CopyTo(Take(item.Length));
        return this;
    }

    private Span<byte> Take(int bytes)
    {
        if (bytes > ushort.MaxValue || bytes > buffer.Length - length - 2)
            throw new ArgumentException("The context of a seal is too long.");

        BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(length), (ushort)bytes);
        length += 2 + bytes;
        return buffer.AsSpan(length - bytes, bytes);
    }
}
