using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Retention;

public sealed partial class Eraser
{
    private const int MostRounds = 4;
    private const int TicketsAtOnce = 500;

    /// <summary>
    /// Erases a person by their address: their own tickets as a whole; in tickets where others wrote, their messages and whatever names or quotes them; their mail that is on
    /// its way, kept back, parked or a duplicate; replies that wait; what is known of them. What they write afterwards is a new contact's.
    /// </summary>
    public async Task<ErasureEnd> ContactAsync(TenantContext tenant, string address, AuditActor actor, CancellationToken cancel)
    {
        string wanted = EmailIdentity.Normalise(address);
        if (wanted.Length == 0) return ErasureEnd.NotThere;
        if (await UnfinishedAsync(tenant, wanted, cancel) is not { } erasure)
        {
            string? contact = await _contacts.FindAsync(tenant, wanted, cancel);
            List<PersonTicket> found = await _scan.RunAsync(tenant, wanted, contact, cancel).ToListAsync(cancel);
            IReadOnlyList<Hold> holds = await HoldsOnAsync(tenant, [.. found.Select(f => f.Ticket)], cancel, contact ?? "");
            if (holds.Count > 0) return await RefuseAsync(tenant, actor, ErasureKind.Contact, contact ?? "", holds, cancel);
            // Somebody of whom only kept-back mail tells has no contact: the erasure gets an id all the same.
            string target = contact ?? Crockford32.Encode(Guid.NewGuid().ToByteArray());
            await AuditAsync(tenant, actor, ErasureKind.Contact, AuditResult.Done, e => e with { ContactId = target }, cancel);
            erasure = await _ledger.BeginAsync(tenant, ErasureKind.Contact, target, Note(new ErasureNotes { Address = wanted }, found), cancel);
        }

        ContactDocument? profile = await _contacts.OpenAsync(tenant, wanted, erasure.Target, cancel);
        if (profile is { Name.Length: > 0 }) erasure = await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Names = [.. erasure.Notes.Names.Append(profile.Name).Distinct()] } }, cancel);
        await EraseKeptAsync(tenant, erasure, cancel);
        erasure = await EraseTicketsAsync(tenant, erasure, cancel);
        await _keys.EraseAsync(tenant, await _ledger.NameKeysAsync(tenant, erasure, "contact", [new KeyName(KeyClass.Contact, erasure.Target)], cancel), cancel);
        await _suppressions.DeleteEntityAsync($"{tenant}.{erasure.Target}", "acknowledged", cancel: cancel);
        await _contacts.RemoveAsync(tenant, wanted, erasure.Target, cancel);
        return new ErasureEnd(ErasureOutcome.Done, await FinishAsync(tenant, erasure, cancel), []);
    }

    // The address leads to nobody any more once the contact's rows are gone; the ledger still knows, until it has settled.
    private async Task<Erasure?> UnfinishedAsync(TenantContext tenant, string address, CancellationToken cancel)
    {
        await foreach (Erasure erasure in _ledger.ListAsync(tenant, cancel))
            if (erasure is { Kind: ErasureKind.Contact, State: ErasureState.Begun } && erasure.Notes.Address == address) return erasure;
        return null;
    }

    private static ErasureNotes Note(ErasureNotes notes, IReadOnlyList<PersonTicket> found)
    {
        TicketMessage[] written = [.. found.SelectMany(f => f.Messages).Where(m => PersonScan.IsTheirs(m, notes.Address))];
        return notes with
        {
            Names = [.. notes.Names.Concat(written.Where(m => m.Direction == MessageDirection.In).Select(m => m.Document!.FromName)).Where(n => n.Length > 0).Distinct()],
            MessageIds = [.. notes.MessageIds.Concat(MessageIds(written)).Distinct().Take(MostMessageIds)],
        };
    }

    // Mail may come in while we work; so tickets are looked for until none is found.
    private async Task<Erasure> EraseTicketsAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        // A crash after a ticket became a tombstone leaves its messages, and no scan sees them. One that still lives is scanned: others may have written in it.
        foreach (string ticket in erasure.Notes.Tickets)
            if (await _tickets.FindAsync(tenant, ticket, cancel) is not { Erased: null }) await _shred.RunAsync(tenant, erasure, ticket, cancel);
        for (int round = 0; round < MostRounds; round++)
        {
            List<PersonTicket> found = await _scan.RunAsync(tenant, erasure.Notes.Address, erasure.Target, cancel).ToListAsync(cancel);
            if (found.Count == 0) return erasure;
            List<MessageDocument> written = [.. found.SelectMany(f => f.Messages).Where(m => m.Direction == MessageDirection.In && PersonScan.IsTheirs(m, erasure.Notes.Address)).Select(m => m.Document!)];
            ErasureNotes notes = Note(erasure.Notes, found);
            PersonMask mask = new(notes.Address, notes.Names, written);
            // Others first: what the person wrote must still be readable to be found in what others quote.
            foreach (PersonTicket[] some in found.OrderBy(f => f.Part == PersonPart.Shared ? 0 : 1).Chunk(TicketsAtOnce))
            {
                erasure = await _ledger.SaveAsync(tenant, erasure with { Notes = notes with { Tickets = [.. some.Select(f => f.Ticket.Id)] } }, cancel);
                foreach (PersonTicket one in some) await EraseOneAsync(tenant, erasure, one, mask, cancel);
            }
        }

        throw new NotNowException("erasure-contended");
    }

    private async Task EraseOneAsync(TenantContext tenant, Erasure erasure, PersonTicket one, PersonMask mask, CancellationToken cancel)
    {
        if (one.Part == PersonPart.Shared)
        {
            string successor = await _rewrite.RunAsync(tenant, one, mask, erasure, cancel);
            HandOver end = await _shred.TryHandOverAsync(tenant, one.Ticket, successor, cancel);
            // Another erasure was quicker: what it wrote counts, and ours holds what it took out.
            if (end == HandOver.TakenByAnother) await _shred.RunAsync(tenant, erasure, successor, cancel);
            if (end != HandOver.Ours) return;
        }

        await _shred.RunAsync(tenant, erasure, one.Ticket.Id, cancel);
    }

    // Theirs, or an answer to what is erased. Mail of others that only names them goes where it is kept back anyway, and not where it is still to be taken in.
    private static bool Belongs(KeptBack mail, HashSet<string> ids, string address)
    {
        MailMessage message = mail.Message;
        if ((message.MessageId is { } own && ids.Contains(own)) || message.InReplyTo.Concat(message.References).Any(ids.Contains)) return true;
        if (message.Bounce.Any(b => b.OriginalMessageId is { } id && ids.Contains(id))) return true;
        if (address.Length == 0) return false;
        bool Is(MailAddress a) => a.Address.Length > 0 && EmailIdentity.Normalise(a.Address) == address;
        if (message.From.Any(Is) || (message.Sender is { } sender && Is(sender))) return true;
        bool keptForGood = mail.Ended is OutcomeKind.Quarantined or OutcomeKind.Rejected;
        return keptForGood && (message.ReplyTo.Concat(message.To).Concat(message.Cc).Any(Is) || message.Bounce.Any(b => (b.Recipient ?? "").Contains(address, StringComparison.OrdinalIgnoreCase)));
    }
}
