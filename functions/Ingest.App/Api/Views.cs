using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.App.Api;

/// <summary>A list of tickets.</summary>
/// <param name="Tickets">Newest first.</param>
public sealed record TicketPage(IReadOnlyList<TicketLine> Tickets);

/// <summary>A ticket in a list.</summary>
public sealed record TicketLine(string Id, string Number, string Inbox, string State, string Subject, string Requester, int Messages, DateTimeOffset Created,
    DateTimeOffset Updated, IReadOnlyList<string> Flags)
{
    internal static TicketLine Of(Ticket t) => new(t.Id, t.Number, t.Inbox, t.State.ToString(), t.Document?.Subject ?? "", t.Document?.RequesterAddress ?? "",
        t.Messages, t.Created, t.Updated, FlagNames(t.Flags));

    internal static IReadOnlyList<string> FlagNames(MessageMarks flags) =>
        [.. Enum.GetValues<MessageMarks>().Where(f => f != MessageMarks.None && flags.HasFlag(f)).Select(f => f.ToString())];
}

/// <summary>A ticket with its messages.</summary>
public sealed record TicketView(TicketLine Ticket, string LinkedTo, IReadOnlyList<MessageView> Messages);

/// <summary>A message.</summary>
public sealed record MessageView(string Key, DateTimeOffset Received, string FromName, string From, string ReplyTo, IReadOnlyList<string> To, IReadOnlyList<string> Cc,
    string Subject, string Text, string Reply, int Redactions, IReadOnlyList<string> Flags, IReadOnlyList<AttachmentView> Attachments, bool Erased)
{
    internal static MessageView Of(TicketMessage m)
    {
        MessageDocument d = m.Document ?? new MessageDocument();
        return new(m.Key, m.Received, d.FromName, d.FromAddress, d.ReplyTo, d.To, d.Cc, d.Subject, d.Text, d.Reply, d.Redactions, TicketLine.FlagNames(m.Flags),
            [.. d.Attachments.Select((a, i) => new AttachmentView(i, a.Name, a.ContentType, a.Size, a.Sha256, a.Inline, a.LookedInto))], m.Document is null);
    }
}

/// <summary>An attachment; its bytes are at /api/tickets/{id}/messages/{key}/attachments/{index}.</summary>
public sealed record AttachmentView(int Index, string Name, string ContentType, long Size, string Sha256, bool Inline, bool LookedInto);

/// <summary>The mailboxes of a tenant.</summary>
public sealed record MailboxPage(IReadOnlyList<MailboxLine> Mailboxes);

/// <summary>A mailbox.</summary>
public sealed record MailboxLine(string Id, string Kind, string State, string Address, string Fault, int Failures, DateTimeOffset? LastMail, DateTimeOffset Created);

/// <summary>Where a mail ended.</summary>
public sealed record JournalView(string MessageKey, OutcomeKind Outcome, OutcomeReason Reason, string TicketId, string Owner, string Steps, DateTimeOffset Received, DateTimeOffset At)
{
    internal static JournalView Of(JournalLine l) => new(l.MessageKey, l.Outcome, l.Reason, l.TicketId, l.Owner, l.Steps, l.Received, l.At);
}

/// <summary>The books of an inbox.</summary>
public sealed record BooksView(Books Books, bool Balance);

/// <summary>A problem (RFC 9457).</summary>
/// <param name="Title">What is wrong, in one line.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What to do about it.</param>
public sealed record Problem(string Title, int Status, string Detail);
