using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

public sealed partial class Eraser
{
    /// <summary>Erases a mailbox: its credential and settings, every original, and every ticket that came through it. The journal's lines stay, without content.</summary>
    public async Task<ErasureEnd> MailboxAsync(TenantContext tenant, InboxId inbox, AuditActor actor, CancellationToken cancel)
    {
        Erasure? erasure = await _ledger.FindAsync(tenant, ErasureKind.Mailbox, inbox.Value, cancel);
        if (erasure is { State: not ErasureState.Begun }) return new ErasureEnd(ErasureOutcome.DoneBefore, erasure, []);
        if (erasure is null)
        {
            if (await _mailboxes.FindAsync(tenant, inbox, cancel) is null) return ErasureEnd.NotThere;
            List<Ticket> tickets = [];
            foreach (string id in await TicketsOfAsync(tenant, inbox, cancel))
                if (await _tickets.FindAsync(tenant, id, cancel) is { } ticket) tickets.Add(ticket);
            IReadOnlyList<Hold> holds = [.. (await HoldsOnAsync(tenant, tickets, cancel)).Concat((await _holds.ListAsync(tenant, cancel)).Where(h => h.Kind == ErasureKind.Mailbox && h.Target == inbox.Value)).DistinctBy(h => h.Id)];
            if (holds.Count > 0) return await RefuseAsync(tenant, actor, ErasureKind.Mailbox, inbox.Value, holds, cancel);
            await AuditAsync(tenant, actor, ErasureKind.Mailbox, AuditResult.Done, e => e with { Inbox = inbox }, cancel);
            erasure = await _ledger.BeginAsync(tenant, ErasureKind.Mailbox, inbox.Value, new ErasureNotes(), cancel);
        }

        await _mailboxes.SetStateAsync(tenant, inbox, MailboxState.Paused, cancel);
        KeyName[] own = [new(KeyClass.Credential, inbox.Value), new(KeyClass.Tenant, inbox.Value)];
        await _keys.EraseAsync(tenant, await _ledger.NameKeysAsync(tenant, erasure, "mailbox", own, cancel), cancel);
        await ErasePacksAsync(tenant, inbox, erasure, cancel);
        foreach (string ticket in await TicketsOfAsync(tenant, inbox, cancel)) await _shred.RunAsync(tenant, erasure, ticket, cancel);
        // The mailbox last: until then work that names it finds it, and ends by its erased original.
        await _mailboxes.RemoveAsync(tenant, inbox, cancel);
        return new ErasureEnd(ErasureOutcome.Done, await FinishAsync(tenant, erasure, cancel), []);
    }

    private async Task ErasePacksAsync(TenantContext tenant, InboxId inbox, Erasure erasure, CancellationToken cancel)
    {
        await foreach (Pack pack in _packs.ListAsync(tenant, inbox, openOnly: false, cancel))
        {
            KeyName[] originals = [.. pack.Entries.Select(entry => new KeyName(KeyClass.Raw, entry.MessageKey, inbox))];
            await _keys.EraseAsync(tenant, await _ledger.NameKeysAsync(tenant, erasure, pack.Id, originals, cancel), cancel);
            await _packs.DeleteContentAsync(tenant, inbox, pack.Id, _time.GetUtcNow(), cancel);
        }
    }

    private async Task<IReadOnlyList<string>> TicketsOfAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        string prefix = tenant + ".";
        TableFilter all = TableFilter.PartitionPrefix(prefix).And(TableFilter.RowIs(TicketKeys.TicketRow)).And(TableFilter.Where("inbox", TableComparison.Equal, inbox.Value));
        return await _ticketRows.QueryAsync(all, select: ["PartitionKey"], cancel: cancel).Select(row => row.PartitionKey[prefix.Length..]).ToListAsync(cancel);
    }
}
