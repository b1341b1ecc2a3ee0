using System.Buffers.Binary;
using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>What stands around the packed bytes of a gzip file (RFC 1952).</summary>
internal static class GzipHeader
{
    private const int Fixed = 10, Extra = 4, Name = 8, Comment = 16, Flags = 3;

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

    /// <summary>True when the file ends with the length of what it holds.</summary>
    internal static bool Ends(ReadOnlySpan<byte> gzip, long length) => gzip.Length > Fixed && BinaryPrimitives.ReadUInt32LittleEndian(gzip[^4..]) == (uint)length;
}
