namespace Ingest.Core.Redaction.Files;

/// <summary>Masks a text in the way its form asks for.</summary>
internal static class TextForms
{
    internal static (RedactedText Text, UnreadReason Unread) Mask(FileSearch search, FileText read, FileKind kind, bool office, int depth, FileSource file)
    {
        string text = read.Text;
        MaskedText New() => new(text, search.Policy, search.Tools, read.Cover);
        UnreadReason unread = UnreadReason.None;
        RedactedText masked = kind switch
        {
            FileKind.Html => Html(search, New(), text, depth, out unread),
            FileKind.Xml => XmlText.Mask(text, office, search.Policy, search.Tools, read.Cover, file.Strings, file.Name != SharedStrings.Path),
            FileKind.Json => JsonText.Mask(text, search.Policy, search.Tools, read.Cover),
            FileKind.Delimited => Table(New(), text),
            FileKind.Calendar => Calendar(New(), text, out unread),
            _ => PlainText.Mask(New(), text),
        };
        if (kind is FileKind.Plain && text.Contains("-----BEGIN PGP MESSAGE-----", StringComparison.Ordinal))
            return (masked, UnreadReason.Encrypted);
        if (kind is FileKind.Plain && (HasPackedFile(text) || text.Contains("=ybegin line=", StringComparison.Ordinal)))
            return (masked, UnreadReason.Embedded);
        return (masked, kind is FileKind.Xml ? XmlText.Unread(text, office) : unread);
    }

    private static RedactedText Calendar(MaskedText mask, string text, out UnreadReason unread)
    {
        mask.Cover(LineText.Calendar(text, LinePart.Content, out unread)).Cover(LineText.Calendar(text, LinePart.Form, out _));
        if (text.Contains("text/html", StringComparison.OrdinalIgnoreCase))
            mask.Cover(LineText.Calendar(text, LinePart.Html, out _));
        return mask.Finish();
    }

    private static RedactedText Table(MaskedText mask, string text)
    {
        ReadableText table = LineText.Delimited(text);
        mask.Cover(table);
        if (SplitCard.Read(table) is { } cards)
            mask.Cover(cards);
        if (CellTable.Read(text) is { } named)
            mask.Cover(named);
        return mask.Finish();
    }

    // Lines of uuencode: "begin 644 name", then one that tells its length of 45 bytes or fewer.
    private static bool HasPackedFile(string text)
    {
        for (int at = 0; (at = text.IndexOf("begin ", at, StringComparison.Ordinal)) >= 0; at += 6)
        {
            ReadOnlySpan<char> rest = text.AsSpan(at + 6);
            if ((at == 0 || text[at - 1] == '\n') && rest.Length > 6 && !rest[..3].ContainsAnyExceptInRange('0', '7') && rest[3] == ' ' && rest.IndexOf('\n') is > 4 and var line
                && rest[(line + 1)..] is [>= '!' and <= 'M', ..] next && next.TrimEnd("\r\n").IndexOf('\n') is var stop && (stop < 0 ? next.Length : stop) > 4)
                return true;
        }
        return false;
    }

    private static RedactedText Html(FileSearch search, MaskedText mask, string html, int depth, out UnreadReason unread)
    {
        foreach (ReadableText text in HtmlText.Split(html))
            mask.Cover(text);
        return HtmlData.Mask(mask.Finish(), search, depth, out unread);
    }
}
