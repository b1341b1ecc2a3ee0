using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Threading;

/// <summary>What is known of a mail when its fate is decided.</summary>
/// <param name="Mail">The work.</param>
/// <param name="Message">The parsed mail.</param>
/// <param name="Auth">Who sent it, as far as is proven.</param>
/// <param name="Screened">What sort of mail it is.</param>
/// <param name="Thread">Which ticket it belongs to.</param>
/// <param name="Spam">Whether it is wanted.</param>
public sealed record Facts(Work Mail, MailMessage Message, AuthVerdict Auth, Screened Screened, ThreadChoice Thread, SpamVerdict Spam)
{
    /// <summary>What it reports, when it is a report; else null.</summary>
    public FiledReport? Report { get; init; }

    /// <summary>What the mailbox's policy says of it.</summary>
    public PolicyDecision Policy { get; init; }

    /// <summary>What is masked in it before anything is written.</summary>
    public MailboxRedaction Redaction { get; init; } = MailboxRedaction.Usual;

    /// <summary>What in it is as deceivers do it.</summary>
    public IReadOnlyList<PhishingHint> Hints { get; init; } = [];

    /// <summary>True when a person wrote it and is who they say.</summary>
    public bool IsProvenPerson => HasProvenAuthor && Screened.Kind == ScreenKind.Human;

    /// <summary>True when its author is proven and is not the mailbox itself.</summary>
    public bool HasProvenAuthor => Auth.Authenticated && !Screened.IsInOurName;
}

/// <summary>
/// Decides a mail's fate once. The decision is recorded beside the mail's anchor before anything is written; a retry by the same owner obeys it,
/// and any other mail with the same id and content is a duplicate.
/// </summary>
public sealed class Decide(Anchors anchors, FindThread threads, Contacts contacts)
{
    /// <summary>The decision that holds for this content: ours, or the one that was recorded first.</summary>
    public async Task<Decision> RunAsync(Facts facts, TenantKeys ids, string? sender, CancellationToken cancel)
    {
        Work mail = facts.Mail;
        string hash = Crockford32.Encode(ids.Mac("content", ContentHash.Compute(facts.Message)).AsSpan(0, 20));
        string anchorKey = ids.AnchorKey(mail.Inbox, facts.Message.MessageId ?? "hash:" + hash);

        Decision wanted = Propose(facts, ids);
        // Seen before: nobody new is made known by it, not even by the mail of somebody who was erased and is listed once more.
        if (wanted.Outcome == OutcomeKind.Ticketed && sender is null && !mail.Released
            && (await anchors.ReadAsync(mail.Tenant, anchorKey, contact: null, hash, cancel)).Decision is { } before) return before;
        if (wanted.Outcome == OutcomeKind.Ticketed)
        {
            MailAddress from = Sender(facts.Message);
            wanted = wanted with { ContactId = sender ?? await contacts.CreateAsync(mail.Tenant, from.Address, Redact.Text(from.Name, facts.Redaction.Policy, facts.Redaction.Tools).Text, cancel) };
            if (wanted.StartsTicket && facts.Thread.Refers.Count > 0) wanted = await ClaimAsync(facts, wanted, anchorKey, ids, cancel);
        }

        return await RecordAsync(facts, wanted, anchorKey, hash, ids, cancel);
    }

    private async Task<Decision> RecordAsync(Facts facts, Decision wanted, string anchorKey, string hash, TenantKeys ids, CancellationToken cancel)
    {
        Work mail = facts.Mail;
        Standing there = new(null, "", null, null);
        for (int tries = 0; tries < 4; tries++)
        {
            Anchor anchor = new(wanted.TicketId, Claimed: false, mail.MessageKey);
            string? claims = there.Claim is null ? Claimant(facts, wanted) : null;
            bool recorded = there.Anchor is { Claimed: false }
                ? await anchors.TryAddDecisionAsync(mail.Tenant, anchorKey, hash, anchor, claims, wanted, cancel)
                : await anchors.TryRecordAsync(mail.Tenant, anchorKey, hash, anchor, claims, there.Anchor is null ? null : there.Version, wanted, cancel);
            if (recorded) return wanted;

            there = await anchors.ReadAsync(mail.Tenant, anchorKey, Claimant(facts, wanted), hash, cancel);
            if (there.Decision is { } first)
            {
                if (!Overrules(facts, wanted, first)) return first;
                if (await anchors.TryOverruleAsync(mail.Tenant, anchorKey, hash, there, Claimant(facts, wanted), wanted, cancel)) return wanted;
                continue;
            }

            wanted = await MeetAsync(facts, wanted, there, ids, cancel);
        }

        throw new NotNowException("anchor-contended");
    }

    // A person's word stands above what kept this very mail back; said twice, it is obeyed once.
    private static bool Overrules(Facts facts, Decision wanted, Decision first) =>
        facts.Mail.Released && first is { Outcome: OutcomeKind.Quarantined } && first.Owner == facts.Mail.MessageKey && wanted.Outcome == OutcomeKind.Ticketed;

    // Who may be met again at the ids of this mail: a contact that is proven, and a participant of the ticket.
    private static string? Claimant(Facts facts, Decision wanted) =>
        facts.HasProvenAuthor && (wanted.StartsTicket || wanted.Reason is OutcomeReason.JoinedAsParticipant or OutcomeReason.JoinedAsLateRoot) ? wanted.ContactId : null;

    /// <summary>Who a mail is from: its first author, else its sender, else nobody.</summary>
    public static MailAddress Sender(MailMessage message) => message.From is [var first, ..] ? first : message.Sender ?? new MailAddress("", "");

    // Everyone claims what it refers to, and its own id with it, in one order: so no two mails can each hold what the other waits for.
    private async Task<Decision> ClaimAsync(Facts facts, Decision wanted, string own, TenantKeys ids, CancellationToken cancel)
    {
        Work mail = facts.Mail;
        Anchor claim = new(wanted.TicketId, Claimed: true, mail.MessageKey);
        foreach (string anchorKey in facts.Thread.Refers.Append(own).Distinct().Order(StringComparer.Ordinal))
        {
            if (await anchors.ClaimAsync(mail.Tenant, anchorKey, claim, Claimant(facts, wanted), cancel) is not { } quicker) continue;
            wanted = await FollowAsync(facts, wanted, quicker, anchorKey == own, ids, cancel);
            if (!wanted.StartsTicket) return wanted;
        }

        return wanted;
    }

    // Another mail of the same contact was at an id first, and its ticket is ours too.
    private async Task<Decision> FollowAsync(Facts facts, Decision wanted, Anchor quicker, bool atOwnId, TenantKeys ids, CancellationToken cancel)
    {
        ThreadChoice choice = await threads.MeetAsync(facts.Mail, facts.Message, quicker, facts.Auth, wanted.ContactId, cancel);
        Decision met = Propose(facts with { Thread = choice }, ids) with { ContactId = wanted.ContactId };
        return atOwnId && choice.Joins && !met.StartsTicket ? met with { Reason = OutcomeReason.JoinedAsLateRoot } : met;
    }

    // The mail's own id is taken: by an answer that came before it, or by a different mail under the same id.
    private async Task<Decision> MeetAsync(Facts facts, Decision wanted, Standing there, TenantKeys ids, CancellationToken cancel)
    {
        if (!wanted.StartsTicket) return wanted;
        if (there.Claim is { } quicker && quicker.By != facts.Mail.MessageKey) return await FollowAsync(facts, wanted, quicker, there.Anchor is not { Claimed: false }, ids, cancel);
        if (there.Anchor is not { TicketId.Length: > 0 } anchor || anchor.By == facts.Mail.MessageKey) return wanted;
        ThreadChoice choice = await threads.MeetAsync(facts.Mail, facts.Message, anchor, facts.Auth, wanted.ContactId, cancel);
        // Who only referred to this mail is not thereby its author.
        if (anchor.Claimed && choice.Joins) choice = choice with { Kind = ThreadKind.Linked };
        return Propose(facts with { Thread = choice }, ids) with { ContactId = wanted.ContactId };
    }

    private static Decision Propose(Facts facts, TenantKeys ids)
    {
        (OutcomeKind outcome, OutcomeReason reason) = Judge(facts);
        bool ticketed = outcome == OutcomeKind.Ticketed;
        bool joins = ticketed && facts.Thread.Joins;
        return new Decision
        {
            Owner = facts.Mail.MessageKey,
            Outcome = outcome,
            Reason = reason,
            TicketId = joins ? facts.Thread.TicketId : ticketed ? ids.TicketId(facts.Mail.MessageKey) : "",
            LinkedTo = ticketed && facts.Thread.Kind == ThreadKind.Linked ? facts.Thread.TicketId : "",
            Received = facts.Mail.Received,
            Steps = Steps(facts),
        };
    }

    private static (OutcomeKind, OutcomeReason) Judge(Facts facts) => facts.Screened.Kind switch
    {
        ScreenKind.OwnMail or ScreenKind.Loop or ScreenKind.Report or ScreenKind.Bounce or ScreenKind.Human or ScreenKind.AutoReply or ScreenKind.Bulk or ScreenKind.Calendar
            when facts.Mail.Released => (OutcomeKind.Ticketed, ReasonOf(facts.Thread.Kind)),
        // Without our token it may be somebody's after all, so a person can look.
        ScreenKind.OwnMail when facts.Screened.Reason == ScreenReason.OwnFrom => (OutcomeKind.Quarantined, OutcomeReason.OwnMail),
        ScreenKind.OwnMail => (OutcomeKind.Rejected, OutcomeReason.OwnMail),
        ScreenKind.Loop => (OutcomeKind.Quarantined, OutcomeReason.Loop),
        ScreenKind.Report => (OutcomeKind.Quarantined, OutcomeReason.Report),
        ScreenKind.Bounce when facts.Thread.Kind == ThreadKind.ByToken => (OutcomeKind.Ticketed, OutcomeReason.JoinedByToken),
        ScreenKind.Bounce => (OutcomeKind.Quarantined, facts.Screened.Reason == ScreenReason.MailSystem ? OutcomeReason.SystemSender : OutcomeReason.Backscatter),
        ScreenKind.Human or ScreenKind.AutoReply or ScreenKind.Bulk or ScreenKind.Calendar => Suspicion(facts) is not OutcomeReason.None and var reason
            ? (OutcomeKind.Quarantined, reason)
            : (OutcomeKind.Ticketed, ReasonOf(facts.Thread.Kind)),
    };

    // The policy comes before the filter, and what a rule allows or a ticket awaits the filter does not hold.
    private static OutcomeReason Suspicion(Facts facts)
    {
        if (facts.Policy.Holds) return facts.Policy.Reason;
        if (facts.Policy.Effect == RuleEffect.Allow || facts.Thread.Joins) return OutcomeReason.None;
        return facts.Spam.Verdict switch
        {
            SpamVerdictKind.Spam => OutcomeReason.Spam,
            SpamVerdictKind.Unsure when facts.Policy.HoldsUnsure => OutcomeReason.Unsure,
            SpamVerdictKind.Unsure or SpamVerdictKind.Ham => OutcomeReason.None,
        };
    }

    private static OutcomeReason ReasonOf(ThreadKind kind) => kind switch
    {
        ThreadKind.New => OutcomeReason.NewTicket,
        ThreadKind.ByToken => OutcomeReason.JoinedByToken,
        ThreadKind.AsParticipant => OutcomeReason.JoinedAsParticipant,
        ThreadKind.Linked => OutcomeReason.NewTicketLinked,
    };

    private static string Reported(FiledReport? report) => report is null ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $" report={report.Sort}/{report.Mails}/{report.Unproven}");

    private static string Said(string step, string said) => said.Length == 0 ? "" : $" {step}={said}";

    private static string Steps(Facts facts) => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"auth={facts.Auth.Reason} screen={facts.Screened.Kind}/{facts.Screened.Reason} thread={facts.Thread.Kind}{Said("policy", facts.Policy.ToStep())}{Said("hints", string.Join(',', facts.Hints))} spam={facts.Spam.Verdict}/{facts.Spam.Score:0.00}{Said("why", SpamWhy.ToCodes(facts.Spam))}{Reported(facts.Report)}{(facts.Mail.Released ? " released=person" : "")}");
}
