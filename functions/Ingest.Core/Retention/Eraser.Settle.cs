using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;

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
    public async Task<int> SettleAsync(CancellationToken cancel, Action<Exception>? failed = null, TenantContext? only = null)
    {
        int settled = 0;
        Dictionary<TenantContext, bool> gone = [];
        await foreach ((TenantContext tenant, string id) in _ledger.UnsettledAsync(cancel))
        {
            if (settled == MostSettled) break;
            if (only is { } one && one != tenant) continue;
            try
            {
                // Of a tenant that was erased as a whole nothing can be read, and nothing is left to do.
                if (!gone.TryGetValue(tenant, out bool wiped)) gone[tenant] = wiped = await _ledger.FindLastAsync(tenant, cancel) is not null;
                if (!wiped && await GoOnAsync(tenant, id, cancel)) settled++;
            }
            catch (Exception e) when (failed is not null && !cancel.IsCancellationRequested)
            {
                failed(e);
            }
        }

        return settled;
    }

    private async Task<bool> GoOnAsync(TenantContext tenant, string id, CancellationToken cancel)
    {
        if (await _ledger.FindAsync(tenant, id, cancel) is not { } erasure) return false;
        DateTimeOffset now = _time.GetUtcNow();
        if (erasure.State == ErasureState.Begun && erasure.Begun <= now - BegunMayTake) await ResumeAsync(tenant, erasure, cancel);
        if (erasure.State != ErasureState.Destroyed || erasure.Destroyed > now - SettleAfter) return false;
        await SettleAsync(tenant, erasure, cancel);
        return true;
    }

    // Nothing asks about holds again: what was begun was allowed, and half of it is gone.
    private Task ResumeAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel) => erasure.Kind switch
    {
        ErasureKind.Ticket => TicketAsync(tenant, erasure.Target, AuditActor.System, cancel),
        ErasureKind.Contact => ContactAsync(tenant, erasure.Notes.Address, AuditActor.System, cancel),
        ErasureKind.Mailbox => MailboxAsync(tenant, InboxId.Parse(erasure.Target), AuditActor.System, cancel),
        // A tenant's is done or not begun: its receipt comes before the rest, and whoever asks again goes on.
        ErasureKind.Tenant => Task.CompletedTask,
    };

    private async Task SettleAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        List<KeyName> named = await _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel).ToListAsync(cancel);
        await _keys.EraseAsync(tenant, named, cancel);
        foreach (string ticket in named.Where(k => k.Class == KeyClass.Ticket).Select(k => k.Owner).Distinct()) await _shred.RunAsync(tenant, erasure, ticket, cancel);
        // What a sync listed while its mailbox was erased.
        if (erasure.Kind == ErasureKind.Mailbox)
        {
            InboxId inbox = InboxId.Parse(erasure.Target);
            await ErasePacksAsync(tenant, inbox, erasure, cancel);
            foreach (string ticket in await TicketsOfAsync(tenant, inbox, cancel)) await _shred.RunAsync(tenant, erasure, ticket, cancel);
            await _mailboxes.RemoveAsync(tenant, inbox, cancel);
        }

        erasure = await ForgetLessonsAsync(tenant, erasure, await _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel).ToListAsync(cancel), cancel);
        // Nobody can have put back a row of theirs later than this.
        if (erasure is { Kind: ErasureKind.Contact, Notes.Address: { Length: > 0 } address }) await _contacts.RemoveAsync(tenant, address, erasure.Target, cancel);

        await _ledger.SaveAsync(tenant, erasure with { State = ErasureState.Settled, Notes = new ErasureNotes { Tickets = erasure.Notes.Tickets, Counts = erasure.Notes.Counts } }, cancel);
    }
}
