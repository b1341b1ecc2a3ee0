using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>Finds addresses of the internet protocol, version 4 (RFC 791) and 6 (RFC 4291, with zones of RFC 4007), with the prefix length that may follow, and of network cards (EUI-48, EUI-64).</summary>
internal static class IpAddresses
{
    private static readonly NearWords Versions = new(
        ["v", "ver", "vers", "version", "versions", "versione", "versión", "versie", "wersja", "версия", "release", "rel", "build", "rev", "revision", "firmware", "driver", "kernel", "section", "sec",
        "chapter", "paragraph", "clause", "article", "item", "step", "figure", "table", "abschnitt", "kapitel", "absatz", "rfc", "patch", "update", "upgrade", "jdk", "java", "chrome", "oid", "sp"]);
    private static readonly NearWords Hints = new(
        ["ip", "ips", "ipv", "address", "addr", "adresse", "dirección", "indirizzo", "host", "hosts", "server", "gateway", "router", "dns", "nameserver", "ping", "traceroute", "netmask", "subnet", "client",
        "proxy", "from", "inet", "http", "https", "ftp", "ssh", "telnet", "vpn", "firewall", "login", "remote", "mx", "smtp", "received", "route", "network", "lan", "wan"]);

    private static readonly SearchValues<char> TimeSigns = SearchValues.Create("0123456789:"), HexDigits = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly NearWords AfterVersion = new(["release", "version", "build", "firmware", "update", "patch"]);

    /// <summary>What <see cref="NearIndex"/> looks for.</summary>
    internal static NearWords[] Indexed => [Versions, Hints];

    /// <summary>All of them.</summary>
    internal static void Find(Scan scan)
    {
        if (!scan.Wants(FindingType.IpAddress)) return;
        ReadOnlySpan<char> text = scan.Text;
        for (int i = 0, at; i < text.Length && (at = text[i..].IndexOf("[.]", StringComparison.Ordinal)) >= 0;)
        {
            i += at;
            i = Math.Max(i + 3, Disarmed(scan, i));
        }
        for (int i = 0, at; i < text.Length && (at = text[i..].IndexOfAny('.', ':', '-')) >= 0;)
        {
            i += at;
            char next = i + 1 < text.Length ? text[i + 1] : ' ';
            int end = 0;
            if (next == ':' || char.IsAsciiHexDigit(next))
                end = text[i] == ':' ? MacAddress.Find(scan, i) is > 0 and int mac ? mac : Version6(scan, i)
                    : text[i] == '.' && char.IsAsciiDigit(next) && Version4(scan, i) is > 0 and int four ? four : MacAddress.Find(scan, i);
            i = Math.Max(i + 1, end);
        }
    }

    // 203.0.113[.]7, written so that no program makes a link of it.
    private static int Disarmed(Scan scan, int sign)
    {
        ReadOnlySpan<char> text = scan.Text;
        int start = sign;
        while (start > 0 && sign - start < 11 && (char.IsAsciiDigit(text[start - 1]) || text[start - 1] == '.'))
            start--;
        int length = 0, end = start;
        Span<char> plain = stackalloc char[16];
        while (end < text.Length && length < plain.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.' || text[end..].StartsWith("[.]")))
        {
            plain[length++] = text[end] == '[' ? '.' : text[end];
            end += text[end] == '[' ? 3 : 1;
        }
        while (length > 0 && plain[length - 1] == '.' && text[end - 1] == '.')
            (length, end) = (length - 1, end - 1);
        if (start == sign || Ipv4End(plain[..length], 0) != length || !IsAlone(text, start, end))
            return 0;
        scan.Add(FindingType.IpAddress, start, end, "ip.v4", 0.85);
        return end;
    }

    // From the first point on: three more numbers, nothing beside them.
    private static int Version4(Scan scan, int point)
    {
        ReadOnlySpan<char> text = scan.Text;
        int start = point;
        while (start > 0 && point - start < 4 && char.IsAsciiDigit(text[start - 1]))
            start--;
        int end = Ipv4End(text, start);
        if (end == 0 || !IsAlone(text, start, end))
            return 0;
        double confidence = Ipv4Confidence(scan, start, end);
        end = WithPrefix(text, end, 32);
        scan.Add(FindingType.IpAddress, start, end, "ip.v4", confidence);
        return end;
    }

    /// <summary>Where a dotted address ends that begins at a place, or 0.</summary>
    internal static int Ipv4End(ReadOnlySpan<char> text, int start)
    {
        int i = start;
        for (int part = 0; part < 4; part++)
        {
            if (part > 0 && (i >= text.Length || text[i++] != '.'))
                return 0;
            int value = 0, digits = 0;
            for (; i < text.Length && digits < 4 && char.IsAsciiDigit(text[i]); i++, digits++)
                value = value * 10 + text[i] - '0';
            if (digits is 0 or > 3 || value > 255 || (digits > 1 && text[i - digits] == '0'))
                return 0;
        }
        return i;
    }

    // Not a part of a longer row of numbers, nor of a word or a path.
    private static bool IsAlone(ReadOnlySpan<char> text, int start, int end)
    {
        char before = start > 0 ? text[start - 1] : ' ', after = end < text.Length ? text[end] : ' ';
        if (char.IsLetterOrDigit(before) && !(before is 'v' or 'V' && (start < 2 || !char.IsLetterOrDigit(text[start - 2]))))
            return false;
        return before is not ('.' or '_') && !char.IsLetterOrDigit(after) && after != '_'
            && !(after is '.' or '-' && end + 1 < text.Length && char.IsLetterOrDigit(text[end + 1]))
            && !(before == '-' && start > 1 && char.IsLetterOrDigit(text[start - 2]));
    }

    private static double Ipv4Confidence(Scan scan, int start, int end)
    {
        ReadOnlySpan<char> text = scan.Text;
        if ((start > 0 && text[start - 1] is 'v' or 'V') || scan.Near.Before(text, Versions, start, 12))
            return 0.2;
        // A machine's own address, all of them, and masks of networks are nobody's.
        if (text[start..end].StartsWith("127.") || text[start..end] is "0.0.0.0" || text[start..end].StartsWith("255.255."))
            return 0.3;
        // The host of a link is a server, which is nobody's address.
        if (start > 1 && text[start - 1] == '/' && text[start - 2] == '/')
            return 0.45;
        bool bracketed = start > 0 && text[start - 1] is '[' or '/' or '@', port = end + 1 < text.Length && text[end] is ':' or '/' && char.IsAsciiDigit(text[end + 1]);
        int word = Math.Min(text.Length, end + 1), wordEnd = word;
        while (wordEnd < text.Length && wordEnd - word < 12 && char.IsAsciiLetter(text[wordEnd]))
            wordEnd++;
        if (!bracketed && !port && AfterVersion.Has(text[word..wordEnd]))
            return 0.3;
        if (bracketed || port || scan.Near.Before(text, Hints, start, 40))
            return 0.95;
        // Small numbers only, or a small first one, are more often a section, a version, or a revision of CVS.
        ReadOnlySpan<char> address = text[start..end];
        bool small = true;
        for (int i = start, value = 0; i < end; i++)
        {
            value = text[i] == '.' ? 0 : value * 10 + text[i] - '0';
            small &= value < 30;
        }
        return small || address[1] == '.' && address[0] is '1' or '2' or '3' ? 0.4 : EndsInZeros(address) ? 0.45 : 0.8;
    }

    // 15.0.0.0 and 100.0.4896.0 are versions as a rule; 10.0.0.0 and 192.168.0.0 are networks.
    private static bool EndsInZeros(ReadOnlySpan<char> address) => address.EndsWith(".0.0") && !address.StartsWith("192.168") && !address.StartsWith("10.") && !address.StartsWith("172.");

    private static int WithPrefix(ReadOnlySpan<char> text, int end, int most)
    {
        if (end >= text.Length || text[end] != '/')
            return end;
        int i = end + 1, value = 0;
        while (i < text.Length && i - end <= 4 && char.IsAsciiDigit(text[i]))
            value = value * 10 + text[i++] - '0';
        return i > end + 1 && value <= most && (i == text.Length || !char.IsLetterOrDigit(text[i])) ? i : end;
    }

    private static int Version6(Scan scan, int colon)
    {
        ReadOnlySpan<char> text = scan.Text;
        int start = colon, groupsEnd = colon;
        while (start > 0 && colon - start < 5 && char.IsAsciiHexDigit(text[start - 1]))
            start--;
        while (groupsEnd < text.Length && groupsEnd - start < 46 && (char.IsAsciiHexDigit(text[groupsEnd]) || text[groupsEnd] is ':' or '.'))
            groupsEnd++;
        int end = Ipv6Shape.End(text[start..groupsEnd]) is > 0 and int length ? start + length : 0;
        if (end == 0 || !IsAloneV6(text, start, end))
            return 0;
        ReadOnlySpan<char> found = text[start..end];
        bool hint = scan.Near.Before(text, Hints, start, 40) || (start > 0 && text[start - 1] == '[');
        // Without a digit it can be words of a program: a::b, dead::beef.
        double confidence = found.Length < 3 ? 0.1 : found.Length < 6 ? (hint ? 0.7 : 0.3) : !found.ContainsAnyInRange('0', '9') || (IsTime(found) && text[Math.Max(0, start - 1)] != '[') ? 0.3 : hint || found.Count(':') > 3 ? 0.97 : 0.85;
        end = Zone(text, end);
        end = WithPrefix(text, end, 128);
        scan.Add(FindingType.IpAddress, start, end, "ip.v6", confidence);
        return end;
    }

    // 10::30 is a mistyped time.
    private static bool IsTime(ReadOnlySpan<char> found) => found.Length <= 9 && !found.ContainsAnyExcept(TimeSigns) && found.IndexOf(':') is > 0 and < 3 && char.IsAsciiDigit(found[^1]);

    private static bool IsAloneV6(ReadOnlySpan<char> text, int start, int end)
    {
        char before = start > 0 ? text[start - 1] : ' ', after = end < text.Length ? text[end] : ' ';
        return !char.IsLetterOrDigit(before) && (before is not (':' or '_') || IsLabel(text, start - 1)) && !(before == '.' && start > 1 && char.IsLetterOrDigit(text[start - 2]))
            && !char.IsLetterOrDigit(after) && after is not (':' or '_') && !(after == '.' && end + 1 < text.Length && char.IsLetterOrDigit(text[end + 1]));
    }

    // "IPv6:" is a word before an address, "12:" the beginning of one.
    private static bool IsLabel(ReadOnlySpan<char> text, int colon)
    {
        int word = colon, digits = 0;
        for (; text[colon] == ':' && word > 0 && colon - word < 20 && char.IsAsciiLetterOrDigit(text[word - 1]); word--)
            digits += char.IsAsciiDigit(text[word - 1]) ? 1 : 0;
        return word < colon && digits < 2 && text[word..colon].ContainsAnyExcept(HexDigits);
    }

    private static int Zone(ReadOnlySpan<char> text, int end)
    {
        if (end >= text.Length || text[end] != '%')
            return end;
        int i = end + 1;
        while (i < text.Length && i - end < 17 && char.IsAsciiLetterOrDigit(text[i]))
            i++;
        return i > end + 1 ? i : end;
    }
}
