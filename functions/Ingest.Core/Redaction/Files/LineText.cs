namespace Ingest.Core.Redaction.Files;

/// <summary>Which lines of a calendar or of contact cards are read.</summary>
internal enum LinePart
{
    /// <summary>What somebody wrote.</summary>
    Content,
    /// <summary>What a program wrote about the file, whose words say nothing about what stands below.</summary>
    Form,
    /// <summary>Values that are html, as they are seen.</summary>
    Html,
}

/// <summary>Reads text whose lines have a form: tables of separated values, calendars and contact cards. What gives them their form stays.</summary>
internal static class LineText
{
    private const int LongestReference = 12;
    private static readonly HashSet<string> Form = new(StringComparer.OrdinalIgnoreCase) { "BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "METHOD", "REV", "UID", "DTSTAMP", "SEQUENCE" };

    /// <summary>A table (RFC 4180 and its relatives): separators and quotes stay, so that columns do.</summary>
    internal static ReadableText Delimited(string table)
    {
        var text = new ReadableText.Builder(table.Length);
        for (int i = 0; i < table.Length; i++)
            text.Add(table[i], i, table[i] is ',' or ';' or '\t' or '|' or '"' or '\n' or '\r' ? 0 : 1);
        return text.Finish();
    }

    /// <summary>A calendar (RFC 5545) or contact cards (RFC 6350, vCard 2.1): folds are nothing, escapes and quoted-printable are characters. What is packed in base64 is not read, and said in <paramref name="unread"/>. </summary>
    internal static ReadableText Calendar(string lines, LinePart part, out UnreadReason unread)
    {
        var text = new ReadableText.Builder(lines.Length);
        unread = UnreadReason.None;
        for (int i = 0; i < lines.Length;)
        {
            int colon = NameEnd(lines, i);
            string name = lines[i..colon];
            bool base64 = IsBase64(name), quoted = name.Contains("QUOTED-PRINTABLE", StringComparison.OrdinalIgnoreCase);
            if (base64 && unread != UnreadReason.Embedded)
                unread = IsPicture(name) ? UnreadReason.Image : UnreadReason.Embedded;
            bool read = part == LinePart.Html ? name.Contains("text/html", StringComparison.OrdinalIgnoreCase) : Form.Contains(name) == (part == LinePart.Form);
            i = Line(lines, i, colon, read ? text : new ReadableText.Builder(4), base64, quoted, part == LinePart.Html);
        }
        return text.Finish();
    }

    private static bool IsPicture(string name) => name.StartsWith("PHOTO", StringComparison.OrdinalIgnoreCase) || name.StartsWith("LOGO", StringComparison.OrdinalIgnoreCase);

    private static bool IsBase64(string name) =>
        name.Contains("ENCODING=B;", StringComparison.OrdinalIgnoreCase) || name.EndsWith("ENCODING=B", StringComparison.OrdinalIgnoreCase) || name.Contains("BASE64", StringComparison.OrdinalIgnoreCase);

    // Names and parameters end at the first colon outside of quotes; a line without one has none.
    private static int NameEnd(string lines, int start)
    {
        bool inside = false;
        for (int i = start; i < lines.Length; i++)
        {
            if (lines[i] == '\n' && (i + 1 == lines.Length || lines[i + 1] is not (' ' or '\t')))
                return i;
            if (lines[i] == '"')
                inside = !inside;
            else if (lines[i] == ':' && !inside)
                return i;
        }
        return lines.Length;
    }

    private static int Line(string lines, int i, int colon, ReadableText.Builder text, bool base64, bool quoted, bool html)
    {
        bool inTag = false;
        while (i < lines.Length)
        {
            char c = lines[i];
            int lineBreak = c == '\n' ? 1 : c == '\r' && i + 1 < lines.Length && lines[i + 1] == '\n' ? 2 : 0;
            bool value = i > colon;
            if (lineBreak > 0)
            {
                int next = i + lineBreak;
                if (next < lines.Length && lines[next] is ' ' or '\t')
                    i = next + 1;
                else if (quoted && value && lines[i - 1] == '=')
                    i = next;
                else
                {
                    text.Add('\n', i, 0);
                    return next;
                }
                continue;
            }
            if (value && html && (inTag || c == '<'))
            {
                inTag = c != '>';
                // Only elements that lay out words within a line divide none.
                if (c == '<' && !IsInline(lines.AsSpan(i + 1)))
                    text.Add('\n', i, 0);
                i++;
            }
            else if (value && html && c == '&')
                i += Reference(text, lines, i);
            else if (value && base64)
                i++;
            else if (value && quoted && c == '=')
                i += QuotedPrintable(text, lines, i);
            else if (value && c == '\\' && i + 1 < lines.Length && lines[i + 1] is ',' or ';' or '\\' or 'n' or 'N')
            {
                text.Add(lines[i + 1] is 'n' or 'N' ? '\n' : lines[i + 1], i, 2);
                i += 2;
            }
            else
            {
                text.Add(c, i, c is ';' or ':' or '"' ? 0 : 1);
                i++;
            }
        }
        return i;
    }

    private static bool IsInline(ReadOnlySpan<char> tag)
    {
        tag = tag.TrimStart('/');
        int end = 0;
        while (end < tag.Length && end < 8 && char.IsAsciiLetter(tag[end]))
            end++;
        return tag[..end].ToString().ToLowerInvariant() is "a" or "b" or "i" or "u" or "s" or "em" or "strong" or "span" or "font" or "small" or "big" or "sub" or "sup" or "wbr";
    }

    // The semicolon may be escaped.
    private static int Reference(ReadableText.Builder text, string lines, int i)
    {
        int escaped = lines.IndexOf("\\;", i, Math.Min(LongestReference, lines.Length - i), StringComparison.Ordinal);
        if (escaped < 0 || lines.AsSpan(i, escaped - i).ContainsAny(' ', '\n', ';'))
            return HtmlCharacter.AddReference(text, lines, i, Math.Min(lines.Length, i + LongestReference), false);
        var reference = new ReadableText.Builder(4);
        HtmlCharacter.AddReference(reference, string.Concat(lines.AsSpan(i, escaped - i), ";"), 0, escaped - i + 1, false);
        text.Add(reference.Finish().Letters, i, escaped + 2 - i);
        return escaped + 2 - i;
    }

    private static int QuotedPrintable(ReadableText.Builder text, string lines, int i)
    {
        if (i + 1 < lines.Length && lines[i + 1] is '\r' or '\n')
            return 1;
        var escape = new ReadableText.Builder(4);
        // The same escapes as in links, with another sign.
        int end = i;
        while (end + 2 < lines.Length && end - i < 12 && lines[end] == '=' && char.IsAsciiHexDigit(lines[end + 1]) && char.IsAsciiHexDigit(lines[end + 2]))
            end += 3;
        int length = HtmlCharacter.AddPercent(escape, lines[i..end].Replace('=', '%'), 0, end - i);
        if (end == i)
        {
            text.Add('=', i, 1);
            return 1;
        }
        text.Add(escape.Finish().Letters, i, length);
        return length;
    }
}
