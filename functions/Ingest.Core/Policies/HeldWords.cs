using Ingest.Core.Pipeline;

namespace Ingest.Core.Policies;

/// <summary>Why a policy holds mail, in words.</summary>
public static class HeldWords
{
    /// <summary>The reason as the end of a sentence, without a full stop; the code itself for a reason that no policy gives.</summary>
    public static string Of(OutcomeReason reason) => reason switch
    {
        OutcomeReason.DeniedByRule => "a rule denies its sender, server, list or a field",
        OutcomeReason.SuspendedSender => "its sender is suspended",
        OutcomeReason.NotOnAllowList => "only mail that a rule allows is taken",
        OutcomeReason.UnprovenFirstContact => "it is the first mail of a sender who is not proven",
        OutcomeReason.FirstContact => "it is the first mail of its sender",
        OutcomeReason.FailedAuthentication => "it fails the check of its author's domain",
        OutcomeReason.UnknownServer => "nothing proves that its author's domain sent it",
        OutcomeReason.RateLimited => "its sender, its domain or the mailbox had more mail than is taken in an hour",
        OutcomeReason.RepeatedContent => "its sender sent the same again and again",
        OutcomeReason.AutomaticAnswer => "it is an automatic answer to nothing of ours",
        OutcomeReason.OutOfOffice => "it is an out-of-office note to nothing of ours",
        OutcomeReason.UnknownSenderOfTicket => "it refers to a ticket, and its sender is nobody known",
        OutcomeReason.MayNotJoin => "it refers to a ticket of which its sender is no participant",
        OutcomeReason.NoAuthor => "it has no author",
        OutcomeReason.Blank => "there is nothing in it",
        OutcomeReason.ToUnattended => "it was written to an address that takes no answers",
        OutcomeReason.MailboxClosed => "the mailbox takes no mail",
        OutcomeReason.Unreadable => "it could not be read to its end",
        OutcomeReason.TooLarge => "it is larger than the mailbox takes",
        OutcomeReason.DangerousAttachment => "a program is attached to it",
        OutcomeReason.ProviderSaysSpam => "the mailbox's provider calls it spam",
        _ => reason.ToString(),
    };
}
