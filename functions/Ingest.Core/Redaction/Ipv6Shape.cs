namespace Ingest.Core.Redaction;

/// <summary>Reads the forms of RFC 4291 section 2.2.</summary>
internal static class Ipv6Shape
{
    private const int Groups = 8;

    /// <summary>How long the address is with which a row of hexadecimal digits, colons and points begins, without what ends a sentence; 0 when it is none.</summary>
    internal static int End(ReadOnlySpan<char> text)
    {
        while (text.Length > 0 && (text[^1] == '.' || (text[^1] == ':' && !text.EndsWith("::"))))
            text = text[..^1];
        if (text.EndsWith(":::"))
            return 0;
        int groups = 0, i = 0;
        bool gap = text.StartsWith("::");
        if (gap)
            i = 2;
        else if (text.Length > 0 && text[0] == ':')
            return 0;
        while (i < text.Length)
        {
            int digits = 0;
            while (i + digits < text.Length && digits < 5 && char.IsAsciiHexDigit(text[i + digits]))
                digits++;
            if (i + digits < text.Length && text[i + digits] == '.')
                return IpAddresses.Ipv4End(text, i) == text.Length && Fits(groups + 2, gap) ? text.Length : 0;
            if (digits is 0 or > 4)
                return 0;
            (i, groups) = (i + digits, groups + 1);
            if (i == text.Length)
                break;
            if (text[i++] != ':' || i == text.Length)
                return 0;
            if (text[i] != ':')
                continue;
            if (gap)
                return 0;
            (gap, i) = (true, i + 1);
        }
        return Fits(groups, gap) ? text.Length : 0;
    }

    private static bool Fits(int groups, bool gap) => gap ? groups < Groups : groups == Groups;
}
