using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

public sealed partial class Eraser
{
    private const int MostSettled = 200, AgainAtOnce = 50;

    // Whoever began it has ended, one way or the other: no request and no round of housekeeping takes so long.
    private static readonly TimeSpan BegunMayTake = TimeSpan.FromMinutes(6);

    // What is open is begun at another place each time, and each gets its share of what time is left: one that is long keeps no other waiting for long.
    private static readonly TimeSpan LeastShare = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Goes on with erasures that were begun and not finished, and looks once more at those after which no process can hold their keys any more: what a process wrote
    /// meanwhile is wiped, keys are erased again, and the ledger forgets addresses, names and Message-IDs. Some at most; returns how many it closed. What fails with
    /// one is told to <paramref name="failed"/>, or thrown where that is null, and leaves the others in peace. With <paramref name="only"/> those of one tenant.
    /// </summary>
    public async Task<int> SettleAsync(CancellationToken cancel, Action<Exception>? failed = null, TenantContext? only = null, TimeSpan? within = null)
    {
        long start = _time.GetTimestamp();
        List<(TenantContext Tenant, string Id, ErasureKind Kind)> open = await _ledger.UnsettledAsync(cancel, only, failed: failed).ToListAsync(cancel);
        int settled = 0, first = open.Count > 0 ? Random.Shared.Next(open.Count) : 0, waiting = open.Count;
        Dictionary<TenantContext, bool> gone = [];
        foreach ((TenantContext tenant, string id, ErasureKind kind) in open.Skip(first).Concat(open.Take(first)))
        {
            TimeSpan? left = within - _time.GetElapsedTime(start);
            if (settled == MostSettled || left <= TimeSpan.Zero) break;
            TimeSpan? share = left is { } some ? some / waiting > LeastShare ? some / waiting : LeastShare : null;
            waiting--;
            try
            {
                // Of a tenant that was erased as a whole nothing can be read; what is left are rows.
                if (!gone.TryGetValue(tenant, out bool wiped)) gone[tenant] = wiped = await _ledger.FindLastAsync(tenant, cancel) is not null;
                if (wiped || kind == ErasureKind.Tenant) settled += await SettleTenantAsync(tenant, id, kind, wiped, share, cancel) ? 1 : 0;
                else if (await GoOnAsync(tenant, id, share, cancel)) settled++;
            }
            catch (Exception e) when (failed is not null && !cancel.IsCancellationRequested)
            {
                failed(e);
            }
        }

        await LookAtUnreadAsync(failed, only, () => within - _time.GetElapsedTime(start) <= TimeSpan.Zero, cancel);
        return settled;
    }

    private async Task<bool> SettleTenantAsync(TenantContext tenant, string id, ErasureKind kind, bool wiped, TimeSpan? within, CancellationToken cancel)
    {
        if (kind == ErasureKind.Tenant && Pack.ListedAt(id) > _time.GetUtcNow() - BegunMayTake) return false;
        if (kind == ErasureKind.Tenant && wiped) return await EndWipeAsync(tenant, id, new Run(_time, within, AuditActor.System), cancel);
        // It never came into the ledger: then nothing was destroyed either.
        if (wiped || await _ledger.FindAsync(tenant, id, cancel) is not { State: ErasureState.Begun })
        {
            await _ledger.CloseAsync(tenant, id, cancel);
            return wiped;
        }

        return (await TenantAsync(tenant, AuditActor.System, cancel, within)).Receipt is not null;
    }

    private async Task<bool> GoOnAsync(TenantContext tenant, string id, TimeSpan? within, CancellationToken cancel)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (await _ledger.FindAsync(tenant, id, cancel) is not { State: ErasureState.Begun or ErasureState.Destroyed } erasure)
        {
            // A crash left its place among those that are open; or it is only now being entered.
            if (await _ledger.FindAsync(tenant, id, cancel) is not null || !(Pack.ListedAt(id) >= now - BegunMayTake)) await _ledger.CloseAsync(tenant, id, cancel);
            return false;
        }

        // A hold that was placed since keeps what is left of it.
        if (erasure.State == ErasureState.Begun && erasure.Begun <= now - BegunMayTake) await WorkAsync(tenant, erasure, AuditActor.System, within, cancel);
        if (erasure.State != ErasureState.Destroyed || erasure.Destroyed > now - SettleAfter) return false;
        return await SettleAsync(tenant, erasure, within, cancel);
    }

    private async Task<bool> SettleAsync(TenantContext tenant, Erasure erasure, TimeSpan? within, CancellationToken cancel)
    {
        if (!erasure.Notes.Again)
            erasure = await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Again = true, Stage = ErasureStage.Twice, Position = "", Round = 1, Found = 0 } }, cancel);
        return await WorkAsync(tenant, erasure, AuditActor.System, within, cancel) is { Outcome: ErasureOutcome.Done };
    }

    // What a process that still held a key wrote meanwhile goes now, some keys at a time in an order of their own.
    private async Task<Erasure> DestroyTwiceAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        SortedDictionary<string, KeyName> left = new(StringComparer.Ordinal);
        await foreach (KeyName name in _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel))
            if ($"{(int)name.Class} {name.Inbox?.Value ?? "-"} {name.Owner}" is var place && string.CompareOrdinal(place, erasure.Notes.Position) > 0) left[place] = name;
        foreach (KeyValuePair<string, KeyName>[] some in left.Chunk(AgainAtOnce))
        {
            await _keys.EraseAsync(tenant, [.. some.Select(one => one.Value)], cancel);
            foreach (string ticket in some.Where(one => one.Value.Class == KeyClass.Ticket).Select(one => TicketKeys.TicketOf(one.Value.Owner)).Distinct()) await _shred.RunAsync(tenant, erasure, ticket, cancel);
            erasure = erasure with { Notes = erasure.Notes with { Position = some[^1].Key } };
            if (run.IsOver) return await _ledger.SaveAsync(tenant, erasure, cancel);
        }

        // What a sync listed while its mailbox was erased, and what joined a ticket of others while its author was.
        ErasureStage next = erasure.Kind switch { ErasureKind.Contact => ErasureStage.Look, ErasureKind.Mailbox => ErasureStage.Kept, ErasureKind.Ticket or ErasureKind.Tenant => ErasureStage.Last };
        return await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Stage = next, Position = "" } }, cancel);
    }
}
