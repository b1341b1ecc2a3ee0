namespace Ingest.Core.Redaction;

/// <summary>
/// Reads plain text as it is, and what mail programs make of other forms a second time: links as what their percent escapes stand for, lines with marks of emphasis without
/// them, and text with tags in it as html.
/// </summary>
internal static class PlainText
{
    private const int LongestName = 40, Overlap = 16 << 10;

    /// <summary>The length from which on a text is read in pieces.</summary>
    internal const int Piece = 2 << 20;

    /// <summary>True when the text has more than one reading.</summary>
    internal static bool HasForms(ReadOnlySpan<char> text) => HasEscapes(text) || HasTags(text) || HasEmphasis(text);

    private static bool HasEscapes(ReadOnlySpan<char> text)
    {
        for (int at; (at = text.IndexOf('%')) >= 0; text = text[(at + 1)..])
            if (at + 2 < text.Length && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]))
                return true;
        return false;
    }

    internal static RedactedText Mask(MaskedText mask, string text)
    {
        // A long text is read in pieces that overlap, so that what is remembered of one does not grow with it.
        for (int at = 0; ; at += Piece - Overlap)
        {
            string piece = text.Length <= Piece ? text : text.Substring(at, Math.Min(Piece, text.Length - at));
            Cover(mask, piece, at);
            if (at + piece.Length >= text.Length)
                return mask.Finish();
        }
    }

    private static void Cover(MaskedText mask, string text, int place)
    {
        mask.Cover(ReadableText.FromPlain(text).From(place));
        CoverForms(mask, text, place);
    }

    /// <summary>Covers what is found in the text read in its other forms; it begins at a place of the source.</summary>
    internal static void CoverForms(MaskedText mask, string text, int place = 0)
    {
        if (HasEscapes(text))
            mask.Cover(Unescaped(text).From(place));
        if (HasEmphasis(text))
            mask.Cover(Unemphasized(text).From(place));
        if (HasTags(text))
            foreach (ReadableText part in HtmlText.Split(text))
                mask.Cover(part.From(place));
    }

    // <b>, </b>, <br/>, <a href=…>; not <ada@shop.example>.
    private static bool HasTags(ReadOnlySpan<char> text)
    {
        for (int at; (at = text.IndexOf('<')) >= 0; text = text[(at + 1)..])
        {
            ReadOnlySpan<char> tag = text[(at + 1)..];
            tag = tag is ['/', ..] ? tag[1..] : tag;
            int end = 0;
            while (end < tag.Length && end < LongestName && (char.IsAsciiLetterOrDigit(tag[end]) || tag[end] is '_' or '-'))
                end++;
            if (end > 0 && end < tag.Length && char.IsAsciiLetter(tag[0]) && (tag[end] is '>' or '/' || char.IsWhiteSpace(tag[end])))
                return true;
        }
        return false;
    }

    private static bool HasEmphasis(ReadOnlySpan<char> text)
    {
        for (int i = 0, at; i < text.Length && (at = text[i..].IndexOfAny('*', '_')) >= 0; i++)
        {
            i += at;
            if (IsEmphasis(text, i))
                return true;
        }
        return false;
    }

    // At the edge of a word; a star also within one, where names have underscores.
    private static bool IsEmphasis(ReadOnlySpan<char> text, int at)
    {
        char mark = text[at];
        if (mark is not ('*' or '_'))
            return false;
        bool before = at > 0 && (char.IsLetterOrDigit(text[at - 1]) || text[at - 1] == mark);
        bool after = at + 1 < text.Length && (char.IsLetterOrDigit(text[at + 1]) || text[at + 1] == mark);
        return mark == '*' ? before || after : before != after;
    }

    // Only lines that have some.
    private static ReadableText Unemphasized(string text)
    {
        var read = new ReadableText.Builder(256);
        for (int i = 0, end; i < text.Length; i = end + 1)
        {
            end = text.IndexOf('\n', i);
            end = end < 0 ? text.Length : end;
            if (!HasEmphasis(text.AsSpan(i, end - i)))
                continue;
            for (int at = i; at < end; at++)
                if (!IsEmphasis(text, at))
                    read.Add(text[at], at, 1);
            read.Add('\n', end, end < text.Length ? 1 : 0);
        }
        return read.Finish();
    }

    /// <summary>Masks a file name: as it is, and once more with its extension as a word of its own, which the end of a number or address would else run into.</summary>
    internal static RedactedText MaskName(MaskedText mask, string name)
    {
        int dot = name.LastIndexOf('.');
        mask.Cover(ReadableText.FromPlain(name));
        if (dot > 0)
            mask.Cover(ReadableText.FromPlain(string.Concat(name.AsSpan(0, dot), " ", name.AsSpan(dot + 1))));
        return mask.Finish();
    }

    // Only the words with escapes in them, so that nothing else is read twice.
    private static ReadableText Unescaped(string text)
    {
        var read = new ReadableText.Builder(256);
        for (int i = 0; i < text.Length;)
        {
            int end = i;
            while (end < text.Length && !char.IsWhiteSpace(text[end]))
                end++;
            if (HasEscapes(text.AsSpan(i, end - i)))
            {
                while (i < end)
                {
                    if (text[i] == '%')
                    {
                        i += HtmlCharacter.AddPercent(read, text, i, end);
                        continue;
                    }
                    read.Add(text[i], i, 1);
                    i++;
                }
                read.Add('\n', end, 0);
            }
            i = end + 1;
        }
        return read.Finish();
    }
}
