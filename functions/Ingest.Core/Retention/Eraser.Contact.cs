using System.Text;
using System.Text.Json;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Replies;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Retention;

public sealed partial class Eraser
{
    private const string UnreadableFiles = "filesUnreadable", UnreadableMessages = "messagesUnreadable";
    private const int MostRounds = 6, ReadsAtOnce = 8;
    private static readonly TimeSpan MayBeOnItsWay = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Erases a person by their address: their own tickets as a whole; in tickets where others wrote, their messages and whatever names or quotes them; their mail that is on
    /// its way, kept back, parked or a duplicate; replies that wait; what is known of them. What they write afterwards is a new contact's. With <paramref name="within"/> it may end as begun, and housekeeping goes on.
    /// </summary>
    public async Task<ErasureEnd> ContactAsync(TenantContext tenant, string address, AuditActor actor, CancellationToken cancel, TimeSpan? within = null)
    {
        string wanted = EmailIdentity.Normalise(address);
        if (wanted.Length == 0) return ErasureEnd.NotThere;
        if (await UnfinishedAsync(tenant, wanted, cancel) is not { } erasure)
        {
            string? contact = await _contacts.FindAsync(tenant, wanted, cancel);
            // Rows that came back with an old copy lead to somebody whose key is gone: what is erased now is what there is now.
            if (contact is not null && await _keys.IsErasedAsync(tenant, new KeyName(KeyClass.Contact, contact), cancel))
            {
                await _contacts.RemoveAsync(tenant, wanted, contact, cancel);
                contact = null;
            }

            if (await HoldsOnAsync(tenant, [], cancel, contact ?? "") is { Count: > 0 } holds) return await RefuseAsync(tenant, actor, ErasureKind.Contact, contact ?? "", holds, cancel);
            // Somebody of whom only kept-back mail tells has no contact: the erasure gets an id all the same.
            string target = contact ?? Crockford32.Encode(Guid.NewGuid().ToByteArray());
            await AuditAsync(tenant, actor, ErasureKind.Contact, AuditResult.Begun, e => e with { ContactId = target }, cancel);
            erasure = await _ledger.BeginAsync(tenant, ErasureKind.Contact, target, new ErasureNotes { Address = wanted }, cancel);
        }

        return await WorkAsync(tenant, erasure, actor, within, cancel);
    }

    // The address leads to nobody any more once the contact's rows are gone; the ledger still knows, until it has settled.
    private async Task<Erasure?> UnfinishedAsync(TenantContext tenant, string address, CancellationToken cancel)
    {
        await foreach ((_, string id, _) in _ledger.UnsettledAsync(cancel, tenant, ErasureKind.Contact))
            if (await _ledger.FindAsync(tenant, id, cancel) is { State: ErasureState.Begun } erasure && erasure.Notes.Address == address) return erasure;
        return null;
    }

    private static ErasureNotes Note(TenantKeys ids, ErasureNotes notes, IReadOnlyList<PersonTicket> found)
    {
        TicketMessage[] written = [.. found.SelectMany(f => f.Messages).Where(m => PersonScan.IsTheirs(m, notes.Address))];
        return notes with
        {
            Names = Fitting(notes.Names.Concat(written.Where(m => m.Direction == MessageDirection.In).Select(m => m.Document!.FromName))),
            MessageIds = [.. notes.MessageIds.Concat(MessageIds(ids, written)).Distinct().Take(MostMessageIds)],
        };
    }

    // In their order, and one that has no room any more keeps no shorter one out.
    private static List<string> Fitting(IEnumerable<string> names)
    {
        int room = BytesOfNames;
        List<string> fitting = [];
        foreach (string name in names.Where(n => n.Length > 0).Distinct())
        {
            int bytes = JsonEncodedText.Encode(name).EncodedUtf8Bytes.Length + 3;
            if (bytes > room) continue;
            room -= bytes;
            fitting.Add(name);
        }

        return fitting;
    }

    private async Task<Erasure> LookAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        ErasureNotes notes = erasure.Notes;
        if (notes is { Position: "", Round: 0 } && await _contacts.OpenAsync(tenant, notes.Address, erasure.Target, cancel) is { Name.Length: > 0 } profile)
            notes = notes with { Names = [.. notes.Names.Append(profile.Name).Distinct()] };
        using TenantKeys ids = await _keys.ForTenantAsync(tenant, cancel);
        // What was named before all was destroyed stays named until it is read: then more counts than mail of theirs.
        if (notes is { Position: "", Again: false })
        {
            await _ledger.DropUnreadAsync(tenant, erasure, mails: false, cancel);
            notes = notes with { Lost = 0 };
        }

        while (await _scan.PageAsync(tenant, SoughtBy(erasure), notes.Position, cancel) is var (looks, looked, last))
        {
            PersonTicket[] found = [.. looks.Select(look => look.Found).OfType<PersonTicket>()];
            // Later on each ticket is asked about before it goes.
            if (notes.Round == 0 && await HoldsOnAsync(tenant, [.. found.Select(f => f.Ticket)], cancel, erasure.Target) is { Count: > 0 } holds)
            {
                run.Holds = holds;
                return erasure;
            }

            if (found.Length > 0) await _ledger.NoteFoundAsync(tenant, erasure, last, found.Select(f => f.Ticket.Id), cancel);
            bool waits = Waits(erasure);
            await _ledger.NoteUnreadAsync(tenant, erasure, [.. looks.Where(look => look.Unread == Unread.Broken || (look.Unread == Unread.Lost && !waits)).Select(look => new UnreadItem(null, look.Ticket))], cancel);
            int lost = waits ? looks.Count(look => look.Unread == Unread.Lost) : 0;
            notes = Note(ids, notes, found) with { Position = last, Looked = notes.Looked + looked, Found = notes.Found + found.Length, Lost = notes.Lost + lost };
            if (run.IsOver) return await _ledger.SaveAsync(tenant, erasure with { Notes = notes }, cancel);
        }

        if (notes is { Round: > 0, Found: 0 } && notes.Lost + notes.LostMails > 0) return await WaitForLostAsync(tenant, erasure with { Notes = notes }, run, cancel);
        ErasureStage next = notes.Round == 0 ? ErasureStage.Kept : notes.Found > 0 ? ErasureStage.Share : ErasureStage.Last;
        return await _ledger.SaveAsync(tenant, erasure with { Notes = notes with { Stage = next, Position = "" } }, cancel);
    }

    // Others first: what the person wrote must still be readable to be found in what others quote.
    private async Task<Erasure> ShareAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        IReadOnlyList<string> found = await _ledger.FoundAsync(tenant, erasure, cancel);
        await ClearAsync(tenant, erasure, cancel);
        using TenantKeys ids = await _keys.ForTenantAsync(tenant, cancel);
        PersonMask mask = new(erasure.Notes.Address, erasure.Notes.Names, await WrittenAsync(tenant, erasure, found, cancel)) { Digest = NamedAddresses.Of(ids, erasure.Notes.Address) };
        ErasureNotes notes = erasure.Notes;
        foreach (string ticket in found.Where(id => string.CompareOrdinal(id, erasure.Notes.Position) > 0))
        {
            if ((await _scan.LookAsync(tenant, ticket, SoughtBy(erasure), cancel)).Found is { Part: PersonPart.Shared } shared)
            {
                if (await HoldsOnAsync(tenant, [shared.Ticket], cancel, erasure.Target) is { Count: > 0 } holds) return await StopForAsync(tenant, erasure with { Notes = notes }, holds, run, cancel);
                // What is handed over nobody finds any more by looking for it: from here on a hold does not end the erasure, which waits for it.
                erasure = notes.HandsOver ? erasure with { Notes = notes } : await _ledger.SaveAsync(tenant, erasure with { Notes = notes = notes with { HandsOver = true } }, cancel);
                (bool isOurs, int messages, int files) = await TakeOverAsync(tenant, erasure, shared, mask, cancel);
                // Another erasure was quicker: what it wrote counts, and ours held what it took out. Somebody wrote into it: the next round finds it.
                if (isOurs) notes = notes with { Counts = Add(Add(notes.Counts, UnreadableMessages, messages), UnreadableFiles, files) };
            }

            notes = notes with { Position = ticket };
            if (run.IsOver) return await _ledger.SaveAsync(tenant, erasure with { Notes = notes }, cancel);
        }

        return await _ledger.SaveAsync(tenant, erasure with { Notes = notes with { Stage = ErasureStage.Shred, Position = "" } }, cancel);
    }

    private static SortedDictionary<string, long> Add(SortedDictionary<string, long> counts, string name, int more) =>
        more == 0 ? counts : new(counts, StringComparer.Ordinal) { [name] = counts.GetValueOrDefault(name) + more };

    // What was written to take over a ticket that was never handed to it, since a process ended in between or somebody else was quicker: nobody else knows of it. With a ticket, of that one alone.
    private async Task ClearAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel, string? only = null)
    {
        foreach ((string ticket, string successor) in await _ledger.SuccessorsAsync(tenant, erasure, only, cancel))
        {
            Ticket? old = await _scan.FindAsync(tenant, ticket, cancel);
            // Another process may be about to hand it over: the ticket leaves that version first.
            while (old is { Erased: null } && await _rewrite.SuccessorAsync(tenant, old, erasure, cancel) == successor && !await _shred.TryRenewAsync(tenant, old, cancel)) old = await _scan.FindAsync(tenant, ticket, cancel);
            if (old?.MergedInto != successor) await _rewrite.DropAsync(tenant, successor, old?.Inbox ?? "", cancel);
            await _ledger.DropSuccessorAsync(tenant, erasure, ticket, successor, cancel);
        }
    }

    private async Task<(bool IsOurs, int Messages, int Files)> TakeOverAsync(TenantContext tenant, Erasure erasure, PersonTicket shared, PersonMask mask, CancellationToken cancel)
    {
        // Whoever asked named the ticket, also where their message does not open any more.
        if (shared.Ticket.Document is { } d && (d.Requester == erasure.Target || mask.Is(d.RequesterAddress))) mask.LearnSubject(d.Subject);
        try
        {
            (string successor, int messages, int files) = await _rewrite.RunAsync(tenant, shared, mask, erasure, cancel);
            if (await _shred.TryHandOverAsync(tenant, shared.Ticket, successor, cancel))
            {
                await _ledger.DropSuccessorAsync(tenant, erasure, shared.Ticket.Id, successor, cancel);
                return (true, messages, files);
            }
        }
        catch (KeyErasedException)
        {
            // Another process that works on the same erasure met the ticket later than this one, and took away what this one writes.
        }

        await ClearAsync(tenant, erasure, cancel, shared.Ticket.Id);
        return (false, 0, 0);
    }

    // A ticket that was handed over is a tombstone whose messages still open, until it is destroyed.
    private async Task<List<MessageDocument>> WrittenAsync(TenantContext tenant, Erasure erasure, IReadOnlyList<string> tickets, CancellationToken cancel)
    {
        List<MessageDocument> written = [];
        foreach (string[] some in tickets.Chunk(ReadsAtOnce))
        {
            IReadOnlyList<TicketMessage>[] messages = await Task.WhenAll(some.Select(ticket => _scan.MessagesAsync(tenant, ticket, cancel)));
            written.AddRange(messages.SelectMany(m => m).Where(m => m.Direction == MessageDirection.In && PersonScan.IsTheirs(m, erasure.Notes.Address)).Select(m => m.Document!));
        }

        return written;
    }

    // In a ticket that still stands and is not theirs alone somebody wrote meanwhile: the next round finds it.
    private async Task<bool> IsDoomedAsync(TenantContext tenant, Erasure erasure, string ticket, CancellationToken cancel) =>
        await _scan.FindAsync(tenant, ticket, cancel) is not { Erased: null } || (await _scan.LookAsync(tenant, ticket, SoughtBy(erasure), cancel)).Found is { Part: PersonPart.Own };

    // Whoever goes on writing meanwhile must not keep the erasure from its end: what is left then is found when it is looked at once more, and that begins anew later.
    private async Task<Erasure> EndRoundAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        ErasureNotes notes = erasure.Notes with { Position = "", Found = 0 };
        bool isLast = notes.Round + 1 >= MostRounds;
        if (isLast && notes.Lost + notes.LostMails > 0) return await WaitForLostAsync(tenant, erasure, run, cancel);
        if (isLast && !notes.Again) return await _ledger.SaveAsync(tenant, erasure with { Notes = notes with { Stage = ErasureStage.Last } }, cancel);
        erasure = await _ledger.SaveAsync(tenant, erasure with { Notes = notes with { Stage = ErasureStage.Look, Round = isLast ? 1 : notes.Round + 1 } }, cancel);
        return isLast ? throw new NotNowException("erasure-contended") : erasure;
    }

    private async Task ForgetPersonAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        await _keys.EraseAsync(tenant, await _ledger.NameKeysAsync(tenant, erasure, "contact", [new KeyName(KeyClass.Contact, erasure.Target)], cancel), cancel);
        await _suppressions.DeleteEntityAsync($"{tenant}.{erasure.Target}", "acknowledged", cancel: cancel);
        await _contacts.RemoveAsync(tenant, erasure.Notes.Address, erasure.Target, cancel);
        await ForgetCountsAsync(tenant, erasure, cancel);
        if (await BecameAsync(tenant, erasure, cancel) is not { } meanwhile) return;
        await _keys.EraseAsync(tenant, await _ledger.NameKeysAsync(tenant, erasure, "contact", [new KeyName(KeyClass.Contact, meanwhile)], cancel), cancel);
        await _suppressions.DeleteEntityAsync($"{tenant}.{meanwhile}", "acknowledged", cancel: cancel);
        await _contacts.RemoveAsync(tenant, erasure.Notes.Address, meanwhile, cancel);
    }

    private async Task ForgetCountsAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        string address = erasure.Notes.Address;
        using TenantKeys ids = await _keys.ForTenantAsync(tenant, cancel);
        foreach (InboxId inbox in await _mailboxes.ListAsync(tenant, cancel).ToListAsync(cancel)) await MailRates.ForgetAsync(_tables, tenant, inbox, address, ids, cancel);
        HashSet<string> mails = [.. await _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel).Where(key => key.Class == KeyClass.Raw).Select(key => key.Owner).ToListAsync(cancel)];
        await Acknowledge.ForgetAsync(_tables, tenant, EmailIdentity.Domain(address[(address.LastIndexOf('@') + 1)..]), mails, ids, cancel);
    }

    // Mail of theirs that was taken in while they were erased made a contact of them, or of them once more, and its ticket went with all the others. Looked at once more, only one with no ticket is of that
    // mail, and no younger one than any mail takes on its way: the next round tells.
    private async Task<string?> BecameAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        if (await _contacts.FindAsync(tenant, erasure.Notes.Address, cancel) is not { } other || other == erasure.Target || (await _holds.ListAsync(tenant, cancel)).Any(hold => hold.Target == other)) return null;
        if (!erasure.Notes.Again) return other;
        if (await _scan.HasPartAsync(tenant, other, cancel)) return null;
        return await _keys.MadeAsync(tenant, new KeyName(KeyClass.Contact, other), cancel) is { } made && made > _time.GetUtcNow() - MayBeOnItsWay ? throw new NotNowException("erasure-contended") : other;
    }

    // Theirs, or an answer to what is erased. Mail of others that only names them goes where it is kept back anyway, and not where it is still to be taken in.
    private static bool Belongs(TenantKeys keys, KeptBack mail, HashSet<string> ids, string address)
    {
        MailMessage message = mail.Message;
        bool IsErased(string id) => id.Length > 0 && ids.Contains(DigestOf(keys, id));
        if (ids.Count > 0 && (message.InReplyTo.Concat(message.References).Append(message.MessageId ?? "").Any(IsErased) || message.Bounce.Any(b => IsErased(b.OriginalMessageId ?? "")))) return true;
        if (address.Length == 0) return false;
        bool Is(MailAddress a) => a.Address.Length > 0 && EmailIdentity.Normalise(a.Address) == address;
        if (message.From.Any(Is) || (message.Sender is { } sender && Is(sender))) return true;
        bool keptForGood = mail.Ended is not (null or OutcomeKind.Parked);
        return keptForGood && (message.ReplyTo.Concat(message.To).Concat(message.Cc).Any(Is) || message.Bounce.Any(b => (b.Recipient ?? "").Contains(address, StringComparison.OrdinalIgnoreCase)) || Names(message, address));
    }

    // As in a ticket's messages and files: by their address, wherever it stands readable.
    private static bool Names(MailMessage message, string address)
    {
        if (new[] { message.Subject, message.Text, message.Html }.Any(text => text?.Contains(address, StringComparison.OrdinalIgnoreCase) == true)) return true;
        byte[] word = Encoding.UTF8.GetBytes(address);
        return message.Attachments.Any(file => Holds(file.Decode(), word));
    }

    private static bool Holds(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> word)
    {
        byte lower = (byte)char.ToLowerInvariant((char)word[0]), upper = (byte)char.ToUpperInvariant((char)word[0]);
        for (int at; (at = bytes.IndexOfAny(lower, upper)) >= 0 && at + word.Length <= bytes.Length; bytes = bytes[(at + 1)..])
            if (Ascii.EqualsIgnoreCase(bytes.Slice(at, word.Length), word) || bytes.Slice(at, word.Length).SequenceEqual(word)) return true;
        return false;
    }
}
