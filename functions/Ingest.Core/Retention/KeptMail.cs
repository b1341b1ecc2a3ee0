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

/// <summary>A place in the order in which kept mail is looked through, and what lies there; null when it does not open, or is of no interest any more.</summary>
internal readonly record struct KeptPlace(string Place, KeptBack? Mail);

/// <summary>
/// Opens the raw mail that lies in no ticket: on its way, kept back, parked, or turned away with its original still here. Nothing in the stores says in the clear whose
/// it is, so each is opened and looked at, one after the other; there are as many as retention keeps of them.
/// </summary>
internal sealed class KeptMail(Packs packs, Journal journal, RawMail rawMail)
{
    private static readonly OutcomeKind[] Kept = [OutcomeKind.Quarantined, OutcomeKind.Parked, OutcomeKind.Rejected];

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
                yield return new KeptPlace(place, ended ? null : await OpenAsync(SyncMailbox.WorkFor(tenant, inbox, pack.Id, entry), null, cancel));
            }
        }

        foreach ((int at, OutcomeKind outcome) in Kept.Index())
        {
            string prefix = string.Create(CultureInfo.InvariantCulture, $"{at + 1}!");
            if (after.Length > 0 && string.CompareOrdinal(after[..2], prefix) > 0) continue;
            await foreach (JournalLine line in journal.ListAsync(tenant, inbox, outcome, cancel))
            {
                if (string.CompareOrdinal(prefix + line.MessageKey, after) <= 0) continue;
                if (line.Length < 0 || line.Pack.Length == 0 || line.Reason is OutcomeReason.OriginalErased or OutcomeReason.DeletedByPerson or OutcomeReason.ExpiredUnreviewed) continue;
                Work work = new() { TenantText = tenant.Tenant.Value, InboxText = inbox.Value, Pack = line.Pack, MessageKey = line.MessageKey, Offset = line.Offset, Length = line.Length, ReceivedUnixMs = line.Received.ToUnixTimeMilliseconds() };
                yield return new KeptPlace(prefix + line.MessageKey, await OpenAsync(work, outcome, cancel));
            }
        }
    }

    /// <summary>Says in the journal that a kept-back mail is gone, after its key was erased: nobody is to look for it among those kept back.</summary>
    public async Task CloseErasedAsync(TenantContext tenant, InboxId inbox, string messageKey, DateTimeOffset now, CancellationToken cancel)
    {
        if (await journal.FindAsync(tenant, inbox, messageKey, cancel) is { Outcome: OutcomeKind.Quarantined or OutcomeKind.Parked } line)
            await journal.CloseAsync(tenant, inbox, line with { Outcome = OutcomeKind.Rejected, Reason = OutcomeReason.OriginalErased, At = now }, cancel);
    }

    private async Task<KeptBack?> OpenAsync(Work work, OutcomeKind? ended, CancellationToken cancel)
    {
        byte[]? raw = null;
        try
        {
            (raw, _) = await rawMail.OpenAsync(work, cancel);
        }
        catch (Exception e) when (e is SealBrokenException or InvalidDataException)
        {
            // What does not open opens for nobody, and must not keep the rest from being erased.
        }

        return raw is null ? null : new KeptBack(work.Inbox, work.MessageKey, MailMessage.Parse(raw), work.Received, ended);
    }
}
