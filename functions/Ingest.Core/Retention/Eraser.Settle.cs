using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

public sealed partial class Eraser
{
    private const int MostSettled = 200;

    // Whoever began it has ended, one way or the other: no request and no round of housekeeping takes so long.
    private static readonly TimeSpan BegunMayTake = TimeSpan.FromMinutes(6);

    /// <summary>
    /// Goes on with erasures that were begun and not finished, and looks once more at those after which no process can hold their keys any more: what a process wrote
    /// meanwhile is wiped, keys are erased again, and the ledger forgets addresses, names and Message-IDs. Some at most; returns how many it closed. What fails with
    /// one is told to <paramref name="failed"/>, or thrown where that is null, and leaves the others in peace. With <paramref name="only"/> those of one tenant.
    /// </summary>
    public async Task<int> SettleAsync(CancellationToken cancel, Action<Exception>? failed = null, TenantContext? only = null, TimeSpan? within = null)
    {
        int settled = 0;
        long start = _time.GetTimestamp();
        Dictionary<TenantContext, bool> gone = [];
        await foreach ((TenantContext tenant, string id, ErasureKind kind) in _ledger.UnsettledAsync(cancel, only))
        {
            TimeSpan? left = within - _time.GetElapsedTime(start);
            if (settled == MostSettled || left <= TimeSpan.Zero) break;
            try
            {
                // Of a tenant that was erased as a whole nothing can be read; what is left are rows.
                if (!gone.TryGetValue(tenant, out bool wiped)) gone[tenant] = wiped = await _ledger.FindLastAsync(tenant, cancel) is not null;
                if (wiped || kind == ErasureKind.Tenant) settled += await EndTenantAsync(tenant, id, kind, wiped, cancel) ? 1 : 0;
                else if (await GoOnAsync(tenant, id, left, cancel)) settled++;
            }
            catch (Exception e) when (failed is not null && !cancel.IsCancellationRequested)
            {
                failed(e);
            }
        }

        return settled;
    }

    private async Task<bool> EndTenantAsync(TenantContext tenant, string id, ErasureKind kind, bool wiped, CancellationToken cancel)
    {
        if (kind == ErasureKind.Tenant && Pack.ListedAt(id) > _time.GetUtcNow() - BegunMayTake) return false;
        if (kind == ErasureKind.Tenant) wiped = (await TenantAsync(tenant, AuditActor.System, cancel)).Receipt is not null;
        await _ledger.CloseAsync(tenant, id, cancel);
        return wiped;
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

        // Nothing asks about holds again once something is destroyed: what was begun was allowed, and half of it is gone.
        if (erasure.State == ErasureState.Begun && erasure.Begun <= now - BegunMayTake) await WorkAsync(tenant, erasure, AuditActor.System, within, cancel);
        if (erasure.State != ErasureState.Destroyed || erasure.Destroyed > now - SettleAfter) return false;
        return await SettleAsync(tenant, erasure, within, cancel);
    }

    private async Task<bool> SettleAsync(TenantContext tenant, Erasure erasure, TimeSpan? within, CancellationToken cancel)
    {
        if (!erasure.Notes.Again)
        {
            List<KeyName> named = await _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel).ToListAsync(cancel);
            await _keys.EraseAsync(tenant, named, cancel);
            foreach (string ticket in named.Where(k => k.Class == KeyClass.Ticket).Select(k => TicketKeys.TicketOf(k.Owner)).Distinct()) await _shred.RunAsync(tenant, erasure, ticket, cancel);
            // What a sync listed while its mailbox was erased, and what joined a ticket of others while its author was.
            ErasureStage again = erasure.Kind switch { ErasureKind.Contact => ErasureStage.Look, ErasureKind.Mailbox => ErasureStage.Kept, ErasureKind.Ticket or ErasureKind.Tenant => ErasureStage.Last };
            erasure = await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Again = true, Stage = again, Position = "", Round = 1, Found = 0 } }, cancel);
        }

        return await WorkAsync(tenant, erasure, AuditActor.System, within, cancel) is { Outcome: ErasureOutcome.Done };
    }
}
