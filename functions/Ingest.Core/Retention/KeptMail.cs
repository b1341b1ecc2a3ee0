using System.Globalization;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Retention;

/// <summary>A raw mail that lies in no ticket.</summary>
/// <param name="Inbox">Where it came in.</param>
/// <param name="MessageKey">Its key.</param>
/// <param name="Message">What it says.</param>
/// <param name="Received">When the provider received it.</param>
/// <param name="Ended">How it ended; null while it is on its way.</param>
internal sealed record KeptBack(InboxId Inbox, string MessageKey, MailMessage Message, DateTimeOffset Received, OutcomeKind? Ended);

/// <summary>A place in the order in which kept mail is looked through, and what lies there.</summary>
/// <param name="Place">The place.</param>
/// <param name="Inbox">Where it came in.</param>
/// <param name="MessageKey">Its key.</param>
/// <param name="Mail">What lies there; null when it does not open, or is of no interest any more.</param>
/// <param name="Unread">Why it does not open; none when it is of no interest.</param>
internal readonly record struct KeptPlace(string Place, InboxId Inbox, string MessageKey, KeptBack? Mail, Unread Unread)
{
    /// <summary>How it ended; null while it is on its way.</summary>
    public JournalLine? Line { get; init; }
}

/// <summary>
/// Opens the raw mail that lies in no ticket: on its way, kept back, parked, turned away with its original still here, or a duplicate of any such. Nothing in the stores says in the clear whose
/// it is, so each is opened and looked at, one after the other; there are as many as retention keeps of them. What does not open just then is told of, not passed over.
/// </summary>
internal sealed class KeptMail(
    Packs packs, Journal journal, RawMail rawMail, Func<TenantContext, InboxId, string, CancellationToken, Task<bool>> isOver, Func<TenantContext, string, CancellationToken, Task<bool>> isTicket)
{
    private static readonly OutcomeKind[] Kept = [OutcomeKind.Quarantined, OutcomeKind.Parked, OutcomeKind.Rejected, OutcomeKind.Duplicate];

    /// <summary>
    /// Every such mail of an inbox, behind a place or from the first on. What is on its way comes first, so that what ends meanwhile is met by its line; then outcome by outcome
    /// in the order of message keys.
    /// </summary>
    public async IAsyncEnumerable<KeptPlace> OpenAsync(TenantContext tenant, InboxId inbox, string after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (Pack pack in packs.ListAsync(tenant, inbox, openOnly: true, cancel))
        {
            foreach (PackEntry entry in pack.Entries.Where(entry => entry.Length >= 0).OrderBy(entry => entry.MessageKey, StringComparer.Ordinal))
            {
                string place = $"0!{pack.Id}!{entry.MessageKey}";
                if (string.CompareOrdinal(place, after) <= 0) continue;
                bool ended = await journal.FindAsync(tenant, inbox, entry.MessageKey, cancel) is not null;
                yield return ended ? new KeptPlace(place, inbox, entry.MessageKey, null, Unread.No) : await OpenAsync(place, SyncMailbox.WorkFor(tenant, inbox, pack.Id, entry), null, cancel);
            }
        }

        foreach ((int at, OutcomeKind outcome) in Kept.Index())
        {
            string prefix = string.Create(CultureInfo.InvariantCulture, $"{at + 1}!");
            if (after.Length > 0 && string.CompareOrdinal(after[..2], prefix) > 0) continue;
            await foreach (JournalLine line in journal.ListAsync(tenant, inbox, outcome, cancel))
            {
                if (string.CompareOrdinal(prefix + line.MessageKey, after) <= 0) continue;
                if (WorkOf(tenant, inbox, line) is { } work && !await IsOfTicketAsync(tenant, line, cancel)) yield return await OpenAsync(prefix + line.MessageKey, work, line, cancel);
            }
        }
    }

    /// <summary>One mail by its key, as it lies now; null when it was never listed, or has ended in a ticket.</summary>
    public async Task<KeptPlace?> FindAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel)
    {
        if (await journal.FindAsync(tenant, inbox, messageKey, cancel) is { } line)
            return !Kept.Contains(line.Outcome) || await IsOfTicketAsync(tenant, line, cancel) ? null : WorkOf(tenant, inbox, line) is { } work ? await OpenAsync("", work, line, cancel) : new KeptPlace("", inbox, messageKey, null, Unread.No);
        await foreach (Pack pack in packs.ListAsync(tenant, inbox, openOnly: true, cancel))
            foreach (PackEntry entry in pack.Entries.Where(entry => entry.Length >= 0 && entry.MessageKey == messageKey))
                return await OpenAsync("", SyncMailbox.WorkFor(tenant, inbox, pack.Id, entry), null, cancel);
        return null;
    }

    /// <summary>The ticket that a mail ended in; null when it did in none.</summary>
    public async Task<string?> TicketOfAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel) =>
        await journal.FindAsync(tenant, inbox, messageKey, cancel) is { TicketId: { Length: > 0 } ticket } ? ticket : null;

    /// <summary>Says in the journal that a kept-back mail is gone, after its key was erased: nobody is to look for it among those kept back.</summary>
    public async Task CloseErasedAsync(TenantContext tenant, InboxId inbox, string messageKey, DateTimeOffset now, CancellationToken cancel)
    {
        if (await journal.FindAsync(tenant, inbox, messageKey, cancel) is { Outcome: OutcomeKind.Quarantined or OutcomeKind.Parked } line)
            await journal.CloseAsync(tenant, inbox, line with { Outcome = OutcomeKind.Rejected, Reason = OutcomeReason.OriginalErased, At = now }, cancel);
    }

    // The duplicates of a ticket's mail go with the ticket. Where that was handed over, or never came to be, nobody else looks at them.
    private async Task<bool> IsOfTicketAsync(TenantContext tenant, JournalLine line, CancellationToken cancel) =>
        line is { Outcome: OutcomeKind.Duplicate, TicketId.Length: > 0 } && await isTicket(tenant, line.TicketId, cancel);

    private static Work? WorkOf(TenantContext tenant, InboxId inbox, JournalLine line) =>
        line.Length < 0 || line.Pack.Length == 0 || line.Reason is OutcomeReason.OriginalErased or OutcomeReason.DeletedByPerson or OutcomeReason.ExpiredUnreviewed
            ? null
            : new() { TenantText = tenant.Tenant.Value, InboxText = inbox.Value, Pack = line.Pack, MessageKey = line.MessageKey, Offset = line.Offset, Length = line.Length, ReceivedUnixMs = line.Received.ToUnixTimeMilliseconds() };

    private async Task<KeptPlace> OpenAsync(string place, Work work, JournalLine? line, CancellationToken cancel)
    {
        KeptPlace Closed(Unread why) => new(place, work.Inbox, work.MessageKey, null, why) { Line = line };
        try
        {
            (byte[]? raw, RawState state) = await rawMail.OpenAsync(work, cancel);
            if (raw is not null) return new KeptPlace(place, work.Inbox, work.MessageKey, new KeptBack(work.Inbox, work.MessageKey, MailMessage.Parse(raw), work.Received, line?.Outcome), Unread.No) { Line = line };
            return Closed(state == RawState.Erased || await IsLetGoAsync(work, line, cancel) ? Unread.No : Unread.Lost);
        }
        catch (Exception e) when (e is SealBrokenException or InvalidDataException)
        {
            return Closed(Unread.Broken);
        }
    }

    // What was turned away is let go with its pack when its time is over, and a duplicate, too, and no emptied row stays; what is kept back or on its way never goes without one.
    private async Task<bool> IsLetGoAsync(Work work, JournalLine? line, CancellationToken cancel) =>
        line is { Outcome: OutcomeKind.Rejected or OutcomeKind.Duplicate } && (await packs.ReadAsync(work.Tenant, work.Inbox, work.Pack, work.Offset, 1, cancel) is null || await isOver(work.Tenant, work.Inbox, work.Pack, cancel));
}
