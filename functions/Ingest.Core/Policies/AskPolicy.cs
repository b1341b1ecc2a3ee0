using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Core.Threading;
using Ingest.Mail.Mime;

namespace Ingest.Core.Policies;

/// <summary>What the policy says of a mail, and what it gives the filter to go by.</summary>
/// <param name="Decision">What is to be done, before the filter is asked.</param>
/// <param name="Context">What the filter is told.</param>
public sealed record PolicyAnswer(PolicyDecision Decision, SpamContext Context);

/// <summary>Asks a mailbox's policy about a mail: counts it, looks at where it came from and what its provider said, and finds what deceivers do.</summary>
public sealed class AskPolicy(PolicyStore policies, MailRates rates)
{
    /// <summary>Asks about a mail that is being taken in; <paramref name="sender"/> is the contact of its author, proven or not.</summary>
    public async Task<PolicyAnswer> RunAsync(
        Work mail, Mailbox mailbox, MailMessage message, AuthVerdict auth, Screened screened, ThreadChoice thread, string? sender, TenantKeys ids, CancellationToken cancel)
    {
        MailPolicy policy = await policies.InForceAsync(mail.Tenant, mailbox.Id, cancel);
        bool counts = !mail.Released && screened.Kind is not (ScreenKind.OwnMail or ScreenKind.Loop or ScreenKind.Report or ScreenKind.Bounce);
        RateExcess excess = counts ? await rates.CountAsync(mail, message, auth, policy, ids, cancel) : RateExcess.None;
        return Ask(policy, mailbox, message, auth, screened, thread.Kind, sender is not null, excess);
    }

    /// <summary>The same without counting: what would be said of a mail.</summary>
    public static PolicyAnswer Ask(MailPolicy policy, Mailbox mailbox, MailMessage message, AuthVerdict auth, Screened screened, ThreadKind thread, bool hasContact, RateExcess excess = RateExcess.None)
    {
        OwnAddresses own = new([mailbox.Profile.Address, .. mailbox.Profile.Aliases]);
        Origin.Border? border = Origin.FindBorder(message, mailbox.Profile.BorderServers());
        PolicyFacts facts = new(message, auth, screened)
        {
            Thread = thread,
            HasContact = hasContact && !screened.IsInOurName,
            Client = border?.Client,
            Provider = ProviderVerdicts.Read(message, mailbox.Profile, border),
            Excess = excess,
            ToUnattended = IsToUnattended(policy, message, own),
        };
        SpamContext context = new()
        {
            // Who is not proven may be anyone.
            History = !auth.Authenticated || message.From.Count != 1 || screened.IsInOurName ? SenderHistory.Unknown : hasContact ? SenderHistory.Known : SenderHistory.FirstContact,
            JoinsTicket = facts.Joins,
            Hints = PhishingHints.Find(message, auth, own.Domains()),
            Provider = policy.Provider == ProviderSpam.Ignore ? ProviderVerdict.None : facts.Provider,
            Thresholds = SpamThresholds.ForOneCustomerIn(policy.OneCustomerIn),
        };
        return new PolicyAnswer(ApplyPolicy.Decide(policy, facts), context);
    }

    // Who also wrote to an address that is looked after awaits an answer.
    private static bool IsToUnattended(MailPolicy policy, MailMessage message, OwnAddresses own)
    {
        if (policy.Unattended.Count == 0) return false;
        bool met = false;
        foreach (MailAddress to in message.To.Concat(message.Cc))
        {
            string address = OwnAddresses.Normalise(to.Address);
            if (policy.Unattended.Any(pattern => Wildcard.IsMatch(pattern, address))) met = true;
            else if (own.Contains(to.Address)) return false;
        }

        return met;
    }
}
