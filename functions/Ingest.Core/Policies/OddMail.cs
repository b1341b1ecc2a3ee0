using Ingest.Mail.Mime;

namespace Ingest.Core.Policies;

/// <summary>Mail of which little can be made.</summary>
internal static class OddMail
{
    /// <summary>True without subject, text and attachments.</summary>
    internal static bool IsBlank(MailMessage message) =>
        message.Attachments.Count == 0 && string.IsNullOrWhiteSpace(message.Subject) && string.IsNullOrWhiteSpace(message.Text) && !HasPicture(message.Html);

    /// <summary>True when some of its parts or fields could not be read, for limits or damage; what is only untidy is readable.</summary>
    internal static bool IsUnreadable(MailMessage message) => message.Defects.Any(d => d.Kind is DefectKind.EmptyMail or DefectKind.MailTooLong or DefectKind.TooManyHeaders
        or DefectKind.TooDeep or DefectKind.TooManyParts or DefectKind.TooManyDecodedBytes or DefectKind.TooMuchUnpacked or DefectKind.DamagedTnef or DefectKind.DamagedSmime);

    private static bool HasPicture(string? html) => html?.Contains("<img", StringComparison.OrdinalIgnoreCase) == true;
}
