using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Small PDF files, made here.</summary>
internal static class PdfFixtures
{
    internal static byte[] Pdf(string content, string filter = "", string font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", params string[] more)
    {
        byte[] packed = Pack(Encoding.Latin1.GetBytes(content), filter);
        var pdf = new MemoryStream();
        void Write(string text) => pdf.Write(Encoding.Latin1.GetBytes(text));
        Write("%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1/Resources<</Font<</F1 5 0 R>>>>>>\nendobj\n");
        Write("3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 4 0 R>>\nendobj\n");
        Write($"4 0 obj\n<</Length {packed.Length}{(filter.Length > 0 ? $"/Filter/{filter}" : "")}>>\nstream\n");
        pdf.Write(packed);
        Write($"\nendstream\nendobj\n5 0 obj\n{font}\nendobj\n");
        for (int i = 0; i < more.Length; i++)
            Write($"{6 + i} 0 obj\n{more[i]}\nendobj\n");
        Write("trailer\n<</Root 1 0 R>>\n%%EOF\n");
        return pdf.ToArray();
    }

    /// <summary>A page whose letters are codes that only a map explains.</summary>
    internal static byte[] Mapped(string text)
    {
        string codes = string.Concat(text.Select(c => (c + 0x100).ToString("X4", CultureInfo.InvariantCulture)));
        string lines = string.Concat(text.Distinct().Select(c => $"<{c + 0x100:X4}> <{(int)c:X4}>\n"));
        string map = $"/CIDInit /ProcSet findresource begin 1 begincodespacerange <0000> <FFFF> endcodespacerange {text.Distinct().Count()} beginbfchar\n{lines}endbfchar end";
        return Pdf($"BT /F1 12 Tf 10 10 Td <{codes}> Tj ET", "FlateDecode", "<</Type/Font/Subtype/Type0/Encoding/Identity-H/ToUnicode 6 0 R>>", $"<</Length {map.Length}>>\nstream\n{map}\nendstream");
    }

    /// <summary>An object that lies in a packed list of objects.</summary>
    internal static string Packed(string value)
    {
        string head = "20 0 ";
        string content = Encoding.Latin1.GetString(Pack(Encoding.Latin1.GetBytes(head + value), "FlateDecode"));
        return $"<</Type/ObjStm/N 1/First {head.Length}/Filter/FlateDecode/Length {content.Length}>>\nstream\n{content}\nendstream";
    }

    internal static string Embedded(byte[] file)
    {
        string content = Encoding.Latin1.GetString(file);
        return $"<</Type/EmbeddedFile/Subtype/text#2Fplain/Length {content.Length}>>\nstream\n{content}\nendstream";
    }

    private static byte[] Pack(byte[] content, string filter)
    {
        switch (filter)
        {
            case "FlateDecode":
                var output = new MemoryStream();
                using (var zlib = new ZLibStream(output, CompressionLevel.Optimal, true))
                    zlib.Write(content);
                return output.ToArray();
            case "ASCIIHexDecode":
                return Encoding.ASCII.GetBytes(Convert.ToHexString(content) + ">");
            case "ASCII85Decode":
                return Ascii85(content);
            case "RunLengthDecode":
                return [.. content.SelectMany(b => new byte[] { 0, b }), 128];
            case "LZWDecode":
                return Lzw(content);
            default:
                return content;
        }
    }

    private static byte[] Ascii85(byte[] content)
    {
        var text = new StringBuilder();
        for (int i = 0; i < content.Length; i += 4)
        {
            int count = Math.Min(4, content.Length - i);
            uint group = 0;
            for (int k = 0; k < 4; k++)
                group = (group << 8) | (k < count ? content[i + k] : 0u);
            char[] letters = new char[5];
            for (int k = 4; k >= 0; k--, group /= 85)
                letters[k] = (char)('!' + group % 85);
            text.Append(letters, 0, count + 1);
        }
        return Encoding.ASCII.GetBytes(text + "~>");
    }

    // Every letter by its own code, and the table cleared before codes would grow.
    private static byte[] Lzw(byte[] content)
    {
        var bits = new StringBuilder();
        void Add(int code) => bits.Append(Convert.ToString(code, 2).PadLeft(9, '0'));
        for (int i = 0; i < content.Length; i++)
        {
            if (i % 200 == 0)
                Add(256);
            Add(content[i]);
        }
        Add(257);
        string all = bits.ToString().PadRight((bits.Length + 7) / 8 * 8, '0');
        return [.. Enumerable.Range(0, all.Length / 8).Select(i => Convert.ToByte(all.Substring(i * 8, 8), 2))];
    }
}
