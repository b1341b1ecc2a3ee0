namespace Ingest.Mail.Text;

/// <summary>Finds attributes in what stands between a tag's name and its end.</summary>
internal static class HtmlAttributes
{
    /// <summary>The decoded value of the first attribute of that name in lower case, null when absent.</summary>
    public static string? Find(ReadOnlySpan<char> attributes, ReadOnlySpan<char> name)
    {
        var position = 0;
        while (Next(attributes, ref position, out var found, out var value))
        {
            if (found.Equals(name, StringComparison.OrdinalIgnoreCase))
                return HtmlEntities.Decode(value, true);
        }
        return null;
    }

    /// <summary>True when there is an attribute of that name.</summary>
    public static bool Has(ReadOnlySpan<char> attributes, ReadOnlySpan<char> name)
    {
        var position = 0;
        while (Next(attributes, ref position, out var found, out _))
        {
            if (found.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>Reads the next attribute; the value is as written, empty when there is none.</summary>
    public static bool Next(ReadOnlySpan<char> text, scoped ref int position, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        value = default;
        while (position < text.Length && (char.IsWhiteSpace(text[position]) || text[position] is '/' or '"' or '\'' or '='))
            position++;
        var start = position;
        while (position < text.Length && !char.IsWhiteSpace(text[position]) && text[position] is not ('=' or '/'))
            position++;
        name = text[start..position];
        SkipSpace(text, ref position);
        if (position < text.Length && text[position] == '=')
        {
            position++;
            SkipSpace(text, ref position);
            value = Value(text, ref position);
        }
        return !name.IsEmpty;
    }

    private static ReadOnlySpan<char> Value(ReadOnlySpan<char> text, scoped ref int position)
    {
        if (position >= text.Length)
            return default;
        var start = position;
        if (text[position] is '"' or '\'')
        {
            var close = text[(position + 1)..].IndexOf(text[position]);
            position = close < 0 ? text.Length : position + close + 2;
            return close < 0 ? text[(start + 1)..] : text.Slice(start + 1, close);
        }
        while (position < text.Length && !char.IsWhiteSpace(text[position]))
            position++;
        return text[start..position];
    }

    private static void SkipSpace(ReadOnlySpan<char> text, ref int position)
    {
        while (position < text.Length && char.IsWhiteSpace(text[position]))
            position++;
    }
}
