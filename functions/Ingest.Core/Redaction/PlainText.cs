namespace Ingest.Core.Redaction;

/// <summary>Reads plain text as it is, and the links in it a second time as what their percent escapes stand for.</summary>
internal static class PlainText
{
    /// <summary>True when a percent escape stands in the text.</summary>
    internal static bool HasEscapes(ReadOnlySpan<char> text)
    {
        for (int at; (at = text.IndexOf('%')) >= 0; text = text[(at + 1)..])
            if (at + 2 < text.Length && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]))
                return true;
        return false;
    }

    internal static RedactedText Mask(MaskedText mask, string text)
    {
        mask.Cover(ReadableText.FromPlain(text));
        if (HasEscapes(text))
            CoverEscapes(mask, text);
        return mask.Finish();
    }

    /// <summary>Covers what is found in words with percent escapes once these are read.</summary>
    internal static void CoverEscapes(MaskedText mask, string text) => mask.Cover(Unescaped(text));

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
