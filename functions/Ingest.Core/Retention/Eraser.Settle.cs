using Ingest.Core.Access;
using Ingest.Core.Keys;

namespace Ingest.Core.Retention;

public sealed partial class Eraser
{
    private const int MostSettled = 50;

    /// <summary>
    /// Looks once more at erasures after no process can hold their keys any more: what a process wrote meanwhile is wiped, keys are erased again, and the ledger forgets
    /// addresses, names and Message-IDs. Some at most; returns how many settled.
    /// </summary>
    public async Task<int> SettleAsync(CancellationToken cancel)
    {
        int settled = 0;
        await foreach ((TenantContext tenant, string id) in _ledger.UnsettledAsync(cancel))
        {
            if (settled == MostSettled) break;
            if (await _ledger.FindAsync(tenant, id, cancel) is not { State: ErasureState.Destroyed } erasure || erasure.Destroyed > _time.GetUtcNow() - SettleAfter) continue;
            await SettleAsync(tenant, erasure, cancel);
            settled++;
        }

        return settled;
    }

    private async Task SettleAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        List<KeyName> named = await _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel).ToListAsync(cancel);
        await _keys.EraseAsync(tenant, named, cancel);
        foreach (string ticket in named.Where(k => k.Class == KeyClass.Ticket).Select(k => k.Owner).Distinct()) await _shred.RunAsync(tenant, erasure, ticket, cancel);
        await _ledger.SaveAsync(tenant, erasure with { State = ErasureState.Settled, Notes = new ErasureNotes { Tickets = erasure.Notes.Tickets, Counts = erasure.Notes.Counts } }, cancel);
    }
}
