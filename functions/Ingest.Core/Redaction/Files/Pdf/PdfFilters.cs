using System.IO.Compression;

namespace Ingest.Core.Redaction.Files;

/// <summary>Unpacks streams of a PDF (ISO 32000-2 section 7.4) within what may still be unpacked of a mail.</summary>
internal static class PdfFilters
{
    private const int MostFilters = 8;

    /// <summary>The stream unpacked; null when it is a picture, or damaged from its start, or too large.</summary>
    internal static byte[]? Decode(PdfDictionary stream, Func<object?, object?> resolve, FileSearch search)
    {
        if (stream.Stream is not { } raw)
            return null;
        byte[]? content = raw.ToArray();
        List<object?> filters = Listed(resolve(stream.GetValueOrDefault("Filter") ?? stream.GetValueOrDefault("F")), resolve);
        List<object?> parameters = Listed(resolve(stream.GetValueOrDefault("DecodeParms") ?? stream.GetValueOrDefault("DP")), resolve);
        if (filters.Count > MostFilters)
            return null;
        for (int i = 0; i < filters.Count && content is not null; i++)
        {
            PdfDictionary? with = i < parameters.Count ? parameters[i] as PdfDictionary : null;
            content = (filters[i] as PdfName)?.Value switch
            {
                "FlateDecode" or "Fl" => Predict(Inflate(content, search), with, resolve),
                "LZWDecode" or "LZW" => Predict(Lzw(content, resolve(with?.GetValueOrDefault("EarlyChange")) is not 0.0, search), with, resolve),
                "ASCIIHexDecode" or "AHx" => new PdfLexer((byte[])[(byte)'<', .. content]).Next() as byte[],
                "ASCII85Decode" or "A85" => Ascii85(content),
                "RunLengthDecode" or "RL" => RunLength(content, search),
                _ => null,
            };
        }
        return content;
    }

    /// <summary>Data packed by zlib, as far as it can be unpacked; null when that is nothing, or too much.</summary>
    internal static byte[]? Inflate(byte[] packed, FileSearch search)
    {
        var content = new MemoryStream();
        byte[] buffer = new byte[32 * 1024];
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(packed, false), CompressionMode.Decompress);
            for (int read; (read = zlib.Read(buffer)) > 0;)
            {
                if (!search.TryExpand(read))
                    return null;
                content.Write(buffer, 0, read);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or IOException)
        {
            // What came before the damage is there to be read, as other readers do.
        }
        return content.Length == 0 ? null : content.ToArray();
    }

    private static List<object?> Listed(object? value, Func<object?, object?> resolve) => value switch
    {
        List<object?> list => [.. list.Select(resolve)],
        null => [],
        _ => [value],
    };

    private static byte[]? Lzw(byte[] packed, bool early, FileSearch search)
    {
        var output = new MemoryStream();
        List<(int Previous, byte Last, byte First, int Length)> table = [];
        void Clear()
        {
            table.Clear();
            for (int i = 0; i < 258; i++)
                table.Add((-1, (byte)i, (byte)i, 1));
        }
        Clear();
        int bits = 0, held = 0, width = 9, previous = -1;
        byte[] word = new byte[4097];
        foreach (byte b in packed)
        {
            bits = (bits << 8) | b;
            held += 8;
            if (held < width)
                continue;
            int code = (bits >> (held - width)) & ((1 << width) - 1);
            held -= width;
            bits &= (1 << held) - 1;
            if (code == 257)
                break;
            if (code == 256)
            {
                Clear();
                (width, previous) = (9, -1);
                continue;
            }
            if (code > table.Count || (code == table.Count && previous < 0))
                break;
            byte first = table[code == table.Count ? previous : code].First;
            if (previous >= 0 && table.Count < 4096)
                table.Add((previous, first, table[previous].First, table[previous].Length + 1));
            if (code >= table.Count)
                break;
            int length = table[code].Length;
            if (!search.TryExpand(length))
                return null;
            for (int i = length - 1, at = code; i >= 0; i--, at = table[at].Previous)
                word[i] = table[at].Last;
            output.Write(word, 0, length);
            previous = code;
            int next = table.Count + (early ? 1 : 0);
            width = next >= 2048 ? 12 : next >= 1024 ? 11 : next >= 512 ? 10 : 9;
        }
        return output.ToArray();
    }

    private static byte[] Ascii85(byte[] packed)
    {
        var output = new MemoryStream(packed.Length);
        long group = 0;
        int count = 0;
        foreach (byte b in packed)
        {
            if (b == '~')
                break;
            if (b == 'z' && count == 0)
                output.Write([0, 0, 0, 0]);
            if (b is < (byte)'!' or > (byte)'u')
                continue;
            group = (group * 85) + b - '!';
            if (++count < 5)
                continue;
            output.Write([(byte)(group >> 24), (byte)(group >> 16), (byte)(group >> 8), (byte)group]);
            (group, count) = (0, 0);
        }
        if (count > 1)
        {
            for (int i = count; i < 5; i++)
                group = (group * 85) + 84;
            for (int i = 0; i < count - 1; i++)
                output.WriteByte((byte)(group >> (24 - (8 * i))));
        }
        return output.ToArray();
    }

    private static byte[]? RunLength(byte[] packed, FileSearch search)
    {
        var output = new MemoryStream(packed.Length);
        for (int i = 0; i < packed.Length && packed[i] != 128;)
        {
            int length = packed[i] < 128 ? packed[i] + 1 : 257 - packed[i];
            if (!search.TryExpand(length))
                return null;
            if (packed[i] < 128)
                output.Write(packed, i + 1, Math.Min(length, packed.Length - i - 1));
            else if (i + 1 < packed.Length)
                for (int n = 0; n < length; n++)
                    output.WriteByte(packed[i + 1]);
            i += packed[i] < 128 ? length + 1 : 2;
        }
        return output.ToArray();
    }

    // Rows as PNG packs them (section 7.4.4.4); text streams hardly ever have it, lists of objects do.
    private static byte[]? Predict(byte[]? content, PdfDictionary? with, Func<object?, object?> resolve)
    {
        int Number(string name, int otherwise) => resolve(with?.GetValueOrDefault(name)) is double value && value is >= 0 and < 100_000 ? (int)value : otherwise;
        if (content is null || with is null || Number("Predictor", 1) < 10)
            return content;
        int sample = Math.Max(1, Number("Colors", 1) * Number("BitsPerComponent", 8) / 8), row = Math.Max(1, ((Number("Columns", 1) * Number("Colors", 1) * Number("BitsPerComponent", 8)) + 7) / 8);
        byte[] output = new byte[content.Length / (row + 1) * row];
        for (int line = 0; line * row < output.Length; line++)
            for (int i = 0; i < row; i++)
            {
                int at = (line * row) + i, left = i >= sample ? output[at - sample] : 0, up = line > 0 ? output[at - row] : 0, corner = i >= sample && line > 0 ? output[at - row - sample] : 0;
                int add = content[line * (row + 1)] switch { 1 => left, 2 => up, 3 => (left + up) / 2, 4 => Paeth(left, up, corner), _ => 0 };
                output[at] = (byte)(content[(line * (row + 1)) + 1 + i] + add);
            }
        return output;
    }

    private static int Paeth(int left, int up, int corner)
    {
        int guess = left + up - corner, a = Math.Abs(guess - left), b = Math.Abs(guess - up), c = Math.Abs(guess - corner);
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
