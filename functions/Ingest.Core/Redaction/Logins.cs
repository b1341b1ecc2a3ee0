using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>Finds links with a password in them (RFC 3986 section 3.2.1) and signatures of shared access in their queries. The whole link is covered.</summary>
internal static class Logins
{
    private const int LongestLogin = 256, LongestLink = 2048;
    private static readonly SearchValues<char> LoginEnds = SearchValues.Create("@/ \n\t\"'<>\v\u0001?");
    private static readonly SearchValues<char> LinkEnds = SearchValues.Create(" \n\t\"'<>\v\u0001`|");

    /// <summary>All of them.</summary>
    internal static void Find(Scan scan)
    {
        if (!scan.Wants(FindingType.Secret)) return;
        ReadOnlySpan<char> text = scan.Text;
        for (int i = 0, at; i < text.Length && (at = text[i..].IndexOf("://", StringComparison.Ordinal)) >= 0;)
        {
            i += at;
            i = Math.Max(i + 3, One(scan, i));
        }
        LoginPairs.Find(scan);
    }

    private static int One(Scan scan, int colon)
    {
        ReadOnlySpan<char> text = scan.Text;
        int user = colon + 3, length = text[user..Math.Min(text.Length, user + LongestLogin)].IndexOfAny(LoginEnds);
        if (length <= 0 || text[user + length] != '@')
            return 0;
        ReadOnlySpan<char> login = text.Slice(user, length);
        int separator = login.IndexOf(':');
        if (separator < 0 || separator == login.Length - 1)
            return 0;
        ReadOnlySpan<char> password = login[(separator + 1)..];
        // A second sign means that the password holds one.
        int at = user + length, host = text[(at + 1)..Math.Min(text.Length, at + 1 + LongestLogin)].IndexOfAny(LoginEnds);
        if (host == 0)
            return 0;
        int start = colon;
        while (start > 0 && colon - start < 24 && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '+' or '.' or '-'))
            start--;
        int end = LinkEnd(text, at + 1);
        if (start == colon || Placeholder.IsMade(password) || password.IndexOf('[') >= 0)
            return 0;
        bool open = login.StartsWith("anonymous:", StringComparison.OrdinalIgnoreCase) || login.StartsWith("guest:", StringComparison.OrdinalIgnoreCase) || login.StartsWith("ftp:", StringComparison.OrdinalIgnoreCase);
        scan.Add(FindingType.Secret, start, end, "secret.link", open ? 0.3 : 0.97);
        return end;
    }

    /// <summary>Where a link ends, without the signs of the sentence around it.</summary>
    internal static int LinkEnd(ReadOnlySpan<char> text, int from)
    {
        int length = text[from..Math.Min(text.Length, from + LongestLink)].IndexOfAny(LinkEnds);
        int end = length < 0 ? Math.Min(text.Length, from + LongestLink) : from + length;
        while (end > from && text[end - 1] is '.' or ',' or ';' or ':' or ')' or ']' or '!' or '?' or '}')
            end--;
        return end;
    }
}
