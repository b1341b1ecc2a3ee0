using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.App.Api;

/// <summary>Which kept-back mail is meant; what is not sent leaves nothing out.</summary>
/// <param name="Inbox">Only of this mailbox, by its id.</param>
/// <param name="Outcome">Quarantined or Parked; Quarantined unless said.</param>
/// <param name="Reasons">Kept back for one of these reasons.</param>
/// <param name="Sender">The whole address of its sender, or a domain.</param>
/// <param name="OlderThanDays">Received so many days ago or earlier.</param>
public sealed record KeptFilterBody(string? Inbox = null, string? Outcome = null, IReadOnlyList<string>? Reasons = null, string? Sender = null, int? OlderThanDays = null);

/// <summary>What to search kept-back mail for: words, a filter, or both.</summary>
/// <param name="Words">Words of the subject or of the sender's name or address, all of which must be there.</param>
/// <param name="Filter">Which mails are looked through.</param>
/// <param name="Cursor">"next" of the answer before, to go on searching; with the same words and filter.</param>
public sealed record KeptSearchBody(string? Words = null, KeptFilterBody? Filter = null, string? Cursor = null);

/// <summary>A kept-back mail by its mailbox and key.</summary>
/// <param name="Inbox">The mailbox's id.</param>
/// <param name="MessageKey">The mail's key.</param>
public sealed record KeptRefBody(string Inbox, string MessageKey);

/// <summary>A decision on many kept-back mails: those named, or all that a filter lets through and that are kept back by now.</summary>
/// <param name="Action">Release or Delete. What is deleted cannot be brought back.</param>
/// <param name="Mails">The mails, at most 1,000.</param>
/// <param name="Filter">Which mails, when none are named; an empty one means all.</param>
/// <param name="DryRun">True to count only.</param>
public sealed record BulkBody(string Action, IReadOnlyList<KeptRefBody>? Mails = null, KeptFilterBody? Filter = null, bool DryRun = false);

/// <summary>A page of kept-back mail.</summary>
public sealed record KeptPageView(IReadOnlyList<KeptLineView> Mails, string? Next);

/// <summary>A kept-back mail, without what it says.</summary>
/// <param name="Inbox">Its mailbox.</param>
/// <param name="MessageKey">Its key.</param>
/// <param name="Outcome">Quarantined or Parked.</param>
/// <param name="Reason">Why.</param>
/// <param name="Why">The same in words.</param>
/// <param name="Received">When the provider received it.</param>
/// <param name="KeptAt">Since when it is kept back.</param>
/// <param name="ExpiresAt">When it is deleted unless somebody decides before; null when never.</param>
/// <param name="SeenAt">When a person last opened it; null when nobody did.</param>
public sealed record KeptLineView(string Inbox, string MessageKey, OutcomeKind Outcome, OutcomeReason Reason, string Why, DateTimeOffset Received, DateTimeOffset KeptAt, DateTimeOffset? ExpiresAt, DateTimeOffset? SeenAt)
{
    internal static KeptLineView Of(KeptMailLine m) => new(m.Inbox.Value, m.Line.MessageKey, m.Line.Outcome, m.Line.Reason, Explanation.Of(m.Line.Outcome, m.Line.Reason), m.Line.Received, m.Line.At, m.Expires, m.Seen);
}

/// <summary>What a search found so far.</summary>
/// <param name="Mails">The mails that fit.</param>
/// <param name="Opened">How many were opened for it: content is sealed, so that words are found only by opening, at most 200 at once.</param>
/// <param name="Next">Send it as cursor to go on; null when all were looked through.</param>
public sealed record KeptFoundPage(IReadOnlyList<KeptFoundView> Mails, int Opened, string? Next);

/// <summary>A kept-back mail that was found.</summary>
public sealed record KeptFoundView(KeptLineView Mail, string Subject, string FromName, string From, bool Authenticated);

/// <summary>A mail that was kept back, as a reviewer sees it: redacted, never as html, web addresses unfit to be followed.</summary>
/// <param name="Line">How it ended.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="FromName">Its author's name.</param>
/// <param name="From">Its author's address, as the mail says.</param>
/// <param name="Authenticated">True when that address is proven.</param>
/// <param name="ReplyTo">Where answers are to go, if elsewhere.</param>
/// <param name="To">Its recipients.</param>
/// <param name="Text">Its text.</param>
/// <param name="Links">Where its links lead, at most 20.</param>
/// <param name="Attachments">Its attachments.</param>
/// <param name="Why">Every step's decision in words, and why it is kept back.</param>
/// <param name="SpamReasons">What spoke for spam, strongest first.</param>
/// <param name="ExpiresAt">When it is deleted unless somebody decides before; null when never.</param>
/// <param name="Report">What it reports, if it is a report.</param>
public sealed record KeptBackView(JournalView Line, string Subject, string FromName, string From, bool Authenticated, string ReplyTo, IReadOnlyList<string> To, string Text, IReadOnlyList<string> Links,
    IReadOnlyList<KeptFileView> Attachments, IReadOnlyList<string> Why, IReadOnlyList<string> SpamReasons, DateTimeOffset? ExpiresAt, ReportView? Report)
{
    internal static KeptBackView Of(ReviewedMail m) => new(JournalView.Of(m.Line), m.Subject, m.FromName, m.FromAddress, m.Authenticated, m.ReplyTo, m.To, m.Text, m.Links,
        [.. m.Attachments.Select(a => new KeptFileView(a.Name, a.ContentType, a.Size))], Explanation.Of(m.Line), Explanation.ForSpam(m.Line.Steps), m.Expires, m.Report is { } report ? ReportView.Of(report) : null);
}

/// <summary>A file of a kept-back mail.</summary>
public sealed record KeptFileView(string Name, string ContentType, long Size);

/// <summary>The kept-back mail of each mailbox in numbers.</summary>
public sealed record KeptSummaryPage(IReadOnlyList<KeptSummaryView> Mailboxes);

/// <summary>A mailbox's kept-back mail in numbers.</summary>
/// <param name="Inbox">The mailbox.</param>
/// <param name="Address">Its address.</param>
/// <param name="CountedAt">When it was counted.</param>
/// <param name="Total">How many mails are quarantined.</param>
/// <param name="Unseen">How many of them no person opened.</param>
/// <param name="Parked">How many are parked.</param>
/// <param name="OldestUnseen">When the longest waiting of them was kept back.</param>
/// <param name="DeletedSoon">How many that nobody opened are deleted within three days.</param>
/// <param name="NextExpiry">When the first is deleted.</param>
/// <param name="Reasons">How many for each reason, the most first.</param>
/// <param name="Alarms">What is alarming.</param>
public sealed record KeptSummaryView(string Inbox, string Address, DateTimeOffset CountedAt, long Total, long Unseen, long Parked, DateTimeOffset? OldestUnseen, long DeletedSoon, DateTimeOffset? NextExpiry,
    IReadOnlyList<ReasonCountView> Reasons, IReadOnlyList<KeptAlarm> Alarms);

/// <summary>How many for a reason.</summary>
public sealed record ReasonCountView(OutcomeReason Reason, string Why, long Count);

/// <summary>How a decision on many stands.</summary>
/// <param name="Id">Its id; empty for a dry run.</param>
/// <param name="Action">Release or Delete.</param>
/// <param name="State">Running, Done or Stopped.</param>
/// <param name="Meant">How many mails are meant; null when more than were counted.</param>
/// <param name="Done">With how many it was done.</param>
/// <param name="Passed">How many were let in, deleted or gone already, are under a legal hold, or cannot be opened.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Moved">When it last went on.</param>
public sealed record BulkView(string Id, BulkAction Action, BulkState State, long? Meant, long Done, long Passed, DateTimeOffset Created, DateTimeOffset Moved)
{
    internal static BulkView Of(BulkDecision b) => new(b.Id, b.Action, b.State, b.Meant < 0 ? null : b.Meant, b.Done, b.Passed, b.Created, b.Moved);
}
