namespace Ingest.Mail.Mime;

/// <summary>A file that goes with a mail.</summary>
/// <param name="Name">What it is called; written without path and characters that are unsafe to store, never empty.</param>
/// <param name="ContentType">Its media type, with a charset if it has one; anything that is not one, and types that may not be encoded (multipart, message), are written as application/octet-stream.</param>
/// <param name="Content">Its bytes.</param>
public sealed record OutgoingAttachment(string Name, string ContentType, ReadOnlyMemory<byte> Content)
{
    /// <summary>Set for a picture that the html shows: its Content-ID without angle brackets (RFC 2392), to which the html refers with cid:. It is then sent beside the html (RFC 2387) and not as a file to save.</summary>
    public string? ContentId { get; init; }
}
