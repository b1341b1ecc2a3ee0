using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>How a wish to erase ended.</summary>
public enum ErasureOutcome
{
    /// <summary>All is destroyed; the receipt says what.</summary>
    Done = 1,
    /// <summary>It was erased before; the receipt is the one of then.</summary>
    DoneBefore = 2,
    /// <summary>This tenant has nothing of that name.</summary>
    NotThere = 3,
    /// <summary>Nothing was erased: a legal hold stands above it.</summary>
    Held = 4,
}

/// <summary>How a wish to erase ended, with what proves it.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Erasure">The ledger's entry; null when there is none.</param>
/// <param name="Holds">The holds in the way, by id.</param>
public sealed record ErasureEnd(ErasureOutcome Outcome, Erasure? Erasure, IReadOnlyList<string> Holds);

/// <summary>
/// Erases for good. Failure contract: the ledger first, then keys, then what they sealed; a crash between any two steps leaves an entry in the ledger that the next call,
/// or housekeeping, goes on with, to the same end.
/// </summary>
public sealed class Eraser
{
    /// <summary>How long a process may hold a key that it has opened, and a piece of work may take with it: after that an erasure is looked at once more.</summary>
    public static readonly TimeSpan SettleAfter = TimeSpan.FromMinutes(35);

    private static readonly TimeSpan KeyCaches = TimeSpan.FromMinutes(10);
    private readonly TicketStore _tickets;
    private readonly MailboxStore _mailboxes;
    private readonly KeyRing _keys;
    private readonly IKeyVault _vault;
    private readonly ErasureLedger _ledger;
    private readonly ShredTicket _shred;
    private readonly KeptMail _kept;
    private readonly TimeProvider _time;

    internal Eraser(TicketStore tickets, MailboxStore mailboxes, KeyRing keys, IKeyVault vault, ErasureLedger ledger, ShredTicket shred, KeptMail kept, TimeProvider time) =>
        (_tickets, _mailboxes, _keys, _vault, _ledger, _shred, _kept, _time) = (tickets, mailboxes, keys, vault, ledger, shred, kept, time);

    /// <summary>Erases a ticket: its messages, their originals and duplicates, replies that wait, and kept-back mail that answers it.</summary>
    public async Task<ErasureEnd> TicketAsync(TenantContext tenant, string ticket, CancellationToken cancel)
    {
        if (!TicketStore.IsTicketId(ticket) || await _tickets.FindAsync(tenant, ticket, cancel) is not { } there) return new ErasureEnd(ErasureOutcome.NotThere, null, []);
        Erasure? erasure = await _ledger.FindAsync(tenant, ErasureKind.Ticket, ticket, cancel);
        if (erasure is { State: not ErasureState.Begun }) return new ErasureEnd(ErasureOutcome.DoneBefore, erasure, []);
        if (erasure is null && there.Erased is not null) return new ErasureEnd(ErasureOutcome.NotThere, null, []);
        erasure ??= await _ledger.BeginAsync(tenant, ErasureKind.Ticket, ticket, new ErasureNotes { Tickets = [ticket], MessageIds = await MessageIdsAsync(tenant, ticket, cancel) }, cancel);
        return new ErasureEnd(ErasureOutcome.Done, await RunAsync(tenant, erasure, cancel), []);
    }

    private async Task<Erasure> RunAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        foreach (string ticket in erasure.Notes.Tickets) await _shred.RunAsync(tenant, erasure, ticket, mergedInto: "", cancel);
        await EraseKeptAsync(tenant, erasure, cancel);
        return await FinishAsync(tenant, erasure, cancel);
    }

    private async Task<IReadOnlyList<string>> MessageIdsAsync(TenantContext tenant, string ticket, CancellationToken cancel) =>
        [.. (await _tickets.MessagesAsync(tenant, ticket, cancel)).Select(m => m.Document?.MessageId ?? "").Where(id => id.Length > 0).Distinct().Take(MostMessageIds)];

    private const int MostMessageIds = 500;

    private async Task EraseKeptAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        HashSet<string> ids = [.. erasure.Notes.MessageIds];
        await foreach (InboxId inbox in _mailboxes.ListAsync(tenant, cancel))
        {
            List<KeyName> doomed = [];
            await foreach (KeptBack mail in _kept.OpenAsync(tenant, inbox, cancel))
                if (Answers(mail, ids)) doomed.Add(new KeyName(KeyClass.Raw, mail.MessageKey, inbox));
            if (doomed.Count > 0) await _keys.EraseAsync(tenant, await _ledger.NameKeysAsync(tenant, erasure, "kept", doomed, cancel), cancel);
        }
    }

    private static bool Answers(KeptBack mail, HashSet<string> ids) =>
        (mail.Message.MessageId is { } own && ids.Contains(own)) || mail.Message.InReplyTo.Concat(mail.Message.References).Any(ids.Contains)
        || mail.Message.Bounce.Any(b => b.OriginalMessageId is { } id && ids.Contains(id));

    private async Task<Erasure> FinishAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        List<KeyName> destroyed = await _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel).ToListAsync(cancel);
        SortedDictionary<string, long> counts = new(erasure.Notes.Counts, StringComparer.Ordinal) { ["tickets"] = 0, ["messages"] = 0, ["repliesStopped"] = 0, ["repliesPerhapsSent"] = 0 };
        foreach (string ticket in erasure.Notes.Tickets)
        {
            TicketTally tally = await _shred.CountAsync(tenant, ticket, cancel);
            if (tally.Messages > 0) counts["tickets"]++;
            counts["messages"] += tally.Messages;
            counts["repliesStopped"] += tally.RepliesStopped;
            counts["repliesPerhapsSent"] += tally.RepliesPerhapsSent;
        }

        counts["originals"] = destroyed.Where(k => k.Class == KeyClass.Raw && k.Id != Guid.Empty).DistinctBy(k => k.Id).Count();
        DateTimeOffset now = _time.GetUtcNow();
        (IReadOnlyList<string> lines, string digest, int count) = Receipt.Name(destroyed);
        ReceiptBody body = new()
        {
            Erasure = erasure.Id, Tenant = tenant.Tenant.Value, Kind = erasure.Kind.ToString(), Target = erasure.Target, Begun = Receipt.Time(erasure.Begun), Destroyed = Receipt.Time(now),
            CachesGone = Receipt.Time(now + KeyCaches), FinalEverywhere = Receipt.Time(now + KeysBackupLife), Counts = counts, KeysDestroyed = count, KeysDigest = digest, Keys = lines,
            NotRemoved = Words.NotRemoved(erasure.Kind),
        };
        byte[] receipt = await Receipt.SignAsync(body, _vault, cancel);
        return await _ledger.SaveAsync(tenant, erasure with { State = ErasureState.Destroyed, Destroyed = now, Receipt = receipt, Notes = erasure.Notes with { Counts = counts } }, cancel);
    }

    /// <summary>How long a backup of the table of keys can be read.</summary>
    public static readonly TimeSpan KeysBackupLife = TimeSpan.FromDays(31);

    private static class Words
    {
        public static IReadOnlyList<string> NotRemoved(ErasureKind kind) =>
        [
            "Mail that was sent, in the mailboxes of those who got it and in the Sent folder of the provider; mail in the provider's own mailbox.",
            "Ids, codes and times without content: journal lines, anchors and emptied rows, so that erased mail is not taken in again.",
            .. kind == ErasureKind.Ticket ? ["What other tickets quote of this one, and the contacts of those who wrote."] : Array.Empty<string>(),
        ];
    }
}
