using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Replies;
using Ingest.Core.Retention;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Core.Telemetry;
using Ingest.Core.Threading;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Pipeline;

/// <summary>
/// The way of a mail, top to bottom. Failure contract: an odd mail is a decision, never an exception; whatever is thrown means "not now" or is a fault
/// of ours, and the same work may be run again at any point, any number of times and by several workers at once, with the same end.
/// </summary>
public sealed partial class IngestMail(
    MailboxStore mailboxes, RawMail rawMail, KeyRing keys, Authenticate authenticate, Contacts contacts, FindThread findThread, AskPolicy askPolicy, Decide decide, TicketStore tickets,
    Acknowledge acknowledge, TenantModels models, TeachSpam teach, RedactionInForce redactionInForce, Holds holds, Journal journal, TimeProvider time)
{
    // Each step is an erasure of somebody else who wrote in the same ticket.
    private const int MostMerges = 8;
    private static readonly TimeSpan TeachingMayTake = TimeSpan.FromSeconds(10);

    /// <summary>Takes in one listed mail and returns how it ended.</summary>
    public async Task<Outcome> RunAsync(Work mail, CancellationToken cancel)
    {
        using TenantKeys ids = await keys.ForTenantAsync(mail.Tenant, cancel);

        (byte[]? raw, RawState state) = await rawMail.OpenAsync(mail, cancel);                                // fetch
        if (state == RawState.KeyMissing) return await EndWithoutKeyAsync(mail, cancel);
        if (state == RawState.Erased) return await EndErasedAsync(mail, cancel: cancel);
        if (raw is null) return await ParkAsync(mail, OutcomeReason.OriginalMissing, cancel);
        Mailbox mailbox = await mailboxes.GetCachedAsync(mail.Tenant, mail.Inbox, cancel);

        MailMessage message = MailMessage.Parse(raw);                                                         // parse
        AuthVerdict auth = await authenticate.CheckAsync(message, mailbox.Profile, mail.DnsWaits, cancel);    // authenticate
        OwnAddresses own = new([mailbox.Profile.Address, .. mailbox.Profile.Aliases]);
        Screened screened = Screen.Decide(message, auth, new ScreenInputs(own, id => IsOurs(mail, ids, id))); // screen
        string? sender = await contacts.FindAsync(mail.Tenant, Decide.Sender(message).Address, cancel);
        // Of an erased person nothing is known; what they wrote before ends here, although this process may still hold its key.
        if (sender is null && await IsErasedAsync(mail, mail.MessageKey, cancel)) return await EndErasedAsync(mail, cancel: cancel);
        ThreadChoice thread = await findThread.RunAsync(mail, message, ids, auth, screened, sender, cancel);  // thread
        PolicyAnswer policy = await askPolicy.RunAsync(mail, mailbox, message, auth, screened, thread, sender, ids, cancel); // policy, limits, hints
        SpamContext known = policy.Context with { Learned = await models.FindAsync(mail.Tenant, cancel) is { } learned ? learned.Beside(SpamModel.Base) : null };
        SpamVerdict spam = Classify.Decide(message, auth, screened, known);                                   // classify

        FiledReport? report = screened.Kind == ScreenKind.Report ? FiledReport.Of(message) : null;
        MailboxRedaction masking = await redactionInForce(mail.Tenant, mail.Inbox, cancel);
        Facts facts = new(mail, message, auth, screened, thread, spam) { Report = report, Policy = policy.Decision, Hints = policy.Context.Hints, Redaction = masking };
        Decision decision = await decide.RunAsync(facts, ids, sender, cancel);                                // decide, once
        OriginalMail original = masking.Policy.KeepsOriginal ? OriginalMail.Kept : OriginalMail.NotKept;
        if (decision.Owner != mail.MessageKey) return await EndDuplicateAsync(mail, decision, original, cancel);

        RedactionTally? tally = null;
        string ticket = decision.TicketId;
        if (decision.Outcome == OutcomeKind.Ticketed)
        {
            NamedAddresses named = new(ids);
            RedactionTools tools = masking.Tools with { OnMasked = named.Take };
            RedactedMail redacted = Redact.Apply(message, masking.Policy, tools);                             // redact
            NewMessage written = Compose.Message(facts, decision, redacted, masking.Policy, tools, named);
            OutgoingMessage? answer = await acknowledge.RunAsync(facts, decision, mailbox, written, masking, ids, cancel); // acknowledge, if wanted
            ticket = await WriteAsync(facts, decision, redacted, written, answer, own, ids, cancel) ?? "";   // seal, write
            if (ticket.Length == 0) return await EndErasedAsync(mail, decision, cancel);
            tally = written.Tally;
        }

        Outcome outcome = new(decision.Outcome, decision.Reason, ticket);
        KeptMark mark = decision.Outcome == OutcomeKind.Quarantined ? KeptMark.Of(ids, Decide.Sender(message).Address) : default;
        Outcome end = await CloseAsync(mail, outcome, decision, tally, mark, original, cancel);               // journal, and let the original go
        if (tally is not null) Meters.Count(tally);
        if (decision.Outcome == OutcomeKind.Ticketed) await TeachAsync(facts, ticket, known, cancel);         // learn, when a person let it in
        return end;
    }

    /// <summary>Gives up on a mail for now: its raw stays, its line says why, and it can be replayed.</summary>
    public Task<Outcome> ParkAsync(Work mail, OutcomeReason reason, CancellationToken cancel) =>
        CloseAsync(mail, new Outcome(OutcomeKind.Parked, reason), cancel: cancel);

    // The mail is taken in: a lesson that cannot be learned now is lost, and neither ends its work nor holds it up.
    private async Task TeachAsync(Facts facts, string ticket, SpamContext known, CancellationToken cancel)
    {
        using CancellationTokenSource limit = new(TeachingMayTake, time), both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await teach.ReleasedAsync(facts, ticket, known, both.Token);
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
        }
    }

    private static bool IsOurs(Work mail, TenantKeys ids, string messageId) =>
        ReplyToken.FromMessageId(messageId) is { } token && ReplyToken.TryVerify((domain, data) => ids.Mac(domain, data), mail.Inbox, token) is not null;

    // The ticket that it was written to; null when it was erased meanwhile, and this mail with it.
    private async Task<string?> WriteAsync(Facts facts, Decision decision, RedactedMail redacted, NewMessage message, OutgoingMessage? answer, OwnAddresses own, TenantKeys ids, CancellationToken cancel)
    {
        Work mail = facts.Mail;
        try
        {
            if (decision.StartsTicket)
            {
                await tickets.StartAsync(mail.Tenant, mail.Inbox, decision.TicketId, Compose.Ticket(facts, decision, redacted, own), message, cancel, answer);
                return decision.TicketId;
            }

            // Whoever wrote this may have been erased since it was opened; the rest of that window the erasure closes itself, by looking once more.
            if (await IsErasedAsync(mail, mail.MessageKey, cancel)) return null;
            bool human = facts.Screened.Kind is ScreenKind.Human;
            if (await tickets.JoinAsync(mail.Tenant, decision.TicketId, message, Compose.Joiners(facts, decision, own), reopen: human, cancel)) return decision.TicketId;
            if (await tickets.FindAsync(mail.Tenant, decision.TicketId, cancel) is not { Erased: { } at } gone) throw new NotNowException(FindThread.InFlight);
            if (await IsErasedAsync(mail, mail.MessageKey, cancel)) return null;
            for (int steps = 0; gone.MergedInto.Length > 0 && steps < MostMerges; steps++)
            {
                string next = gone.MergedInto;
                if (await tickets.JoinAsync(mail.Tenant, next, message, Compose.Joiners(facts, decision, own), reopen: human, cancel)) return next;
                if (await tickets.FindAsync(mail.Tenant, next, cancel) is not { Erased: { } later } follower) throw new NotNowException(FindThread.InFlight);
                (gone, at) = (follower, later);
            }

            if (mail.Received < at) return null;
            string fresh = ids.TicketId(mail.MessageKey);
            await tickets.StartAsync(mail.Tenant, mail.Inbox, fresh, Compose.Ticket(facts, decision, redacted, own), message, cancel);
            return fresh;
        }
        catch (KeyErasedException)
        {
            return null;
        }
    }
}
