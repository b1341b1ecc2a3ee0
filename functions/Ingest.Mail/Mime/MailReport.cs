namespace Ingest.Mail.Mime;

/// <summary>What a report says, in its sender's words; the mail itself says nothing that could be believed without them.</summary>
/// <param name="Kind">What sort of report.</param>
/// <param name="Type">For feedback the type, such as abuse or auth-failure (RFC 5965 section 7.3); for a disposition what was done, such as displayed or deleted (RFC 8098 section 3.2.6); else empty. In lower case.</param>
/// <param name="Recipients">Whom the mail that is reported on was for.</param>
/// <param name="OriginalMessageId">The Message-ID of that mail, null when it is not said.</param>
public sealed record MailReport(ReportKind Kind, string Type, IReadOnlyList<string> Recipients, string? OriginalMessageId);

/// <summary>The sort of a report.</summary>
public enum ReportKind
{
    /// <summary>A complaint or authentication failure (ARF, RFC 5965, RFC 6591), or the mail itself from a feedback loop.</summary>
    Feedback,
    /// <summary>What became of a mail after its delivery (RFC 8098).</summary>
    Disposition,
    /// <summary>A DMARC aggregate report (RFC 7489 section 7.2).</summary>
    Dmarc,
    /// <summary>A report on TLS (RFC 8460).</summary>
    Tls,
    /// <summary>Another sort of multipart/report.</summary>
    Other,
}
