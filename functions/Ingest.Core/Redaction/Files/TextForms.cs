namespace Ingest.Core.Redaction.Files;

/// <summary>Masks a text in the way its form asks for.</summary>
internal static class TextForms
{
    internal static (RedactedText Text, UnreadReason Unread) Mask(FileSearch search, FileText read, FileKind kind, bool office, int depth)
    {
        string text = read.Text;
        MaskedText New() => new(text, search.Policy, search.Tools, read.Cover);
        UnreadReason unread = UnreadReason.None;
        RedactedText masked = kind switch
        {
            FileKind.Html => Html(search, New(), text, depth, out unread),
            FileKind.Xml => XmlText.Mask(text, office, search.Policy, search.Tools, read.Cover),
            FileKind.Json => JsonText.Mask(text, search.Policy, search.Tools, read.Cover),
            FileKind.Delimited => New().Cover(LineText.Delimited(text)).Finish(),
            FileKind.Calendar => New().Cover(LineText.Calendar(text, out unread)).Finish(),
            _ => PlainText.Mask(New(), text),
        };
        if (kind is FileKind.Plain && text.Contains("-----BEGIN PGP MESSAGE-----", StringComparison.Ordinal))
            return (masked, UnreadReason.Encrypted);
        return (masked, unread);
    }

    private static RedactedText Html(FileSearch search, MaskedText mask, string html, int depth, out UnreadReason unread)
    {
        foreach (ReadableText text in HtmlText.Split(html))
            mask.Cover(text);
        return HtmlData.Mask(mask.Finish(), search, depth, out unread);
    }
}
