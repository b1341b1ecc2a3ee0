using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Tickets;

namespace Ingest.Core.Replies;

/// <summary>Looks at what is about to leave: what is quoted is masked, what a person wrote or attached is refused, and neither says in what words. Pure.</summary>
public static class OutgoingCheck
{
    /// <summary>The code of a reply that holds what may not leave.</summary>
    public const string Code = "reply-holds-private-data";

    /// <summary>The code of a reply with a file that nobody looked into, where the mailbox keeps no such file.</summary>
    public const string UnreadCode = "reply-file-unread";

    // A name that is shown beside our address says who wrote, and may be that person's address.
    private static readonly FindingType[] OfAName = [FindingType.Person, FindingType.Email];

    /// <summary>What of a reply may not leave by the mailbox's policy, by sort: in its text, its html, its files and their names, and the name that stands as its author.</summary>
    public static IReadOnlyList<FindingType> Find(NewReply reply, MailboxRedaction redaction) => Look(reply, redaction).Found;

    private static (IReadOnlyList<FindingType> Found, bool Unread) Look(NewReply reply, MailboxRedaction redaction)
    {
        RedactionPolicy policy = redaction.Policy.ForOutgoing();
        if (policy.IsOff) return ([], false);
        IReadOnlyList<Finding> In(string text) => Redact.Text(text, policy, redaction.Tools).Findings;
        // The limits of how much is looked through hold for all files together.
        FileSearch search = new(policy, redaction.Tools);
        RedactedAttachment[] files = [.. reply.Attachments.Select(file => search.Redact(file.ContentType, file.Name, file.Content.ToArray()))];
        IEnumerable<Finding> found = [.. In(reply.Text), .. Redact.Html(reply.Html, policy, redaction.Tools).Findings, .. In(reply.AuthorName).Where(f => !OfAName.Contains(f.Type)),
            .. reply.Attachments.SelectMany(file => In(file.Name)), .. files.SelectMany(file => file.Findings)];
        bool unread = !reply.SendUnread && files.Any(file => file is { State: FileState.Withheld, Unread: not UnreadReason.None });
        return ([.. found.Select(f => f.Type).Distinct().Except(reply.SendAnyway.Where(OutgoingText.MayBeSent)).Order()], unread);
    }

    /// <summary>Throws <see cref="ReplyRefusedException"/> when a reply holds what may not leave, or a file that nobody looked into; its words name the sorts and how to go on.</summary>
    public static void Refuse(NewReply reply, MailboxRedaction redaction)
    {
        (IReadOnlyList<FindingType> found, bool unread) = Look(reply, redaction);
        if (found.Count == 0 && !unread) return;
        const string Unread = "A file of the reply cannot be looked into, and this mailbox keeps no such file. Take it out, or say that it is to be sent unread.";
        if (found.Count == 0) throw new ReplyRefusedException(UnreadCode, Unread) { HasUnread = true };
        string what = string.Join(", ", found.Select(OutgoingText.NameOf));
        throw new ReplyRefusedException(Code, (found.All(OutgoingText.MayBeSent)
            ? $"The reply or a file of it holds what this mailbox does not send: {what}. Take it out, or say that it is to be sent anyway."
            : $"The reply or a file of it holds what this mailbox does not send: {what}. Take it out: what belongs to a card is never sent.") + (unread ? " " + Unread : ""))
        { Found = found, HasUnread = unread };
    }

    /// <summary>A text as it may leave.</summary>
    public static string Masked(string text, MailboxRedaction redaction) => redaction.Policy.ForOutgoing() is { IsOff: false } policy ? Redact.Text(text, policy, redaction.Tools).Text : text;

    /// <summary>An agents' note as it may be kept: without the sorts that do not leave in answers, and with all else, such as a telephone number that somebody notes on purpose. A dry run masks nothing.</summary>
    public static RedactedText Note(string text, MailboxRedaction redaction) =>
        redaction.Policy is { DryRun: false } held && held.ForOutgoing() is { IsOff: false } policy ? Redact.Text(text, policy, redaction.Tools) : new RedactedText(text, []);

    /// <summary>A message as it may be quoted.</summary>
    public static TicketMessage Masked(TicketMessage message, MailboxRedaction redaction)
    {
        if (message.Document is not { } document) return message;
        string Plain(string text) => Masked(text, redaction);
        return message with { Document = document with { Subject = Plain(document.Subject), FromName = Plain(document.FromName), Text = Plain(document.Text), Reply = Plain(document.Reply) } };
    }
}
