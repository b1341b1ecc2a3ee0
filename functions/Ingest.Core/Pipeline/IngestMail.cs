using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Replies;
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
public sealed class IngestMail(
    MailboxStore mailboxes, RawMail rawMail, KeyRing keys, Authenticate authenticate, Contacts contacts, FindThread findThread, AskPolicy askPolicy, Decide decide, TicketStore tickets,
    Acknowledge acknowledge, TenantModels models, TeachSpam teach, RedactionInForce redactionInForce, Journal journal, TimeProvider time)
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

    private Task<bool> IsErasedAsync(Work mail, string messageKey, CancellationToken cancel) => keys.IsErasedAsync(mail.Tenant, new KeyName(KeyClass.Raw, messageKey, mail.Inbox), cancel);

    // No key and no emptied row in its place: what has ended had its key let go, and for all else the table is not what it was. Erasing it now would keep a backup from bringing it back.
    private async Task<Outcome> EndWithoutKeyAsync(Work mail, CancellationToken cancel) =>
        await journal.FindAsync(mail.Tenant, mail.Inbox, mail.MessageKey, cancel) is { Outcome: OutcomeKind.Ticketed or OutcomeKind.Duplicate or OutcomeKind.Rejected } line
            ? new Outcome(line.Outcome, line.Reason, line.TicketId)
            : throw new NotNowException("raw-key-missing");

    // Its key goes too, where it was not this mail that was erased but what it belongs to. An original may have been let go by a redaction between the ticket and its line, which is no erasure.
    private async Task<Outcome> EndErasedAsync(Work mail, Decision? decision = null, CancellationToken cancel = default)
    {
        if (await WrittenBeforeAsync(mail, decision, cancel) is { } written) return await CloseAsync(mail, written, decision, original: OriginalMail.NotKept, cancel: cancel);
        await keys.EraseAsync(mail.Tenant, [new KeyName(KeyClass.Raw, mail.MessageKey, mail.Inbox)], cancel);
        return await CloseAsync(mail, new Outcome(OutcomeKind.Rejected, OutcomeReason.OriginalErased), decision, cancel: cancel);
    }

    // Where nothing of it can be read any more, not even what was decided, a ticket that it started is found by its own key.
    private async Task<Outcome?> WrittenBeforeAsync(Work mail, Decision? decision, CancellationToken cancel)
    {
        if (decision is not null && decision.Owner != mail.MessageKey) return null;
        string ticket = decision?.TicketId ?? "";
        if (decision is null)
        {
            using TenantKeys ids = await keys.ForTenantAsync(mail.Tenant, cancel);
            ticket = ids.TicketId(mail.MessageKey);
        }

        return await IsInTicketAsync(mail, ticket, mail.MessageKey, cancel) ? new Outcome(OutcomeKind.Ticketed, decision?.Reason ?? OutcomeReason.NewTicket, ticket) : null;
    }

    private async Task<Outcome> EndDuplicateAsync(Work mail, Decision decision, OriginalMail original, CancellationToken cancel)
    {
        if (await IsErasedAsync(mail, decision.Owner, cancel))
        {
            // The same mail under another id, after the first was erased: it is not taken in again. Where only the first's original was let go, neither is this one kept.
            if (!await IsStillThereAsync(mail, decision, cancel)) return await EndErasedAsync(mail, decision, cancel);
            original = OriginalMail.NotKept;
        }
        else if (original == OriginalMail.NotKept) original = await BesideFirstAsync(mail, decision, cancel);

        return await CloseAsync(mail, new Outcome(OutcomeKind.Duplicate, OutcomeReason.SameMail, decision.TicketId), decision, original: original, cancel: cancel);
    }

    // The first may turn out to be damaged, or to be kept back: until it has ended this may be the one original that opens. Kept so, it goes by the schedule.
    private async Task<OriginalMail> BesideFirstAsync(Work mail, Decision first, CancellationToken cancel)
    {
        JournalLine? line = await journal.FindAsync(mail.Tenant, mail.Inbox, first.Owner, cancel);
        if (line is null && mail.Waits < FindThread.PatienceWaits) throw new NotNowException(FindThread.InFlight);
        return line is { Outcome: OutcomeKind.Ticketed or OutcomeKind.Duplicate or OutcomeKind.Rejected } ? OriginalMail.NotKept : OriginalMail.Kept;
    }

    // What a redaction let go, or what a mailbox does not keep, is a message of its ticket all the same; of what was erased no message opens.
    private async Task<bool> IsStillThereAsync(Work mail, Decision first, CancellationToken cancel)
    {
        if (first.TicketId.Length == 0) return await journal.FindAsync(mail.Tenant, mail.Inbox, first.Owner, cancel) is { IsOriginalNotKept: true };
        return await IsInTicketAsync(mail, first.TicketId, first.Owner, cancel);
    }

    private async Task<bool> IsInTicketAsync(Work mail, string ticket, string messageKey, CancellationToken cancel)
    {
        for (int steps = 0; ticket.Length > 0 && steps < MostMerges; steps++)
        {
            if (await tickets.FindMessageAsync(mail.Tenant, ticket, messageKey, cancel) is { Document: not null }) return true;
            ticket = (await tickets.FindAsync(mail.Tenant, ticket, cancel))?.MergedInto ?? "";
        }

        return false;
    }

    /// <summary>Destroys the originals of mails whose lines say that theirs is not kept; a second time changes nothing.</summary>
    public Task DestroyOriginalsAsync(TenantContext tenant, InboxId inbox, IReadOnlyList<string> messageKeys, CancellationToken cancel) =>
        keys.EraseAsync(tenant, [.. messageKeys.Select(key => new KeyName(KeyClass.Raw, key, inbox))], cancel);

    // The line first, which says that the original goes: whoever comes after a crash finds the mail ended, and finishes. What waits for a person keeps its original until then.
    private async Task<Outcome> CloseAsync(
        Work mail, Outcome outcome, Decision? decision = null, RedactionTally? tally = null, KeptMark mark = default, OriginalMail original = OriginalMail.Kept, CancellationToken cancel = default)
    {
        bool goes = original == OriginalMail.NotKept && outcome.Kind is OutcomeKind.Ticketed or OutcomeKind.Duplicate or OutcomeKind.Rejected;
        Task DestroyAsync() => DestroyOriginalsAsync(mail.Tenant, mail.Inbox, [mail.MessageKey], cancel);
        JournalLine line = await journal.CloseAsync(mail.Tenant, mail.Inbox, new JournalLine
        {
            MessageKey = mail.MessageKey,
            Outcome = outcome.Kind,
            Reason = outcome.Reason,
            TicketId = outcome.TicketId ?? "",
            Owner = outcome.Kind == OutcomeKind.Duplicate ? decision?.Owner ?? "" : "",
            Steps = $"{decision?.Steps}{(tally is null ? "" : " " + tally.ToSteps())}{(goes ? JournalLine.OriginalNotKept : "")}",
            Pack = mail.Pack,
            Offset = mail.Offset,
            Length = mail.Length,
            Attempt = mail.Attempt,
            Bulk = mail.Bulk ?? "",
            Received = mail.Received,
            At = time.GetUtcNow(),
        }, cancel, mark, beforeUnlisting: goes ? DestroyAsync : null);
        if (line.IsOriginalNotKept) await DestroyAsync();
        return new Outcome(line.Outcome, line.Reason, line.TicketId);
    }
}
