using System.Buffers.Binary;

namespace Ingest.Core.Spam;

/// <summary>What a feature is about. It stands in the top three bits of the feature's hash.</summary>
public enum FeatureGroup
{
    /// <summary>A word of the body.</summary>
    Word,
    /// <summary>Two words of the body, one after the other.</summary>
    WordPair,
    /// <summary>A word or two of the subject.</summary>
    Subject,
    /// <summary>Which header fields there are, and their form.</summary>
    Header,
    /// <summary>How the mail is built: parts, html, attachments, the form of links.</summary>
    Structure,
    /// <summary>Names of hosts, programs and lists in the header, and of the organisations that links lead to. Mail of other years and places has others.</summary>
    Trace,
    /// <summary>Signs that were found in it.</summary>
    Sign,
    /// <summary>Who it is: addresses, domains, lists, hosts. Only a tenant's own lessons weigh these; the base model never does.</summary>
    Identity,
}

/// <summary>
/// What the filter sees of a mail: sorted distinct 32-bit hashes and a value for each. Words cannot be read back from it, though whoever has a word can ask whether it was there.
/// </summary>
public sealed class FeatureVector
{
    /// <summary>More features than this no mail has.</summary>
    public const int Most = 2048;

    private const byte Format = 1;
    private readonly uint[] _hashes;
    private readonly float[] _values;

    internal FeatureVector(uint[] hashes, float[] values) => (_hashes, _values) = (hashes, values);

    /// <summary>The features, ascending, each once.</summary>
    public ReadOnlySpan<uint> Hashes => _hashes;

    /// <summary>How much of each feature there is, in the order of <see cref="Hashes"/>; above 0, at most 1.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>What a feature is about.</summary>
    public static FeatureGroup GroupOf(uint hash) => (FeatureGroup)(hash >> 29);

    /// <summary>The vector as bytes: format, the different values, then the steps from hash to hash with the place of each value.</summary>
    public byte[] ToBytes()
    {
        float[] table = [.. _values.Distinct()];
        if (table.Length > byte.MaxValue) throw new InvalidOperationException("A vector has few different values.");
        using var bytes = new MemoryStream();
        bytes.WriteByte(Format);
        WriteNumber(bytes, (uint)_hashes.Length);
        bytes.WriteByte((byte)table.Length);
        Span<byte> single = stackalloc byte[sizeof(float)];
        foreach (float value in table)
        {
            BinaryPrimitives.WriteSingleLittleEndian(single, value);
            bytes.Write(single);
        }

        uint last = 0;
        for (int i = 0; i < _hashes.Length; i++)
        {
            WriteNumber(bytes, _hashes[i] - last);
            bytes.WriteByte((byte)Array.IndexOf(table, _values[i]));
            last = _hashes[i];
        }

        return bytes.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null when it is not that. Never throws.</summary>
    public static FeatureVector? FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 3 || bytes[0] != Format) return null;
        bytes = bytes[1..];
        if (!TryReadNumber(ref bytes, out uint count) || count > Most || bytes.IsEmpty) return null;
        int different = bytes[0];
        bytes = bytes[1..];
        if (bytes.Length < different * sizeof(float)) return null;
        ReadOnlySpan<byte> table = bytes[..(different * sizeof(float))];
        bytes = bytes[table.Length..];

        (uint[] hashes, float[] values) = (new uint[count], new float[count]);
        uint last = 0;
        for (int i = 0; i < count; i++)
        {
            if (!TryReadNumber(ref bytes, out uint step) || (step == 0 && i > 0) || step > uint.MaxValue - last || bytes.IsEmpty || bytes[0] >= different) return null;
            last += step;
            float value = BinaryPrimitives.ReadSingleLittleEndian(table[(bytes[0] * sizeof(float))..]);
            if (!(value is > 0 and <= 1)) return null;
            (hashes[i], values[i]) = (last, value);
            bytes = bytes[1..];
        }

        return bytes.IsEmpty ? new FeatureVector(hashes, values) : null;
    }

    private static void WriteNumber(MemoryStream bytes, uint number)
    {
        for (; number >= 0x80; number >>= 7)
            bytes.WriteByte((byte)(number | 0x80));
        bytes.WriteByte((byte)number);
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> bytes, out uint number)
    {
        ulong read = 0;
        number = 0;
        for (int i = 0; i < 5 && i < bytes.Length; i++)
        {
            read |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80) continue;
            number = (uint)read;
            bytes = bytes[(i + 1)..];
            return read <= uint.MaxValue;
        }

        return false;
    }
}
