namespace Ingest.Core.Redaction;

/// <summary>How a stretch of html is to be read.</summary>
internal enum Reading
{
    /// <summary>Text with character references, as in comments.</summary>
    Plain,
    /// <summary>An attribute of text.</summary>
    Attribute,
    /// <summary>An attribute that is a link: percent escapes are characters too.</summary>
    Link,
    /// <summary>A script: backslash escapes are characters.</summary>
    Script,
    /// <summary>A style sheet.</summary>
    Style,
    /// <summary>A style attribute, in which only strings, links and comments are text.</summary>
    StyleAttribute,
}

/// <summary>Which attributes of html hold something that can be read, and reads them.</summary>
internal static class HtmlAttribute
{
    private const int FewestDigits = 9;

    private static readonly HashSet<string> Texts = new(StringComparer.OrdinalIgnoreCase)
    {
        "abbr", "alt", "caption", "content", "datetime", "description", "label", "name", "placeholder", "pattern", "prompt", "srcdoc", "standby", "summary", "title", "value", "nonce", "text",
        "itemid", "o:title", "string", "start",
    };

    private static readonly HashSet<string> Links = new(StringComparer.OrdinalIgnoreCase)
    {
        "action", "archive", "background", "cite", "code", "codebase", "data", "formaction", "href", "imagesrcset", "longdesc", "manifest", "ping", "poster", "profile", "src", "srcset",
        "usemap", "xlink:href", "xml:base", "o:href",
    };

    /// <summary>How an attribute is read; null for one that holds nothing but markup.</summary>
    internal static Reading? ReadingOf(string name)
    {
        if (Links.Contains(name))
            return Reading.Link;
        if (Texts.Contains(name) || name.StartsWith("aria-", StringComparison.OrdinalIgnoreCase))
            return Reading.Attribute;
        if (name.StartsWith("data-", StringComparison.OrdinalIgnoreCase))
            return Reading.Link;
        if (name.Equals("style", StringComparison.OrdinalIgnoreCase))
            return Reading.StyleAttribute;
        return name.Length > 2 && name.StartsWith("on", StringComparison.OrdinalIgnoreCase) ? Reading.Script : null;
    }

    /// <summary>True when an attribute that only lays out (id, class, width, an unknown one) holds what no layout needs: an address, or about as many digits as cards and accounts have.</summary>
    internal static bool MayHold(ReadOnlySpan<char> value)
    {
        if (value.Contains('@') || value.Contains('&'))
            return true;
        int digits = 0;
        foreach (char c in value)
            if ((digits = char.IsDigit(c) ? digits + 1 : c is '-' or '_' or ' ' or '.' ? digits : 0) >= FewestDigits)
                // What Gmail puts before every name of a mail that is answered.
                return !value.StartsWith("m_");
        return false;
    }

    /// <summary>What is read between two places; null when it is nothing.</summary>
    internal static ReadableText? Read(string html, int start, int end, Reading reading)
    {
        // What a mail brings along is found by its id, which must stay; what is packed in a link is unpacked elsewhere.
        if (reading == Reading.Link && html.AsSpan(start, end - start).TrimStart() is var link
            && (link.StartsWith("cid:", StringComparison.OrdinalIgnoreCase) || link.StartsWith("mid:", StringComparison.OrdinalIgnoreCase) || IsPacked(link)))
            return null;
        ReadableText referenced = Referenced(html, start, end, reading is Reading.Attribute or Reading.Link or Reading.StyleAttribute);
        return reading switch
        {
            Reading.Link => Link(referenced),
            Reading.Script => Escaped(referenced, false),
            Reading.Style => Escaped(referenced, true),
            Reading.StyleAttribute => StyleStrings(referenced),
            Reading.Plain or Reading.Attribute => referenced,
        };
    }

    /// <summary>What the texts in quotes of a spreadsheet's formula make when they are put together; null when there are not several.</summary>
    internal static ReadableText? Literals(string xml, int start, int end)
    {
        ReadableText formula = Referenced(xml, start, end, false);
        var text = new ReadableText.Builder(formula.Letters.Length);
        int quotes = 0;
        for (int i = 0; i < formula.Letters.Length; i++)
            if (formula.Letters[i] == '"')
                quotes++;
            else if (quotes % 2 == 1)
                text.Add(formula.Letters[i], formula.StartOf(i), formula.EndOf(i) - formula.StartOf(i));
        return quotes > 2 ? text.Finish() : null;
    }

    private static bool IsPacked(ReadOnlySpan<char> link) =>
        link.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && link[..Math.Min(link.Length, 200)].IndexOf(";base64,", StringComparison.OrdinalIgnoreCase) > 0;

    private static ReadableText Referenced(string html, int start, int end, bool attribute)
    {
        var text = new ReadableText.Builder(end - start);
        for (int i = start; i < end;)
        {
            if (html[i] == '&')
            {
                i += HtmlCharacter.AddReference(text, html, i, end, attribute);
                continue;
            }
            text.Add(char.IsWhiteSpace(html[i]) ? ' ' : html[i], i, 1);
            i++;
        }
        return text.Finish();
    }

    private static ReadableText Link(ReadableText referenced)
    {
        string letters = referenced.Letters;
        if (letters.AsSpan().IndexOfAny('%', '+') < 0)
            return referenced;
        var text = new ReadableText.Builder(letters.Length);
        bool query = false;
        for (int i = 0; i < letters.Length;)
        {
            char c = letters[i];
            query |= c == '?';
            if (c == '%')
            {
                i += HtmlCharacter.AddPercent(text, letters, i, letters.Length);
                continue;
            }
            // In a query a plus is a blank, but before a value it begins a telephone number.
            text.Add(c == '+' && query && letters[i - 1] is not ('=' or ':') ? ' ' : c, i, 1);
            i++;
        }
        return text.Finish().Over(referenced);
    }

    private static ReadableText Escaped(ReadableText under, bool style)
    {
        string letters = under.Letters;
        if (!letters.Contains('\\'))
            return under;
        var text = new ReadableText.Builder(letters.Length);
        for (int i = 0; i < letters.Length;)
        {
            if (letters[i] == '\\')
            {
                i += HtmlCharacter.AddEscape(text, letters, i, letters.Length, style);
                continue;
            }
            text.Add(letters[i], i, 1);
            i++;
        }
        return text.Finish().Over(under);
    }

    private static ReadableText? StyleStrings(ReadableText referenced)
    {
        string letters = referenced.Letters;
        if (letters.AsSpan().IndexOfAny("\"'(*") < 0)
            return null;
        var text = new ReadableText.Builder(letters.Length);
        char open = '\0';
        for (int i = 0; i < letters.Length;)
        {
            char c = letters[i];
            if (open == '\0')
            {
                open = c switch { '"' or '\'' => c, '(' => ')', '*' when i > 0 && letters[i - 1] == '/' => '/', _ => '\0' };
                if (open != '\0')
                    text.Add(ReadableText.Break, i, 0);
                i++;
                if (open is '"' or '\'' or ')' && IsPacked(letters.AsSpan(i)))
                    i = letters.IndexOf(open, i) is >= 0 and var close ? close : letters.Length;
                continue;
            }
            if (c == open && (c != '/' || letters[i - 1] == '*'))
                (open, i) = ('\0', i + 1);
            else if (c == '\\')
                i += HtmlCharacter.AddEscape(text, letters, i, letters.Length, true);
            else
                text.Add(c, i++, 1);
        }
        return text.IsEmpty ? null : text.Finish().Over(referenced);
    }
}
