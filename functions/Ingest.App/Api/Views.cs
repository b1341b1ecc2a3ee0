using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Replies;
using Ingest.Core.Screening;
using Ingest.Core.Tickets;
using Ingest.Mail.Auth;

namespace Ingest.App.Api;

/// <summary>A page of tickets.</summary>
/// <param name="Tickets">Newest first; possibly fewer than asked for although more follow.</param>
/// <param name="Next">The cursor of the next page; null after the last.</param>
public sealed record TicketPage(IReadOnlyList<TicketLine> Tickets, string? Next);

/// <summary>A ticket in a list.</summary>
public sealed record TicketLine(string Id, string Number, string Inbox, string State, string Subject, string Requester, string Assignee, int Messages, DateTimeOffset Created,
    DateTimeOffset Updated, IReadOnlyList<string> Flags)
{
    internal static TicketLine Of(Ticket t) => new(t.Id, t.Number, t.Inbox, t.State.ToString(), t.Document?.Subject ?? "", t.Document?.RequesterAddress ?? "",
        t.Document?.Assignee ?? "", t.Messages, t.Created, t.Updated, FlagNames(t.Flags, t.IsDamaged));

    internal static IReadOnlyList<string> FlagNames(MessageMarks flags, bool isDamaged = false) =>
        [.. Enum.GetValues<MessageMarks>().Where(f => f != MessageMarks.None && flags.HasFlag(f)).Select(f => f.ToString()), .. isDamaged ? new[] { "Damaged" } : []];
}

/// <summary>A ticket with its newest messages.</summary>
/// <param name="Ticket">The ticket.</param>
/// <param name="LinkedTo">The id of the ticket it is linked to; empty when none.</param>
/// <param name="Messages">Its newest hundred messages, oldest first.</param>
/// <param name="Earlier">How many stand before these; /api/tickets/{ticket}/messages reads them.</param>
public sealed record TicketView(TicketLine Ticket, string LinkedTo, IReadOnlyList<MessageView> Messages, int Earlier)
{
    internal static TicketView Of(Ticket ticket, MessagePart part) => new(TicketLine.Of(ticket), ticket.Document?.LinkedTo ?? "", [.. part.Messages.Select(MessageView.Of)], part.Earlier);
}

/// <summary>Some messages of a ticket that follow on one another.</summary>
/// <param name="Messages">Oldest first.</param>
/// <param name="Earlier">How many stand before these: ask for them with "before" and the key of the first.</param>
public sealed record MessagePage(IReadOnlyList<MessageView> Messages, int Earlier);

/// <summary>A message. One that is "Damaged" by its flags says nothing: what is stored of it does not open, because somebody wrote over it or a part of it was lost.</summary>
public sealed record MessageView(string Key, string Direction, DateTimeOffset Received, string FromName, string From, string ReplyTo, IReadOnlyList<string> To, IReadOnlyList<string> Cc,
    string Subject, string Text, string Reply, int Redactions, IReadOnlyList<MaskedView> Masked, IReadOnlyList<string> Flags, IReadOnlyList<AttachmentView> Attachments, DeliveryView? Delivery, string Author, bool Erased,
    SenderView? Sender, IReadOnlyList<HintView> Hints, IReadOnlyList<string> SpamReasons, IReadOnlyList<LaterRedactionView> LaterRedactions)
{
    internal static MessageView Of(TicketMessage m)
    {
        MessageDocument d = m.Document ?? new MessageDocument();
        return new(m.Key, m.Direction.ToString(), m.Received, d.FromName, d.FromAddress, d.ReplyTo, d.To, d.Cc, d.Subject, d.Text, d.Reply, d.Redactions, MaskedView.Of(d), TicketLine.FlagNames(m.Flags, m.IsDamaged),
            [.. d.Attachments.Select((a, i) => new AttachmentView(i, a.Name, a.ContentType, a.Size, a.Sha256, a.Inline, a.LookedInto, a.State.ToString(), a.Unread.ToString(), FileWords.Of(a), a.Entries))],
            m.Delivery is { } sent ? DeliveryView.Of(sent) : null, d.Author, m.Document is null && !m.IsDamaged,
            d.Sender is { } sender ? SenderView.Of(sender) : null, [.. d.Hints.Select(h => new HintView(h.ToString(), HintWords.Of(h)))], (m.Flags & MessageMarks.Unsure) != 0 ? Explanation.ForSpam(d.Steps) : [],
            [.. d.LaterRedactions.Select(r => new LaterRedactionView(r.At, r.By, r.Part.ToString(), r.Count))]);
    }
}

/// <summary>How many of one sort were masked in a message before it was kept.</summary>
/// <param name="Type">The sort, such as card or phone.</param>
/// <param name="Count">How many.</param>
public sealed record MaskedView(string Type, int Count)
{
    internal static IReadOnlyList<MaskedView> Of(MessageDocument document) => Of(RedactionTally.ReadTypes(document.Masked));

    internal static IReadOnlyList<MaskedView> Of(IReadOnlyDictionary<FindingType, int> types) => [.. types.OrderBy(type => type.Key).Select(type => new MaskedView(type.Key.ToWord(), type.Value))];
}

/// <summary>Something that was taken out of a message after it was written, for good.</summary>
/// <param name="At">When.</param>
/// <param name="By">The id of who did it; empty for the command line and for housekeeping.</param>
/// <param name="Part">Text, Message, Attachment, or Policy for what the mailbox's policy masks.</param>
/// <param name="Places">In how many places.</param>
public sealed record LaterRedactionView(DateTimeOffset At, string By, string Part, int Places);

/// <summary>Something in a message that is as deceivers do it; none proves anything alone.</summary>
/// <param name="Code">Which, such as LinkGoesElsewhere.</param>
/// <param name="Sentence">The same in words.</param>
public sealed record HintView(string Code, string Sentence);

/// <summary>Who is proven to have sent a message.</summary>
/// <param name="Verified">True when the author's domain is proven.</param>
/// <param name="Domain">The author's domain, proven or not.</param>
/// <param name="Reason">Why, as a code such as DmarcPass or OriginUnknown.</param>
/// <param name="Sentence">The same for people.</param>
/// <param name="CheckedBy">Whose checks it rests on: Provider, Ourselves, Both or Nobody.</param>
/// <param name="Signer">The domain whose signature proves it; empty when none does.</param>
/// <param name="Sealer">Who passed it on and is believed; empty when nobody had to be.</param>
/// <param name="Spf">The result in the words of RFC 8601, as the following.</param>
/// <param name="Dkim">Of DKIM.</param>
/// <param name="Dmarc">Of DMARC.</param>
/// <param name="Arc">Of ARC, none when it was not looked at.</param>
/// <param name="Policy">What the domain asks for: Reject, Quarantine, None or Unknown.</param>
public sealed record SenderView(bool Verified, string Domain, string Reason, string Sentence, string CheckedBy, string Signer, string Sealer, string Spf, string Dkim, string Dmarc, string Arc, string Policy)
{
    internal static SenderView Of(SenderCheck s) => new(s.IsProven(), s.Domain, s.Reason.ToString(), s.ToSentence(), s.Checker.ToString(), s.Signer, s.Sealer,
        s.Spf.Word(), s.Dkim.Word(), s.Dmarc.Word(), s.Arc.Word(), s.Policy.ToString());
}

/// <summary>A message with its html.</summary>
/// <param name="Message">The message.</param>
/// <param name="Html">Its html as it was sent, redacted and not cleaned: show it in a sandbox without scripts, or not at all. Empty when it has none.</param>
public sealed record MessageDetail(MessageView Message, string Html);

/// <summary>How the delivery of a reply stands.</summary>
/// <param name="State">Queued, Sending, Sent, Uncertain or Failed.</param>
/// <param name="Code">Why; empty when all is well.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="At">Since when it stands so.</param>
public sealed record DeliveryView(string State, string Code, int Attempts, DateTimeOffset At)
{
    internal static DeliveryView Of(Delivery d) => new(d.State.ToString(), d.Code, d.Attempts, d.At);
}

/// <summary>An attachment; its bytes are at /api/tickets/{ticket}/messages/{message}/attachments/{index}, unless it is withheld.</summary>
/// <param name="Index">Its place in the message.</param>
/// <param name="Name">Its file name, masked.</param>
/// <param name="ContentType">Media type.</param>
/// <param name="Size">Bytes; of what is withheld, how many there were.</param>
/// <param name="Sha256">SHA-256 of the bytes that are kept, hexadecimal.</param>
/// <param name="Inline">Shown within the body.</param>
/// <param name="LookedInto">True when all of it was searched for personal data.</param>
/// <param name="State">Kept, Masked, TextCopy or Withheld.</param>
/// <param name="Unread">Why it, or a part of it, was not looked into: None, Image, Media, Archive, Encrypted, UnreadKind, UnknownKind, Damaged, TooLarge, TooDeep or Embedded.</param>
/// <param name="Note">The same in words.</param>
/// <param name="Entries">Names of the files in it when it is an archive, masked, the first ones only.</param>
public sealed record AttachmentView(int Index, string Name, string ContentType, long Size, string Sha256, bool Inline, bool LookedInto, string State, string Unread, string Note, IReadOnlyList<string> Entries);

/// <summary>A message that was taken in.</summary>
/// <param name="Key">Its key within the ticket.</param>
/// <param name="Repeated">True when it had been taken in before under the same Idempotency-Key.</param>
public sealed record Accepted(string Key, bool Repeated);

/// <summary>A note that was taken in.</summary>
/// <param name="Key">Its key within the ticket.</param>
/// <param name="Masked">What was masked in it before it was kept, since this mailbox's redaction does not let it leave in answers either; nobody can bring it back.</param>
public sealed record Kept(string Key, IReadOnlyList<MaskedView> Masked)
{
    internal static Kept Of(NoteAccepted note) => new(note.Key, MaskedView.Of(note.Masked));
}

/// <summary>The mailboxes that a caller may know of.</summary>
public sealed record MailboxPage(IReadOnlyList<MailboxLine> Mailboxes);

/// <summary>A mailbox.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">Google, Imap or Import.</param>
/// <param name="State">Active, Paused or NeedsReconnect.</param>
/// <param name="Address">Its address.</param>
/// <param name="Fault">Why it cannot be read; empty when it can.</param>
/// <param name="Failures">How often in a row it could not.</param>
/// <param name="LastMail">When its newest mail was received.</param>
/// <param name="Created">When it was connected.</param>
/// <param name="KeptBackAlarms">What is alarming about its kept-back mail, as last counted: TooMany, TooOld, DeletedSoon.</param>
public sealed record MailboxLine(string Id, string Kind, string State, string Address, string Fault, int Failures, DateTimeOffset? LastMail, DateTimeOffset Created, IReadOnlyList<KeptAlarm> KeptBackAlarms)
{
    internal static MailboxLine Of(MailboxView v, IReadOnlyList<KeptAlarm> alarms) => new(v.Mailbox.Id.Value, v.Mailbox.Kind.ToString(), v.Mailbox.State.ToString(), v.Mailbox.Profile.Address, v.Health.Fault,
        v.Health.Failures, v.Health.LastMail, v.Mailbox.Created, alarms);
}

/// <summary>A page of journal lines.</summary>
public sealed record JournalPage(IReadOnlyList<JournalView> Lines, string? Next);

/// <summary>Where a mail ended.</summary>
public sealed record JournalView(string MessageKey, OutcomeKind Outcome, OutcomeReason Reason, string TicketId, string Owner, string Steps, DateTimeOffset Received, DateTimeOffset At)
{
    internal static JournalView Of(JournalLine l) => new(l.MessageKey, l.Outcome, l.Reason, l.TicketId, l.Owner, l.Steps, l.Received, l.At);
}

/// <summary>The books of an inbox.</summary>
public sealed record BooksView(Books Books, bool Balance);

/// <summary>A report of a mail system, as its sender wrote it.</summary>
/// <param name="Sort">Aggregate, Failure, Complaint, Disposition or Unknown.</param>
/// <param name="Mails">How many mails it is about.</param>
/// <param name="Unproven">How many of them were not proven.</param>
/// <param name="Reporter">Who reports; empty when it does not say.</param>
/// <param name="Domains">The domains that it is about.</param>
/// <param name="From">The first moment that it is about.</param>
/// <param name="To">The last.</param>
/// <param name="Rows">Of an aggregate report, what was seen, by source: its first thousand rows.</param>
public sealed record ReportView(string Sort, long Mails, long Unproven, string Reporter, IReadOnlyList<string> Domains, DateTimeOffset? From, DateTimeOffset? To, IReadOnlyList<ReportRowView> Rows)
{
    private const int MostRows = 1000;

    internal static ReportView Of(FiledReport r) => new(r.Sort.ToString(), r.Mails, r.Unproven, r.Aggregate?.Organization ?? r.Failure?.ReportingMta ?? "",
        r.Aggregate is { } a ? [a.Domain] : r.Failure?.ReportedDomains ?? [], r.Aggregate?.Begin ?? r.Failure?.Arrival, r.Aggregate?.End ?? r.Failure?.Arrival,
        [.. (r.Aggregate?.Rows ?? []).Take(MostRows).Select(ReportRowView.Of)]);
}

/// <summary>Mail from one source, as a receiver saw it.</summary>
public sealed record ReportRowView(string Source, long Mails, string HeaderFrom, string Spf, string Dkim, string Disposition)
{
    internal static ReportRowView Of(AggregateRow r) => new(r.SourceIp, r.Count, r.HeaderFrom, r.Spf.Word(), r.Dkim.Word(), r.Disposition);
}

/// <summary>The people of a tenant.</summary>
public sealed record PeoplePage(IReadOnlyList<PersonView> People);

/// <summary>A person.</summary>
public sealed record PersonView(string Id, string Name, string Email, string Directory, string ObjectId, bool Disabled, DateTimeOffset Created, IReadOnlyList<GrantView> Grants)
{
    internal static PersonView Of(Person p) => new(p.Id, p.Name, p.Email, p.Identity.Directory.ToString("D"), p.Identity.ObjectId.ToString("D"), p.Disabled, p.Created,
        [.. p.Grants.Select(g => new GrantView(g.Role.ToString(), g.Inbox?.Value))]);
}

/// <summary>A role in one inbox, or in all when the inbox is null.</summary>
public sealed record GrantView(string Role, string? Inbox);

/// <summary>What an admin may set of a mailbox.</summary>
public sealed record SettingsView(string SenderName, string Acknowledgement, bool PlusAddressing, IReadOnlyList<string> Aliases, IReadOnlyList<string> AuthservIds,
    IReadOnlyList<string> TrustedSealers, IReadOnlyList<string> ReceivingServers)
{
    internal static SettingsView Of(MailboxProfile p) => new(p.SenderName, p.Acknowledgement, p.PlusAddressing, p.Aliases, p.AuthservIds, p.TrustedSealers, p.ReceivingServers);
}

/// <summary>The domains from which a mailbox sends.</summary>
/// <param name="Domains">Those that we sign; none for a mailbox that its provider signs for.</param>
public sealed record SigningPage(IReadOnlyList<SigningView> Domains);

/// <summary>How a domain's mail is signed.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Selector">The name of its key; empty when its mail is not signed.</param>
/// <param name="RecordName">The name of the DNS record that publishes the key.</param>
/// <param name="RecordValue">The text of that record, of type TXT.</param>
public sealed record SigningView(string Domain, string Selector, string RecordName, string RecordValue);

/// <summary>A page of the audit log.</summary>
public sealed record AuditPage(IReadOnlyList<AuditView> Entries, string? Next);

/// <summary>Something that was done: ids and words of ours.</summary>
public sealed record AuditView(string Day, long Number, string Id, DateTimeOffset At, AuditAction Action, AuditActorKind ActorKind, string Actor, string Inbox, string TicketId, string ContactId, string Subject,
    AuditResult Result, long Count, string Code, string Hash)
{
    internal static AuditView Of(AuditEntry e) => new(e.Day, e.Number, e.Id, e.At, e.Event.Action, e.Event.Actor.Kind, e.Event.Actor.Id, e.Event.Inbox?.Value ?? "", e.Event.TicketId, e.Event.ContactId, e.Event.Subject,
        e.Event.Result, e.Event.Count, e.Event.Code, Convert.ToHexStringLower(e.Hash));
}

/// <summary>The root keys of a tenant, and the keys that it brought.</summary>
/// <param name="Roots">The root keys.</param>
/// <param name="Own">The ids of the tenant's own keys, the one that wraps first.</param>
public sealed record KeysView(IReadOnlyList<RootKeyView> Roots, IReadOnlyList<string> Own);

/// <summary>A root key.</summary>
/// <param name="For">Data, or Credential for what opens mailboxes.</param>
/// <param name="Epoch">Its generation.</param>
/// <param name="Kid">The key, with its version, that it hangs from.</param>
/// <param name="Newest">False when it waits to be moved to another key or version.</param>
/// <param name="Created">When it was made.</param>
public sealed record RootKeyView(string For, int Epoch, string Kid, bool Newest, DateTimeOffset Created);
