using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Tickets;

namespace Ingest.Core.Replies;

/// <summary>Looks at what is about to leave: what is quoted is masked, what a person wrote or attached is refused, and neither says in what words. Pure.</summary>
public static class OutgoingCheck
{
    /// <summary>The code of a reply that holds what may not leave.</summary>
    public const string Code = "reply-holds-private-data";

    /// <summary>What of a reply may not leave by the mailbox's policy, by sort: in its text, its html, its files and their names.</summary>
    public static IReadOnlyList<FindingType> Find(NewReply reply, MailboxRedaction redaction)
    {
        RedactionPolicy policy = redaction.Policy.ForOutgoing();
        if (policy.IsOff) return [];
        IEnumerable<Finding> found = [.. Redact.Text(reply.Text, policy, redaction.Tools).Findings, .. Redact.Html(reply.Html, policy, redaction.Tools).Findings,
            .. reply.Attachments.SelectMany(file => (Finding[])[.. Redact.Text(file.Name, policy, redaction.Tools).Findings, .. Redact.Attachment(file.ContentType, file.Content.ToArray(), policy, redaction.Tools).Findings])];
        return [.. found.Select(f => f.Type).Distinct().Except(reply.SendAnyway.Where(OutgoingText.MayBeSent)).Order()];
    }

    /// <summary>Throws <see cref="ReplyRefusedException"/> when a reply holds what may not leave; its words name the sorts and how to go on.</summary>
    public static void Refuse(NewReply reply, MailboxRedaction redaction)
    {
        IReadOnlyList<FindingType> found = Find(reply, redaction);
        if (found.Count == 0) return;
        string what = string.Join(", ", found.Select(OutgoingText.NameOf));
        throw new ReplyRefusedException(Code, found.All(OutgoingText.MayBeSent)
            ? $"The reply or a file of it holds what this mailbox does not send: {what}. Take it out, or say that it is to be sent anyway."
            : $"The reply or a file of it holds what this mailbox does not send: {what}. Take it out: what belongs to a card is never sent.")
        { Found = found };
    }

    /// <summary>A text as it may leave.</summary>
    public static string Masked(string text, MailboxRedaction redaction) => redaction.Policy.ForOutgoing() is { IsOff: false } policy ? Redact.Text(text, policy, redaction.Tools).Text : text;

    /// <summary>A message as it may be quoted.</summary>
    public static TicketMessage Masked(TicketMessage message, MailboxRedaction redaction)
    {
        if (message.Document is not { } document) return message;
        string Plain(string text) => Masked(text, redaction);
        return message with { Document = document with { Subject = Plain(document.Subject), FromName = Plain(document.FromName), Text = Plain(document.Text), Reply = Plain(document.Reply) } };
    }
}
