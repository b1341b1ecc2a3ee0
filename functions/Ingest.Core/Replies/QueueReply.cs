using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Screening;
using Ingest.Core.Store;
using Ingest.Core.Threading;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Replies;

/// <summary>
/// Takes in replies. The message to the sender is queued first, delayed; then the reply's id is anchored, then message, outbox row and ticket are written
/// in one transaction: a crash in between leaves a queue message that finds nothing and is dropped. What is approved is frozen: text, recipients and ids.
/// </summary>
public sealed class QueueReply(MailboxStore mailboxes, TicketStore tickets, Anchors anchors, Outbox outbox, KeyRing keys, RedactionInForce redactionInForce, WorkQueue queue, TimeProvider time)
{
    /// <summary>The most bytes of attachments in one reply: encoded they still pass the servers that take 25 MB.</summary>
    public const int MostAttachmentBytes = 18 * 1024 * 1024;

    /// <summary>The longest text, in UTF-16 code units.</summary>
    public const int LongestText = 500_000;

    /// <summary>The code of a delivery that a person settled.</summary>
    public const string ByPerson = "resolved-by-a-person";

    /// <summary>How many of a ticket's newest messages are looked through for whom to answer and what to refer to.</summary>
    public const int MostLookedBack = 50;

    private const int MostRecipients = 50, MostAttachments = 50, LongestAddress = 320;

    // Whom nobody has let into the ticket is answered only when an agent names them.
    private const MessageMarks NotAsked = MessageMarks.Bounce | MessageMarks.Automatic | MessageMarks.Newcomer;

    // Longer than the writes below take, so that the sender seldom comes too early; short enough that nobody waits for it.
    private static readonly TimeSpan HeadStart = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Approves a reply; it is sent soon, once. Null when there is no such ticket; <see cref="ReplyRefusedException"/> when it cannot be sent as it stands.
    /// </summary>
    public async Task<ReplyAccepted?> QueueAsync(TenantContext tenant, string ticketId, NewReply reply, CancellationToken cancel)
    {
        if (!TicketStore.IsTicketId(ticketId) || await tickets.FindAsync(tenant, ticketId, cancel) is not { } ticket) return null;
        if (ticket.Document is null) throw new ReplyRefusedException("ticket-erased", "This ticket's content was erased, so there is nobody to answer.");
        Mailbox mailbox = await mailboxes.GetCachedAsync(tenant, InboxId.Parse(ticket.Inbox), cancel);
        Check(mailbox, reply);

        using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
        string key = KeyOf(ids, "reply", ticketId, reply.IdempotencyKey);
        if (await tickets.FindMessageAsync(tenant, ticketId, key, cancel) is { } before) return Repeated(before, reply.Text);
        IReadOnlyList<TicketMessage> messages = (await tickets.NewestMessagesAsync(tenant, ticketId, MostLookedBack, cancel)).Messages;

        MailboxRedaction redaction = await redactionInForce(tenant, mailbox.Id, cancel);
        OutgoingCheck.Refuse(reply, redaction);
        ticket = ticket with { Document = ticket.Document with { Subject = OutgoingCheck.Masked(ticket.Document.Subject, redaction) } };
        NewMessage message = Write(ids, mailbox, ticket, [.. messages.Select(m => OutgoingCheck.Masked(m, redaction))], reply, key);
        await SendSoonAsync(WorkFor(tenant, mailbox.Id, ticketId, key), cancel);
        // So that an answer finds the ticket even where a relay has rewritten our token.
        await anchors.ClaimAsync(tenant, ids.AnchorKey(mailbox.Id, message.Document.MessageId), new Anchor(ticketId, Claimed: true, key), contact: null, cancel);
        OutgoingMessage outgoing = new(message, Outbox.NewRow(tenant, ticketId, key, automatic: false, time.GetUtcNow()));
        bool written = await tickets.AnswerAsync(tenant, ticketId, outgoing, [.. message.Document.To.Concat(message.Document.Cc).Select(EmailIdentity.Normalise)], reply.CloseTicket, cancel);
        return written ? new ReplyAccepted(key, Repeated: false) : null;
    }

    /// <summary>Keeps a note, masked as <see cref="OutgoingCheck.Note"/> says; returns its key and what was masked, or null when there is no such ticket.</summary>
    public async Task<NoteAccepted?> AddNoteAsync(TenantContext tenant, string ticketId, NewNote note, CancellationToken cancel)
    {
        if (!TicketStore.IsTicketId(ticketId) || await tickets.FindAsync(tenant, ticketId, cancel) is not { Erased: null } ticket) return null;
        if (string.IsNullOrWhiteSpace(note.Text)) throw new ReplyRefusedException("text-missing", "The note is empty: write a text.");
        if (note.Text.Length > LongestText) throw new ReplyRefusedException("text-too-long", "The note is longer than 500,000 characters: attach it as a file to a reply, or shorten it.");
        MailboxRedaction redaction = await redactionInForce(tenant, InboxId.Parse(ticket.Inbox), cancel);
        RedactedText text = OutgoingCheck.Note(note.Text, redaction), name = OutgoingCheck.Note(note.AuthorName, redaction);
        RedactionTally tally = RedactionTally.Of([.. text.Findings.Select(f => f with { Place = FindingPlace.Text }), .. name.Findings.Select(f => f with { Place = FindingPlace.DisplayName })], dryRun: false);
        using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
        string key = KeyOf(ids, "note", ticketId, note.IdempotencyKey);
        if (await tickets.FindMessageAsync(tenant, ticketId, key, cancel) is { } before) return new NoteAccepted(Repeated(before, note.Text, text.Text).Key, tally.Types);
        MessageDocument document = new()
        {
            FromName = Cut.To(name.Text, Cut.Name), Author = note.AuthorId, Text = text.Text, Reply = text.Text, Redactions = tally.Total, Masked = tally.Total == 0 ? "" : tally.ToCodes(),
        };
        NewMessage message = new(key, time.GetUtcNow(), tally.Total == 0 ? MessageMarks.Note : MessageMarks.Note | MessageMarks.Redacted, document, []);
        return await tickets.AddNoteAsync(tenant, ticketId, message, cancel) ? new NoteAccepted(key, tally.Types) : null;
    }

    /// <summary>
    /// A person's word on a reply in doubt: delivered, or to be sent once more. <paramref name="attempt"/> says which try they speak of, as the reply's delivery
    /// counts them; said again it has no second effect, not even when the reply is in doubt once more. Without it they speak of the last one.
    /// </summary>
    public async Task<DoubtEnd> ResolveAsync(TenantContext tenant, string ticketId, string key, bool delivered, CancellationToken cancel, int? attempt = null)
    {
        if (!TicketStore.IsTicketId(ticketId) || !IsKey(key) || await tickets.FindAsync(tenant, ticketId, cancel) is not { } ticket) return DoubtEnd.NotThere;
        for (int tries = 0; tries < 4; tries++)
        {
            if (await outbox.FindAsync(tenant, ticketId, key, cancel) is not { } entry) return DoubtEnd.NotThere;
            if (Settled(entry, delivered, attempt ?? entry.Delivery.Attempts) is { } end) return end;
            DateTimeOffset now = time.GetUtcNow();
            ReplyWork work = WorkFor(tenant, InboxId.Parse(ticket.Inbox), ticketId, key);
            // Noted before the change and queued after it: a sender that comes too early forgets the note, and a crash in between leaves it to housekeeping.
            if (!delivered) await outbox.ExpectAsync(work, cancel);
            Delivery next = entry.Delivery with { State = delivered ? DeliveryState.Sent : DeliveryState.Queued, Code = ByPerson, At = now };
            if (await outbox.MoveAsync(tenant, ticketId, entry with { Delivery = next, Created = now, NotBefore = now, Looks = 0 }, cancel) is null) continue;
            if (!delivered) await SendSoonAsync(work, cancel);
            return DoubtEnd.Settled;
        }

        throw new NotNowException("ticket-contended");
    }

    // What there is to say when nothing is left to settle; null while the doubt stands.
    private static DoubtEnd? Settled(OutboxEntry entry, bool delivered, int attempt)
    {
        Delivery now = entry.Delivery;
        if (now.Attempts != attempt) return now.Attempts > attempt && !delivered ? DoubtEnd.SettledBefore : DoubtEnd.NotInDoubt;
        if (now.State == DeliveryState.Uncertain) return entry.Automatic && !delivered ? DoubtEnd.NeverTwice : null;
        return now.Code == ByPerson && now.State == (delivered ? DeliveryState.Sent : DeliveryState.Queued) ? DoubtEnd.SettledBefore : DoubtEnd.NotInDoubt;
    }

    private static bool IsKey(string key) => key is { Length: >= 1 and <= 32 } && key.All(char.IsAsciiLetterOrDigit);

    /// <summary>True when replies can be sent from this mailbox.</summary>
    public static bool CanSendFrom(Mailbox mailbox) => mailbox.Kind == MailboxKind.Google || mailbox.Profile.Smtp is not null;

    // What masks may have changed since, and what was kept may have been redacted by hand: an honest repeat is met all the same.
    private static ReplyAccepted Repeated(TicketMessage before, string given, string? masked = null) => before.Document is { } document && document.Reply != masked
        && !RepeatedText.IsSame(document.Reply, document.Redactions > 0 || document.LaterRedactions.Count > 0, given)
        ? throw new ReplyRefusedException("idempotency-key-reused", "This idempotency key was used for a different text: take a new key for each reply and each note.")
        : new ReplyAccepted(before.Key, Repeated: true);

    private static void Check(Mailbox mailbox, NewReply reply)
    {
        if (!CanSendFrom(mailbox))
            throw new ReplyRefusedException("mailbox-cannot-send", "This mailbox has no way to send: connect it to Gmail, or add its SMTP server on the mailbox's page.");
        if (string.IsNullOrWhiteSpace(reply.Text)) throw new ReplyRefusedException("text-missing", "The reply is empty: write a text.");
        if (reply.Text.Length > LongestText || reply.Html.Length > 4 * LongestText)
            throw new ReplyRefusedException("text-too-long", "The reply is longer than 500,000 characters: send the long part as an attachment.");
        if (reply.To.Count + reply.Cc.Count > MostRecipients) throw new ReplyRefusedException("too-many-recipients", "A reply goes to 50 people at most: name fewer in To and Cc.");
        if (reply.Attachments.Count > MostAttachments || reply.Attachments.Sum(a => (long)a.Content.Length) > MostAttachmentBytes)
            throw new ReplyRefusedException("attachments-too-large", "Attachments may have 18 MB together, in 50 files at most: send larger ones as a link.");
        OwnAddresses own = new([mailbox.Profile.Address, .. mailbox.Profile.Aliases]);
        foreach (string address in reply.To.Concat(reply.Cc))
        {
            if (!IsAddress(address)) throw new ReplyRefusedException("address-unusable", "One of the addresses is none: it looks like name@example.com.");
            if (own.Contains(address)) throw new ReplyRefusedException("address-is-ours", "One of the addresses is this mailbox itself: the reply would come back as a new mail.");
        }
    }

    // Exactly what can be written into a mail and an envelope.
    private static bool IsAddress(string address) => address.Length <= LongestAddress && MessageWriter.WireAddress(address) is not null;

    private NewMessage Write(TenantKeys ids, Mailbox mailbox, Ticket ticket, IReadOnlyList<TicketMessage> messages, NewReply reply, string key)
    {
        TicketMessage? parent = messages.LastOrDefault(m => m.Direction != MessageDirection.Note && m.Document is { MessageId.Length: > 0 });
        TicketMessage? asked = Asked(messages);
        IReadOnlyList<string> to = reply.To.Count > 0 ? reply.To
            : WhoAsked(mailbox, ticket, asked) is { } address ? [address]
            : throw new ReplyRefusedException("nobody-to-answer", "Nobody in this ticket has an address that can be answered: name one in To.");
        string from = SenderOf(mailbox, asked), token = ReplyToken.Create((domain, data) => ids.Mac(domain, data), mailbox.Id, ticket.Id);
        bool quotes = reply.QuoteHistory && asked is not null;
        MessageDocument document = new()
        {
            FromName = Cut.To(mailbox.Profile.SenderName.Length > 0 ? mailbox.Profile.SenderName : reply.AuthorName, Cut.Name),
            AuthorName = Cut.To(reply.AuthorName, Cut.Name),
            FromAddress = from,
            ReplyTo = mailbox.TakesPlusAddresses ? ReplyToken.ReplyAddress(from, token) ?? "" : "",
            To = to,
            Cc = [.. reply.Cc.Except(to, StringComparer.OrdinalIgnoreCase)],
            MessageId = ReplyToken.MessageId(token, key[..16], from[(from.LastIndexOf('@') + 1)..]),
            References = Chain(messages, parent),
            Date = WholeSecond(time.GetUtcNow()),
            Subject = ReplyText.Subject(asked?.Document?.Subject ?? ticket.Document!.Subject),
            Text = quotes ? ReplyText.Quote(reply.Text, asked!) : reply.Text,
            Html = reply.Html.Length == 0 ? ReplyText.Html(reply.Text, quotes ? asked : null) : quotes ? ReplyText.QuoteHtml(reply.Html, asked!) : reply.Html,
            Reply = reply.Text,
            Attachments = [.. reply.Attachments.Select(a => new AttachmentDocument
            {
                Name = a.Name, ContentType = a.ContentType, Size = a.Content.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(a.Content.Span)),
            })],
            Author = reply.AuthorId,
        };
        return new NewMessage(key, time.GetUtcNow(), MessageMarks.Outbound, document, [.. reply.Attachments.Select(a => (Func<byte[]>)(() => a.Content.ToArray()))]);
    }

    /// <summary>Whom a reply goes to that names nobody; null when nobody in the ticket can be answered.</summary>
    public static string? Recipient(Mailbox mailbox, Ticket ticket, IReadOnlyList<TicketMessage> messages) => ticket.Document is null ? null : WhoAsked(mailbox, ticket, Asked(messages));

    /// <summary>The mail that a reply answers; null when there is none.</summary>
    public static TicketMessage? Asked(IReadOnlyList<TicketMessage> messages) =>
        messages.LastOrDefault(m => m.Direction == MessageDirection.In && m.Document is not null && (m.Flags & NotAsked) == 0)
            ?? messages.LastOrDefault(m => m.Direction == MessageDirection.In && m.Document is not null && (m.Flags & (MessageMarks.Bounce | MessageMarks.Newcomer)) == 0);

    // Some programs drop References from an answer; the thread goes on from our last mail, so that it stays one thread for all others.
    private static IReadOnlyList<string> Chain(IReadOnlyList<TicketMessage> messages, TicketMessage? parent)
    {
        if (parent?.Document is not { } document) return [];
        TicketMessage? ours = messages.TakeWhile(m => m.Key != parent.Key).LastOrDefault(m => m.Direction == MessageDirection.Out && m.Document is not null);
        return parent.Direction == MessageDirection.In && document.References.Count == 0 && ours is not null
            ? ReplyText.References(document with { References = ReplyText.References(ours.Document!) })
            : ReplyText.References(document);
    }

    // Reply-To is where an honest sender wants answers; from one who is not proven it would let a stranger choose whom we write to.
    private static string? WhoAsked(Mailbox mailbox, Ticket ticket, TicketMessage? asked)
    {
        OwnAddresses own = new([mailbox.Profile.Address, .. mailbox.Profile.Aliases]);
        bool proven = asked is not null && (asked.Flags & MessageMarks.Unverified) == 0;
        string?[] wishes = [proven ? asked!.Document!.ReplyTo : null, asked?.Document!.FromAddress, ticket.Document!.RequesterAddress];
        return wishes.FirstOrDefault(a => a is { Length: > 0 } && IsAddress(a) && !own.Contains(a));
    }

    // From the address that the customer wrote to, so that the answer is recognised.
    private static string SenderOf(Mailbox mailbox, TicketMessage? asked) =>
        asked?.Document is { } document && mailbox.Profile.Aliases.FirstOrDefault(alias => document.To.Concat(document.Cc).Any(a => string.Equals(a, alias, StringComparison.OrdinalIgnoreCase))) is { } written
        && !document.To.Concat(document.Cc).Contains(mailbox.Profile.Address, StringComparer.OrdinalIgnoreCase)
            ? written
            : mailbox.Profile.Address;

    private ReplyWork WorkFor(TenantContext tenant, InboxId inbox, string ticketId, string key) =>
        new() { TenantText = tenant.Tenant.Value, InboxText = inbox.Value, TicketId = ticketId, Key = key, FirstSeenUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds() };

    private async Task SendSoonAsync(ReplyWork work, CancellationToken cancel)
    {
        await outbox.ExpectAsync(work, cancel);
        await queue.SendAsync(work.ToJson(), HeadStart, cancel);
    }

    private static string KeyOf(TenantKeys ids, string kind, string ticketId, string idempotencyKey)
    {
        string own = idempotencyKey.Length > 0 ? idempotencyKey : Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        return Crockford32.Encode(ids.Mac(kind, Encoding.UTF8.GetBytes($"{ticketId}\0{own}")).AsSpan(0, 20));
    }

    private static DateTimeOffset WholeSecond(DateTimeOffset now) => new(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), now.Offset);
}
