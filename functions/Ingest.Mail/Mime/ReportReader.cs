using System.Buffers;

namespace Ingest.Mail.Mime;

/// <summary>Reads reports that are no delivery status: complaints, dispositions, and which of the rest it is.</summary>
internal static class ReportReader
{
    private const int MaxRecipients = 100;

    private static readonly SearchValues<char> WordEnds = SearchValues.Create(" \t;/,(");

    public static MailReport Read(MimePart root, string? text, ParseLimits limits)
    {
        if (Find(root, "message/feedback-report") is { } feedback)
            return Feedback(Fields(feedback, limits), root, limits);
        if (Find(root, "message/disposition-notification") is { } disposition)
            return Disposition(Fields(disposition, limits), root, limits);
        if (ServiceNotice.Kind(text) == MailKind.Report || root.ContentType != "multipart/report" && Find(root, "message/rfc822") is not null)
            return new MailReport(ReportKind.Feedback, "abuse", [], BounceReader.OriginalId(root, limits));
        var tls = root.Parameters["report-type"]?.Trim().Equals("tlsrpt", StringComparison.OrdinalIgnoreCase) == true || Find(root, "application/tlsrpt+gzip") is not null || Find(root, "application/tlsrpt+json") is not null;
        return new MailReport(tls ? ReportKind.Tls : KindReader.IsDmarcReport(root) ? ReportKind.Dmarc : ReportKind.Other, "", [], null);
    }

    private static MailReport Feedback(HeaderList fields, MimePart root, ParseLimits limits) =>
        new(ReportKind.Feedback, Word(fields.First("Feedback-Type")), Addresses(fields, "Original-Rcpt-To"), BounceReader.OriginalId(root, limits));

    // "automatic-action/MDN-sent-automatically; displayed/error".
    private static MailReport Disposition(HeaderList fields, MimePart root, ParseLimits limits)
    {
        var done = fields.First("Disposition") ?? "";
        var type = done[(done.IndexOf(';', StringComparison.Ordinal) + 1)..];
        var id = fields.Find("Original-Message-ID") is { } header ? MessageIds.One(header.Unfolded, limits) : null;
        var recipients = Addresses(fields, "Final-Recipient");
        return new MailReport(ReportKind.Disposition, Word(type), recipients.Count > 0 ? recipients : Addresses(fields, "Original-Recipient"), id ?? BounceReader.OriginalId(root, limits));
    }

    // "rfc822; a@b" or "<a@b>".
    private static List<string> Addresses(HeaderList fields, string name)
    {
        var addresses = new List<string>();
        foreach (var field in fields.FindAll(name).Take(MaxRecipients))
        {
            var value = field.Value;
            foreach (var address in AddressReader.Read(value[(value.IndexOf(';', StringComparison.Ordinal) + 1)..], 1))
                addresses.Add(address.Address);
        }
        return addresses;
    }

    private static string Word(string? value)
    {
        var text = (value ?? "").AsSpan().Trim();
        var stop = text.IndexOfAny(WordEnds);
        return (stop < 0 ? text : text[..stop]).ToString().ToLowerInvariant();
    }

    private static HeaderList Fields(MimePart part, ParseLimits limits)
    {
        // Some programs leave lines empty before the fields.
        var list = new HeaderList(part.DecodeStart(limits.MaxReportBytes).AsMemory().TrimStart("\r\n"u8), limits.MaxFieldBytes);
        HeaderReader.Read(list, 0, limits, new BoundaryStack(), []);
        return list;
    }

    private static MimePart? Find(MimePart part, string type)
    {
        if (part.ContentType == type)
            return part;
        if (part.IsMessage)
            return null;
        foreach (var child in part.Children)
        {
            if (Find(child, type) is { } found)
                return found;
        }
        return null;
    }
}
