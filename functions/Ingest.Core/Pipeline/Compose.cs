using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Keys;
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

    // What a person can still read on a page, in UTF-16 code units. What is longer is shown cut and lies whole, redacted, in an attachment.
    private const int LongestText = 500_000, LongestHtml = 2_000_000;

    /// <summary>The ticket that a mail starts.</summary>
    public static TicketDocument Ticket(Facts facts, Decision decision, RedactedMail redacted, OwnAddresses own)
    {
        MailAddress from = Sender(redacted);
        return new TicketDocument
        {
            Subject = Cut.To(redacted.Subject, Cut.Subject),
            Requester = decision.ContactId,
            // Nobody is proven by a mail that may be forged: the true sender's own mail must not land in an impostor's ticket.
            Participants = facts.HasProvenAuthor ? [decision.ContactId] : [],
            Copied = Joiners(facts, decision, own).Copied,
            RequesterName = Cut.To(from.Name, Cut.Name),
            RequesterAddress = Cut.To(from.Address, Cut.Name),
            LinkedTo = decision.LinkedTo,
        };
    }

    /// <summary>Who may join by right of this mail. Only a proven sender who was let in can let others in, and our own addresses are never anyone.</summary>
    public static Joiners Joiners(Facts facts, Decision decision, OwnAddresses own) => facts.IsProvenPerson && !facts.Thread.Newcomer
        ? new Joiners(decision.ContactId, [.. facts.Message.To.Concat(facts.Message.Cc).Where(a => a.Domain.Length > 0 && a.Address.Length <= Cut.Name && !own.Contains(a.Address))
            .Select(a => EmailIdentity.Normalise(a.Address)).Distinct().Take(TicketStore.MostCopied)])
        : new Joiners(null, []);

    /// <summary>The message that a mail becomes.</summary>
    public static NewMessage Message(Facts facts, Decision decision, RedactedMail redacted, RedactionPolicy policy, RedactionTools? tools = null, NamedAddresses? named = null)
    {
        MailMessage mail = facts.Message;
        MailAddress from = Sender(redacted);
        List<AttachmentDocument> attachments = [];
        List<Func<byte[]>> contents = [];
        List<Finding> found = [.. redacted.Findings];
        var files = new FileSearch(policy, tools);
        foreach ((MailAttachment attachment, string name) in mail.Attachments.Zip(redacted.AttachmentNames))
        {
            RedactedAttachment file = files.Redact(attachment);
            byte[] content = file.Content;
            found.AddRange(file.Findings.Select(finding => finding with { Place = FindingPlace.Attachment }));
            attachments.Add(new AttachmentDocument
            {
                Name = file.State == FileState.TextCopy ? file.Name : name,
                ContentType = file.ContentType,
                // Of what is withheld, people are told how much it was.
                Size = file.State == FileState.Withheld ? attachment.Part.DecodedLength() : content.Length,
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(content)),
                Inline = attachment.Inline,
                ContentId = attachment.ContentId ?? "",
                LookedInto = file.LookedInto,
                State = file.State,
                Unread = file.Unread,
                Entries = file.Entries,
            });
            contents.Add(() => content);
        }

        string text = Whole(redacted.Text ?? "", LongestText, "message.txt", "text/plain"), html = redacted.Html ?? "";
        if (mail.Defects.Any(d => d.Kind == DefectKind.BodyTooLong)) text += $"\n\n[This message was longer than can be taken in. {(policy.KeepsOriginal ? "The rest is in the original mail only" : "The rest was not kept")}.]";
        // Html that is cut means something else; whoever wants it opens the attachment.
        if (html.Length > LongestHtml) html = Whole(html, 0, "message.html", "text/html");

        RedactionTally tally = RedactionTally.Of(found, policy.DryRun);
        int redactions = policy.DryRun ? 0 : tally.Total;
        MessageDocument document = new()
        {
            FromName = Cut.To(from.Name, Cut.Name),
            FromAddress = Cut.To(from.Address, Cut.Name),
            ReplyTo = mail.ReplyTo is [var reply, ..] && !string.Equals(reply.Address, from.Address, StringComparison.OrdinalIgnoreCase) ? reply.Address : "",
            To = [.. mail.To.Where(a => a.Address.Length > 0).Take(MostAddresses).Select(a => Cut.To(a.Address, Cut.Name))],
            Cc = [.. mail.Cc.Where(a => a.Address.Length > 0).Take(MostAddresses).Select(a => Cut.To(a.Address, Cut.Name))],
            MessageId = mail.MessageId ?? "",
            References = [.. mail.References.TakeLast(MostReferences)],
            Date = mail.Date,
            Subject = Cut.To(redacted.Subject, Cut.Subject),
            Text = text,
            Html = html,
            Reply = Cut.To(redacted.Reply, LongestText),
            Elided = Cut.To(redacted.Elided, LongestText),
            Signature = Cut.To(redacted.Signature, LongestText),
            Attachments = attachments,
            Redactions = redactions,
            Masked = redactions == 0 ? "" : tally.ToCodes(),
            Named = named?.Digests ?? [],
            Sender = SenderCheck.Of(facts.Auth),
            Steps = decision.Steps,
            Hints = facts.Hints,
        };
        return new NewMessage(facts.Mail.MessageKey, decision.Received, Flags(facts, redactions, attachments), document, contents) { Arrived = facts.Mail.ReleasedAt ?? decision.Received, Tally = tally };

        string Whole(string all, int longest, string name, string contentType)
        {
            if (all.Length <= longest) return all;
            byte[] content = Encoding.UTF8.GetBytes(all);
            attachments.Add(new AttachmentDocument
            {
                Name = name, ContentType = contentType + "; charset=utf-8", Size = content.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(content)), LookedInto = true,
            });
            contents.Add(() => content);
            return longest == 0 ? "" : $"{Cut.To(all, longest)}\n\n[This message is very long. All of it is in the attachment {name}.]";
        }
    }

    private static MailAddress Sender(RedactedMail redacted) => redacted.From is [var first, ..] ? first : redacted.Sender ?? new MailAddress("", "");

    private static MessageMarks Flags(Facts facts, int redactions, List<AttachmentDocument> attachments)
    {
        MessageMarks flags = MessageMarks.None;
        if (!facts.Auth.Authenticated) flags |= MessageMarks.Unverified;
        if (facts.Spam.Verdict != SpamVerdictKind.Ham && !facts.Mail.Released) flags |= MessageMarks.Unsure;
        if (facts.Screened.Kind == ScreenKind.AutoReply) flags |= MessageMarks.Automatic;
        if (facts.Screened.Kind == ScreenKind.Bounce) flags |= MessageMarks.Bounce;
        if (facts.Screened.Kind == ScreenKind.Bulk) flags |= MessageMarks.Bulk;
        if (facts.Thread.Newcomer) flags |= MessageMarks.Newcomer;
        if (redactions > 0) flags |= MessageMarks.Redacted;
        if (facts.Message.Defects.Count > 0) flags |= MessageMarks.Malformed;
        if (attachments.Exists(a => !a.LookedInto)) flags |= MessageMarks.NotLookedInto;
        return flags;
    }
}
