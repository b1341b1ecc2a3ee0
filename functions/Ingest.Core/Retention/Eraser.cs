using System.Globalization;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Policies;
using Ingest.Core.Store;
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
    /// <summary>It is under way and stands in the ledger; housekeeping goes on with it.</summary>
    Begun = 5,
}

/// <summary>How a wish to erase ended, with what proves it.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Erasure">The ledger's entry; null when there is none.</param>
/// <param name="Holds">The holds in the way; of one that has begun, those that were placed since, for which what is left waits.</param>
public sealed record ErasureEnd(ErasureOutcome Outcome, Erasure? Erasure, IReadOnlyList<Hold> Holds)
{
    /// <summary>The signed receipt; null before all is destroyed.</summary>
    public byte[]? Receipt => Erasure?.Receipt;

    internal static ErasureEnd NotThere { get; } = new(ErasureOutcome.NotThere, null, []);
}

/// <summary>
/// Erases for good. Failure contract: the ledger first, then keys, then what they sealed; a crash between any two steps leaves an entry in the ledger that the next call
/// goes on with, to the same end. A legal hold on anything that would be touched stands above it all: then nothing is erased.
/// </summary>
public sealed partial class Eraser
{
    /// <summary>How long a process may hold a key that it has opened, and a piece of work may take with it: after that an erasure is looked at once more.</summary>
    public static readonly TimeSpan SettleAfter = TimeSpan.FromMinutes(35);

    // The notes are one property of a row, sealed: 64 KiB hold these, and some hundred holds. Whoever writes chooses their names and Message-IDs, which are noted as bytes of JSON and as digests.
    private const int MostMessageIds = 1500, MessageIdBytes = 10, BytesOfNames = 16 * 1024, CountsAtOnce = 16;
    private readonly TicketStore _tickets;
    private readonly MailboxStore _mailboxes;
    private readonly Contacts _contacts;
    private readonly KeyRing _keys;
    private readonly IKeyVault _vault;
    private readonly ErasureLedger _ledger;
    private readonly Holds _holds;
    private readonly AuditLog _audit;
    private readonly ShredTicket _shred;
    private readonly RewriteTicket _rewrite;
    private readonly PersonScan _scan;
    private readonly KeptMail _kept;
    private readonly KeptIndex _index;
    private readonly Schedules _schedules;
    private readonly Lessons _lessons;
    private readonly Replies.SigningKeys _signing;
    private readonly PolicyStore _policies;
    private readonly HeldPeople _people;
    private readonly Packs _packs;
    private readonly TableServiceClient _tables;
    private readonly BlobStore _blobs;
    private readonly TableClient _suppressions, _ticketRows, _keyRows;
    private readonly TimeProvider _time;
    private readonly RevokeGrant _revokeGrant;

    /// <summary>Gives a mailbox's grant back to its provider, unless a mailbox that is not leaving lives on it, and says in a word how that ended.</summary>
    public delegate Task<string> RevokeGrant(TenantContext tenant, MailboxView view, Func<InboxId, Task<bool>> isLeaving, CancellationToken cancel);

    /// <summary>Erases in these stores; <paramref name="revokeGrant"/> gives a mailbox's grant back to its provider and says in a word how that ended.</summary>
    public Eraser(TableServiceClient tables, BlobStore blobs, TicketStore tickets, MailboxStore mailboxes, Contacts contacts, Packs packs, Journal journal, Replies.Outbox outbox,
        KeyRing keys, IKeyVault vault, ErasureLedger ledger, Holds holds, AuditLog audit, Lessons lessons, Replies.SigningKeys signing, PolicyStore policies, HeldPeople people, TimeProvider time, RevokeGrant revokeGrant)
    {
        (_revokeGrant, _signing, _policies, _people) = (revokeGrant, signing, policies, people);
        (_tickets, _mailboxes, _contacts, _keys, _vault, _ledger, _holds, _audit, _time) = (tickets, mailboxes, contacts, keys, vault, ledger, holds, audit, time);
        _shred = new ShredTicket(tables, blobs, keys, journal, outbox, ledger, time);
        _rewrite = new RewriteTicket(tables, blobs, keys, tickets, ledger, time);
        _scan = new PersonScan(tables, blobs, tickets, keys);
        (_index, _schedules) = (new KeptIndex(tables), new Schedules(tables, keys, audit));
        _kept = new KeptMail(packs, journal, new RawMail(packs, keys), IsOverAsync, async (tenant, ticket, cancel) => await _scan.FindAsync(tenant, ticket, cancel) is { MergedInto.Length: 0 });
        (_packs, _tables, _blobs, _lessons) = (packs, tables, blobs, lessons);
        (_suppressions, _ticketRows, _keyRows) = (tables.GetTableClient(TableNames.Suppressions), tables.GetTableClient(TableNames.Tickets), tables.GetTableClient(TableNames.Keys));
    }

    /// <summary>
    /// Erases a ticket: its messages, their originals and duplicates, replies that wait, and kept-back mail that answers it. With <paramref name="within"/> it may end as begun, and
    /// housekeeping goes on.
    /// </summary>
    public async Task<ErasureEnd> TicketAsync(TenantContext tenant, string ticket, AuditActor actor, CancellationToken cancel, TimeSpan? within = null)
    {
        if (!TicketStore.IsTicketId(ticket) || await _scan.FindAsync(tenant, ticket, cancel) is not { } there) return ErasureEnd.NotThere;
        Erasure? erasure = await _ledger.FindAsync(tenant, ErasureKind.Ticket, ticket, cancel);
        if (erasure is { State: ErasureState.Destroyed or ErasureState.Settled }) return new ErasureEnd(ErasureOutcome.DoneBefore, erasure, []);
        if (erasure is not { State: ErasureState.Begun })
        {
            if (there.Erased is not null) return ErasureEnd.NotThere;
            if (await HoldsOnAsync(tenant, [there], cancel) is { Count: > 0 } holds) return await RefuseAsync(tenant, actor, ErasureKind.Ticket, ticket, holds, cancel);
            using TenantKeys ids = await _keys.ForTenantAsync(tenant, cancel);
            ErasureNotes notes = new() { Stage = ErasureStage.Shred, Tickets = [ticket], MessageIds = [.. MessageIds(ids, await _tickets.MessagesAsync(tenant, ticket, cancel)).Distinct().Take(MostMessageIds)] };
            await AuditAsync(tenant, actor, ErasureKind.Ticket, AuditResult.Begun, e => e with { TicketId = ticket }, cancel);
            erasure = await _ledger.BeginAsync(tenant, ErasureKind.Ticket, ticket, notes, cancel);
        }

        return await WorkAsync(tenant, erasure, actor, within, cancel);
    }

    // A schedule's end is an erasure like any other, but for kept-back mail: that has schedules of its own.
    internal async Task LetGoAsync(TenantContext tenant, string ticket, CancellationToken cancel)
    {
        Erasure erasure = await _ledger.BeginAsync(tenant, ErasureKind.Ticket, ticket, new ErasureNotes { Stage = ErasureStage.Shred, Tickets = [ticket] }, cancel);
        if (erasure.State == ErasureState.Begun && await HoldsNowAsync(tenant, erasure, ticket, cancel) is { Count: > 0 })
        {
            if (!await _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel).AnyAsync(cancel)) await _ledger.SaveAsync(tenant, erasure with { State = ErasureState.Held, Notes = new ErasureNotes() }, cancel);
            return;
        }

        await _shred.RunAsync(tenant, erasure, ticket, cancel);
        Run run = new(_time, within: null, actor: null);
        if (erasure.State == ErasureState.Begun) await FinishAsync(tenant, await CountAsync(tenant, erasure, run, cancel), run, cancel);
    }

    private static IEnumerable<string> MessageIds(TenantKeys ids, IEnumerable<TicketMessage> messages) =>
        messages.Select(m => m.Document?.MessageId ?? "").Where(id => id.Length > 0).Select(id => DigestOf(ids, id));

    private static string DigestOf(TenantKeys ids, string messageId) => Crockford32.Encode(ids.Mac("erased-message-id", Encoding.UTF8.GetBytes(messageId)).AsSpan(0, MessageIdBytes));

    private Task AuditAsync(TenantContext tenant, AuditActor actor, ErasureKind kind, AuditResult result, Func<AuditEvent, AuditEvent> about, CancellationToken cancel) =>
        _audit.AppendAsync(tenant, about(new AuditEvent(AuditAction.Erased, actor) { Code = kind.ToString().ToLowerInvariant(), Result = result }), cancel);

    // Before the row that says so: a crash in between tells it twice, and never not at all. The schedules tell of theirs themselves.
    private async Task AuditEndAsync(TenantContext tenant, Erasure erasure, Run run, int destroyed, CancellationToken cancel)
    {
        if (run.Actor is not { } actor) return;
        await AuditAsync(tenant, actor, erasure.Kind, AuditResult.Done, e => erasure.Kind switch
        {
            ErasureKind.Ticket => e with { TicketId = erasure.Target, Subject = erasure.Id, Count = destroyed },
            ErasureKind.Contact => e with { ContactId = erasure.Target, Subject = erasure.Id, Count = destroyed },
            ErasureKind.Mailbox => e with { Inbox = InboxId.Parse(erasure.Target), Subject = erasure.Id, Count = destroyed },
            ErasureKind.Tenant => e with { Subject = erasure.Id },
        }, cancel);
    }

    private async Task<ErasureEnd> RefuseAsync(TenantContext tenant, AuditActor actor, ErasureKind kind, string target, IReadOnlyList<Hold> holds, CancellationToken cancel)
    {
        await AuditAsync(tenant, actor, kind, AuditResult.Refused, e => e with { Subject = target }, cancel);
        return new ErasureEnd(ErasureOutcome.Held, null, holds);
    }

    // A hold on a contact covers the tickets that they have part in, one on a mailbox or the tenant all that is in it. Whose a ticket is that cannot be read nobody knows: a hold on any person keeps it.
    private async Task<IReadOnlyList<Hold>> HoldsOnAsync(TenantContext tenant, IReadOnlyCollection<Ticket> tickets, CancellationToken cancel, string contact = "")
    {
        IReadOnlyList<Hold> all = await _holds.ListAsync(tenant, cancel);
        return [.. all.Where(hold => hold.Kind == ErasureKind.Tenant || (contact.Length > 0 && hold.Target == contact) || tickets.Any(t => Resolve.Covers(hold, t) || (hold.Kind == ErasureKind.Contact && t.IsDamaged)))];
    }

    // As they stand now: one may have been placed since the erasure was begun. Of a mailbox, what is destroyed already no hold can keep; what a person's ticket was handed over from still opens.
    private async Task<IReadOnlyList<Hold>> HoldsNowAsync(TenantContext tenant, Erasure erasure, string ticket, CancellationToken cancel) =>
        await HoldsOnAsync(tenant, await _scan.FindAsync(tenant, ticket, cancel) is { } there && !(erasure.Kind == ErasureKind.Mailbox && there.Erased is not null) ? [there] : [], cancel, erasure.Target);

    private async Task<bool> IsOverAsync(TenantContext tenant, InboxId inbox, string pack, CancellationToken cancel)
    {
        if (await _mailboxes.FindAsync(tenant, inbox, cancel) is not { Mailbox: var mailbox }) return true;
        int days = (await _schedules.OfAsync(tenant, mailbox, cancel)).First(s => s.What == Retention.Kept.Originals).Days;
        return days > 0 && Pack.ListedAt(pack) is { } listed && listed.AddDays(days) <= _time.GetUtcNow();
    }

    // Ticket by ticket, as they are named in the ledger; the counts are written down with the place up to which they go.
    private async Task<Erasure> CountAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        List<KeyName> destroyed = await _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel).ToListAsync(cancel);
        SortedDictionary<string, long> counts = new(erasure.Notes.Counts, StringComparer.Ordinal);
        foreach (string name in (ReadOnlySpan<string>)["messages", "repliesStopped", "repliesPerhapsSent", "tickets"]) counts.TryAdd(name, 0);
        int done = 0;
        string[] left = [.. destroyed.Where(k => k.Class == KeyClass.Ticket).Select(k => TicketKeys.TicketOf(k.Owner)).Distinct().Where(id => string.CompareOrdinal(id, erasure.Notes.Position) > 0).Order(StringComparer.Ordinal)];
        foreach (string[] some in left.Chunk(CountsAtOnce))
        {
            TicketTally[] tallies = await Task.WhenAll(some.Select(ticket => _shred.CountAsync(tenant, ticket, cancel)));
            counts["tickets"] += tallies.Count(tally => tally.Messages > 0);
            counts["messages"] += tallies.Sum(tally => tally.Messages);
            counts["repliesStopped"] += tallies.Sum(tally => tally.RepliesStopped);
            counts["repliesPerhapsSent"] += tallies.Sum(tally => tally.RepliesPerhapsSent);
            erasure = erasure with { Notes = erasure.Notes with { Position = some[^1], Counts = new(counts, StringComparer.Ordinal) } };
            done += some.Length;
            if (done >= left.Length || !(run.IsOver || done % SaveEvery < CountsAtOnce)) continue;
            erasure = await _ledger.SaveAsync(tenant, erasure, cancel);
            if (run.IsOver) return erasure;
        }

        counts["originals"] = destroyed.Where(k => k.Class == KeyClass.Raw && k.Id != Guid.Empty).DistinctBy(k => k.Id).Count();
        counts["contacts"] = destroyed.Count(k => k.Class == KeyClass.Contact && k.Id != Guid.Empty);
        counts = await CountUnreadAsync(tenant, erasure, counts, cancel);
        return await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Stage = ErasureStage.Sign, Position = "", Counts = counts } }, cancel);
    }

    private async Task<Erasure> FinishAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        List<KeyName> destroyed = await _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel).ToListAsync(cancel);
        erasure = await ForgetLessonsAsync(tenant, erasure, destroyed, cancel);
        // The models' keys, too.
        destroyed = await _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel).ToListAsync(cancel);
        DateTimeOffset now = _time.GetUtcNow();
        ReceiptBody body = Receipt.Write(tenant, erasure, now, destroyed, erasure.Notes.Counts);
        if (erasure.Kind == ErasureKind.Contact && await RulesAsync(tenant, erasure.Notes.Address, cancel) is > 0 and var rules)
            body = body with { NotRemoved = [.. body.NotRemoved, string.Create(CultureInfo.InvariantCulture, $"Rules of the mail policy that name their address: {rules}. Whoever manages mailboxes removes those.")] };
        body = body.WithUnread(await _ledger.UnreadAsync(tenant, erasure.Id, cancel).Take(Receipt.MostUnread).ToListAsync(cancel));
        byte[] receipt = await Receipt.SignAsync(body, _vault, cancel);
        await AuditEndAsync(tenant, erasure, run, body.KeysDestroyed, cancel);
        return await _ledger.SaveAsync(tenant, erasure with { State = ErasureState.Destroyed, Destroyed = now, Receipt = receipt, Notes = erasure.Notes with { Stage = ErasureStage.Rest, Position = "" } }, cancel);
    }

    // They are an admin's decision on whom to take mail from, and stay one.
    private async Task<int> RulesAsync(TenantContext tenant, string address, CancellationToken cancel)
    {
        if (address.Length == 0) return 0;
        int rules = 0;
        List<InboxId?> scopes = [null, .. await _mailboxes.ListAsync(tenant, cancel).Select(inbox => (InboxId?)inbox).ToListAsync(cancel)];
        foreach (InboxId? scope in scopes)
            if (await _policies.FindAsync(tenant, scope, cancel) is { IsSet: true, IsUnreadable: false } held) rules += held.Policy.Rules.Count(rule => rule.Pattern.Contains(address, StringComparison.OrdinalIgnoreCase));
        return rules;
    }
}
