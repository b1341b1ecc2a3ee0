namespace Ingest.Mail.Mime;

/// <summary>How the content of a part is encoded for transport (RFC 2045 section 6).</summary>
public enum TransferEncoding
{
    /// <summary>7bit, 8bit, binary or unknown: as it is.</summary>
    Identity,
    /// <summary>base64 (section 6.8).</summary>
    Base64,
    /// <summary>quoted-printable (section 6.7).</summary>
    QuotedPrintable,
    /// <summary>x-uuencode and its other names.</summary>
    UuEncode,
}
