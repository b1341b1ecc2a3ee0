using System.Globalization;
using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>What the codes of a font of a PDF mean: by its map to Unicode (ISO 32000-2 section 9.10.3), else by its encoding.</summary>
internal sealed class PdfFont
{
    private const int MostMapped = 100_000;
    private static readonly Dictionary<string, string> Glyphs = Named();
    private readonly Dictionary<int, string> map = [];
    private bool wide;

    /// <summary>A font of which nothing is known: its codes are letters.</summary>
    internal static PdfFont Plain { get; } = new();

    /// <summary>False when the codes are numbers of glyphs that nobody explains: such text can be seen and not read.</summary>
    internal bool IsReadable { get; private set; } = true;

    internal static PdfFont Of(PdfDictionary font, Func<object?, object?> resolve, FileSearch search)
    {
        bool composite = font.GetValueOrDefault("Subtype") is PdfName { Value: "Type0" };
        byte[]? unicode = resolve(font.GetValueOrDefault("ToUnicode")) is PdfDictionary { Stream: not null } map ? PdfFilters.Decode(map, resolve, search) : null;
        var read = new PdfFont { wide = composite, IsReadable = unicode is not null || !composite };
        if (unicode is not null)
            read.ReadMap(unicode);
        else if (!composite && resolve(font.GetValueOrDefault("Encoding")) is PdfDictionary encoding && resolve(encoding.GetValueOrDefault("Differences")) is List<object?> differences)
            read.ReadDifferences(differences);
        return read;
    }

    internal string Read(ReadOnlySpan<byte> codes)
    {
        var text = new StringBuilder(codes.Length);
        for (int i = 0; i < codes.Length;)
        {
            int code = codes[i++];
            if (wide && i < codes.Length)
                code = (code << 8) | codes[i++];
            if (map.TryGetValue(code, out string? letters))
                text.Append(letters);
            else if (!wide)
                text.Append((char)code);
        }
        return text.ToString();
    }

    private void ReadMap(byte[] cmap)
    {
        var lexer = new PdfLexer(cmap);
        List<object?> operands = [];
        bool sawWidth = false;
        while (lexer.Next(false) is { } token && map.Count < MostMapped)
        {
            if (token is not PdfWord word)
            {
                operands.Add(token);
                continue;
            }
            switch (word.Value)
            {
                case "endcodespacerange":
                    if (!sawWidth && operands.OfType<byte[]>().FirstOrDefault() is { } first)
                        (wide, sawWidth) = (first.Length > 1, true);
                    break;
                case "endbfchar":
                    for (int i = 0; i + 1 < operands.Count; i += 2)
                        if (operands[i] is byte[] code && operands[i + 1] is byte[] letters)
                            map[Code(code)] = Letters(letters);
                    break;
                case "endbfrange":
                    for (int i = 0; i + 2 < operands.Count; i += 3)
                        if (operands[i] is byte[] from && operands[i + 1] is byte[] to)
                            ReadRange(Code(from), Code(to), operands[i + 2]);
                    break;
                default:
                    break;
            }
            operands.Clear();
        }
    }

    private void ReadRange(int from, int to, object? target)
    {
        for (int code = from; code <= to && code - from < 0x10000 && map.Count < MostMapped; code++)
        {
            if (target is List<object?> each && code - from < each.Count && each[code - from] is byte[] one)
                map[code] = Letters(one);
            else if (target is byte[] first && Letters(first) is { Length: > 0 } start)
                map[code] = start[..^1] + (char)(start[^1] + code - from);
        }
    }

    private void ReadDifferences(List<object?> differences)
    {
        int code = 0, known = 0, unknown = 0;
        foreach (object? item in differences)
        {
            if (item is double number)
                code = (int)Math.Clamp(number, 0, 255);
            if (item is not PdfName glyph)
                continue;
            string? letters = Glyph(glyph.Value);
            map[code++] = letters ?? " ";
            (known, unknown) = letters is null && glyph.Value != ".notdef" ? (known, unknown + 1) : (known + 1, unknown);
        }
        // Names that are only numbers of a font's own say nothing.
        IsReadable = unknown <= known;
    }

    private static string? Glyph(string name)
    {
        int dot = name.IndexOf('.');
        string stem = dot > 0 ? name[..dot] : name;
        if (Glyphs.TryGetValue(stem, out string? letters))
            return letters;
        if (stem.Length == 1)
            return stem;
        string hex = stem.StartsWith("uni", StringComparison.Ordinal) && stem.Length >= 7 ? stem[3..7] : stem.StartsWith('u') && stem.Length is >= 5 and <= 7 ? stem[1..] : "";
        return int.TryParse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int rune) && Rune.IsValid(rune) ? new Rune(rune).ToString() : null;
    }

    private static int Code(byte[] bytes)
    {
        int code = 0;
        foreach (byte b in bytes.AsSpan(Math.Max(0, bytes.Length - 3)))
            code = (code << 8) | b;
        return code;
    }

    private static string Letters(byte[] utf16) => Encoding.BigEndianUnicode.GetString(utf16.Length == 1 ? [0, utf16[0]] : utf16);

    private static Dictionary<string, string> Named()
    {
        const string Names = "zero 0 one 1 two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 period . comma , colon : semicolon ; hyphen - minus - endash - emdash - slash / at @ underscore _ plus + "
            + "parenleft ( parenright ) numbersign # ampersand & equal = question ? exclam ! asterisk * quotesingle ' quotedbl \" percent % dollar $ backslash \\ bracketleft [ bracketright ] braceleft { braceright } bar | less < greater > asciitilde ~ "
            + "Adieresis Ä Odieresis Ö Udieresis Ü adieresis ä odieresis ö udieresis ü germandbls ß eacute é egrave è agrave à ccedilla ç";
        string[] words = Names.Split(' ');
        var glyphs = new Dictionary<string, string>(StringComparer.Ordinal) { ["space"] = " ", ["nbspace"] = " " };
        for (int i = 0; i + 1 < words.Length; i += 2)
            glyphs[words[i]] = words[i + 1];
        return glyphs;
    }
}
