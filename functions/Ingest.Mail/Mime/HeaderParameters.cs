using System.Globalization;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>A structured value with parameters: Content-Type, Content-Disposition (RFC 2045 section 5.1, RFC 2183, RFC 2231).</summary>
public sealed class HeaderParameters
{
    private readonly List<Piece> pieces = [];
    private readonly Encoding? fallback;

    private HeaderParameters(string value, Encoding? fallback)
    {
        Value = value;
        this.fallback = fallback;
    }

    /// <summary>What stands before the first semicolon, in lower case, without comments or white space.</summary>
    public string Value { get; }

    /// <summary>Nothing: no value, no parameters.</summary>
    public static HeaderParameters Empty { get; } = new("", null);

    /// <summary>The decoded parameter of that name in lower case: the extended form wins over the continued over the plain one; null when absent.</summary>
    public string? this[string name]
    {
        get
        {
            Piece? plain = null, extended = null;
            List<Piece>? sections = null;
            foreach (var piece in pieces)
            {
                if (piece.Name != name)
                    continue;
                if (piece.Section >= 0)
                    (sections ??= []).Add(piece);
                else if (piece.Extended)
                    extended ??= piece;
                else
                    // Of repeated ones the first that says something.
                    plain = plain is { Bytes.Length: > 0 } ? plain : piece;
            }
            // An empty name of a higher form falls through to a lower one.
            return NotEmpty(extended is { } e ? Join([e]) : null)
                ?? NotEmpty(sections is null ? null : Join(Ordered(sections)))
                ?? (plain is { } p ? HeaderText.DecodeWords(Text(p.Bytes)) : null);
        }
    }

    /// <summary>The names of the parameters in lower case, each once, in order of appearance.</summary>
    public IEnumerable<string> Names => pieces.Select(static p => p.Name).Distinct(StringComparer.Ordinal);

    /// <summary>True when there were more parameters than the limit.</summary>
    internal bool IsCut { get; private set; }

    /// <summary>The bytes of the plain parameter of that name, undecoded; boundaries are compared as bytes.</summary>
    internal byte[]? Bytes(string name)
    {
        foreach (var piece in pieces)
        {
            if (piece.Name == name && piece is { Section: < 0, Extended: false })
                return piece.Bytes;
        }
        return this[name] is { } text ? Encoding.UTF8.GetBytes(text) : null;
    }

    internal static HeaderParameters Parse(ReadOnlySpan<byte> raw, Encoding? fallback, int maxParameters, int maxCommentDepth = 50)
    {
        var reader = new ParameterReader(raw, maxCommentDepth);
        var result = new HeaderParameters(reader.ReadValue(), fallback);
        while (reader.TryRead(out var name, out var bytes))
        {
            if (result.pieces.Count >= maxParameters)
            {
                result.IsCut = true;
                break;
            }
            result.pieces.Add(Piece.Of(name, bytes));
        }
        return result;
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    // Sections come in any order; the first of each number counts.
    private static List<Piece> Ordered(List<Piece> sections)
    {
        var byNumber = new SortedDictionary<int, Piece>();
        foreach (var section in sections)
            byNumber.TryAdd(section.Section, section);
        return [.. byNumber.Values];
    }

    private string Join(List<Piece> sections)
    {
        if (!sections.Exists(static s => s.Extended))
            return HeaderText.DecodeWords(Text([.. sections.SelectMany(static s => s.Bytes)]));
        var (charset, first) = SplitCharset(sections[0]);
        var bytes = new List<byte>();
        var encoded = new List<byte>();
        for (var i = 0; i < sections.Count; i++)
        {
            var part = i == 0 ? first : sections[i].Bytes;
            if (sections[i].Extended)
            {
                // Senders split inside an escape, so neighbours are joined before they are unescaped.
                encoded.AddRange(i == 0 ? part : WithoutCharset(part, charset));
                continue;
            }
            Unescape(encoded, bytes);
            bytes.AddRange(part);
        }
        Unescape(encoded, bytes);
        return HeaderText.Clean(Charsets.Decode([.. bytes], charset, out _, fallback));
    }

    private static (string Charset, byte[] Bytes) SplitCharset(Piece piece)
    {
        if (!piece.Extended)
            return ("", piece.Bytes);
        var span = piece.Bytes.AsSpan();
        var first = span.IndexOf((byte)'\'');
        if (first < 0)
            return ("", piece.Bytes);
        var second = span[(first + 1)..].IndexOf((byte)'\'');
        return second < 0
            ? ("", piece.Bytes)
            : (Encoding.Latin1.GetString(span[..first]), span[(first + second + 2)..].ToArray());
    }

    // Some senders say the charset again in every section.
    private static ReadOnlySpan<byte> WithoutCharset(byte[] part, string charset)
    {
        if (charset.Length == 0 || part.Length <= charset.Length || part[charset.Length] != '\'' || !Ascii.EqualsIgnoreCase(part.AsSpan(0, charset.Length), charset))
            return part;
        return part.AsSpan(charset.Length + (part.Length > charset.Length + 1 && part[charset.Length + 1] == '\'' ? 2 : 1));
    }

    private static void Unescape(List<byte> encoded, List<byte> target)
    {
        for (var i = 0; i < encoded.Count; i++)
        {
            if (encoded[i] == '%' && i + 2 < encoded.Count
                && TransferDecoding.Hex(encoded[i + 1]) is >= 0 and var high && TransferDecoding.Hex(encoded[i + 2]) is >= 0 and var low)
            {
                target.Add((byte)(high << 4 | low));
                i += 2;
            }
            else
                target.Add(encoded[i]);
        }
        encoded.Clear();
    }

    private string Text(byte[] bytes) => HeaderText.Unfold(bytes, fallback);

    /// <summary>One parameter as written; Section is its number in a continuation, else -1.</summary>
    private readonly record struct Piece(string Name, int Section, bool Extended, byte[] Bytes)
    {
        public static Piece Of(string name, byte[] bytes)
        {
            var extended = name.EndsWith('*');
            if (extended)
                name = name[..^1];
            var star = name.LastIndexOf('*');
            if (star > 0 && int.TryParse(name.AsSpan(star + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var section))
                return new Piece(name[..star], section, extended, bytes);
            return new Piece(name, -1, extended, bytes);
        }
    }
}
