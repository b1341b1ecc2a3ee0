using System.Collections.Frozen;

namespace Ingest.Mail.Text;

/// <summary>The lists: which elements, attributes and styles of a mail are shown. What is not here is not.</summary>
internal static class SafeHtmlRules
{
    private static readonly FrozenSet<string> Elements = Set(
        "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 "
        + "header hr i img ins kbd li mark ol p pre q rp rt ruby s samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr");

    private static readonly FrozenSet<string> Voids = Set("br col hr img wbr");

    // What would run, ask, load or escape; its text, where it has any, stays.
    private static readonly FrozenSet<string> Active = Set(
        "applet audio base button dialog embed form frame frameset iframe input link marquee math meta object portal script select svg textarea video");

    // A paragraph left open ends where one of these begins (WHATWG HTML section 13.2.6.4.7).
    private static readonly FrozenSet<string> Blocks = Set(
        "address article aside blockquote center dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li ol p pre section table ul");

    private static readonly FrozenSet<string> Attributes = Set("align alt bgcolor border cellpadding cellspacing color colspan dir face height lang rowspan size span start style title type valign value width");

    private static readonly FrozenSet<string> Styles = Set(
        "background-color border border-bottom border-bottom-color border-bottom-style border-bottom-width border-collapse border-color border-left border-left-color border-left-style "
        + "border-left-width border-radius border-right border-right-color border-right-style border-right-width border-spacing border-style border-top border-top-color border-top-style "
        + "border-top-width border-width color direction font font-family font-size font-style font-variant font-weight height letter-spacing line-height list-style-type margin "
        + "margin-bottom margin-left margin-right margin-top max-width min-width padding padding-bottom padding-left padding-right padding-top table-layout text-align text-decoration "
        + "text-transform vertical-align white-space width word-break");

    private static readonly FrozenSet<string> Functions = Set("rgb rgba hsl hsla");

    public static bool IsElement(string name) => Elements.Contains(name);
    public static bool IsVoid(string name) => Voids.Contains(name);
    public static bool IsActive(string name) => Active.Contains(name);
    public static bool IsBlock(string name) => Blocks.Contains(name);
    public static bool IsAttribute(string name) => Attributes.Contains(name);

    /// <summary>The name of an element on the list, as it is written; null for any other.</summary>
    public static string? Written(string name) => name == "body" ? "div" : IsElement(name) ? name : null;

    /// <summary>True for the elements beyond which no end tag reaches: a cell's content stays in its cell.</summary>
    public static bool IsWall(string name) => name is "table" or "td" or "th" or "caption";

    /// <summary>Which open elements end where this one begins, and which are out of its reach.</summary>
    public static (string[] Ends, string[] Walls) Implied(string name) => name switch
    {
        "li" => (["li"], ["ul", "ol", "td", "th", "table"]),
        "dt" or "dd" => (["dt", "dd"], ["dl", "td", "th", "table"]),
        "td" or "th" => (["td", "th"], ["tr", "table"]),
        "tr" => (["tr"], ["table"]),
        "tbody" or "thead" or "tfoot" => (["tbody", "thead", "tfoot"], ["table"]),
        _ => IsBlock(name) ? (["p"], ["td", "th", "table", "caption"]) : ([], []),
    };

    /// <summary>The declarations of a style attribute that may stay, or empty.</summary>
    public static string Style(string style)
    {
        List<string> kept = [];
        foreach (string declaration in style.Split(';', 100))
        {
            int colon = declaration.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) continue;
            string name = declaration[..colon].Trim().ToLowerInvariant(), value = declaration[(colon + 1)..].Trim();
            if (name == "background") name = "background-color";
            if (name == "font-family") value = value.Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal);
            if (Styles.Contains(name) && IsHarmless(value)) kept.Add($"{name}:{value}");
        }

        return string.Join(';', kept);
    }

    // No quotes, escapes, comments or addresses; no function but colours; nothing negative, which could lay one thing over another, and nothing endless.
    private static bool IsHarmless(string value)
    {
        if (value.Length is 0 or > 200) return false;
        int digits = 0;
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (!char.IsAsciiLetterOrDigit(c) && c is not (' ' or '#' or '.' or ',' or '%' or '!' or '-' or '(' or ')')) return false;
            if (c == '-' && (i == 0 || !char.IsAsciiLetter(value[i - 1]))) return false;
            if (c == '(' && !Functions.Contains(WordBefore(value, i))) return false;
            digits = char.IsAsciiDigit(c) ? digits + 1 : 0;
            if (digits > 4 && !value.Contains('#', StringComparison.Ordinal)) return false;
        }

        return true;
    }

    private static string WordBefore(string value, int end)
    {
        int start = end;
        while (start > 0 && char.IsAsciiLetter(value[start - 1])) start--;
        return value[start..end].ToLowerInvariant();
    }

    /// <summary>True for a picture that lies in its own address, in a format that cannot carry scripts.</summary>
    public static bool IsPicture(string address)
    {
        int comma = address.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || address[..comma].ToLowerInvariant() is not ("data:image/png;base64" or "data:image/jpeg;base64" or "data:image/jpg;base64" or "data:image/gif;base64" or "data:image/webp;base64"))
            return false;
        foreach (char c in address.AsSpan(comma + 1))
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/' or '=')) return false;
        return true;
    }

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
