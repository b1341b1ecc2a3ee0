using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

public sealed partial class Eraser
{
    /// <summary>How long giving a mailbox's grant back is tried again while its provider does not answer; its credential lives as long.</summary>
    public static readonly TimeSpan GrantMayTake = TimeSpan.FromHours(6);

    // Trying again changes nothing of these.
    private static readonly string[] FinalGrants = ["none", "shared", "revoked", "google-client-missing"];

    /// <summary>
    /// Erases a mailbox: its credential and settings, every original, and every ticket that came through it; the provider's grant is given back. The journal's lines stay,
    /// without content. With <paramref name="within"/> it may end as begun, and housekeeping goes on.
    /// </summary>
    public async Task<ErasureEnd> MailboxAsync(TenantContext tenant, InboxId inbox, AuditActor actor, CancellationToken cancel, TimeSpan? within = null)
    {
        Erasure? erasure = await _ledger.FindAsync(tenant, ErasureKind.Mailbox, inbox.Value, cancel);
        if (erasure is { State: ErasureState.Destroyed or ErasureState.Settled }) return new ErasureEnd(ErasureOutcome.DoneBefore, erasure, []);
        if (erasure is not { State: ErasureState.Begun })
        {
            if (await _mailboxes.FindAsync(tenant, inbox, cancel) is null) return ErasureEnd.NotThere;
            IReadOnlyList<Hold> all = await _holds.ListAsync(tenant, cancel);
            IReadOnlyList<Hold> holds = [.. all.Where(h => h.Kind == ErasureKind.Tenant || (h.Kind == ErasureKind.Mailbox && h.Target == inbox.Value))];
            if (holds.Count > 0) return await RefuseAsync(tenant, actor, ErasureKind.Mailbox, inbox.Value, holds, cancel);
            await AuditAsync(tenant, actor, ErasureKind.Mailbox, AuditResult.Begun, e => e with { Inbox = inbox }, cancel);
            erasure = await _ledger.BeginAsync(tenant, ErasureKind.Mailbox, inbox.Value, new ErasureNotes { Stage = all.Count > 0 ? ErasureStage.Look : ErasureStage.Kept }, cancel);
        }

        return await WorkAsync(tenant, erasure, actor, within, cancel);
    }

    // Other holds may be on a ticket of this mailbox, or on somebody who has part in one.
    private async Task<Erasure> LookForHoldsAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        ErasureNotes notes = erasure.Notes;
        IReadOnlyList<Hold> all = await _holds.ListAsync(tenant, cancel);
        // Before the first look: what is placed while this looks is another one.
        if (notes.Position.Length == 0) notes = notes with { HoldsSeen = [.. all.Select(hold => hold.Id)] };
        Erasure from = erasure with { Notes = erasure.Notes with { Position = "" } };
        if (await HoldsOnAsync(tenant, [], cancel, erasure.Target) is { Count: > 0 } onAll) return await StopForAsync(tenant, from, onAll, run, cancel);
        await foreach (string id in TicketsOfAsync(tenant, InboxId.Parse(erasure.Target), notes.Position, cancel))
        {
            // What is destroyed already no hold can keep.
            if (await _scan.FindAsync(tenant, id, cancel) is { Erased: null } ticket && await HoldsOnAsync(tenant, [ticket], cancel) is { Count: > 0 } holds) return await StopForAsync(tenant, from, holds, run, cancel);

            notes = notes with { Position = id, Looked = notes.Looked + 1 };
            if (run.IsOver) return await _ledger.SaveAsync(tenant, erasure with { Notes = notes }, cancel);
        }

        if (await _people.FindAsync(tenant, InboxId.Parse(erasure.Target), all, cancel) is { Count: > 0 } ofSenders) return await StopForAsync(tenant, from, ofSenders, run, cancel);

        return await _ledger.SaveAsync(tenant, erasure with { Notes = notes with { Stage = ErasureStage.Kept, Position = "" } }, cancel);
    }

    private async Task<Erasure> CloseMailboxAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        InboxId inbox = InboxId.Parse(erasure.Target);
        if (await HasNewHoldAsync(tenant, erasure, cancel)) return await LookAgainAsync(tenant, erasure, cancel);
        if (erasure.Notes.Grant.Length == 0) await _mailboxes.SetStateAsync(tenant, inbox, MailboxState.Paused, cancel);
        erasure = await CloseCredentialAsync(tenant, erasure, cancel);
        return await ErasePacksAsync(tenant, inbox, erasure, run, cancel);
    }

    // A hold that was placed since may be on something of this mailbox: it is looked through again before anything more goes.
    private async Task<bool> HasNewHoldAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel) =>
        !erasure.Notes.Again && (await _holds.ListAsync(tenant, cancel)).Any(hold => erasure.Notes.HoldsSeen?.Contains(hold.Id) != true);

    private Task<Erasure> LookAgainAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel) =>
        _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Stage = ErasureStage.Look, Position = "" } }, cancel);

    // Without the credential nobody can give the grant back: it goes once that is done, or cannot be, or its time is over. The rest of the erasure does not wait for it.
    private async Task<Erasure> CloseCredentialAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        InboxId inbox = InboxId.Parse(erasure.Target);
        if (erasure.Notes.Grant.Length == 0)
        {
            string grant = await _mailboxes.FindAsync(tenant, inbox, cancel) is { } view ? await _revokeGrant(tenant, view, other => IsLeavingAsync(tenant, other, cancel), cancel) : "none";
            if (!FinalGrants.Contains(grant) && _time.GetUtcNow() < erasure.Begun + GrantMayTake) return erasure;
            erasure = await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Grant = grant } }, cancel);
        }

        KeyName[] own = [new(KeyClass.Credential, inbox.Value), new(KeyClass.Tenant, inbox.Value)];
        await _keys.EraseAsync(tenant, await _ledger.NameKeysAsync(tenant, erasure, "mailbox", own, cancel), cancel);
        return erasure;
    }

    // While it still looks for holds it may yet stay.
    private async Task<bool> IsLeavingAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel) =>
        await _ledger.FindAsync(tenant, ErasureKind.Mailbox, inbox.Value, cancel) is { State: not ErasureState.Held, Stage: not ErasureStage.Look };

    private async Task<Erasure> ErasePacksAsync(TenantContext tenant, InboxId inbox, Erasure erasure, Run run, CancellationToken cancel)
    {
        ErasureNotes notes = erasure.Notes;
        await foreach (Pack pack in _packs.ListAsync(tenant, inbox, openOnly: false, cancel))
        {
            if (string.CompareOrdinal(pack.Id, erasure.Notes.Position) <= 0) continue;
            if (await HasNewHoldAsync(tenant, erasure, cancel)) return await LookAgainAsync(tenant, erasure, cancel);
            KeyName[] originals = [.. pack.Entries.Select(entry => new KeyName(KeyClass.Raw, entry.MessageKey, inbox))];
            await _keys.EraseAsync(tenant, await _ledger.NameKeysAsync(tenant, erasure, pack.Id, originals, cancel), cancel);
            await _packs.DeleteContentAsync(tenant, inbox, pack.Id, _time.GetUtcNow(), cancel);
            notes = notes with { Position = pack.Id, Looked = notes.Looked + originals.Length };
            if (run.IsOver) return await _ledger.SaveAsync(tenant, erasure with { Notes = notes }, cancel);
        }

        return await _ledger.SaveAsync(tenant, erasure with { Notes = notes with { Stage = ErasureStage.Shred, Position = "" } }, cancel);
    }

    private IAsyncEnumerable<string> TicketsOfAsync(TenantContext tenant, InboxId inbox, string after, CancellationToken cancel)
    {
        string prefix = tenant + ".";
        TableFilter all = TableFilter.PartitionPrefix(prefix).And(TableFilter.RowIs(TicketKeys.TicketRow)).And(TableFilter.Where("inbox", TableComparison.Equal, inbox.Value));
        if (after.Length > 0) all = all.And(TableFilter.PartitionAfter(prefix + after));
        return _ticketRows.QueryAsync(all, select: ["PartitionKey"], cancel: cancel).Select(row => row.PartitionKey[prefix.Length..]);
    }
}
