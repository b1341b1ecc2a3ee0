using Ingest.Core.Pipeline;
using Ingest.Core.Policies;

namespace Ingest.App.Api;

/// <summary>A rule about mail.</summary>
/// <param name="Effect">Allow, Deny or Suspend.</param>
/// <param name="Subject">Address, Domain, IpAddress, List or Header.</param>
/// <param name="Pattern">What it looks for, with * for any characters; of IpAddress one address or a range (CIDR); of Header "Name: pattern".</param>
public sealed record RuleDocument(string Effect, string Subject, string Pattern);

/// <summary>What is done with a mailbox's mail.</summary>
/// <param name="Rules">The rules, asked in order; the first that matches decides.</param>
/// <param name="TakeOnlyAllowed">True when only mail that a rule allows, or that belongs to a ticket, is taken.</param>
/// <param name="Closed">True when all mail is held.</param>
/// <param name="OneCustomerIn">At most one customer's mail in so many is to be called spam.</param>
/// <param name="Unsure">Where mail goes about which the filter is unsure: Ticket or Quarantine.</param>
/// <param name="FirstContact">What is done with the first mail of somebody: Take, HoldUnproven or Hold.</param>
/// <param name="Proof">What is asked of a mail's proof: Weighed, NotFailed or Proven.</param>
/// <param name="Provider">What is made of the provider's verdict: Ignore, Weigh or Hold.</param>
/// <param name="Hold">The sorts of odd mail that are held: AutomaticAnswer, OutOfOffice, NoAuthor, Blank, Unreadable, DangerousAttachment, RepeatedContent, StrangerToTicket, OutsiderOfTicket.</param>
/// <param name="Unattended">Addresses of ours that take no answers, with * for any characters.</param>
/// <param name="MostBytes">The largest mail that is taken, in bytes; 0 for any.</param>
/// <param name="MostFromSenderPerHour">Mails taken from one sender in an hour; 0 for no limit.</param>
/// <param name="MostFromDomainPerHour">Mails taken from one domain in an hour; 0 for no limit.</param>
/// <param name="MostPerHour">Mails taken in an hour; 0 for no limit.</param>
/// <param name="MostSamePerHour">Mails with one content taken from one sender in an hour.</param>
/// <param name="AlarmFromCount">Kept-back mails from which on an alarm is raised; 0 for none.</param>
/// <param name="AlarmFromDays">Days after which a kept-back mail raises an alarm; 0 for none.</param>
public sealed record PolicyDocument(
    IReadOnlyList<RuleDocument>? Rules = null, bool? TakeOnlyAllowed = null, bool? Closed = null, int? OneCustomerIn = null, string? Unsure = null, string? FirstContact = null, string? Proof = null,
    string? Provider = null, IReadOnlyList<string>? Hold = null, IReadOnlyList<string>? Unattended = null, long? MostBytes = null, int? MostFromSenderPerHour = null, int? MostFromDomainPerHour = null,
    int? MostPerHour = null, int? MostSamePerHour = null, int? AlarmFromCount = null, int? AlarmFromDays = null)
{
    internal static PolicyDocument Of(MailPolicy p) => new(
        [.. p.Rules.Select(r => new RuleDocument(r.Effect.ToString(), r.Subject.ToString(), r.Pattern))], p.TakeOnlyAllowed, p.Closed, p.OneCustomerIn, p.Unsure.ToString(), p.FirstContact.ToString(),
        p.Proof.ToString(), p.Provider.ToString(), [.. p.Hold.Select(h => h.ToString())], p.Unattended, p.MostBytes, p.MostFromSenderPerHour, p.MostFromDomainPerHour, p.MostPerHour, p.MostSamePerHour,
        p.AlarmFromCount, p.AlarmFromDays);

    /// <summary>The policy that it says, with the usual for what it leaves out; null when a word of it is none of ours.</summary>
    internal MailPolicy? ToPolicy()
    {
        MailPolicy usual = MailPolicy.Default;
        if (!TryWord(Unsure, usual.Unsure, out UnsureMail unsure) || !TryWord(FirstContact, usual.FirstContact, out FirstContactMail first) || !TryWord(Proof, usual.Proof, out ProofWanted proof)
            || !TryWord(Provider, usual.Provider, out ProviderSpam provider) || Unattended?.Contains(null!) == true) return null;
        List<HeldSort> hold = [];
        foreach (string? word in Hold ?? [])
            if (word is not null && TryWord(word, default, out HeldSort sort)) hold.Add(sort);
            else return null;
        List<MailRule> rules = [];
        foreach (RuleDocument? rule in Rules ?? [])
            if (rule is not null && TryWord(rule.Effect, default, out RuleEffect effect) && TryWord(rule.Subject, default, out RuleSubject subject)) rules.Add(new MailRule(effect, subject, rule.Pattern));
            else return null;
        return usual with
        {
            Rules = rules,
            Hold = Hold is null ? usual.Hold : hold,
            Unsure = unsure,
            FirstContact = first,
            Proof = proof,
            Provider = provider,
            TakeOnlyAllowed = TakeOnlyAllowed ?? usual.TakeOnlyAllowed,
            Closed = Closed ?? usual.Closed,
            OneCustomerIn = OneCustomerIn ?? usual.OneCustomerIn,
            Unattended = Unattended ?? usual.Unattended,
            MostBytes = MostBytes ?? usual.MostBytes,
            MostFromSenderPerHour = MostFromSenderPerHour ?? usual.MostFromSenderPerHour,
            MostFromDomainPerHour = MostFromDomainPerHour ?? usual.MostFromDomainPerHour,
            MostPerHour = MostPerHour ?? usual.MostPerHour,
            MostSamePerHour = MostSamePerHour ?? usual.MostSamePerHour,
            AlarmFromCount = AlarmFromCount ?? usual.AlarmFromCount,
            AlarmFromDays = AlarmFromDays ?? usual.AlarmFromDays,
        };
    }

    // Names alone: the serialiser's and Enum.Parse's numbers are nobody's words.
    private static bool TryWord<T>(string? text, T usual, out T word) where T : struct, Enum
    {
        word = usual;
        return text is null || (text.Length > 0 && char.IsLetter(text[0]) && Enum.TryParse(text, out word) && Enum.IsDefined(word));
    }
}

/// <summary>A policy as it is held.</summary>
/// <param name="Set">True when somebody set it; else it is the usual, or, for a mailbox, what is set for all.</param>
/// <param name="Policy">What it says.</param>
/// <param name="RulesForAll">The rules for all mailboxes, which are asked after a mailbox's own.</param>
public sealed record PolicyView(bool Set, PolicyDocument Policy, IReadOnlyList<RuleDocument> RulesForAll);

/// <summary>A mail that is only thought of.</summary>
/// <param name="From">Its author's address.</param>
/// <param name="Proven">True when the author's domain is proven.</param>
/// <param name="Failed">True when it fails the check of a domain that asks for rejection.</param>
/// <param name="Known">True when the author wrote before.</param>
/// <param name="Ip">The server that hands it over.</param>
/// <param name="List">Its List-Id.</param>
/// <param name="Header">A field of it, "Name: value".</param>
public sealed record PolicyQuestion(string From, bool Proven = true, bool Failed = false, bool Known = false, string? Ip = null, string? List = null, string? Header = null);

/// <summary>What would be done with it, before the filter is asked.</summary>
/// <param name="Effect">Allow, Deny or Suspend; null when the filter decides.</param>
/// <param name="Reason">Why it would be held.</param>
/// <param name="Rule">Which rule decides, counted from 1; 0 when none does.</param>
/// <param name="AllowRefused">True when a rule would allow it, and is not obeyed.</param>
/// <param name="Sentence">The same in words.</param>
public sealed record PolicyAnswerView(string? Effect, string Reason, int Rule, bool AllowRefused, string Sentence)
{
    internal static PolicyAnswerView Of(PolicyDecision d) => new(d.Effect?.ToString(), d.Reason == OutcomeReason.None ? "" : d.Reason.ToString(), d.Rule, d.AllowRefused, d.ToSentence());
}
