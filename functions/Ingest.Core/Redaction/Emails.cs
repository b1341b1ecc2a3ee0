using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>
/// Finds e-mail addresses (RFC 5322, RFC 6531): plain ones, quoted local parts, addresses in links with %40, and those spelled out against robots ("name (at) example (dot) com").
/// Not the mailbox's own, and at usual confidence no Message-IDs and content ids, which look alike.
/// </summary>
internal static class Emails
{
    private const int LongestLocal = 64;
    private static readonly SearchValues<char> Local = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%*+-.^_'`{|}~");

    private static readonly SearchValues<char> HexOrPoint = SearchValues.Create("0123456789abcdefABCDEF."), Stamp = SearchValues.Create("0123456789.-_");

    /// <summary>All of them.</summary>
    internal static void Find(Scan scan)
    {
        if (!scan.Wants(FindingType.Email)) return;
        ReadOnlySpan<char> text = scan.Text;
        for (int i = 0, at; i < text.Length && (at = text[i..].IndexOf('@')) >= 0;)
        {
            i += at;
            i = Math.Max(i + 1, At(scan, i, i + 1));
        }
        for (int i = 0, at; i < text.Length && (at = text[i..].IndexOf("%40", StringComparison.Ordinal)) >= 0;)
        {
            i += at;
            i = Math.Max(i + 3, At(scan, i, i + 3));
        }
        SpelledEmails.Find(scan);
    }

    // What stands before and after the sign; a line may be wrapped beside it.
    private static int At(Scan scan, int sign, int after)
    {
        ReadOnlySpan<char> text = scan.Text;
        scan.HasSpaced |= SpacedSigns.IsAlone(text, sign, after);
        if (sign > 1 && text[sign - 1] == ' ' && after + 1 < text.Length && text[after] == ' ')
            return SpelledEmails.Apart(scan, sign - 1, after + 1);
        int localEnd = sign > 1 && text[sign - 1] == '\n' ? sign - 1 : sign, domain = after + 1 < text.Length && text[after] == '\n' && Tokens.NextLine(text, after) is > 0 and int line ? line : after;
        bool wrapped = localEnd != sign || domain != after;
        int start = LocalStart(text, localEnd);
        if (start == localEnd)
            return 0;
        int end = EmailDomain.End(text, domain, out double confidence);
        // A quoted line was wrapped within the domain.
        if (end > 0 && confidence < 0.5 && end + 1 < text.Length && text[end] == '\n' && text[end + 1] == '>' && Tokens.NextLine(text, end) is > 0 and int rest
            && EmailDomain.End(text, rest, out double known) is > 0 and int whole && known > 0.9)
            (end, confidence, wrapped) = (whole, known, true);
        if (end == 0 || (wrapped && confidence < 0.9) || IsUserOfLink(text, start))
            return 0;
        // A line that ends in a domain is not continued by the next one.
        if (wrapped)
            confidence = 0.7;
        if (confidence > 0.5 && IsOfProgram(text, start, sign, end))
            confidence = 0.2;
        if (confidence > 0.5 && IsMessageId(text, start, sign, end))
            confidence = 0.3;
        Add(scan, start, end, text[start..localEnd], text[domain..end], confidence, "email");
        return end;
    }

    /// <summary>Adds an address unless it is our own.</summary>
    internal static void Add(Scan scan, int start, int end, ReadOnlySpan<char> local, ReadOnlySpan<char> domain, double confidence, string rule)
    {
        if (confidence < scan.Policy.LeastConfidence(FindingType.Email))
            return;
        if (scan.Tools.IsOwnAddress is { } own && own(string.Concat(local, "@", domain).ToLowerInvariant()))
            return;
        scan.Add(FindingType.Email, start, end, rule, confidence);
    }

    private static int LocalStart(ReadOnlySpan<char> text, int end)
    {
        if (end > 0 && text[end - 1] == '"')
            return QuotedStart(text, end);
        int start = end, first = Math.Max(0, end - LongestLocal);
        while (start > first && IsLocal(text[start - 1]))
            start--;
        // A returned mail's address carries another one: name=example.org@lists.example.com.
        if (start > first && text[start - 1] == '=' && EmailDomain.IsKnown(text[start..end]))
            for (start--; start > first && IsLocal(text[start - 1]);)
                start--;
        while (start < end && text[start] is '.' or '\'' or '`' or '{' or '|' or '}' or '*' or '~' or '^' or '%' or '!' or '#' or '$' or '-')
            start++;
        // Telephone companies of Japan gave out addresses with a point before the sign.
        return start < end - 1 && text[end - 1] == '.' && text[end - 2] == '.' ? end : start;
    }

    private static bool IsLocal(char c) => c < 128 ? Local.Contains(c) : char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    private static int QuotedStart(ReadOnlySpan<char> text, int end)
    {
        for (int i = end - 2; i >= 0 && end - i <= LongestLocal && text[i] is not ('\n' or ReadableText.Break); i--)
            if (text[i] == '"' && (i == 0 || text[i - 1] != '\\'))
                return i < end - 2 && (!text[i..end].Contains('@') || !text[i..end].Contains(' ')) ? i : end;
        return end;
    }

    // name:password@host of a link is a secret; ssh://git@host is nobody's address.
    private static bool IsUserOfLink(ReadOnlySpan<char> text, int start) =>
        (start > 2 && text[(start - 3)..start] is "://") || (start > 3 && text[start - 1] == ':' && !text[Math.Max(0, start - 7)..start].EndsWith("mailto:", StringComparison.OrdinalIgnoreCase) && LinkBefore(text, start - 1));

    private static bool LinkBefore(ReadOnlySpan<char> text, int colon)
    {
        ReadOnlySpan<char> before = text[Math.Max(0, colon - LongestLocal)..colon];
        int scheme = before.LastIndexOf("://");
        return scheme >= 0 && !before[scheme..].ContainsAny(' ', '\n', '@');
    }

    // git@host:path is a repository; image001.png@01DA7456.ABCDEF10 is a picture in a mail.
    private static bool IsOfProgram(ReadOnlySpan<char> text, int start, int sign, int end)
    {
        ReadOnlySpan<char> local = text[start..sign];
        bool picture = local.EndsWith(".png", StringComparison.OrdinalIgnoreCase) || local.EndsWith(".jpg", StringComparison.OrdinalIgnoreCase) || local.EndsWith(".gif", StringComparison.OrdinalIgnoreCase) || local.EndsWith(".jpeg", StringComparison.OrdinalIgnoreCase);
        return (local is "git" or "hg" && end < text.Length && text[end] == ':') || (picture && !text[(sign + 1)..end].ContainsAnyExcept(HexOrPoint));
    }

    // <20021109.183212@host> after a Message-ID field's name, or with more digits than people's names have.
    private static bool IsMessageId(ReadOnlySpan<char> text, int start, int sign, int end)
    {
        int line = Math.Max(0, start - 40);
        ReadOnlySpan<char> before = text[line..start];
        if (before.LastIndexOf('\n') is >= 0 and int newline)
            before = before[(newline + 1)..];
        if (before.EndsWith("cid:", StringComparison.OrdinalIgnoreCase) || before.EndsWith("mid:", StringComparison.OrdinalIgnoreCase))
            return true;
        // Few names of fields have a hyphen, and few lines.
        if ((before.Contains('-') && (before.Contains("message-id", StringComparison.OrdinalIgnoreCase) || before.Contains("in-reply-to", StringComparison.OrdinalIgnoreCase)
            || before.Contains("content-id", StringComparison.OrdinalIgnoreCase))) || before.TrimStart().StartsWith("references:", StringComparison.OrdinalIgnoreCase))
            return true;
        bool angled = before.EndsWith("<") && end < text.Length && text[end] == '>';
        int digits = 0;
        foreach (char c in text[start..sign])
            digits += char.IsAsciiDigit(c) ? 1 : 0;
        if (angled && digits >= 12 && !text[start..sign].ContainsAnyExcept(Stamp))
            return true;
        return sign - start >= 20 && digits >= 8 && (angled || digits * 2 > sign - start);
    }
}
