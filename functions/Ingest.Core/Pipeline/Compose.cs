using System.Security.Cryptography;
using Ingest.Core.Redaction;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Core.Threading;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Pipeline;

/// <summary>Makes the documents of a ticket from a redacted mail.</summary>
public static class Compose
{
    private const int MostAddresses = 100, MostReferences = 50;

    /// <summary>The ticket that a mail starts.</summary>
    public static TicketDocument Ticket(Facts facts, Decision decision, RedactedMail redacted)
    {
        MailAddress from = Sender(redacted);
        return new TicketDocument
        {
            Subject = redacted.Subject,
            Requester = decision.ContactId,
            // Nobody is proven by a mail that may be forged: the true sender's own mail must not land in an impostor's ticket.
            Participants = facts.Auth.Authenticated ? [decision.ContactId] : [],
            RequesterName = from.Name,
            RequesterAddress = from.Address,
            LinkedTo = decision.LinkedTo,
        };
    }

    /// <summary>The message that a mail becomes.</summary>
    public static NewMessage Message(Facts facts, Decision decision, RedactedMail redacted)
    {
        MailMessage mail = facts.Message;
        MailAddress from = Sender(redacted);
        List<AttachmentDocument> attachments = [];
        List<Func<byte[]>> contents = [];
        int redactions = redacted.Findings.Count;
        foreach ((MailAttachment attachment, string name) in mail.Attachments.Zip(redacted.AttachmentNames))
        {
            (byte[] content, IReadOnlyList<Finding> findings, bool lookedInto) = Redact.Attachment(attachment.ContentType, attachment.Decode(), RedactionPolicy.Default);
            redactions += findings.Count;
            attachments.Add(new AttachmentDocument
            {
                Name = name,
                ContentType = attachment.ContentType,
                Size = content.Length,
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(content)),
                Inline = attachment.Inline,
                ContentId = attachment.ContentId ?? "",
                LookedInto = lookedInto,
            });
            contents.Add(() => content);
        }

        MessageDocument document = new()
        {
            FromName = from.Name,
            FromAddress = from.Address,
            ReplyTo = mail.ReplyTo is [var reply, ..] && !string.Equals(reply.Address, from.Address, StringComparison.OrdinalIgnoreCase) ? reply.Address : "",
            To = [.. mail.To.Take(MostAddresses).Select(a => a.Address)],
            Cc = [.. mail.Cc.Take(MostAddresses).Select(a => a.Address)],
            MessageId = mail.MessageId ?? "",
            References = [.. mail.References.TakeLast(MostReferences)],
            Date = mail.Date,
            Subject = redacted.Subject,
            Text = redacted.Text ?? "",
            Html = redacted.Html ?? "",
            Reply = redacted.Reply,
            Elided = redacted.Elided,
            Signature = redacted.Signature,
            Attachments = attachments,
            Redactions = redactions,
        };
        return new NewMessage(facts.Mail.MessageKey, decision.Received, Flags(facts, redactions, attachments), document, contents);
    }

    private static MailAddress Sender(RedactedMail redacted) => redacted.From is [var first, ..] ? first : redacted.Sender ?? new MailAddress("", "");

    private static MessageMarks Flags(Facts facts, int redactions, List<AttachmentDocument> attachments)
    {
        MessageMarks flags = MessageMarks.None;
        if (!facts.Auth.Authenticated) flags |= MessageMarks.Unverified;
        if (facts.Spam.Verdict != SpamVerdictKind.Ham) flags |= MessageMarks.Unsure;
        if (facts.Screened.Kind == ScreenKind.AutoReply) flags |= MessageMarks.Automatic;
        if (facts.Screened.Kind == ScreenKind.Bounce) flags |= MessageMarks.Bounce;
        if (facts.Screened.Kind == ScreenKind.Bulk) flags |= MessageMarks.Bulk;
        if (redactions > 0) flags |= MessageMarks.Redacted;
        if (facts.Message.Defects.Count > 0) flags |= MessageMarks.Malformed;
        if (attachments.Exists(a => !a.LookedInto)) flags |= MessageMarks.NotLookedInto;
        return flags;
    }
}
