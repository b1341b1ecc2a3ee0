using System.Buffers;
using System.Net;
using Ingest.Core.Keys;

namespace Ingest.Core.Spam;

/// <summary>What the links of an html body betray. One pass over the html, at most 200 links and 256 KiB.</summary>
internal readonly record struct Links(int Count, bool HostMismatch, bool ToIpAddress, bool Obscured)
{
    private const int MostLinks = 200;
    private const int ReadAtMost = 256 * 1024;
    private const int LongestLabel = 300;
    private const int LongestTag = 4096;

    private static readonly SearchValues<char> AddressEnds = SearchValues.Create(" \t\r\n<>\"");

    /// <summary>Looks at the links of html, or of text where there is no html.</summary>
    internal static Links Of(string? html, string? text)
    {
        var links = new Links();
        ReadOnlySpan<char> rest = html ?? text ?? "";
        rest = rest[..Math.Min(rest.Length, ReadAtMost)];
        string start = html is null ? "http" : "<a ";
        for (int at = Next(rest, start); at >= 0 && links.Count < MostLinks; at = Next(rest, start))
        {
            rest = rest[at..];
            links = html is null ? links.With(WordOf(rest), "") : links.WithAnchor(rest);
            rest = rest[start.Length..];
        }
        return links;
    }

    private static int Next(ReadOnlySpan<char> text, string start) => text.IndexOf(start, StringComparison.OrdinalIgnoreCase);

    private static string WordOf(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAny(AddressEnds);
        return text[..(end < 0 ? text.Length : end)].ToString();
    }

    private Links WithAnchor(ReadOnlySpan<char> anchor)
    {
        anchor = anchor[..Math.Min(anchor.Length, LongestTag)];
        int close = anchor.IndexOf('>');
        ReadOnlySpan<char> tag = close < 0 ? anchor : anchor[..close];
        int href = tag.IndexOf("href", StringComparison.OrdinalIgnoreCase);
        if (href < 0)
            return this;
        ReadOnlySpan<char> value = tag[(href + 4)..].TrimStart(" \t\r\n=");
        if (value.Length == 0)
            return this;
        int end = value[0] is '"' or '\'' ? value[1..].IndexOf(value[0]) : value.IndexOfAny(" \t\r\n");
        string target = value[0] is '"' or '\'' ? value[1..(end < 0 ? value.Length : end + 1)].ToString() : value[..(end < 0 ? value.Length : end)].ToString();
        ReadOnlySpan<char> label = close < 0 ? "" : anchor[(close + 1)..Math.Min(anchor.Length, close + 1 + LongestLabel)];
        int labelEnd = label.IndexOf('<');
        return With(target, (labelEnd < 0 ? label : label[..labelEnd]).Trim().ToString());
    }

    private Links With(string target, string label)
    {
        if (HostOf(target) is not { Length: > 0 } host)
            return this with { Count = Count + 1 };
        string authority = AuthorityOf(target);
        bool numeric = authority.Length > 0 && (IPAddress.TryParse(host.Trim('[', ']'), out _) || host.All(char.IsAsciiDigit));
        bool obscured = authority.Contains('@', StringComparison.Ordinal) || authority.Contains('%', StringComparison.Ordinal);
        // Only a label that is itself a web address makes a promise about where the link leads.
        bool mismatch = LooksLikeAddress(label) && HostOf(label) is { Length: > 0 } shown && !SameOwner(shown, host);
        return new Links(Count + 1, HostMismatch || mismatch, ToIpAddress || numeric, Obscured || obscured);
    }

    private static bool LooksLikeAddress(string label) =>
        !label.Contains(' ', StringComparison.Ordinal)
        && (label.StartsWith("http", StringComparison.OrdinalIgnoreCase) || label.StartsWith("www.", StringComparison.OrdinalIgnoreCase));

    private static string AuthorityOf(string address)
    {
        int start = address.IndexOf("://", StringComparison.Ordinal);
        if (start < 0 || !address.StartsWith("http", StringComparison.OrdinalIgnoreCase))
            return "";
        int end = address.AsSpan(start + 3).IndexOfAny("/?#\\");
        return end < 0 ? address[(start + 3)..] : address.Substring(start + 3, end);
    }

    private static string HostOf(string address)
    {
        string authority = address.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? AuthorityOf("http://" + address) : AuthorityOf(address);
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        int port = authority.LastIndexOf(':');
        return EmailIdentity.Domain(port > 0 && authority.AsSpan(port + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? authority[..port] : authority);
    }

    // Hosts of one owner share their last two labels, or three where the second is a short one such as "co".
    private static bool SameOwner(string one, string other) => Owner(one) == Owner(other);

    private static string Owner(string host)
    {
        string[] labels = host.Split('.');
        int keep = labels.Length > 2 && labels[^2].Length <= 3 && labels[^1].Length == 2 ? 3 : 2;
        return string.Join('.', labels[^Math.Min(keep, labels.Length)..]);
    }
}
