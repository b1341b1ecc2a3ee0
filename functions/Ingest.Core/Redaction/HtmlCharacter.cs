namespace Ingest.Core.Redaction;

/// <summary>Character references of html that can stand for a digit or for what separates digits.</summary>
internal static class HtmlCharacter
{
    private const int LongestName = 10;
    private const int LongestNumber = 12;

    private static readonly Dictionary<string, char> Names = new(StringComparer.Ordinal)
    {
        ["nbsp"] = '\u00A0', ["ensp"] = '\u2002', ["emsp"] = '\u2003', ["thinsp"] = '\u2009', ["hairsp"] = '\u200A', ["numsp"] = '\u2007',
        ["puncsp"] = '\u2008', ["shy"] = '\u00AD', ["zwnj"] = '\u200C', ["zwj"] = '\u200D', ["ndash"] = '\u2013', ["mdash"] = '\u2014',
        ["hyphen"] = '\u2010', ["dash"] = '\u2010', ["minus"] = '\u2212', ["period"] = '.', ["lowbar"] = '_', ["Tab"] = ' ', ["NewLine"] = ' ', ["gt"] = '>',
    };

    /// <summary>The character at an ampersand and how much of the source it takes; an unknown reference is an ampersand.</summary>
    internal static (char Letter, int Length) Read(string html, int i)
    {
        int start = i + 1;
        if (start < html.Length && html[start] == '#')
            return Number(html, i);
        int end = start;
        while (end < html.Length && end - start < LongestName && char.IsAsciiLetter(html[end]))
            end++;
        if (!Names.TryGetValue(html[start..end], out char letter))
            return ('&', 1);
        return (letter, end - i + (end < html.Length && html[end] == ';' ? 1 : 0));
    }

    private static (char Letter, int Length) Number(string html, int i)
    {
        int at = i + 2, value = 0;
        bool hex = at < html.Length && html[at] is 'x' or 'X';
        int start = hex ? ++at : at;
        for (; at < html.Length && at - start < LongestNumber && (hex ? char.IsAsciiHexDigit(html[at]) : char.IsAsciiDigit(html[at])); at++)
            value = Math.Min(value * (hex ? 16 : 10) + Convert.ToInt32(html[at].ToString(), 16), 0x110000);
        if (at == start)
            return ('&', 1);
        int length = at - i + (at < html.Length && html[at] == ';' ? 1 : 0);
        // Digits beyond the basic plane are spelt out in ASCII; anything else up there separates nothing.
        char letter = value < 0x10000 ? (char)value : value is >= 0x1D7CE and <= 0x1D7FF ? (char)('0' + (value - 0x1D7CE) % 10) : 'x';
        return (letter, length);
    }
}
