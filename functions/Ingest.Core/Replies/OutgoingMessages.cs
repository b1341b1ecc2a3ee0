using Ingest.Core.Access;
using Ingest.Core.Screening;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Replies;

/// <summary>Makes the bytes of a reply from what was approved: the same message gives the same bytes, so that a second try sends the same mail.</summary>
public sealed class OutgoingMessages(TicketStore tickets, SigningKeys signing)
{
    /// <summary>
    /// The mail to send, signed if wanted and the sender's domain has a key; throws <see cref="UnwritableMailException"/> for what can never be sent.
    /// </summary>
    public async Task<byte[]> WriteAsync(TenantContext tenant, string ticket, TicketMessage message, bool automatic, bool sign, CancellationToken cancel)
    {
        MessageDocument document = message.Document!;
        List<OutgoingAttachment> attachments = [];
        for (int i = 0; i < document.Attachments.Count; i++)
        {
            byte[] content = await tickets.ReadAttachmentAsync(tenant, ticket, message, i, cancel) ?? throw new InvalidDataException("An attachment of a reply is missing.");
            attachments.Add(new OutgoingAttachment(document.Attachments[i].Name, document.Attachments[i].ContentType, content));
        }

        byte[] mail = MessageWriter.Write(Compose(document, attachments, automatic));
        if (!sign) return mail;
        string domain = document.FromAddress[(document.FromAddress.LastIndexOf('@') + 1)..];
        using SigningKey? key = await signing.FindAsync(tenant, domain, cancel);
        return key is null ? mail : await key.SignAsync(mail, document.Date ?? message.Received, cancel);
    }

    private static OutgoingMail Compose(MessageDocument document, List<OutgoingAttachment> attachments, bool automatic) => new()
    {
        From = new MailAddress(document.FromName, document.FromAddress),
        ReplyTo = document.ReplyTo.Length > 0 ? new MailAddress(document.FromName, document.ReplyTo) : null,
        To = [.. document.To.Select(a => new MailAddress("", a))],
        Cc = [.. document.Cc.Select(a => new MailAddress("", a))],
        Subject = document.Subject,
        Date = document.Date!.Value,
        MessageId = document.MessageId,
        InReplyTo = document.References.Count > 0 ? document.References[^1] : null,
        References = document.References,
        Text = document.Text,
        Html = document.Html.Length > 0 ? document.Html : null,
        Attachments = attachments,
        Fields =
        [
            // Relays rewrite Message-IDs and keep this: our own mail is recognised when it comes back.
            (Screen.OwnIdField, $"<{document.MessageId}>"),
            .. automatic ? [("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"), ("Precedence", "auto_reply")] : Array.Empty<(string, string)>(),
        ],
    };
}
