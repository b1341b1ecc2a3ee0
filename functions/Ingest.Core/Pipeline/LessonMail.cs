using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Replies;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Pipeline;

/// <summary>A mail of a ticket as a lesson sees it.</summary>
/// <param name="Screened">What sort of mail it is.</param>
/// <param name="Source">What it was read from.</param>
/// <param name="Base">What the filter says of it without any lessons, as log-odds.</param>
/// <param name="Sender">Whose mail it is, as a number.</param>
/// <param name="Features">The features that a lesson keeps.</param>
public sealed record LessonMail(Screened Screened, LessonSource Source, double Base, long Sender, FeatureVector Features)
{
    /// <summary>
    /// True when something can be learned from it: a person or a sender of bulk wrote it. What machines answer and report, and what is our own, is not to be learned from, whatever somebody
    /// says of it: it would teach the filter to hold back, or to let in, by the marks of the machine.
    /// </summary>
    public bool Teaches => Screened.Kind is ScreenKind.Human or ScreenKind.Bulk or ScreenKind.Calendar;

    /// <summary>Reads a mail with all that is known of it.</summary>
    public static LessonMail Of(MailMessage message, AuthVerdict auth, Screened screened, SpamContext context, LessonSource source)
    {
        SpamContext alone = context with { Learned = null };
        double score = Classify.Decide(message, auth, screened, alone).Score;
        FeatureVector kept = LessonFeatures.Keep(SpamFeatures.Extract(message, auth, screened, alone));
        return new LessonMail(screened, source, Math.Log(score / (1 - score)), SenderOf(message), kept);
    }

    // One who has a domain of their own may take a new address each time; at a public provider, an address is a person.
    private static long SenderOf(MailMessage message)
    {
        string address = EmailIdentity.Normalise(message.From is [var from, ..] ? from.Address : ""), domain = address[(address.LastIndexOf('@') + 1)..];
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(PublicMail.IsProvider(domain) ? address : domain));
        return BitConverter.ToInt64(hash);
    }
}

/// <summary>Opens mails of tickets for lessons: the sealed original while it is kept, else what the ticket holds.</summary>
public sealed class LessonMails(MailboxStore mailboxes, RawMail rawMail, Journal journal)
{
    // Sealed, opened and decoded: a mail is held three times over.
    private const int CopiesHeld = 3;
    private const long MemoryForMail = 128L * 1024 * 1024;
    private readonly ByteGate _gate = new(MemoryForMail);

    /// <summary>The mail of a message; null when the message is none from outside, or was erased.</summary>
    public async Task<LessonMail?> OpenAsync(TenantContext tenant, InboxId inbox, TicketMessage message, CancellationToken cancel)
    {
        if (message is not { Direction: MessageDirection.In, Document: { } document }) return null;
        Mailbox mailbox = await mailboxes.GetCachedAsync(tenant, inbox, cancel);
        JournalLine? line = await journal.FindAsync(tenant, inbox, message.Key, cancel);
        using IDisposable room = await _gate.EnterAsync(Math.Max(0, line?.Length ?? 0) * CopiesHeld, cancel);
        byte[]? raw = line is { Length: >= 0 } ? await OpenRawAsync(tenant, inbox, line, cancel) : null;
        MailMessage mail = MailMessage.Parse(raw ?? Written(document));
        AuthVerdict auth = AuthOf(mail, document.Sender);
        Screened screened = Screen.Decide(mail, auth, new ScreenInputs(new OwnAddresses([mailbox.Profile.Address, .. mailbox.Profile.Aliases]), _ => false));
        // What was seen as a machine's when it came is a machine's, although the ticket does not hold its header fields.
        if (raw is null && (message.Flags & (MessageMarks.Automatic | MessageMarks.Bounce)) != 0) screened = screened with { Kind = ScreenKind.AutoReply };
        return LessonMail.Of(mail, auth, screened, SpamContext.None, raw is null ? LessonSource.Ticket : LessonSource.Original);
    }

    private async Task<byte[]?> OpenRawAsync(TenantContext tenant, InboxId inbox, JournalLine line, CancellationToken cancel)
    {
        Work work = new() { TenantText = tenant.Tenant.Value, InboxText = inbox.Value, Pack = line.Pack, MessageKey = line.MessageKey, Offset = line.Offset, Length = line.Length };
        return (await rawMail.OpenAsync(work, cancel)).Raw;
    }

    // What was found out about the sender when the mail came; DNS may say something else by now.
    private static AuthVerdict AuthOf(MailMessage mail, SenderCheck? sender) => sender is null
        ? Authenticate.FromProvider(mail, [])
        : new AuthVerdict(sender.Spf, sender.Dkim, sender.Dmarc, sender.Domain, sender.IsProven(), sender.Signer.Length > 0 ? sender.Signer : null, sender.Reason)
        {
            Policy = sender.Policy, Checker = sender.Checker, Arc = sender.Arc, Sealer = sender.Sealer.Length > 0 ? sender.Sealer : null,
        };

    // A mail again, of what a ticket holds: all parts in base64, so that nothing in them can be taken for a header field or a boundary.
    private static byte[] Written(MessageDocument document)
    {
        StringBuilder mail = new();
        void Field(string name, string value) => mail.Append(CultureInfo.InvariantCulture, $"{name}: {string.Concat(value.Select(c => char.IsControl(c) ? ' ' : c))}\r\n");
        void Part(string type, string text) => mail.Append(CultureInfo.InvariantCulture,
            $"Content-Type: {type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(Encoding.UTF8.GetBytes(text), Base64FormattingOptions.InsertLineBreaks)}\r\n");
        string name = document.FromName.Length == 0 ? "" : $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(document.FromName))}?= ";
        Field("From", $"{name}<{document.FromAddress}>");
        Field("To", string.Join(", ", document.To));
        if (document.Cc.Count > 0) Field("Cc", string.Join(", ", document.Cc));
        if (document.ReplyTo.Length > 0) Field("Reply-To", document.ReplyTo);
        Field("Subject", document.Subject);
        if (document.MessageId.Length > 0) Field("Message-ID", $"<{document.MessageId}>");
        if (document.References.Count > 0) Field("References", string.Join(' ', document.References.Select(id => $"<{id}>")));
        Field("MIME-Version", "1.0");
        if (document.Html.Length == 0)
        {
            Part("text/plain", document.Text);
            return Encoding.UTF8.GetBytes(mail.ToString());
        }

        Field("Content-Type", "multipart/alternative; boundary=parts");
        mail.Append("\r\n--parts\r\n");
        Part("text/plain", document.Text);
        mail.Append("--parts\r\n");
        Part("text/html", document.Html);
        mail.Append("--parts--\r\n");
        return Encoding.UTF8.GetBytes(mail.ToString());
    }
}
