using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>The objects of a PDF, found where they stand, not where its tables say: what an older version of the document said is still in the file.</summary>
internal sealed class PdfDocument
{
    private const int MostObjects = 200_000, MostHops = 32;
    private readonly FileSearch search;
    private readonly Dictionary<int, object?> byNumber = [];

    private PdfDocument(FileSearch search) => this.search = search;

    /// <summary>Every object in the file, older versions too.</summary>
    internal List<object?> Objects { get; } = [];

    /// <summary>True when the file says that it is encrypted.</summary>
    internal bool IsEncrypted { get; private set; }

    /// <summary>True when there was more than is read.</summary>
    internal bool IsCut { get; private set; }

    internal static PdfDocument Read(byte[] pdf, FileSearch search)
    {
        var document = new PdfDocument(search);
        document.ReadObjects(pdf);
        document.ReadPacked();
        return document;
    }

    /// <summary>The object that a reference leads to, or the value itself.</summary>
    internal object? Resolve(object? value)
    {
        for (int hops = 0; value is PdfReference reference && hops < MostHops; hops++)
            value = byNumber.GetValueOrDefault(reference.Number);
        return value is PdfReference ? null : value;
    }

    internal PdfDictionary? Dictionary(object? value) => Resolve(value) as PdfDictionary;

    /// <summary>What a text string says (section 7.9.2): UTF-16 or UTF-8 with its mark, else one byte a letter.</summary>
    internal static string Text(byte[] text) => text switch
    {
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode.GetString(text.AsSpan(2)),
        [0xFF, 0xFE, ..] => Encoding.Unicode.GetString(text.AsSpan(2)),
        [0xEF, 0xBB, 0xBF, ..] => Encoding.UTF8.GetString(text.AsSpan(3)),
        _ => Encoding.Latin1.GetString(text),
    };

    private void ReadObjects(byte[] pdf)
    {
        ReadOnlySpan<byte> source = pdf;
        ReadTrailers(pdf);
        for (int at = 0; at < pdf.Length;)
        {
            int found = source[at..].IndexOf("obj"u8);
            if (found < 0)
                return;
            int start = at + found;
            at = start + 3;
            if (Number(source, start) is not { } number)
                continue;
            if (Objects.Count >= MostObjects)
            {
                IsCut = true;
                return;
            }
            at = ReadObject(pdf, number, at);
        }
    }

    private void ReadTrailers(byte[] pdf)
    {
        for (int at = 0; pdf.AsSpan(at).IndexOf("trailer"u8) is >= 0 and var found && Objects.Count < MostObjects;)
        {
            var after = new PdfLexer(pdf, at + found + 7);
            if (after.Next() is PdfDictionary dictionary)
                Add(-1, dictionary);
            at = Math.Min(pdf.Length, Math.Max(after.Position, at + found + 7));
        }
    }

    private int ReadObject(byte[] pdf, int number, int start)
    {
        var lexer = new PdfLexer(pdf, start);
        object? value = lexer.Next();
        int end = Math.Max(lexer.Position, start);
        if (value is PdfDictionary dictionary)
        {
            lexer.SkipBlanks();
            int at = lexer.Position;
            if (at + 6 <= pdf.Length && pdf.AsSpan(at, 6).SequenceEqual("stream"u8))
            {
                at += 6;
                at += at < pdf.Length && pdf[at] == '\r' ? 1 : 0;
                at += at < pdf.Length && pdf[at] == '\n' ? 1 : 0;
                int length = StreamLength(pdf, at, dictionary);
                dictionary.Stream = pdf.AsMemory(at, length);
                end = at + length;
            }
        }
        Add(number, value);
        return end;
    }

    // The declared length if a stream ends there, else up to the word that ends one.
    private static int StreamLength(ReadOnlySpan<byte> pdf, int start, PdfDictionary dictionary)
    {
        if (dictionary.GetValueOrDefault("Length") is double declared && declared >= 0 && declared <= pdf.Length - start)
        {
            int end = start + (int)declared;
            if (pdf[end..Math.Min(pdf.Length, end + 12)].IndexOf("endstream"u8) >= 0)
                return (int)declared;
        }
        int word = pdf[start..].IndexOf("endstream"u8);
        return word < 0 ? pdf.Length - start : word;
    }

    private static int? Number(ReadOnlySpan<byte> source, int keyword)
    {
        int i = keyword - 1;
        int Digits(ReadOnlySpan<byte> bytes, ref int value)
        {
            int count = 0;
            for (int factor = 1; i >= 0 && bytes[i] is >= (byte)'0' and <= (byte)'9' && count < 8; i--, count++, factor *= 10)
                value += (bytes[i] - '0') * factor;
            return count;
        }
        void Blanks(ReadOnlySpan<byte> bytes)
        {
            for (int most = i - 4; i >= 0 && i > most && PdfLexer.IsBlank(bytes[i]); i--)
            {
            }
        }
        int generation = 0, number = 0;
        Blanks(source);
        if (Digits(source, ref generation) == 0)
            return null;
        Blanks(source);
        return Digits(source, ref number) == 0 ? null : number;
    }

    private void ReadPacked()
    {
        foreach (PdfDictionary packed in Objects.OfType<PdfDictionary>().Where(o => o.GetValueOrDefault("Type") is PdfName { Value: "ObjStm" }).ToList())
        {
            if (PdfFilters.Decode(packed, Resolve, search) is not { } content || Resolve(packed.GetValueOrDefault("N")) is not double count || Resolve(packed.GetValueOrDefault("First")) is not double first)
            {
                IsCut = true;
                continue;
            }
            var head = new PdfLexer(content);
            for (int i = 0; i < count && Objects.Count < MostObjects; i++)
            {
                if (head.Next(false) is not double number || head.Next(false) is not double offset || first + offset is not (>= 0 and var place) || place >= content.Length)
                    break;
                Add((int)Math.Clamp(number, -1, 10_000_000), new PdfLexer(content, (int)place).Next());
            }
        }
    }

    private void Add(int number, object? value)
    {
        Objects.Add(value);
        if (number >= 0)
            byNumber[number] = value;
        IsEncrypted |= value is PdfDictionary dictionary && dictionary.ContainsKey("Encrypt") && (number < 0 || dictionary.GetValueOrDefault("Type") is PdfName { Value: "XRef" });
    }
}
