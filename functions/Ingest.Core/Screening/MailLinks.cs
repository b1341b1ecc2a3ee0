using System.Buffers;
using System.Net;
using Ingest.Core.Keys;

namespace Ingest.Core.Screening;

/// <summary>A link of a mail.</summary>
/// <param name="Host">The host that it leads to, in lower case ASCII; empty for what leads to none.</param>
/// <param name="Shown">The host that its text shows; empty when the text shows none.</param>
/// <param name="IsObscured">True when user information or encoded letters hide the host.</param>
internal readonly record struct MailLink(string Host, string Shown, bool IsObscured)
{
    /// <summary>True for a bare address of a machine, in any of the spellings that browsers take.</summary>
    public bool IsToIpAddress => Host.Length > 0 && (IPAddress.TryParse(Host.Trim('[', ']'), out _) || Host.All(c => char.IsAsciiDigit(c)) || Host.StartsWith("0x", StringComparison.Ordinal));
}

/// <summary>Reads the links of a mail, 200 of them at most, in 256 KiB, from 1,000 places at most that look like one.</summary>
internal static class MailLinks
{
    private const int MostLinks = 200, MostTries = 1000, ReadAtMost = 256 * 1024, LongestTag = 4096, LongestLabel = 600, LongestHost = 253;

    // Who passes readers on for others, with the true address in a parameter.
    private static readonly (string Host, string Parameter)[] Rewriters =
        [("safelinks.protection.outlook.com", "url"), ("google.com", "q"), ("google.com", "url"), ("l.facebook.com", "u"), ("slack-redir.net", "url"), ("linkprotect.cudasvc.com", "a")];

    private static readonly SearchValues<char> WordEnds = SearchValues.Create(" \t\r\n<>\"");

    /// <summary>The links of html.</summary>
    internal static List<MailLink> OfHtml(string html) => OfHtml(html, out _);

    /// <summary>The same, with how many characters were looked at as parts of tags: twice <see cref="MostTries"/> times the longest tag at most, whatever is in it.</summary>
    internal static List<MailLink> OfHtml(string html, out int steps)
    {
        steps = 0;
        List<MailLink> links = [];
        ReadOnlySpan<char> rest = html.AsSpan(0, Math.Min(html.Length, ReadAtMost));
        for (int tries = 0; links.Count < MostLinks && tries < MostTries && rest.IndexOf("<a", StringComparison.OrdinalIgnoreCase) is >= 0 and var at;)
        {
            rest = rest[(at + 2)..];
            if (rest.Length == 0 || !char.IsWhiteSpace(rest[0])) continue;
            tries++;
            int end = TagEnd(rest[..Math.Min(rest.Length, LongestTag)], ref steps);
            if (end < 0) continue;
            string target = Attribute(rest[..end], "href");
            rest = rest[(end + 1)..];
            ReadOnlySpan<char> label = rest[..Math.Min(rest.Length, LongestLabel)];
            int close = label.IndexOf("</a", StringComparison.OrdinalIgnoreCase);
            if (target.Length > 0) links.Add(Of(target, ShownHost(close < 0 ? "" : Text(label[..close]))));
        }

        return links;
    }

    /// <summary>The links of plain text.</summary>
    internal static List<MailLink> OfText(string text) => OfText(text, out _);

    /// <summary>The same, with how many characters were looked at as parts of words.</summary>
    internal static List<MailLink> OfText(string text, out int steps)
    {
        steps = 0;
        List<MailLink> links = [];
        ReadOnlySpan<char> rest = text.AsSpan(0, Math.Min(text.Length, ReadAtMost));
        for (int tries = 0; links.Count < MostLinks && tries < MostTries && rest.IndexOf("http", StringComparison.OrdinalIgnoreCase) is >= 0 and var at; rest = rest[4..])
        {
            rest = rest[at..];
            if (rest.Length < 5 || (rest[4] != ':' && !rest[4..].StartsWith("s:", StringComparison.OrdinalIgnoreCase))) continue;
            tries++;
            ReadOnlySpan<char> word = rest[..Math.Min(rest.Length, LongestTag)];
            if (word.IndexOfAny(WordEnds) is >= 0 and var end) word = word[..end];
            steps += word.Length;
            if (Of(word.ToString(), "") is { Host.Length: > 0 } link) links.Add(link);
        }

        return links;
    }

    // A ">" within quotes is part of the value; a "<" without begins another tag.
    private static int TagEnd(ReadOnlySpan<char> tag, ref int steps)
    {
        char quote = '\0', before = '\0';
        for (int i = 0; i < tag.Length; i++)
        {
            steps++;
            char c = tag[i];
            if (quote != '\0') quote = c == quote ? '\0' : quote;
            else if (c is '"' or '\'' && before == '=') quote = c;
            else if (c == '>') return i;
            else if (c == '<') return -1;
            if (!char.IsWhiteSpace(c)) before = c;
        }

        steps += tag.Length;
        return tag.IndexOf('>');
    }

    /// <summary>The value of an attribute in the inside of a tag; empty when it has none.</summary>
    internal static string Attribute(ReadOnlySpan<char> tag, string name)
    {
        while (tag.IndexOf(name, StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
        {
            bool starts = at == 0 || char.IsWhiteSpace(tag[at - 1]) || tag[at - 1] is '"' or '\'' or '/';
            ReadOnlySpan<char> rest = tag[(at + name.Length)..].TrimStart();
            if (!starts || rest.Length == 0 || rest[0] != '=')
            {
                tag = tag[(at + name.Length)..];
                continue;
            }

            rest = rest[1..].TrimStart();
            if (rest.Length == 0) return "";
            int end = rest[0] is '"' or '\'' ? rest[1..].IndexOf(rest[0]) : rest.IndexOfAny(" \t\r\n");
            ReadOnlySpan<char> value = rest[0] is '"' or '\'' ? rest[1..(end < 0 ? rest.Length : end + 1)] : rest[..(end < 0 ? rest.Length : end)];
            return WebUtility.HtmlDecode(value.Trim().ToString());
        }

        return "";
    }

    private static string Text(ReadOnlySpan<char> html)
    {
        System.Text.StringBuilder text = new(html.Length);
        bool inTag = false;
        foreach (char c in html)
        {
            if (c == '<') inTag = true;
            else if (c == '>') inTag = false;
            else if (!inTag) text.Append(c);
        }

        return WebUtility.HtmlDecode(text.ToString()).Trim();
    }

    private static MailLink Of(string target, string shown)
    {
        string authority = AuthorityOf(target);
        if (authority.Length == 0) return new MailLink("", shown, IsObscured: false);
        bool hidden = authority.Contains('@', StringComparison.Ordinal) || authority.Contains('%', StringComparison.Ordinal) || authority.Contains('\\', StringComparison.Ordinal);
        string host = HostOf(authority);
        if (Meant(host, target) is { } meant) return new MailLink(meant, shown, hidden);
        return new MailLink(host, shown, hidden);
    }

    private static string? Meant(string host, string target)
    {
        foreach ((string rewriter, string parameter) in Rewriters)
        {
            if (host != rewriter && !host.EndsWith("." + rewriter, StringComparison.Ordinal)) continue;
            int at = target.IndexOf("?" + parameter + "=", StringComparison.OrdinalIgnoreCase);
            if (at < 0) at = target.IndexOf("&" + parameter + "=", StringComparison.OrdinalIgnoreCase);
            if (at < 0) continue;
            string value = target[(at + parameter.Length + 2)..];
            int end = value.IndexOf('&', StringComparison.Ordinal);
            if (HostOf(AuthorityOf(WebUtility.UrlDecode(end < 0 ? value : value[..end]))) is { Length: > 0 } meant) return meant;
        }

        return null;
    }

    private static string AuthorityOf(string address)
    {
        string text = address.Trim();
        if (!text.StartsWith("http", StringComparison.OrdinalIgnoreCase)) return "";
        int start = text.IndexOf(':', StringComparison.Ordinal);
        if (start is not (4 or 5)) return "";
        ReadOnlySpan<char> rest = text.AsSpan(start + 1).TrimStart("/\\");
        int end = rest.IndexOfAny("/?#");
        return (end < 0 ? rest : rest[..end]).ToString();
    }

    private static string HostOf(string authority)
    {
        string host = authority[(authority.LastIndexOf('@') + 1)..];
        int port = host.LastIndexOf(':');
        if (port > 0 && host.AsSpan(port + 1).IndexOfAnyExceptInRange('0', '9') < 0) host = host[..port];
        return host.Length > LongestHost ? "" : EmailIdentity.Domain(host);
    }

    // Only a text that is itself an address of the web makes a promise about where the link leads.
    private static string ShownHost(string label)
    {
        if (label.Length == 0 || label.Any(char.IsWhiteSpace) || label.Contains('@', StringComparison.Ordinal)) return "";
        string text = label.TrimEnd('.', ',', ')', '>').TrimStart('(', '<');
        if (AuthorityOf(text) is { Length: > 0 } authority) return IsHost(HostOf(authority)) ? HostOf(authority) : "";
        int end = text.AsSpan().IndexOfAny("/?#:");
        string host = EmailIdentity.Domain(end < 0 ? text : text[..end]);
        bool promises = text.StartsWith("www.", StringComparison.OrdinalIgnoreCase) || Array.IndexOf(Endings, host[(host.LastIndexOf('.') + 1)..]) >= 0;
        return promises && IsHost(host) ? host : "";
    }

    // "report.doc" and "node.js" are no hosts.
    private static readonly string[] Endings =
        ["com", "net", "org", "edu", "gov", "info", "biz", "eu", "de", "uk", "fr", "nl", "es", "it", "at", "ch", "be", "se", "no", "dk", "fi", "pl", "pt", "cz", "us", "ca", "au", "nz", "br", "mx", "in", "jp", "cn", "ru", "ie", "io", "app", "shop", "online", "bank"];

    private static bool IsHost(string host) => host.Contains('.', StringComparison.Ordinal) && host.Split('.', 20).All(l => l.Length is > 0 and <= 63) && char.IsLetter(host[^1]) && !host.Any(c => c is '%' or '*' or '$' or '{');
}
