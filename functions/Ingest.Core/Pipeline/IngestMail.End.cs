using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Redaction;
using Ingest.Core.Retention;
using Ingest.Core.Threading;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

// How a mail ends: its line, and what becomes of its original.
public sealed partial class IngestMail
{
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
            if (await tickets.FindMessageAsync(mail.Tenant, ticket, messageKey, cancel) is { Document: not null } or { IsDamaged: true }) return true;
            ticket = (await tickets.FindAsync(mail.Tenant, ticket, cancel))?.MergedInto ?? "";
        }

        return false;
    }

    /// <summary>Destroys the originals of mails whose lines say that theirs is not kept; a second time changes nothing.</summary>
    public Task DestroyOriginalsAsync(TenantContext tenant, InboxId inbox, IReadOnlyList<string> messageKeys, CancellationToken cancel) =>
        keys.EraseAsync(tenant, [.. messageKeys.Select(key => new KeyName(KeyClass.Raw, key, inbox))], cancel);

    // A legal hold stands above what a mailbox does not keep: the line then says nothing of it, and when the hold is lifted the original goes by the schedule.
    private async Task<bool> IsHeldAsync(Work mail, string ticketId, CancellationToken cancel)
    {
        IReadOnlyList<Hold> standing = await holds.ListAsync(mail.Tenant, cancel);
        if (standing.Any(hold => hold.Kind == ErasureKind.Tenant || (hold.Kind == ErasureKind.Mailbox && hold.Target == mail.Inbox.Value))) return true;
        return ticketId.Length > 0 && standing.Any(hold => hold.Kind is ErasureKind.Ticket or ErasureKind.Contact)
            && await tickets.FindAsync(mail.Tenant, ticketId, cancel) is { } ticket && standing.Any(hold => Resolve.Covers(hold, ticket));
    }

    // The line first, which says that the original goes: whoever comes after a crash finds the mail ended, and finishes. What waits for a person keeps its original until then.
    private async Task<Outcome> CloseAsync(
        Work mail, Outcome outcome, Decision? decision = null, RedactionTally? tally = null, KeptMark mark = default, OriginalMail original = OriginalMail.Kept, CancellationToken cancel = default)
    {
        bool ended = outcome.Kind is OutcomeKind.Ticketed or OutcomeKind.Duplicate or OutcomeKind.Rejected;
        bool goes = ended && original == OriginalMail.NotKept && !await IsHeldAsync(mail, outcome.TicketId ?? "", cancel);
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
