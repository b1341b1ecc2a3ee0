using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Retention;

public sealed partial class Eraser
{
    /// <summary>How long the erasure of a person is tried again while keys or sealed bytes are lost; what is lost still is then named in the receipt, and erased when it comes back.</summary>
    public static readonly TimeSpan LostMayTake = TimeSpan.FromHours(6);

    private const string TicketsUnread = "ticketsUnreadable", MailsUnread = "mailsUnreadable";
    private const int MostUnreadAtOnce = 100;
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(30);

    // Looked at once more, only what was under way then is of interest: what they wrote since is a new contact's.
    private Sought SoughtBy(Erasure erasure) => new(erasure.Notes.Address, erasure.Target, erasure.Notes.Again ? erasure.Destroyed : null, Waits(erasure));

    private bool Waits(Erasure erasure) => erasure is { Kind: ErasureKind.Contact, Notes.Again: false } && _time.GetUtcNow() < erasure.Begun + LostMayTake;

    // All that can be found is destroyed; what is lost may be back by the next time, and later on the same round names it.
    private async Task<Erasure> WaitForLostAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        run.Waits = Waits(erasure);
        ErasureStage stage = erasure.Notes.LostMails > 0 ? ErasureStage.Kept : ErasureStage.Look;
        return await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Stage = stage, Position = "", Found = 0, LookAgain = run.Waits ? _time.GetUtcNow() + LookAgainAfter : null } }, cancel);
    }

    private async Task<SortedDictionary<string, long>> CountUnreadAsync(TenantContext tenant, Erasure erasure, SortedDictionary<string, long> counts, CancellationToken cancel)
    {
        List<UnreadItem> unread = await _ledger.UnreadAsync(tenant, erasure.Id, cancel).ToListAsync(cancel);
        if (unread.Count(item => item.Inbox is null) is > 0 and var tickets) counts[TicketsUnread] = tickets;
        if (unread.Count(item => item.Inbox is not null) is > 0 and var mails) counts[MailsUnread] = mails;
        return counts;
    }

    /// <summary>
    /// Looks at what erasures of a tenant's people could not read, after keys came back: what belongs to them is erased as it would have been then. Returns how many tickets and mails were read after all.
    /// </summary>
    public async Task<int> LookAtUnreadAsync(TenantContext tenant, CancellationToken cancel)
    {
        List<string> waiting = await _ledger.UnsettledAsync(cancel, tenant, ErasureKind.Contact).Select(one => one.Id).ToListAsync(cancel);
        foreach (string id in waiting)
            if (await _ledger.FindAsync(tenant, id, cancel) is { State: ErasureState.Begun, Notes.LookAgain: not null } erasure)
                await WorkAsync(tenant, erasure with { Notes = erasure.Notes with { LookAgain = null } }, AuditActor.System, within: null, cancel);
        int read = 0;
        foreach ((_, string id) in await _ledger.WithUnreadAsync(cancel, tenant).ToListAsync(cancel)) read += await LookAtUnreadAsync(tenant, id, int.MaxValue, cancel);
        return read;
    }

    // Of all that nobody could read some at a time, begun at another place each time.
    private async Task LookAtUnreadAsync(Action<Exception>? failed, TenantContext? only, Func<bool> isOver, CancellationToken cancel)
    {
        foreach ((TenantContext tenant, string id) in await _ledger.WithUnreadAsync(cancel, only, failed).ToListAsync(cancel))
        {
            if (isOver()) return;
            try
            {
                if (await _ledger.FindLastAsync(tenant, cancel) is not null) await _ledger.CloseUnreadAsync(tenant, id, cancel);
                else await LookAtUnreadAsync(tenant, id, MostUnreadAtOnce, cancel);
            }
            catch (Exception e) when (failed is not null && !cancel.IsCancellationRequested)
            {
                failed(e);
            }
        }
    }

    private async Task<int> LookAtUnreadAsync(TenantContext tenant, string id, int most, CancellationToken cancel)
    {
        // One that is under way still names anew what it cannot read.
        if (await _ledger.FindAsync(tenant, id, cancel) is not { State: ErasureState.Destroyed or ErasureState.Settled } erasure) return 0;
        List<UnreadItem> items = await _ledger.UnreadAsync(tenant, id, cancel).ToListAsync(cancel);
        int first = items.Count > most ? Random.Shared.Next(items.Count) : 0, read = 0;
        foreach (UnreadItem item in items.Skip(first).Concat(items.Take(first)).Take(most))
        {
            bool done = item.Inbox is { } inbox ? await FinishMailAsync(tenant, erasure, inbox, item.Id, cancel) : await FinishTicketAsync(tenant, erasure, item, item.Id, cancel);
            if (!done) continue;
            await _ledger.DropUnreadAsync(tenant, id, item, cancel);
            read++;
        }

        if (read < items.Count) return read;
        await _ledger.CloseUnreadAsync(tenant, id, cancel);
        // By now nobody is to be told from anybody by it.
        if (erasure.State == ErasureState.Settled && await _ledger.FindAsync(tenant, id, cancel) is { Notes.Digest.Length: > 0 } last) await _ledger.SaveAsync(tenant, last with { Notes = last.Notes with { Digest = "" } }, cancel);
        return read;
    }

    // True when it is gone, is nothing of theirs, or was erased now.
    private async Task<bool> FinishTicketAsync(TenantContext tenant, Erasure erasure, UnreadItem item, string ticket, CancellationToken cancel)
    {
        await ClearAsync(tenant, erasure, cancel, ticket);
        if (await _scan.ReadAsync(tenant, ticket, cancel) is not { } reading || reading.Ticket.Created > erasure.Destroyed) return true;
        string address = erasure.Notes.Address;
        using TenantKeys ids = await _keys.ForTenantAsync(tenant, cancel);
        if (address.Length == 0) address = PersonScan.AddressOf(ids, reading, erasure.Notes.Digest);
        if (address.Length == 0) return reading.Unread == Unread.No;
        Erasure known = erasure with { Notes = erasure.Notes with { Address = address } };
        PersonLook look = await _scan.LookAsync(tenant, ticket, new Sought(address, erasure.Target, Before: null, Waits: false), cancel);
        if (look.Found is not { } found) return look.Unread == Unread.No;
        if (await HoldsOnAsync(tenant, [found.Ticket], cancel, erasure.Target) is { Count: > 0 }) return false;
        if (!await _ledger.IsToldAsync(tenant, erasure.Id, item, cancel))
        {
            await AuditAsync(tenant, AuditActor.System, ErasureKind.Contact, AuditResult.Begun, e => e with { ContactId = erasure.Target, Subject = erasure.Id }, cancel);
            await _ledger.NoteToldAsync(tenant, erasure.Id, item, cancel);
        }

        known = known with { Notes = Note(ids, known.Notes, [found]) };
        if (found.Part == PersonPart.Shared && !(await TakeOverAsync(tenant, known, found, new PersonMask(address, known.Notes.Names, await WrittenAsync(tenant, known, [ticket], cancel)) { Digest = NamedAddresses.Of(ids, address) }, cancel)).IsOurs) return false;
        await _shred.RunAsync(tenant, erasure, ticket, cancel);
        List<KeyName> destroyed = await _ledger.ReadKeysAsync(tenant, erasure.Id, ticket, cancel).ToListAsync(cancel);
        await ForgetLessonsAsync(tenant, await _ledger.FindAsync(tenant, erasure.Id, cancel) ?? erasure, destroyed, cancel);
        await AuditAsync(tenant, AuditActor.System, ErasureKind.Contact, AuditResult.Done, e => e with { ContactId = erasure.Target, Subject = erasure.Id, Count = destroyed.Count(k => k.Id != Guid.Empty) }, cancel);
        return true;
    }

    private async Task<bool> FinishMailAsync(TenantContext tenant, Erasure erasure, InboxId inbox, string messageKey, CancellationToken cancel)
    {
        if (await _kept.FindAsync(tenant, inbox, messageKey, cancel) is not { } kept)
        {
            // Let in, or taken in, meanwhile: then it is a ticket's.
            using TenantKeys names = await _keys.ForTenantAsync(tenant, cancel);
            return await FinishTicketAsync(tenant, erasure, new UnreadItem(inbox, messageKey), await _kept.TicketOfAsync(tenant, inbox, messageKey, cancel) ?? names.TicketId(messageKey), cancel);
        }

        if (kept.Mail is not { } mail) return kept.Unread == Unread.No;
        using TenantKeys ids = await _keys.ForTenantAsync(tenant, cancel);
        string address = erasure.Notes.Address.Length > 0 ? erasure.Notes.Address : PersonScan.AddressOf(ids, AddressesIn(mail.Message), erasure.Notes.Digest);
        if (address.Length == 0 || !Belongs(ids, mail, [.. erasure.Notes.MessageIds], address)) return true;
        HeldSenders held = await _people.OfAsync(tenant, await _holds.ListAsync(tenant, cancel), cancel);
        if (held.Of(KeptMark.Of(ids, SenderOf(mail.Message)).Sender).Count > 0 || await HoldsOnAsync(tenant, [], cancel, inbox.Value) is { Count: > 0 }) return false;
        await AuditAsync(tenant, AuditActor.System, ErasureKind.Contact, AuditResult.Begun, e => e with { ContactId = erasure.Target, Subject = erasure.Id }, cancel);
        List<KeyName> doomed = [new(KeyClass.Raw, messageKey, inbox)];
        if (mail.Ended is null) doomed.Add(new KeyName(KeyClass.Ticket, ids.TicketId(messageKey)));
        await EraseKeptAsync(tenant, erasure, doomed, cancel);
        await _kept.CloseErasedAsync(tenant, inbox, messageKey, _time.GetUtcNow(), cancel);
        await AuditAsync(tenant, AuditActor.System, ErasureKind.Contact, AuditResult.Done, e => e with { ContactId = erasure.Target, Subject = erasure.Id, Count = 1 }, cancel);
        return true;
    }

    private static IEnumerable<string> AddressesIn(MailMessage message) =>
        message.From.Concat(message.ReplyTo).Concat(message.To).Concat(message.Cc).Select(a => a.Address).Append(message.Sender?.Address ?? "").Concat(message.Bounce.Select(b => b.Recipient ?? "")).Where(a => a.Length > 0);
}
