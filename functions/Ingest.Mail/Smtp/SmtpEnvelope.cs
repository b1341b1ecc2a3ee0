namespace Ingest.Mail.Smtp;

/// <summary>Who a message is from and who gets it (RFC 5321 section 2.3.1); domains in Unicode are sent in ASCII.</summary>
/// <param name="From">Where bounces go; empty for none (section 4.5.5).</param>
/// <param name="Recipients">Everyone who gets it; at least one.</param>
public sealed record SmtpEnvelope(string From, IReadOnlyList<string> Recipients);
