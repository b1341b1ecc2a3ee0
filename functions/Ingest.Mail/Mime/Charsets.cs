using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Charset names as mail has them, and decoding that never fails (RFC 2046 section 4.1.2, WHATWG Encoding for the supersets).</summary>
internal static class Charsets
{
    private const int MaxCached = 500;

    // The bytes to which windows-1252 gives no character.
    private static readonly SearchValues<byte> Undefined = SearchValues.Create([0x81, 0x8D, 0x8F, 0x90, 0x9D]);

    private static readonly DecoderReplacementFallback Marker = new("\uFFFD");
    private static readonly ConcurrentDictionary<int, Encoding> Pages = new();
    private static readonly ConcurrentDictionary<string, Encoding?> Known = new(StringComparer.OrdinalIgnoreCase);

    // Code pages by the names that the provider does not know, or knows as something narrower than what senders mean.
    private static readonly Dictionary<string, int> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf-8"] = 65001, ["utf8"] = 65001, ["utf_8"] = 65001, ["unicode-1-1-utf-8"] = 65001, ["x-utf-8"] = 65001, ["utf8mb4"] = 65001, ["cp65001"] = 65001,
        ["us-ascii"] = 1252, ["ascii"] = 1252, ["ansi_x3.4-1968"] = 1252, ["iso646-us"] = 1252, ["us"] = 1252, ["iso-ir-6"] = 1252, ["ansi"] = 1252, ["x-ansi"] = 1252,
        ["iso-8859-1"] = 1252, ["iso8859-1"] = 1252, ["iso_8859-1"] = 1252, ["iso88591"] = 1252, ["iso8859_1"] = 1252, ["latin1"] = 1252, ["latin-1"] = 1252, ["l1"] = 1252,
        ["8859-1"] = 1252, ["iso-8859-1-i"] = 1252, ["8859_1"] = 1252, ["x-cp1252"] = 1252,
        ["iso-8859-9"] = 1254, ["latin5"] = 1254, ["iso-8859-11"] = 874, ["tis-620"] = 874, ["windows-874"] = 874, ["latin2"] = 28592, ["latin-2"] = 28592,
        ["iso-8859-8-i"] = 28598, ["iso-8859-8-e"] = 28598, ["iso-8859-10"] = -10, ["latin6"] = -10, ["l6"] = -10, ["iso-ir-157"] = -10, ["iso-8859-14"] = -14, ["latin8"] = -14, ["l8"] = -14, ["iso-celtic"] = -14, ["iso-8859-16"] = -16, ["latin10"] = -16, ["l10"] = -16,
        ["latin9"] = 28605, ["latin-9"] = 28605,
        ["gb2312"] = 54936, ["gb_2312-80"] = 54936, ["gbk"] = 54936, ["x-gbk"] = 54936, ["cp936"] = 54936, ["ms936"] = 54936, ["windows-936"] = 54936, ["gb18030"] = 54936, ["euc-cn"] = 54936, ["hz-gb-2312"] = 52936,
        ["big5"] = 950, ["big5-hkscs"] = 950, ["x-x-big5"] = 950, ["cn-big5"] = 950, ["big-5"] = 950,
        ["ks_c_5601-1987"] = 949, ["ks_c_5601-1989"] = 949, ["ksc5601"] = 949, ["ksc_5601"] = 949, ["euc-kr"] = 949, ["euckr"] = 949, ["korean"] = 949, ["uhc"] = 949, ["windows-949"] = 949,
        ["shift_jis"] = 932, ["shift-jis"] = 932, ["sjis"] = 932, ["x-sjis"] = 932, ["ms_kanji"] = 932, ["windows-31j"] = 932, ["cp932"] = 932,
        ["euc-jp"] = 51932, ["x-euc-jp"] = 51932, ["eucjp"] = 51932, ["iso-2022-jp"] = 50220, ["iso-2022-jp-1"] = 50220, ["iso-2022-jp-2"] = 50220, ["iso-2022-jp-ms"] = 50220, ["cp50220"] = 50220, ["iso-2022-kr"] = 50225,
        ["koi8"] = 20866, ["koi"] = 20866, ["koi-8"] = 20866, ["macintosh"] = 10000, ["mac"] = 10000, ["x-mac-roman"] = 10000,
        ["utf-16"] = 1200, ["utf-16le"] = 1200, ["utf16"] = 1200, ["unicode"] = 1200, ["ucs-2"] = 1200, ["utf-16be"] = 1201, ["utf-32"] = 12000, ["utf-32le"] = 12000, ["utf-32be"] = 12001,
    };

    public static Encoding Windows1252 { get; } = ByCodePage(1252)!;

    public static UTF8Encoding Utf8 { get; } = new(false, false);

    /// <summary>The encoding of that name, null when it is unknown or refused. UTF-7 is refused: it hides markup from every filter.</summary>
    public static Encoding? Find(string? name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 60)
            return null;
        if (Known.TryGetValue(name, out var encoding))
            return encoding;
        encoding = Resolve(name.Trim(' ', '\t', '"', '\'', ';', ',', '<', '>'));
        // Names come from strangers: the cache is bounded.
        if (Known.Count < MaxCached)
            Known[name] = encoding;
        return encoding;
    }

    /// <summary>True for names that say seven bits, so that 8-bit data under them is mislabelled.</summary>
    public static bool IsAscii(string? name) =>
        name is not null && name.Trim('\'', '"', ' ') is var clean
        && (clean.EndsWith("ascii", StringComparison.OrdinalIgnoreCase) || clean.StartsWith("ansi", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Text of bytes: byte order mark, else the declared charset if it fits, else UTF-8 if it fits, else windows-1252; or, for a <paramref name="body"/>, what its
    /// letters tell. UTF-8 under the label of a charset in which every byte means something is still UTF-8.
    /// </summary>
    public static string Decode(ReadOnlySpan<byte> bytes, string? charset, out DefectKind defect, Encoding? second = null, bool body = false)
    {
        var declared = Find(charset);
        defect = declared is null && !string.IsNullOrWhiteSpace(charset) ? DefectKind.UnknownCharset : DefectKind.None;
        var ascii = IsAscii(charset);
        if (Ascii.IsValid(bytes) && !NeedsDecoding(declared, bytes))
            return body && (declared is null || ascii) && CharsetGuess.IsIso2022Jp(bytes) ? ByCodePage(50220)!.GetString(bytes) : Encoding.ASCII.GetString(bytes);
        if (ByMark(bytes, out var skip) is { } marked)
            return marked.GetString(bytes[skip..]);
        if (ascii)
            defect = DefectKind.WrongCharset;
        if (declared is not null && !ascii && TryDeclared(declared, bytes, body, out var text, out var other))
        {
            defect = other ? DefectKind.WrongCharset : defect;
            return text;
        }
        if (second is not null && TryStrict(second, bytes, out text))
            return text;
        if (Utf8.CodePage != declared?.CodePage && Valid(bytes))
            return Utf8.GetString(bytes);
        if (declared is null || ascii)
            return body ? MixedText.Read(bytes, 2) ?? Guessed(bytes) : Windows1252.GetString(bytes);
        defect = DefectKind.WrongCharset;
        return Lenient(declared, bytes, body);
    }

    public static bool Valid(ReadOnlySpan<byte> bytes) => Utf8Valid(bytes);

    // Text of which every byte fits its label may be another's all the same: UTF-8 hardly ever makes sense by chance, nor do rows of accented letters.
    private static bool TryDeclared(Encoding declared, ReadOnlySpan<byte> bytes, bool body, out string text, out bool other)
    {
        other = true;
        text = "";
        if (declared.CodePage != 65001 && IsPlainlyUtf8(bytes, LeastUtf8(declared)) && (!IsWide(declared) || !bytes.Contains((byte)0)))
        {
            text = Utf8.GetString(bytes);
            return true;
        }
        if (body && OtherThan(declared, bytes) is { } better)
        {
            text = better.GetString(bytes);
            return true;
        }
        if (Windows(declared.CodePage) is > 0 and var windows && bytes.ContainsAnyInRange((byte)0x80, (byte)0x9f))
        {
            text = ByCodePage(windows)!.GetString(bytes);
            return true;
        }
        // What has seven bits has no eighth.
        if (IsSevenBit(declared) && !Ascii.IsValid(bytes))
            return false;
        if (body && declared.CodePage == 1252 && bytes.ContainsAny(Undefined) && MixedText.Read(bytes, 1) is { } mixed)
        {
            text = mixed;
            return true;
        }
        if (body && declared.CodePage == 1252 && (CharsetGuess.IsHardlyWestern(bytes) || bytes.ContainsAny(Undefined)) && CharsetGuess.Of(bytes) is { CodePage: not 1252 } guess)
        {
            text = guess.GetString(bytes);
            return true;
        }
        other = false;
        return TryStrict(declared, bytes, out text);
    }

    // How many characters of UTF-8 are no chance under that label: where each byte is a letter they may be, wide units without NUL are none at all.
    private static int LeastUtf8(Encoding declared) => IsWide(declared) || declared.CodePage is 1252 or 28605 or 1250 or 28592 ? 1 : 4;

    private static bool IsWide(Encoding encoding) => encoding.CodePage is 1200 or 1201 or 12000 or 12001;

    // The charset that was meant where the label's one makes sense of every byte, but none of the text.
    private static Encoding? OtherThan(Encoding declared, ReadOnlySpan<byte> bytes) => declared.CodePage switch
    {
        932 when CharsetGuess.IsEucJp(bytes) => ByCodePage(51932),
        54936 or 950 or 949 or 932 when CharsetGuess.IsWesternUnder(declared, bytes) => Windows1252,
        _ => null,
    };

    private static bool IsSevenBit(Encoding encoding) => encoding.CodePage is 50220 or 50225 or 52936;

    private static bool IsPlainlyUtf8(ReadOnlySpan<byte> bytes, int least)
    {
        if (!Valid(bytes))
            return false;
        var found = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] < 0xC2)
                continue;
            // Controls of the upper half are in no text.
            if (bytes[i] == 0xC2 && bytes[i + 1] < 0xA0)
                return false;
            found += bytes[i] >= 0xE0 ? 2 : 1;
        }
        return found >= least;
    }

    // Where ISO 8859 has controls, the Windows charset of the same languages has the letters that were meant.
    private static int Windows(int codePage) => codePage switch
    {
        28592 => 1250,
        28597 => 1253,
        28598 => 1255,
        28603 => 1257,
        28605 => 1252,
        _ => 0,
    };

    private static string Guessed(ReadOnlySpan<byte> bytes) => CharsetGuess.Of(bytes).GetString(bytes);

    // A few broken characters in text that is otherwise what it says: keep the charset, lose only those.
    private static string Lenient(Encoding declared, ReadOnlySpan<byte> bytes, bool body)
    {
        if (body && IsSevenBit(declared))
            return Guessed(bytes);
        if (declared.CodePage == 65001 && MixedText.Read(bytes, 1) is { } mixed)
            return mixed;
        var text = declared.GetString(bytes);
        int broken = 0, foreign = 0;
        foreach (var c in text)
        {
            if (c == '\uFFFD')
                broken++;
            else if (c > 127)
                foreign++;
        }
        if (body && broken > 2 && CharsetGuess.Of(bytes) is { CodePage: not 1252 } guess && TryStrict(guess, bytes, out var guessed))
            return guessed;
        return foreign > broken * (body ? 5 : 1) ? text : body ? Guessed(bytes) : Windows1252.GetString(bytes);
    }

    private static bool TryStrict(Encoding encoding, ReadOnlySpan<byte> bytes, out string text)
    {
        text = "";
        if (encoding.CodePage == 65001)
        {
            if (!Utf8Valid(bytes))
                return false;
            text = Utf8.GetString(bytes);
            return true;
        }
        text = encoding.GetString(bytes);
        return !text.Contains('\uFFFD');
    }

    private static bool Utf8Valid(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);

    private static Encoding? ByMark(ReadOnlySpan<byte> bytes, out int skip)
    {
        skip = 0;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            skip = 3;
            return Valid(bytes) ? Utf8 : null;
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) && bytes.Length % 2 == 0)
        {
            skip = 2;
            return Find("utf-16le");
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) && bytes.Length % 2 == 0)
        {
            skip = 2;
            return Find("utf-16be");
        }
        return null;
    }

    // ASCII bytes that mean something else: ISO-2022, HZ, and the wide ones, which without NUL are only mislabelled.
    private static bool NeedsDecoding(Encoding? encoding, ReadOnlySpan<byte> bytes) => encoding?.CodePage switch
    {
        50220 or 50225 or 52936 => true,
        1200 or 1201 or 12000 or 12001 => bytes.Contains((byte)0),
        _ => false,
    };

    private static Encoding? Resolve(string name)
    {
        if (Aliases.TryGetValue(name, out var codePage))
            return ByCodePage(codePage);
        if (name.Contains("utf-7", StringComparison.OrdinalIgnoreCase) || name.Contains("utf7", StringComparison.OrdinalIgnoreCase))
            return null;
        if (ByName(name) is { } known)
            return known;
        if (ByName(name.Replace('_', '-')) is { } dashed)
            return dashed;
        var star = name.IndexOf('*', StringComparison.Ordinal);
        if (star > 0)
            return Resolve(name[..star]);
        foreach (var prefix in (ReadOnlySpan<string>)["windows-", "windows", "cp-", "cp", "ibm-", "ibm", "ms-", "ms", "x-cp", "win-", "win"])
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out codePage) && codePage is > 0 and < 65000)
                return ByCodePage(codePage);
        }
        if (name.StartsWith("iso8859", StringComparison.OrdinalIgnoreCase))
            return ByName("iso-8859-" + name[7..].TrimStart('-', '_'));
        return name.StartsWith("utf-8", StringComparison.OrdinalIgnoreCase) ? Utf8 : null;
    }

    private static Encoding? ByName(string name)
    {
        try
        {
            var found = CodePagesEncodingProvider.Instance.GetEncoding(name);
            return found is null ? null : ByCodePage(found.CodePage);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    internal static Encoding? ByCodePage(int codePage) => codePage switch
    {
        65001 => Utf8,
        1200 => new UnicodeEncoding(false, false),
        1201 => new UnicodeEncoding(true, false),
        12000 => new UTF32Encoding(false, false),
        12001 => new UTF32Encoding(true, false),
        -10 => LatinTable.Nordic,
        -14 => LatinTable.Celtic,
        -16 => LatinTable.SouthEastern,
        _ => FromProvider(codePage),
    };

    // Making one costs more than most mails do; there are few that exist.
    private static Encoding? FromProvider(int codePage)
    {
        if (Pages.TryGetValue(codePage, out var known))
            return known;
        try
        {
            var found = CodePagesEncodingProvider.Instance.GetEncoding(codePage, EncoderFallback.ReplacementFallback, Marker);
            return found is null ? null : Pages.GetOrAdd(codePage, found);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
