using System.Buffers;
using System.Collections.Frozen;

namespace Ingest.Mail.Text;

/// <summary>The ids, classes and styles by which mail programs mark quotes, signatures and hidden text in html.</summary>
internal static class HtmlQuoteMarks
{
    private const int MaxValue = 2000;

    private static readonly FrozenDictionary<string, HtmlScopeKind> Classes = Table(
        (HtmlScopeKind.Quote, "gmail_quote gmail_quote_container yahoo_quoted protonmail_quote tutanota_quote moz-forward-container zmail_extra front-blockquote hs_reply ms-outlook-mobile-reference-message skiff_quote hey_quote mailspring-quote"),
        (HtmlScopeKind.Intro, "gmail_attr moz-cite-prefix moz-email-headers-table zmail_extra_hr"),
        (HtmlScopeKind.Signature, "gmail_signature gmail_signature_prefix moz-signature protonmail_signature_block protonmail_signature_block-user tutanota_signature zmail_signature mailspring-signature ms-outlook-mobile-signature front-signature"));

    private static readonly FrozenDictionary<string, HtmlScopeKind> Ids = Table(
        (HtmlScopeKind.Quote, "olk_src_body_section mail-editor-reference-message-container isreplycontent"),
        (HtmlScopeKind.Signature, "signature applemailsignature ms-outlook-mobile-signature ymail_android_signature ymail_ios_signature yahoosignature bloop_sign_separator hmsignature"));

    private static readonly FrozenSet<string> Tails = new[] { "divrplyfwdmsg", "divrpyfwdmsg", "appendonsend", "stopspelling", "zwchr", "ms-outlook-mobile-body-separator-line" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Most styles say nothing of the kind: one look tells.
    private static readonly SearchValues<string> HidingWords = SearchValues.Create(["none", "hidden", "mso-hide", "opacity", "transparent"], StringComparison.OrdinalIgnoreCase);

    public static bool IsHidden(in HtmlTag tag) =>
        tag.Hidden || (tag.Style.ContainsAny(HidingWords) && (Says(tag.Style, "display", "none") || Says(tag.Style, "visibility", "hidden") || (Says(tag.Style, "max-height", "0") && Says(tag.Style, "overflow", "hidden")) || IsFaded(tag.Style)));

    // Buttons are hidden from Word alone, and cells have letters of no size to close gaps: what is never seen says so in two ways.
    private static bool IsFaded(ReadOnlySpan<char> style)
    {
        var clear = (Says(style, "mso-hide", "all") ? 1 : 0) + (Says(style, "opacity", "0") ? 1 : 0) + (Says(style, "color", "transparent") ? 1 : 0);
        return clear >= 2 || (clear == 1 && (IsTiny(style, "font-size") || IsTiny(style, "line-height") || IsTiny(style, "max-height") || IsTiny(style, "height")));
    }

    private static bool IsTiny(ReadOnlySpan<char> style, string property) => Says(style, property, "0") || Says(style, property, "1px");

    public static bool IsPreformatted(in HtmlTag tag) => Says(tag.Style, "white-space", "pre");

    /// <summary>True for paragraphs that are shown without a gap, as Word writes them.</summary>
    public static bool IsTight(in HtmlTag tag) =>
        tag.Classes.StartsWith("MsoNormal", StringComparison.OrdinalIgnoreCase) || Says(tag.Style, "margin", "0") || (Says(tag.Style, "margin-top", "0") && Says(tag.Style, "margin-bottom", "0"));

    /// <summary>What an element with a class or an id is, null when it is nothing that matters here.</summary>
    public static HtmlScopeKind? ScopeOf(in HtmlTag tag)
    {
        if (tag.Id.Length is > 8 and < 100)
        {
            if (Ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(tag.Id, out var kind))
                return kind;
            if (tag.Id.EndsWith("yahoo_quoted", StringComparison.OrdinalIgnoreCase))
                return HtmlScopeKind.Quote;
        }
        if (tag.Classes.Length is < 8 or > MaxValue)
            return null;
        foreach (var range in tag.Classes.Split(' '))
        {
            if (Classes.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(tag.Classes[range], out var kind))
                return kind;
            if (tag.Classes[range].EndsWith("yahoo_quoted", StringComparison.OrdinalIgnoreCase))
                return HtmlScopeKind.Quote;
        }
        return null;
    }

    /// <summary>True where everything below belongs to the mail that is answered; Word only draws a line there.</summary>
    public static bool IsTail(in HtmlTag tag) =>
        Tails.GetAlternateLookup<ReadOnlySpan<char>>().Contains(tag.Id) || (tag.Style.Contains("border-top:solid #", StringComparison.OrdinalIgnoreCase) && tag.Style.Contains("padding:3.0pt 0", StringComparison.OrdinalIgnoreCase));

    /// <summary>True when a block quote is a mere indent, as editors make it.</summary>
    public static bool IsIndent(in HtmlTag tag) => Says(tag.Style, "border", "none") || Says(tag.Style, "border-width", "0") || Says(tag.Style, "border", "0");

    /// <summary>True when a mail program made the block quote, not its author.</summary>
    public static bool IsCited(in HtmlTag tag, ReadOnlySpan<char> attributes, bool inQuote)
    {
        if (inQuote || string.Equals(HtmlAttributes.Find(attributes, "type"), "cite", StringComparison.OrdinalIgnoreCase) || HtmlAttributes.Has(attributes, "cite"))
            return true;
        // Gmail's own button for quotes gives its class to a block quote that stands alone.
        if (tag.Classes.Contains("quote", StringComparison.OrdinalIgnoreCase))
            return !tag.Classes.Contains("gmail_quote", StringComparison.OrdinalIgnoreCase);
        return tag.Style.Contains("border-left", StringComparison.OrdinalIgnoreCase);
    }

    // The value of a property begins with that word, whatever comes before and after.
    private static bool Says(ReadOnlySpan<char> style, ReadOnlySpan<char> property, ReadOnlySpan<char> value)
    {
        if (style.Length > MaxValue)
            style = style[..MaxValue];
        var before = ';';
        for (var at = style.IndexOf(property, StringComparison.OrdinalIgnoreCase); at >= 0; at = style.IndexOf(property, StringComparison.OrdinalIgnoreCase))
        {
            before = at > 0 ? style[at - 1] : before;
            style = style[(at + property.Length)..];
            var rest = style.TrimStart();
            if (char.IsLetter(before) || before == '-' || rest is not [':', ..])
                continue;
            rest = rest[1..].TrimStart();
            if (rest.StartsWith(value, StringComparison.OrdinalIgnoreCase) && (value is not "0" || IsZero(rest)))
                return true;
        }
        return false;
    }

    // "0", "0px", "0 0 .0001pt": no gap; "0.5em" and "0 0 10px" are one.
    private static bool IsZero(ReadOnlySpan<char> value)
    {
        var end = value.IndexOf(';');
        value = end < 0 ? value : value[..end];
        return value.IndexOfAnyInRange('1', '9') < 0 || value.Contains(".0001", StringComparison.Ordinal);
    }

    private static FrozenDictionary<string, HtmlScopeKind> Table(params (HtmlScopeKind Kind, string Names)[] rows) =>
        rows.SelectMany(static row => row.Names.Split(' ').Select(name => (name, row.Kind))).ToFrozenDictionary(static r => r.name, static r => r.Kind, StringComparer.OrdinalIgnoreCase);
}
