namespace Ingest.Core.Redaction;

/// <summary>Addresses of network cards: six or eight pairs (IEEE 802), or three groups of four with points between them.</summary>
internal static class MacAddress
{
    /// <summary>Takes the one whose first separator stands at a place; returns where it ends, or 0.</summary>
    internal static int Find(Scan scan, int separator)
    {
        ReadOnlySpan<char> text = scan.Text;
        int size = text[separator] == '.' ? 4 : 2, groups = text[separator] == '.' ? 3 : 6, start = separator - size;
        int end = start + groups * (size + 1) - 1;
        if (start < 0 || end > text.Length || !IsRow(text, start, groups, size))
            return 0;
        // EUI-64 has two pairs more.
        if (size == 2 && end + 6 <= text.Length && text[end] == text[separator] && IsRow(text, start, 8, 2))
            end += 6;
        char before = start > 0 ? text[start - 1] : ' ', after = end < text.Length ? text[end] : ' ';
        if (char.IsLetterOrDigit(before) || before == text[separator] || char.IsLetterOrDigit(after) || (after == text[separator] && end + 1 < text.Length && char.IsLetterOrDigit(text[end + 1])))
            return 0;
        // Pairs of digits only can be a date and a time.
        double confidence = text[start..end].ContainsAnyInRange('A', 'F') || text[start..end].ContainsAnyInRange('a', 'f') ? 0.9 : size == 2 && text[separator] == ':' ? 0.6 : 0.3;
        scan.Add(FindingType.IpAddress, start, end, "mac", confidence);
        return end;
    }

    private static bool IsRow(ReadOnlySpan<char> text, int start, int groups, int size)
    {
        char separator = text[start + size];
        for (int group = 0, i = start; group < groups; group++)
        {
            for (int digit = 0; digit < size; digit++, i++)
                if (!char.IsAsciiHexDigit(text[i]))
                    return false;
            if (group < groups - 1 && text[i++] != separator)
                return false;
        }
        return true;
    }
}
