namespace Ingest.Mail.Mime;

public sealed partial class MailMessage
{
    /// <summary>Reads a mail. Never throws on content, ends in time linear in the size, keeps within <paramref name="limits"/>.</summary>
    public static MailMessage Parse(ReadOnlyMemory<byte> raw, ParseLimits? limits = null)
    {
        limits ??= ParseLimits.Default;
        return raw.Length > limits.MaxMailBytes ? Parse(raw[..limits.MaxMailBytes], limits, true) : Parse(raw, limits, false);
    }

    private static MailMessage Parse(ReadOnlyMemory<byte> raw, ParseLimits limits, bool cut)
    {
        var defects = new List<Defect>();
        if (cut)
            defects.Add(new Defect(DefectKind.MailTooLong, raw.Length));
        var source = MailStart.Readable(raw, defects);
        var root = PartReader.Read(source, MailStart.Skip(source.Span, defects), limits, defects);
        var headers = root.Headers;
        headers.Fallback = HeaderFallback(root);
        var read = new FieldReader(headers, limits, defects);

        var subject = read.Text("Subject");
        var from = read.Addresses("From");
        var body = BodyChoice.Of(root, limits, defects);
        var kind = KindReader.Read(headers, root, from, subject, body);
        read.NoteMissing();
        return new MailMessage(body, limits)
        {
            Raw = raw,
            Headers = headers,
            Root = root,
            MessageId = read.MessageId(),
            Subject = subject,
            From = from,
            Sender = read.Addresses("Sender") is [var sender, ..] ? sender : null,
            ReplyTo = read.Addresses("Reply-To"),
            To = read.Addresses("To"),
            Cc = read.Addresses("Cc"),
            Date = read.Date(),
            InReplyTo = read.Ids("In-Reply-To"),
            References = read.Ids("References"),
            Attachments = AttachmentReader.Read(body.Others, body.Html, limits),
            Kind = kind,
            Bounce = kind == MailKind.Bounce ? BounceReader.Read(root, read, body.Text, limits) : [],
            Defects = defects,
        };
    }

    private static System.Text.Encoding? HeaderFallback(MimePart part)
    {
        if (part.IsLeaf)
            return part.ContentType.StartsWith("text/", StringComparison.Ordinal) ? Charsets.Find(part.Charset) : null;
        foreach (var child in part.Children)
        {
            if (HeaderFallback(child) is { } encoding)
                return encoding;
        }
        return null;
    }
}
