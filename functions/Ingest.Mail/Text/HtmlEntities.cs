using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Ingest.Mail.Text;

/// <summary>Decodes character references of html as browsers do (WHATWG HTML section 13.2.5.72 onwards).</summary>
public static class HtmlEntities
{
    private const int LongestName = 32;

    private static readonly FrozenDictionary<string, string> Named = Read();
    private static readonly FrozenSet<string> Loose = HtmlEntityNames.Loose.Split(',').ToFrozenSet(StringComparer.Ordinal);
    private static readonly int LongestLoose = Loose.Max(static name => name.Length);

    // What the numbers 128 to 159 stand for: windows-1252, since that is what their senders meant.
    private const string Upper = "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

    /// <summary>The text with its references decoded; in an attribute a name without its semicolon counts only where no name could go on.</summary>
    public static string Decode(ReadOnlySpan<char> text, bool attribute = false)
    {
        var next = text.IndexOf('&');
        if (next < 0)
            return text.ToString();
        var result = new StringBuilder(text.Length);
        while (next >= 0)
        {
            result.Append(text[..next]);
            text = text[next..];
            var length = Reference(text, attribute, result);
            if (length == 0)
                result.Append(text[length++]);
            text = text[length..];
            next = text.IndexOf('&');
        }
        return result.Append(text).ToString();
    }

    /// <summary>Writes what the reference at the start of the text stands for, every named one and every number; its length, 0 when there is none.</summary>
    public static int Reference(ReadOnlySpan<char> text, bool attribute, StringBuilder into) =>
        text.Length < 2 ? 0 : text[1] == '#' ? Number(text, into) : char.IsAsciiLetterOrDigit(text[1]) ? Name(text, attribute, into) : 0;

    private static int Number(ReadOnlySpan<char> text, StringBuilder into)
    {
        var hex = text.Length > 2 && text[2] is 'x' or 'X';
        var start = hex ? 3 : 2;
        var at = start;
        long value = 0;
        for (; at < text.Length && (hex ? char.IsAsciiHexDigit(text[at]) : char.IsAsciiDigit(text[at])); at++)
            value = Math.Min(value * (hex ? 16 : 10) + (char.IsAsciiDigit(text[at]) ? text[at] - (int)'0' : (text[at] | 0x20) - 'a' + 10), int.MaxValue);
        if (at == start)
            return 0;
        if (value is >= 0x80 and <= 0x9f)
            into.Append(Upper[(int)value - 0x80]);
        else if (value is 0 or > 0x10ffff or (>= 0xd800 and <= 0xdfff))
            into.Append('\ufffd');
        else
            into.Append(char.ConvertFromUtf32((int)value));
        return at < text.Length && text[at] == ';' ? at + 1 : at;
    }

    private static int Name(ReadOnlySpan<char> text, bool attribute, StringBuilder into)
    {
        var end = 1;
        while (end < text.Length && end <= LongestName && char.IsAsciiLetterOrDigit(text[end]))
            end++;
        var named = Named.GetAlternateLookup<ReadOnlySpan<char>>();
        if (end < text.Length && text[end] == ';' && named.TryGetValue(text[1..end], out var value))
        {
            into.Append(value);
            return end + 1;
        }
        var loose = Loose.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var length = Math.Min(end, LongestLoose + 1); length > 2; length--)
        {
            if (!loose.Contains(text[1..length]))
                continue;
            if (attribute && length < text.Length && (text[length] == '=' || char.IsAsciiLetterOrDigit(text[length])))
                return 0;
            into.Append(named[text[1..length]]);
            return length;
        }
        return 0;
    }

    private static FrozenDictionary<string, string> Read()
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var range in HtmlEntityNames.Named.AsSpan().Split(','))
        {
            var entry = HtmlEntityNames.Named.AsSpan(range);
            var equals = entry.IndexOf('=');
            var value = "";
            foreach (var code in entry[(equals + 1)..].ToString().Split('+'))
                value += char.ConvertFromUtf32(int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            named[entry[..equals].ToString()] = value;
        }
        return named.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
