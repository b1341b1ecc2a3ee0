using System.Text;

namespace Ingest.Core.Spam;

/// <summary>How a text is written, beside its words.</summary>
internal struct TextFacts
{
    /// <summary>Words and numbers, as far as they were read.</summary>
    public int Words;
    /// <summary>Letters, and capitals among them.</summary>
    public int Letters, Capitals;
    /// <summary>Words that mix Latin letters with look-alikes of other scripts, or are set in mathematical letters.</summary>
    public int Disguised;
    /// <summary>Invisible characters inside words.</summary>
    public int Hidden;
    /// <summary>Words of single letters with gaps: v i a g r a.</summary>
    public int Spaced;
    /// <summary>Words with digits in the place of letters: v1agra.</summary>
    public int Digits;
    /// <summary>Sums of money, and those of a million or more.</summary>
    public int Sums, LargeSums;
    /// <summary>Web addresses in the text.</summary>
    public int Links;
    /// <summary>Mail addresses in the text.</summary>
    public int Addresses;
    /// <summary>Addresses of crypto-currency wallets.</summary>
    public int Wallets;
    /// <summary>Exclamation marks and pictographs.</summary>
    public int Exclamations, Pictographs;
}

/// <summary>Reads words out of a text as a person would: lower case, look-alike letters made plain, invisible ones left out, numbers by their length. One pass, no allocation.</summary>
internal sealed class TextReading(FeatureBuilder features, FeatureGroup words, FeatureGroup pairs)
{
    private const int MostWords = 700;
    private const int LongestWord = 24;
    private const int SpacedFrom = 4;
    // Room in each group for what is no word of its own.
    private const string Number = "#", Link = "#link", Address = "#address", Sum = "#sum", Long = "#long";

    private TextFacts _facts;
    private uint _last;
    private int _singles;
    private uint _singlesHash = 2166136261;

    /// <summary>Reads a text and says how it is written.</summary>
    public TextFacts Read(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && _facts.Words < MostWords)
        {
            int start = text.IndexOfAnyExcept(s_blanks);
            if (start < 0) break;
            text = text[start..];
            int end = text.IndexOfAny(s_blanks);
            ReadChunk(end < 0 ? text : text[..end]);
            text = end < 0 ? [] : text[end..];
        }

        EndSingles();
        return _facts;
    }

    private void ReadChunk(ReadOnlySpan<char> chunk)
    {
        chunk = chunk.TrimStart("<(\"'[*_");
        if ((chunk.StartsWith("http", StringComparison.OrdinalIgnoreCase) && chunk.Contains("://", StringComparison.Ordinal)) || chunk.StartsWith("www.", StringComparison.OrdinalIgnoreCase))
        {
            _facts.Links++;
            AddToken(FeatureBuilder.Hash(Link));
        }
        else if (chunk.IndexOf('@') is > 0 and int at && chunk[at..].IndexOf('.') > 0)
        {
            _facts.Addresses++;
            AddToken(FeatureBuilder.Hash(Address));
        }
        else
        {
            _facts.Wallets += IsWallet(chunk.TrimEnd(".,;:)>]\"'")) ? 1 : 0;
            ReadWords(chunk);
        }
    }

    private void ReadWords(ReadOnlySpan<char> chunk)
    {
        Span<char> word = stackalloc char[LongestWord];
        WordShape shape = default;
        bool money = false;
        for (int i = 0; i < chunk.Length; i++)
        {
            char c = chunk[i];
            if (char.IsSurrogate(c))
            {
                Rune.DecodeFromUtf16(chunk[i..], out Rune rune, out int consumed);
                i += consumed - 1;
                char plain = LookAlikes.Plain(rune);
                _facts.Pictographs += rune.Value is >= 0x1F300 and <= 0x1FAFF ? 1 : 0;
                if (plain == '\0') EndWord(word, ref shape, ref money);
                else shape.Add(word, plain, fancy: true);
            }
            else if (char.IsLetterOrDigit(c))
            {
                if (LookAlikes.IsUnspaced(c)) AddUnspaced(c, ref shape, word, ref money);
                else ReadLetter(c, word, ref shape);
            }
            else if (LookAlikes.IsInvisible(c))
                _facts.Hidden += shape.Length > 0 && i + 1 < chunk.Length && char.IsLetter(chunk[i + 1]) ? 1 : 0;
            else if (c is '@' or '$' && shape.Length > 0 && i + 1 < chunk.Length && char.IsAsciiLetter(chunk[i + 1]))
                shape.AddDigit(word, c);
            else if (c is '\'' or '’' or '\u0301' or '\u0300' or '\u0308' || (c is '.' or ',' && shape.IsNumber && i + 1 < chunk.Length && char.IsAsciiDigit(chunk[i + 1])))
                continue;
            else
            {
                EndWord(word, ref shape, ref money);
                money |= c is '$' or '€' or '£' or '¥' or '₦' or '₹';
                _facts.Exclamations += c is '!' or '！' ? 1 : 0;
                _facts.Pictographs += c is >= '\u2600' and <= '\u27BF' ? 1 : 0;
            }
        }

        EndWord(word, ref shape, ref money);
    }

    private void ReadLetter(char c, Span<char> word, ref WordShape shape)
    {
        if (char.IsAsciiDigit(c)) shape.AddDigit(word, c);
        else
        {
            _facts.Letters++;
            _facts.Capitals += char.IsUpper(c) ? 1 : 0;
            char lower = char.IsAscii(c) ? (char)(c | 0x20) : char.ToLowerInvariant(c);
            shape.Add(word, LookAlikes.WithoutWidth(lower), fancy: false);
        }
    }

    // Scripts without blanks: every two neighbours are a word.
    private void AddUnspaced(char c, ref WordShape shape, Span<char> word, ref bool money)
    {
        EndWord(word, ref shape, ref money, keepLast: true);
        uint hash = FeatureBuilder.Hash([c]);
        if (_last != 0) features.Add(words, FeatureBuilder.Mix(_last, hash));
        _last = hash;
        _facts.Words++;
    }

    private void EndWord(Span<char> word, ref WordShape shape, ref bool money, bool keepLast = false)
    {
        if (shape.Length == 0) return;
        ReadOnlySpan<char> plain = shape.Finish(word, ref _facts);
        if (shape.Length == 1 && char.IsLetter(plain[0]))
        {
            _singlesHash = (_singlesHash ^ plain[0]) * 16777619;
            _singles++;
        }
        else EndSingles();

        if (shape.IsNumber)
        {
            _facts.Sums += money ? 1 : 0;
            _facts.LargeSums += money && shape.Length >= 7 ? 1 : 0;
            AddToken(FeatureBuilder.Mix(FeatureBuilder.Hash(money ? Sum : Number), (uint)Math.Min(shape.Length, 8)));
        }
        else AddToken(shape.Length > LongestWord ? FeatureBuilder.Hash(Long) : FeatureBuilder.Hash(plain));
        if (keepLast) _last = 0;
        money = false;
        shape = default;
    }

    private void EndSingles()
    {
        if (_singles >= SpacedFrom)
        {
            _facts.Spaced++;
            features.Add(words, _singlesHash);
        }

        (_singles, _singlesHash) = (0, 2166136261);
    }

    private void AddToken(uint hash)
    {
        _facts.Words++;
        features.Add(words, hash);
        if (_last != 0) features.Add(pairs, FeatureBuilder.Mix(_last, hash));
        _last = hash;
    }

    // Bitcoin (base58 or bech32), Ethereum, Tron: long, with digits and letters of both kinds or a known start.
    private static bool IsWallet(ReadOnlySpan<char> word)
    {
        if (word.Length is < 26 or > 64 || word.ContainsAnyExcept(s_alphanumeric)) return false;
        if (word.Length == 42 && word.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) return word[2..].IndexOfAnyExcept(s_hex) < 0;
        if (word.StartsWith("bc1", StringComparison.OrdinalIgnoreCase)) return word.ContainsAnyInRange('0', '9');
        return word.Length is >= 26 and <= 35 && word[0] is '1' or '3' or 'T' && word.ContainsAnyInRange('a', 'z') && word.ContainsAnyInRange('A', 'Z') && word[1..].ContainsAnyInRange('2', '9');
    }

    private static readonly System.Buffers.SearchValues<char> s_blanks = System.Buffers.SearchValues.Create(" \n\r\t\u00A0");
    private static readonly System.Buffers.SearchValues<char> s_alphanumeric = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly System.Buffers.SearchValues<char> s_hex = System.Buffers.SearchValues.Create("ABCDEFabcdef0123456789");
}
