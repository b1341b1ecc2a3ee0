namespace Ingest.Core.Redaction;

/// <summary>Finds private keys in the textual form of RFC 7468 and of OpenPGP and PuTTY, also on one line, with \n written out, or quoted. One whose end is missing is covered as far as its lines go.</summary>
internal static class PrivateKeys
{
    private const int Longest = 16_384, FewestLetters = 40, LongestPublic = 4000, FieldLetters = 100, ShortWord = 20;

    /// <summary>Takes the one in whose first line the words "PRIVATE KEY" stand at a place; returns where it ends, or 0.</summary>
    internal static int Find(Scan scan, int words, int afterWords)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (text[afterWords - 1] is 'e' or 'E')
            return Putty(scan, afterWords);
        ReadOnlySpan<char> before = text[Math.Max(0, words - 40)..words];
        int begin = before.LastIndexOf("-----BEGIN ", StringComparison.Ordinal);
        if (begin < 0)
            return 0;
        int start = Math.Max(0, words - 40) + begin;
        int body = text[afterWords..Math.Min(text.Length, afterWords + 20)].IndexOf("-----", StringComparison.Ordinal);
        if (body < 0)
            return 0;
        body += afterWords + 5;
        int end = End(text, body, out int letters);
        if (letters < FewestLetters || Placeholder.IsMade(text[body..Math.Min(end, body + 120)]))
            return 0;
        scan.Add(FindingType.Secret, start, end, "secret.privatekey", 0.99);
        return end;
    }

    // The lines of base64 after "Private-Lines: 14", up to the field that follows.
    private static int Putty(Scan scan, int from)
    {
        ReadOnlySpan<char> text = scan.Text;
        int field = text[from..Math.Min(text.Length, from + LongestPublic)].IndexOf("Private-Lines:", StringComparison.OrdinalIgnoreCase);
        int line = field < 0 ? -1 : text[(from + field)..].IndexOf('\n');
        if (line < 0)
            return 0;
        int start = from + field + line + 1, end = start, last = start;
        for (; end < text.Length && end - start < Longest; end++)
        {
            if (TokenLetters.Base64.Contains(text[end]))
                last = end + 1;
            else if (text[end] is not ('\n' or ' ' or '>' or '|'))
                break;
        }
        // The name of the next field is made of the same letters.
        if (end < text.Length && text[end] is '-' or ':' && text[start..last].LastIndexOf('\n') is > 0 and int lines)
            last = start + text.Slice(start, lines).TrimEnd().Length;
        while (start < last && !TokenLetters.Base64.Contains(text[start]))
            start++;
        if (last - start < FewestLetters)
            return 0;
        scan.Add(FindingType.Secret, start, last, "secret.privatekey", 0.99);
        return last;
    }

    // The body's own letters are the only ones in it, so the first line of prose ends it, and the work is no more than its length.
    private static int End(ReadOnlySpan<char> text, int body, out int letters)
    {
        letters = 0;
        int last = body, word = 0, longest = 0;
        for (int i = body; i < text.Length && i - body < Longest; i++)
        {
            char c = text[i];
            if (c == '-' && text[i..].StartsWith("-----END", StringComparison.Ordinal))
            {
                int close = text[(i + 8)..Math.Min(text.Length, i + 60)].IndexOf("-----", StringComparison.Ordinal);
                return close < 0 ? i : i + 8 + close + 5;
            }
            if (char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '=')
            {
                (letters, last, word, longest) = (letters + 1, i + 1, word + 1, Math.Max(longest, word + 1));
                continue;
            }
            // Fields such as "Proc-Type: 4,ENCRYPTED" and "Version:" may come first; marks of quoting and written-out line ends may come everywhere.
            bool prose = c == ' ' && word is > 0 and < ShortWord;
            if (letters > FieldLetters && (prose || (c == '\n' && word == 0 && text[i - 1] == '\n')))
                return prose ? text[..(i - word)].TrimEnd().Length : last;
            word = 0;
            if (!(char.IsWhiteSpace(c) || c is '\\' or '>' or '|' or '"' or '\'' or ',' or ':' or '-' or '.' or '(' or ')' or ReadableText.Break))
                break;
        }
        // Without an end, a line of a key must be there.
        letters = longest < ShortWord ? 0 : letters;
        return last;
    }
}
