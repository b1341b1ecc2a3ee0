namespace Ingest.Core.Redaction;

/// <summary>Finds signed and encrypted web tokens (RFC 7515, RFC 7516, RFC 7519): a header that decodes to an object with an algorithm, and what follows it.</summary>
internal static class WebTokens
{
    private const int HeaderRead = 400, WrappedLine = 50;

    /// <summary>Takes the one that begins at a place of a long word; returns where it ends, or 0.</summary>
    internal static int Find(Scan scan, int start, int runEnd)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (!text[start..].StartsWith("ey", StringComparison.Ordinal))
            return 0;
        int headerEnd = Math.Min(runEnd, start + HeaderRead), dot = text[start..headerEnd].IndexOf('.');
        headerEnd = dot < 0 ? headerEnd : start + dot;
        if (!HasAlgorithm(text[start..headerEnd]))
            return 0;
        int at = start, lineStart = start, dots = 0;
        while (at < text.Length)
        {
            char c = text[at];
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_' || (c == '.' && ++dots < 5))
                at++;
            else if (at - lineStart >= WrappedLine && Tokens.NextLine(text, at) is > 0 and int next && IsWrapped(text, next))
                (at, lineStart) = (next, next);
            else
                break;
        }
        while (text[at - 1] is '.' or '-' && at > start + 1)
            at--;
        if (dots == 0)
            return 0;
        scan.Add(FindingType.Secret, start, at, "secret.jwt", 0.99);
        return at;
    }

    // The next line is the token's rest when it has no blank, and more than a word.
    private static bool IsWrapped(ReadOnlySpan<char> text, int at)
    {
        int end = at;
        while (end < text.Length && end - at < 80 && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '-' or '_' or '.'))
            end++;
        return (end == text.Length || text[end] == '\n') && text[at..end].ContainsAnyInRange('0', '9');
    }

    private static bool HasAlgorithm(ReadOnlySpan<char> header)
    {
        Span<char> json = stackalloc char[HeaderRead];
        int length = 0, bits = 0, held = 0;
        foreach (char c in header)
        {
            int value = char.IsAsciiLetterUpper(c) ? c - 'A' : char.IsAsciiLetterLower(c) ? c - 'a' + 26 : char.IsAsciiDigit(c) ? c - '0' + 52 : c is '-' or '+' ? 62 : c is '_' or '/' ? 63 : -1;
            if (value < 0)
                return false;
            (bits, held) = ((bits << 6 | value) & 0xFFFF, held + 6);
            if (held < 8)
                continue;
            held -= 8;
            json[length++] = (char)(bits >> held & 0xFF);
        }
        return length > 0 && json[0] == '{' && ((ReadOnlySpan<char>)json[..length]).Contains("\"alg\"", StringComparison.Ordinal);
    }
}
