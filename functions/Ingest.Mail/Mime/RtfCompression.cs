using System.Buffers.Binary;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Compressed RTF (MS-OXRTFCP): a dictionary of 4,096 bytes that begins with common RTF, and references of at most 17 bytes into it.</summary>
internal static class RtfCompression
{
    private const uint Compressed = 0x75465A4C, Uncompressed = 0x414C454D;
    private const int HeaderLength = 16, Window = 4096;

    private static readonly byte[] Start = Encoding.ASCII.GetBytes(
        "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx");

    /// <summary>The RTF, at most <paramref name="limit"/> bytes of it; null when the bytes are not compressed RTF. <paramref name="whole"/> says that nothing was cut off or out of order.</summary>
    public static byte[]? Decompress(ReadOnlySpan<byte> source, int limit, out bool whole)
    {
        whole = false;
        if (source.Length < HeaderLength)
            return null;
        var rawSize = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        var kind = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]);
        var body = source[HeaderLength..];
        if (kind == Uncompressed)
        {
            var length = (int)Math.Min(Math.Min(rawSize, (uint)body.Length), (uint)limit);
            whole = length == rawSize;
            return body[..length].ToArray();
        }
        if (kind != Compressed)
            return null;
        // What two bytes can stand for is 17, so the stated size is not needed to know how much there can be.
        var output = new byte[(int)Math.Min(Math.Min(rawSize, body.Length * 9L + 1), limit)];
        var written = Expand(body, output, out var ended);
        whole = ended || written == rawSize;
        return written == output.Length ? output : output[..written];
    }

    private static int Expand(ReadOnlySpan<byte> body, Span<byte> output, out bool ended)
    {
        Span<byte> window = stackalloc byte[Window];
        window.Clear();
        Start.CopyTo(window);
        var at = Start.Length;
        int position = 0, written = 0;
        ended = false;
        while (position < body.Length)
        {
            var flags = body[position++];
            for (var bit = 0; bit < 8 && position < body.Length; bit++)
            {
                if ((flags >> bit & 1) == 0)
                {
                    if (written == output.Length)
                        return written;
                    output[written++] = window[at] = body[position++];
                    at = (at + 1) % Window;
                    continue;
                }
                if (position + 1 >= body.Length)
                    return written;
                var token = body[position] << 8 | body[position + 1];
                position += 2;
                var from = token >> 4;
                if (from == at)
                {
                    ended = true;
                    return written;
                }
                for (var count = (token & 15) + 2; count > 0; count--)
                {
                    if (written == output.Length)
                        return written;
                    output[written++] = window[at] = window[from];
                    at = (at + 1) % Window;
                    from = (from + 1) % Window;
                }
            }
        }
        return written;
    }
}
