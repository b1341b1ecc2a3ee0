using System.Net;
using Ingest.Core.Pipeline;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Core.Threading;
using Ingest.Mail.Mime;

namespace Ingest.Core.Policies;

/// <summary>What is known of a mail when the policy is asked.</summary>
/// <param name="Message">The mail.</param>
/// <param name="Auth">Who sent it, as far as is proven.</param>
/// <param name="Screened">What sort of mail it is.</param>
public sealed record PolicyFacts(MailMessage Message, AuthVerdict Auth, Screened Screened)
{
    /// <summary>Which ticket it belongs to.</summary>
    public ThreadKind Thread { get; init; }
    /// <summary>True when there is a contact with the author's address, proven or not.</summary>
    public bool HasContact { get; init; }
    /// <summary>The server that handed it to the mailbox's provider; null when that is not known for certain.</summary>
    public IPAddress? Client { get; init; }
    /// <summary>What the mailbox's provider made of it.</summary>
    public ProviderVerdict Provider { get; init; }
    /// <summary>Which limit of an hour it is beyond.</summary>
    public RateExcess Excess { get; init; }
    /// <summary>True when it was written only to addresses of ours that take no answers.</summary>
    public bool ToUnattended { get; init; }

    internal bool Joins => Thread is ThreadKind.ByToken or ThreadKind.AsParticipant;
}

/// <summary>The limit of an hour that a mail is beyond.</summary>
public enum RateExcess
{
    /// <summary>None.</summary>
    None,
    /// <summary>That of its sender.</summary>
    Sender,
    /// <summary>That of its domain.</summary>
    Domain,
    /// <summary>That of the mailbox.</summary>
    Mailbox,
    /// <summary>That of one content of one sender.</summary>
    Content,
}

/// <summary>What an admin decided about mail, applied before the filter is asked.</summary>
public static class ApplyPolicy
{
    /// <summary>
    /// Decides by rules and settings. Suspended senders and a closed mailbox come first, then the rules in their order, then limits and demands on mail that belongs
    /// to no ticket yet. An allow rule is not obeyed for mail that fails the check of a domain that publishes a policy, and nothing at all is decided about our own mail,
    /// loops, reports and notices of failed deliveries, whose ends are always the same.
    /// </summary>
    public static PolicyDecision Decide(MailPolicy policy, PolicyFacts facts)
    {
        if (facts.Screened.Kind is ScreenKind.OwnMail or ScreenKind.Loop or ScreenKind.Report or ScreenKind.Bounce) return default;
        PolicyDecision decision = Decide(policy, facts, new RuleFacts(facts.Message, facts.Client));
        return decision with { HoldsUnsure = policy.Unsure == UnsureMail.Quarantine };
    }

    private static PolicyDecision Decide(MailPolicy policy, PolicyFacts facts, RuleFacts seen)
    {
        for (int i = 0; i < policy.Rules.Count; i++)
            if (policy.Rules[i].Effect == RuleEffect.Suspend && seen.Match(policy.Rules[i])) return new(RuleEffect.Suspend, OutcomeReason.SuspendedSender, i + 1);
        if (policy.Closed) return Held(OutcomeReason.MailboxClosed);

        PolicyDecision ruled = ByRules(policy, facts, seen);
        if (ruled.Effect is not null) return ruled;
        // What belongs to a ticket is awaited there, however much of it comes.
        if (facts.Joins) return ruled;
        OutcomeReason reason = ByLimits(policy, facts);
        if (reason == OutcomeReason.None) reason = ByDemands(policy, facts);
        return reason == OutcomeReason.None ? ruled : Held(reason) with { AllowRefused = ruled.AllowRefused, IsUnchecked = ruled.IsUnchecked };
    }

    private static PolicyDecision Held(OutcomeReason reason) => new(RuleEffect.Deny, reason);

    private static PolicyDecision ByRules(MailPolicy policy, PolicyFacts facts, RuleFacts seen)
    {
        PolicyDecision refused = default;
        for (int i = 0; i < policy.Rules.Count; i++)
        {
            MailRule rule = policy.Rules[i];
            if (rule.Effect == RuleEffect.Suspend || !seen.Match(rule)) continue;
            if (rule.Effect == RuleEffect.Deny) return new(RuleEffect.Deny, OutcomeReason.DeniedByRule, i + 1);
            if (!Contradicts(facts.Auth)) return new(RuleEffect.Allow, OutcomeReason.None, i + 1);
            // Who poses as somebody who is allowed is not allowed; rules against them still count.
            if (refused.Rule == 0) refused = new(null, OutcomeReason.None, i + 1) { AllowRefused = true, IsUnchecked = IsUnchecked(facts.Auth) };
        }

        return refused;
    }

    /// <summary>
    /// True for mail that no allow rule lets in: its author's domain publishes a DMARC record, whatever that asks for, and the mail fails it; the domain asks for quarantine or
    /// rejection of what is not proven; or the mail hides its author: none, several, or another one than was checked.
    /// </summary>
    public static bool Contradicts(AuthVerdict auth) => !auth.Authenticated && (auth.Policy is DmarcPolicy.Quarantine or DmarcPolicy.Reject
        || auth.Reason is AuthCode.DmarcFail or AuthCode.NoFrom or AuthCode.SeveralFrom or AuthCode.FromMismatch);

    /// <summary>
    /// True for mail that fails the check of a domain that asks for quarantine or rejection, and for mail of several authors, or another one than was checked. Where the
    /// provider only says that DMARC failed, there is a record, and no mercy in it that we know of.
    /// </summary>
    public static bool Fails(AuthVerdict auth) => !auth.Authenticated && !IsUnchecked(auth) && (auth.Policy is DmarcPolicy.Quarantine or DmarcPolicy.Reject
        || (auth.Reason == AuthCode.DmarcFail && auth.Policy != DmarcPolicy.None) || auth.Reason is AuthCode.SeveralFrom or AuthCode.FromMismatch);

    // Nobody could say whether it fails: that is no word against it, only none for it.
    private static bool IsUnchecked(AuthVerdict auth) => auth.Reason is AuthCode.OriginUnknown or AuthCode.TempError;

    private static OutcomeReason ByLimits(MailPolicy policy, PolicyFacts facts) => facts.Excess switch
    {
        RateExcess.Sender or RateExcess.Domain or RateExcess.Mailbox => OutcomeReason.RateLimited,
        RateExcess.Content when policy.Hold.Contains(HeldSort.RepeatedContent) => OutcomeReason.RepeatedContent,
        RateExcess.None or RateExcess.Content => OutcomeReason.None,
    };

    private static OutcomeReason ByDemands(MailPolicy policy, PolicyFacts facts)
    {
        if (ByProof(policy, facts) is not OutcomeReason.None and var unproven) return unproven;
        if (policy.Provider == ProviderSpam.Hold && facts.Provider == ProviderVerdict.Spam) return OutcomeReason.ProviderSaysSpam;
        if (BySort(policy, facts) is not OutcomeReason.None and var odd) return odd;
        if (policy.TakeOnlyAllowed) return OutcomeReason.NotOnAllowList;
        if (facts.Thread == ThreadKind.Linked && policy.Hold.Contains(facts.HasContact ? HeldSort.OutsiderOfTicket : HeldSort.StrangerToTicket))
            return facts.HasContact ? OutcomeReason.MayNotJoin : OutcomeReason.UnknownSenderOfTicket;
        if (facts.HasContact) return OutcomeReason.None;
        return policy.FirstContact switch
        {
            FirstContactMail.Hold => OutcomeReason.FirstContact,
            FirstContactMail.HoldUnproven when !facts.Auth.Authenticated => OutcomeReason.UnprovenFirstContact,
            FirstContactMail.Take or FirstContactMail.HoldUnproven => OutcomeReason.None,
        };
    }

    private static OutcomeReason ByProof(MailPolicy policy, PolicyFacts facts) => policy.Proof switch
    {
        ProofWanted.Weighed => OutcomeReason.None,
        ProofWanted.NotFailed or ProofWanted.Proven when Fails(facts.Auth) => OutcomeReason.FailedAuthentication,
        ProofWanted.Proven when !facts.Auth.Authenticated => OutcomeReason.UnknownServer,
        ProofWanted.NotFailed or ProofWanted.Proven => OutcomeReason.None,
    };

    private static OutcomeReason BySort(MailPolicy policy, PolicyFacts facts)
    {
        MailMessage message = facts.Message;
        if (policy.Unattended.Count > 0 && facts.ToUnattended) return OutcomeReason.ToUnattended;
        if (policy.MostBytes > 0 && message.Raw.Length > policy.MostBytes) return OutcomeReason.TooLarge;
        foreach (HeldSort sort in policy.Hold)
            if (Is(sort, facts)) return ReasonOf(sort);
        return OutcomeReason.None;
    }

    private static bool Is(HeldSort sort, PolicyFacts facts) => sort switch
    {
        HeldSort.AutomaticAnswer => facts.Screened is { Kind: ScreenKind.AutoReply, Reason: not (ScreenReason.OutOfOffice or ScreenReason.AutoGenerated) },
        HeldSort.OutOfOffice => facts.Screened is { Kind: ScreenKind.AutoReply, Reason: ScreenReason.OutOfOffice },
        HeldSort.NoAuthor => Threading.Decide.Sender(facts.Message).Domain.Length == 0,
        HeldSort.Blank => OddMail.IsBlank(facts.Message),
        HeldSort.Unreadable => OddMail.IsUnreadable(facts.Message),
        HeldSort.DangerousAttachment => DangerousFiles.AnyProgram(facts.Message),
        // Known only from what came before, or from the ticket: looked at elsewhere.
        HeldSort.RepeatedContent or HeldSort.StrangerToTicket or HeldSort.OutsiderOfTicket => false,
    };

    private static OutcomeReason ReasonOf(HeldSort sort) => sort switch
    {
        HeldSort.AutomaticAnswer => OutcomeReason.AutomaticAnswer,
        HeldSort.OutOfOffice => OutcomeReason.OutOfOffice,
        HeldSort.NoAuthor => OutcomeReason.NoAuthor,
        HeldSort.Blank => OutcomeReason.Blank,
        HeldSort.Unreadable => OutcomeReason.Unreadable,
        HeldSort.DangerousAttachment => OutcomeReason.DangerousAttachment,
        HeldSort.RepeatedContent => OutcomeReason.RepeatedContent,
        HeldSort.StrangerToTicket => OutcomeReason.UnknownSenderOfTicket,
        HeldSort.OutsiderOfTicket => OutcomeReason.MayNotJoin,
    };
}
