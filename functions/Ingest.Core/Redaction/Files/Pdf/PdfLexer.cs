using System.Globalization;
using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>A name of a PDF, decoded, without its slash.</summary>
internal sealed record PdfName(string Value);

/// <summary>A word that is neither name, number nor string: an operator or a keyword.</summary>
internal sealed record PdfWord(string Value);

/// <summary>A reference to another object.</summary>
internal sealed record PdfReference(int Number);

/// <summary>A dictionary; as a stream it also says where its packed bytes lie.</summary>
internal sealed class PdfDictionary : Dictionary<string, object?>
{
    internal PdfDictionary() : base(StringComparer.Ordinal)
    {
    }

    internal ReadOnlyMemory<byte>? Stream { get; set; }
}

/// <summary>Reads the words of a PDF (ISO 32000-2 section 7.2 and 7.3): numbers as double, strings as byte[], arrays as lists. Never throws; what is broken is null or a word.</summary>
internal sealed class PdfLexer(ReadOnlyMemory<byte> source, int position = 0)
{
    private const int MostDepth = 60, LongestWord = 128;

    internal int Position { get; set; } = position;

    internal bool AtEnd => Position >= source.Length;

    private ReadOnlySpan<byte> Bytes => source.Span;

    /// <summary>The next value; null at the end. References are put together from their two numbers where <paramref name="references"/> is asked for.</summary>
    internal object? Next(bool references = true, int depth = 0)
    {
        SkipBlanks();
        if (AtEnd)
            return null;
        byte c = Bytes[Position];
        switch (c)
        {
            case (byte)'(':
                return Literal();
            case (byte)'/':
                Position++;
                return new PdfName(Name());
            case (byte)'[':
                Position++;
                return Array(references, depth);
            case (byte)'<' when At(Position + 1) == '<':
                Position += 2;
                return Dictionary(references, depth);
            case (byte)'<':
                return Hexadecimal();
            case (byte)'>' when At(Position + 1) == '>':
                Position += 2;
                return new PdfWord(">>");
            case (byte)']' or (byte)')' or (byte)'>' or (byte)'{' or (byte)'}':
                Position++;
                return new PdfWord(((char)c).ToString());
            default:
                return NumberOrWord(references);
        }
    }

    internal void SkipBlanks()
    {
        while (!AtEnd)
        {
            byte c = Bytes[Position];
            if (c == '%')
            {
                int end = Bytes[Position..].IndexOfAny((byte)'\r', (byte)'\n');
                Position = end < 0 ? source.Length : Position + end;
            }
            else if (!IsBlank(c))
                return;
            else
                Position++;
        }
    }

    internal static bool IsBlank(int c) => c is 0 or 9 or 10 or 12 or 13 or 32;

    private static bool IsDelimiter(int c) => c is '(' or ')' or '<' or '>' or '[' or ']' or '{' or '}' or '/' or '%';

    private int At(int i) => i < source.Length ? Bytes[i] : -1;

    private object? NumberOrWord(bool references)
    {
        int start = Position;
        while (!AtEnd && !IsBlank(Bytes[Position]) && !IsDelimiter(Bytes[Position]))
            Position++;
        ReadOnlySpan<byte> word = Bytes[start..Position];
        if (word[0] is (byte)'+' or (byte)'-' or (byte)'.' or (>= (byte)'0' and <= (byte)'9') && double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
            return references && number is >= 0 and < 10_000_000 && number == Math.Floor(number) && Reference((int)number) is { } reference ? reference : number;
        return new PdfWord(Encoding.Latin1.GetString(word[..Math.Min(word.Length, LongestWord)]));
    }

    // "12 0 R"; anything else is left where it stands.
    private PdfReference? Reference(int number)
    {
        int i = Position;
        while (IsBlank(At(i)) && i < Position + 4)
            i++;
        int digits = i;
        while (At(i) is >= '0' and <= '9' && i - digits < 5)
            i++;
        if (i == digits)
            return null;
        int blanks = i;
        while (IsBlank(At(i)) && i < blanks + 4)
            i++;
        if (i == blanks || At(i) != 'R' || (At(i + 1) is >= 0 and var after && !IsBlank(after) && !IsDelimiter(after)))
            return null;
        Position = i + 1;
        return new PdfReference(number);
    }

    private string Name()
    {
        var name = new StringBuilder();
        while (!AtEnd && !IsBlank(Bytes[Position]) && !IsDelimiter(Bytes[Position]))
        {
            int c = Bytes[Position++];
            if (c == '#' && Hex(At(Position)) is >= 0 and var high && Hex(At(Position + 1)) is >= 0 and var low)
            {
                c = (high << 4) | low;
                Position += 2;
            }
            if (name.Length < LongestWord)
                name.Append((char)c);
        }
        return name.ToString();
    }

    private List<object?> Array(bool references, int depth)
    {
        List<object?> items = [];
        while (depth < MostDepth && Next(references, depth + 1) is { } item)
        {
            if (item is PdfWord { Value: "]" })
                break;
            // A list that was never closed ends with its object.
            if (item is PdfWord { Value: "endobj" or "stream" or ">>" })
                break;
            items.Add(item);
        }
        return items;
    }

    private PdfDictionary Dictionary(bool references, int depth)
    {
        var dictionary = new PdfDictionary();
        while (depth < MostDepth && Next(references, depth + 1) is { } key)
        {
            if (key is PdfWord { Value: ">>" or "endobj" or "stream" })
                break;
            if (key is not PdfName name)
                continue;
            object? value = Next(references, depth + 1);
            if (value is PdfWord { Value: ">>" or "endobj" })
                break;
            dictionary[name.Value] = value;
        }
        return dictionary;
    }

    private byte[] Literal()
    {
        var text = new MemoryStream();
        int depth = 0;
        while (!AtEnd)
        {
            int c = Bytes[Position++];
            if (c == '(' && depth++ == 0)
                continue;
            if (c == ')' && --depth == 0)
                break;
            if (c == '\\')
                Escape(text);
            else
                text.WriteByte((byte)c);
        }
        return text.ToArray();
    }

    private void Escape(MemoryStream text)
    {
        int c = At(Position++);
        switch (c)
        {
            case 'n' or 'r':
                text.WriteByte((byte)'\n');
                break;
            case 't' or 'b' or 'f':
                text.WriteByte((byte)' ');
                break;
            case '\r':
                Position += At(Position) == '\n' ? 1 : 0;
                break;
            case '\n' or -1:
                break;
            case >= '0' and <= '7':
                int value = c - '0';
                for (int i = 0; i < 2 && At(Position) is >= '0' and <= '7'; i++)
                    value = (value * 8) + At(Position++) - '0';
                text.WriteByte((byte)value);
                break;
            default:
                text.WriteByte((byte)c);
                break;
        }
    }

    private byte[] Hexadecimal()
    {
        var text = new MemoryStream();
        int half = -1;
        Position++;
        while (!AtEnd)
        {
            int c = Bytes[Position++];
            if (c == '>')
                break;
            if (Hex(c) is not (>= 0 and var digit))
                continue;
            if (half >= 0)
                text.WriteByte((byte)((half << 4) | digit));
            half = half >= 0 ? -1 : digit;
        }
        if (half >= 0)
            text.WriteByte((byte)(half << 4));
        return text.ToArray();
    }

    private static int Hex(int c) => c is < 0 or > 127 || !char.IsAsciiHexDigit((char)c) ? -1 : c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
