namespace Ingest.Mail.Text;

/// <summary>The ids, classes and styles by which mail programs mark quotes, signatures and hidden text in html.</summary>
internal static class HtmlQuoteMarks
{
    private static readonly string[] QuoteClasses = ["gmail_quote", "gmail_quote_container", "yahoo_quoted", "protonmail_quote", "tutanota_quote", "moz-forward-container", "zmail_extra", "front-blockquote", "hs_reply", "ms-outlook-mobile-reference-message", "skiff_quote", "hey_quote", "mailspring-quote", "gmail_extra_quote", "mcntmcontainer"];
    private static readonly string[] QuoteIds = ["olk_src_body_section", "mac_outlook_style_block", "mail-editor-reference-message-container", "iosreplycontainer", "replywithtext", "ydp-yahoo_quoted", "isreplycontent", "quoted-message", "x-original-message"];
    private static readonly string[] TailIds = ["divrplyfwdmsg", "divrpyfwdmsg", "appendonsend", "stopspelling", "zwchr", "ms-outlook-mobile-body-separator-line"];
    private static readonly string[] IntroClasses = ["gmail_attr", "moz-cite-prefix", "moz-email-headers-table", "zmail_extra_hr", "protonmail_quote_header"];
    private static readonly string[] SignatureClasses = ["gmail_signature", "gmail_signature_prefix", "moz-signature", "protonmail_signature_block", "protonmail_signature_block-user", "tutanota_signature", "zmail_signature", "mailspring-signature", "ms-outlook-mobile-signature", "front-signature"];
    private static readonly string[] SignatureIds = ["signature", "applemailsignature", "ms-outlook-mobile-signature", "ymail_android_signature", "ymail_ios_signature", "yahoosignature", "lineBreakAtBeginningOfSignature", "bloop_sign_separator", "composer_signature", "_rc_sig", "hmsignature"];

    public static bool IsHidden(ReadOnlySpan<char> attributes)
    {
        if (attributes.Length < 6)
            return false;
        var style = HtmlAttributes.Find(attributes, "style");
        if (style is not null && (Says(style, "display", "none") || Says(style, "visibility", "hidden") || (Says(style, "max-height", "0") && Says(style, "overflow", "hidden"))))
            return true;
        return attributes.Contains("hidden", StringComparison.OrdinalIgnoreCase) && HtmlAttributes.Has(attributes, "hidden");
    }

    public static bool IsPreformatted(ReadOnlySpan<char> attributes) =>
        attributes.Contains("white-space", StringComparison.OrdinalIgnoreCase) && HtmlAttributes.Find(attributes, "style") is { } style && Says(style, "white-space", "pre");

    /// <summary>True for paragraphs that are shown without a gap, as Word writes them.</summary>
    public static bool IsTight(ReadOnlySpan<char> attributes) =>
        attributes.Contains("MsoNormal", StringComparison.OrdinalIgnoreCase) || (attributes.Contains("margin", StringComparison.OrdinalIgnoreCase) && HtmlAttributes.Find(attributes, "style") is { } style && (Says(style, "margin", "0") || (Says(style, "margin-top", "0") && Says(style, "margin-bottom", "0"))));

    /// <summary>What an element with a class or an id is, null when it is nothing that matters here.</summary>
    public static HtmlScopeKind? ScopeOf(ReadOnlySpan<char> attributes, out bool tail)
    {
        tail = false;
        if (HtmlAttributes.Find(attributes, "id") is { Length: > 0 and < 100 } id)
        {
            tail = Is(id, TailIds);
            if (Is(id, QuoteIds) || id.EndsWith("yahoo_quoted", StringComparison.OrdinalIgnoreCase))
                return HtmlScopeKind.Quote;
            if (Is(id, SignatureIds))
                return HtmlScopeKind.Signature;
        }
        if (HtmlAttributes.Find(attributes, "class") is not { Length: > 0 and < 500 } classes)
            return null;
        foreach (var range in classes.AsSpan().Split(' '))
        {
            var name = classes.AsSpan(range);
            if (name.Length < 8)
                continue;
            if (Is(name, QuoteClasses) || name.EndsWith("yahoo_quoted", StringComparison.OrdinalIgnoreCase))
                return HtmlScopeKind.Quote;
            if (Is(name, IntroClasses))
                return HtmlScopeKind.Intro;
            if (Is(name, SignatureClasses))
                return HtmlScopeKind.Signature;
        }
        return null;
    }

    /// <summary>True for the line that Word draws above the mail that is answered.</summary>
    public static bool IsWordDivider(ReadOnlySpan<char> attributes) =>
        attributes.Contains("border-top:solid #", StringComparison.OrdinalIgnoreCase) && attributes.Contains("padding:3.0pt 0", StringComparison.OrdinalIgnoreCase);

    // The value of a property begins with that word, whatever comes before and after.
    private static bool Says(string style, string property, string value)
    {
        for (var at = style.IndexOf(property, StringComparison.OrdinalIgnoreCase); at >= 0; at = style.IndexOf(property, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (at > 0 && (char.IsLetter(style[at - 1]) || style[at - 1] == '-'))
                continue;
            var rest = style.AsSpan(at + property.Length).TrimStart();
            if (rest is not [':', ..])
                continue;
            rest = rest[1..].TrimStart();
            if (rest.StartsWith(value, StringComparison.OrdinalIgnoreCase) && (value != "0" || IsZero(rest)))
                return true;
        }
        return false;
    }

    // "0", "0px", "0 0 .0001pt": no gap; "0.5em" and "0 0 10px" are one.
    private static bool IsZero(ReadOnlySpan<char> value)
    {
        var end = value.IndexOf(';');
        foreach (var c in end < 0 ? value : value[..end])
        {
            if (c is >= '1' and <= '9')
                return value.StartsWith("0") && value.Contains(".0001", StringComparison.Ordinal);
        }
        return true;
    }

    private static bool Is(ReadOnlySpan<char> word, string[] words)
    {
        foreach (var other in words)
        {
            if (word.Equals(other, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>True when a block quote is a mere indent, as editors make it.</summary>
    public static bool IsIndent(ReadOnlySpan<char> attributes) =>
        HtmlAttributes.Find(attributes, "style") is { } style && (Says(style, "border", "none") || Says(style, "border-width", "0") || Says(style, "border", "0"));

    /// <summary>True when a mail program made the block quote, not its author.</summary>
    public static bool IsCited(ReadOnlySpan<char> attributes, bool inQuote)
    {
        if (string.Equals(HtmlAttributes.Find(attributes, "type"), "cite", StringComparison.OrdinalIgnoreCase) || HtmlAttributes.Find(attributes, "cite") is not null)
            return true;
        if (HtmlAttributes.Find(attributes, "class") is { } name && name.Contains("quote", StringComparison.OrdinalIgnoreCase))
            return inQuote || !name.Contains("gmail_quote", StringComparison.OrdinalIgnoreCase);
        return inQuote || (HtmlAttributes.Find(attributes, "style") is { } style && style.Contains("border-left", StringComparison.OrdinalIgnoreCase));
    }
}
