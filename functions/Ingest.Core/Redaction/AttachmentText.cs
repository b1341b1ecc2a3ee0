using System.Text;

namespace Ingest.Core.Redaction;

/// <summary>Masks attachments that are text of some sort, keeping their encoding and, for html and JSON, their form.</summary>
internal static class AttachmentText
{
    private static readonly UTF8Encoding PlainUtf8 = new(false, true);

    internal static RedactedAttachment Redact(string contentType, byte[] content, RedactionPolicy policy, RedactionTools tools)
    {
        TextKind kind = KindOf(contentType, content);
        if (kind == TextKind.None)
            return new RedactedAttachment(content, [], false);
        // Latin-1 maps bytes one to one, so an unknown encoding survives; its cover must then be ASCII.
        Encoding encoding = EncodingOf(content);
        char cover = kind == TextKind.Mail || encoding == Encoding.Latin1 ? 'X' : '•';
        string text = encoding.GetString(content);
        RedactedText redacted = Mask(text, kind, policy, tools, cover);
        byte[] bytes = redacted.Findings.Count == 0 ? content : encoding.GetBytes(redacted.Text);
        bool whole = kind != TextKind.Mail || !text.Contains("base64", StringComparison.OrdinalIgnoreCase);
        return new RedactedAttachment(bytes, redacted.Findings, whole);
    }

    private static RedactedText Mask(string text, TextKind kind, RedactionPolicy policy, RedactionTools tools, char cover)
    {
        var mask = new MaskedText(text, policy, tools, cover);
        bool[]? quoted = kind == TextKind.Json ? InsideStrings(text) : null;
        IEnumerable<ReadableText> readable = kind switch
        {
            TextKind.Html => HtmlText.Split(text),
            TextKind.Mail => [ReadableText.FromQuotedPrintable(text)],
            TextKind.Plain or TextKind.Json or TextKind.None => [ReadableText.FromPlain(text)],
        };
        foreach (ReadableText part in readable)
            mask.Cover(part, quoted is null ? null : at => !quoted[at]);
        return mask.Finish();
    }

    // A JSON number cannot hold a cover, so it becomes a string.
    private static bool[] InsideStrings(string json)
    {
        bool[] inside = new bool[json.Length];
        bool within = false;
        for (int i = 0; i < json.Length; i++)
        {
            inside[i] = within;
            if (json[i] == '"')
                within = !within;
            else if (json[i] == '\\' && within && i + 1 < json.Length)
                inside[++i] = true;
        }
        return inside;
    }

    private static TextKind KindOf(string contentType, byte[] content)
    {
        string type = contentType.Split(';')[0].Trim().ToLowerInvariant();
        return type switch
        {
            "text/rtf" => TextKind.None,
            "text/html" or "text/xml" or "application/xml" or "application/xhtml+xml" or "image/svg+xml" => TextKind.Html,
            "message/rfc822" or "message/global" or "text/rfc822-headers" => TextKind.Mail,
            "application/json" or "text/json" or "application/x-ndjson" => TextKind.Json,
            "application/csv" or "application/yaml" or "application/x-yaml" or "application/sql" => TextKind.Plain,
            _ when type.EndsWith("+json", StringComparison.Ordinal) => TextKind.Json,
            _ when type.EndsWith("+xml", StringComparison.Ordinal) => TextKind.Html,
            _ when type.StartsWith("text/", StringComparison.Ordinal) => TextKind.Plain,
            // Senders often do not know what they attach.
            "application/octet-stream" or "" when !content.Contains((byte)0) && Utf8Valid(content) => TextKind.Plain,
            _ => TextKind.None,
        };
    }

    private static Encoding EncodingOf(byte[] content) => content switch
    {
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        _ => Utf8Valid(content) ? PlainUtf8 : Encoding.Latin1,
    };

    private static bool Utf8Valid(byte[] content) => System.Text.Unicode.Utf8.IsValid(content);

    private enum TextKind
    {
        None,
        Plain,
        Html,
        Json,
        Mail,
    }
}
