using System.Buffers.Binary;
using System.Globalization;

namespace Ingest.Core.Keys;

/// <summary>
/// The 28 bytes before the FLOE message, and the additional data that binds them with the logical place of what is sealed:
/// 0 "TKE1", 4 version, 5 suite, 6 key class, 7 compression, 8 key id, 24 zeroes.
/// </summary>
internal static class EnvelopeHeader
{
    public const int Length = 28;

    private const byte Version = 1;
    private const byte FloeSuite = 1;
    private const byte NotCompressed = 0;

    private static ReadOnlySpan<byte> Magic => "TKE1"u8;

    public static void Write(Span<byte> destination, DataKey key)
    {
        destination[..Length].Clear();
        Magic.CopyTo(destination);
        destination[4] = Version;
        destination[5] = FloeSuite;
        destination[6] = (byte)key.Class;
        destination[7] = NotCompressed;
        key.Id.TryWriteBytes(destination[8..], bigEndian: true, out _);
    }

    public static Guid ReadKeyId(ReadOnlySpan<byte> header)
    {
        bool ours = header.Length >= Length && header[..4].SequenceEqual(Magic) && header[4] == Version && header[5] == FloeSuite
            && Enum.IsDefined((KeyClass)header[6]) && header[7] == NotCompressed && header[24..Length].IndexOfAnyExcept((byte)0) < 0;
        return ours ? new Guid(header.Slice(8, 16), bigEndian: true) : throw new SealBrokenException();
    }

    /// <summary>The segment length that the FLOE parameters behind the header name.</summary>
    public static int ReadSegmentLength(ReadOnlySpan<byte> envelope)
    {
        if (envelope.Length < Length + Floe.HeaderLength)
            throw new SealBrokenException();
        int length = BinaryPrimitives.ReadInt32BigEndian(envelope[(Length + 2)..]);
        return length is (int)SegmentLength.Row or (int)SegmentLength.Blob ? length : throw new SealBrokenException();
    }

    /// <summary>Throws <see cref="ArgumentException"/> when the context is not one that can be sealed.</summary>
    public static Canonical Bind(ReadOnlySpan<byte> header, in SealContext context)
    {
        if (context.Tenant == default || context.Owner is null || context.Role is null || !Enum.IsDefined(context.Class))
            throw new ArgumentException("A seal needs a tenant, a class, an owner and a role.");

        return new Canonical()
            .Add(Magic)
            .Add(header[..Length])
            .Add(context.Tenant.Value)
            .Add(context.Class.Name())
            .Add(context.Owner)
            .Add(context.Role)
            .Add(context.Schema.ToString(CultureInfo.InvariantCulture));
    }

    public static bool Fits(DataKey key, in SealContext context) =>
        key.Tenant == context.Tenant && key.Class == context.Class && string.Equals(key.Owner, context.Owner, StringComparison.Ordinal);
}
