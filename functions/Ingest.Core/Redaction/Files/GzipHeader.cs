using System.Buffers.Binary;
using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>What stands around the packed bytes of a gzip file (RFC 1952).</summary>
internal static class GzipHeader
{
    private const int Fixed = 10, Extra = 4, Name = 8, Comment = 16, Flags = 3, Reserved = 32, Trailer = 8, LongestEmpty = 28, LongestText = 1000;

    /// <summary>The name and comment in the header, blanks between; empty when there are none.</summary>
    internal static string Texts(ReadOnlySpan<byte> gzip)
    {
        if (gzip.Length < Fixed + 2)
            return "";
        int at = Fixed + ((gzip[Flags] & Extra) != 0 ? 2 + BinaryPrimitives.ReadUInt16LittleEndian(gzip[Fixed..]) : 0), start = Fixed;
        foreach (int flag in (ReadOnlySpan<int>)[Name, Comment])
            if ((gzip[Flags] & flag) != 0 && at < gzip.Length)
                at += gzip[at..].IndexOf((byte)0) is >= 0 and var end ? end + 1 : gzip.Length - at;
        return Encoding.Latin1.GetString(gzip[start..Math.Min(at, gzip.Length)]).Replace('\0', ' ').Trim();
    }

    /// <summary>The names and comments of all pieces; a piece begins wherever the sign of one stands.</summary>
    internal static IEnumerable<string> AllTexts(byte[] gzip)
    {
        for (int at = 0, next; (next = gzip.AsSpan(at).IndexOf((ReadOnlySpan<byte>)[0x1F, 0x8B, 8])) >= 0; at += next + 1)
            if (at + next + Flags < gzip.Length && gzip[at + next + Flags] < Reserved && Texts(gzip.AsSpan(at + next)) is { Length: > 0 and < LongestText } text)
                yield return text;
    }

    /// <summary>True when the file ends with the check and length of the last bytes that it holds, as its last piece does: nothing stands behind what was unpacked.</summary>
    internal static bool Ends(ReadOnlySpan<byte> gzip, ReadOnlySpan<byte> content)
    {
        if (gzip.Length <= Fixed + Trailer)
            return false;
        uint check = BinaryPrimitives.ReadUInt32LittleEndian(gzip[^Trailer..]), length = BinaryPrimitives.ReadUInt32LittleEndian(gzip[^4..]);
        // Some programs end a file with a piece in which there is nothing.
        if (length == 0 && !content.IsEmpty)
            return gzip[..^Trailer].EndsWith((ReadOnlySpan<byte>)[3, 0]) && gzip[Math.Max(0, gzip.Length - LongestEmpty)..].IndexOf((ReadOnlySpan<byte>)[0x1F, 0x8B, 8]) >= 0;
        return length <= content.Length && Check(content[(content.Length - (int)length)..]) == check;
    }

    // The check sum of RFC 1952 section 8.
    private static uint Check(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        foreach (byte b in bytes)
            sum = Sums[(sum ^ b) & 0xFF] ^ (sum >> 8);
        return ~sum;
    }

    private static readonly uint[] Sums = [.. Enumerable.Range(0, 256).Select(first =>
    {
        uint sum = (uint)first;
        for (int bit = 0; bit < 8; bit++)
            sum = (sum & 1) == 0 ? sum >> 1 : 0xEDB88320 ^ (sum >> 1);
        return sum;
    })];
}
