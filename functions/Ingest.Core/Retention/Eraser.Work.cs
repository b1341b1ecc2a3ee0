using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

public sealed partial class Eraser
{
    /// <summary>How long a request works on an erasure; what is left housekeeping does.</summary>
    public static readonly TimeSpan InRequest = TimeSpan.FromSeconds(40);

    // A position is written down now and then: a process that ends loses no more than this.
    private const int SaveEvery = 200;

    /// <summary>One stretch of work: until when, and what it ran into.</summary>
    private sealed class Run(TimeProvider time, TimeSpan? within, AuditActor? actor)
    {
        // Whoever asked for it; nobody for what a schedule lets go.
        public AuditActor? Actor => actor;
        private readonly long _start = time.GetTimestamp();
        public bool IsOver => within is { } most && time.GetElapsedTime(_start) >= most;
        public IReadOnlyList<Hold> Holds { get; set; } = [];
        // Somebody else must answer first: the next round of housekeeping asks again.
        public bool Waits { get; set; }
        // Legal holds that were placed after something was destroyed: what is left waits for them.
        public IReadOnlyList<Hold> Keeping { get; set; } = [];
    }

    // Part after part, each of which goes on where it was left.
    private async Task<ErasureEnd> WorkAsync(TenantContext tenant, Erasure erasure, AuditActor actor, TimeSpan? within, CancellationToken cancel)
    {
        Run run = new(_time, within, actor);
        if (erasure.Notes.LookAgain > _time.GetUtcNow()) return new ErasureEnd(ErasureOutcome.Begun, erasure, []);
        while (erasure.Stage != ErasureStage.Rest)
        {
            try
            {
                erasure = await PartAsync(tenant, erasure, run, cancel);
            }
            catch (NotNowException e) when (within is not null && e.ReasonCode is "vault-forbidden" or RedactTicket.UnderWayCode)
            {
                // The front may not open credentials; housekeeping may. And a redaction that is under way is over by then.
                return new ErasureEnd(ErasureOutcome.Begun, erasure, []);
            }

            if (run.Holds is { Count: > 0 } holds)
            {
                await ClearAsync(tenant, erasure, cancel);
                await _ledger.ForgetFoundAsync(tenant, erasure, cancel);
                await _ledger.DropUnreadAsync(tenant, erasure, mails: false, cancel);
                await _ledger.DropUnreadAsync(tenant, erasure, mails: true, cancel);
                await _ledger.CloseUnreadAsync(tenant, erasure.Id, cancel);
                await _ledger.SaveAsync(tenant, erasure with { State = ErasureState.Held, Notes = new ErasureNotes() }, cancel);
                return await RefuseAsync(tenant, actor, erasure.Kind, erasure.Target, holds, cancel);
            }

            if ((run.IsOver || run.Waits) && erasure.Stage != ErasureStage.Rest) return new ErasureEnd(ErasureOutcome.Begun, erasure, run.Keeping);
        }

        return new ErasureEnd(ErasureOutcome.Done, erasure, []);
    }

    private Task<Erasure> PartAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel) => (erasure.Stage, erasure.Kind) switch
    {
        (ErasureStage.Look, ErasureKind.Mailbox) => LookForHoldsAsync(tenant, erasure, run, cancel),
        (ErasureStage.Look, _) => LookAsync(tenant, erasure, run, cancel),
        (ErasureStage.Kept, ErasureKind.Mailbox) => CloseMailboxAsync(tenant, erasure, run, cancel),
        (ErasureStage.Kept, ErasureKind.Tenant) => LetGoOfOutsideAsync(tenant, erasure, run, cancel),
        (_, ErasureKind.Tenant) => EndTenantAsync(tenant, erasure, run, cancel),
        (ErasureStage.Kept, _) => EraseKeptAsync(tenant, erasure, run, cancel),
        (ErasureStage.Share, _) => ShareAsync(tenant, erasure, run, cancel),
        (ErasureStage.Shred, _) => ShredAsync(tenant, erasure, run, cancel),
        (ErasureStage.Twice, _) => DestroyTwiceAsync(tenant, erasure, run, cancel),
        (ErasureStage.Count, _) => CountAsync(tenant, erasure, run, cancel),
        (ErasureStage.Sign, _) => FinishAsync(tenant, erasure, run, cancel),
        (ErasureStage.Last or ErasureStage.Rest, _) => EndAsync(tenant, erasure, run, cancel),
    };

    // Nothing is destroyed yet, nor handed over: then it ends. Else what is left waits until the holds are lifted.
    private async Task<Erasure> StopForAsync(TenantContext tenant, Erasure erasure, IReadOnlyList<Hold> holds, Run run, CancellationToken cancel)
    {
        if (!erasure.Notes.HandsOver && !await _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel).AnyAsync(cancel)) run.Holds = holds;
        else (run.Keeping, run.Waits) = (holds, true);
        return run.Waits ? await _ledger.SaveAsync(tenant, erasure, cancel) : erasure;
    }

    private async Task<Erasure> EraseKeptAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        if (erasure.Notes.Position.Length == 0)
        {
            await _ledger.DropUnreadAsync(tenant, erasure, mails: true, cancel);
            erasure = erasure with { Notes = erasure.Notes with { LostMails = 0 } };
        }

        HashSet<string> ids = [.. erasure.Notes.MessageIds];
        using TenantKeys names = await _keys.ForTenantAsync(tenant, cancel);
        // As they stand when it is the mailbox's turn: one may have been placed since.
        IReadOnlyList<Hold> holds;
        HeldSenders held;
        foreach (InboxId inbox in (await _mailboxes.ListAsync(tenant, cancel).ToListAsync(cancel)).OrderBy(i => i.Value, StringComparer.Ordinal))
        {
            Erasure begun = erasure;
            holds = await _holds.ListAsync(tenant, cancel);
            if (holds.Where(hold => hold.Kind == ErasureKind.Tenant || hold.Target == erasure.Target).ToArray() is { Length: > 0 } onAll) return await StopForAsync(tenant, erasure, onAll, run, cancel);
            held = await _people.OfAsync(tenant, holds, cancel);
            // A hold on a mailbox stands above the erasure of a person, too.
            if (holds.Where(hold => hold.Kind == ErasureKind.Mailbox && hold.Target == inbox.Value).Select(hold => hold.Id).ToArray() is { Length: > 0 } byMailbox)
            {
                erasure = erasure with { Notes = erasure.Notes with { KeptByHold = [.. (erasure.Notes.KeptByHold ?? []).Union(byMailbox)] } };
                continue;
            }

            string at = erasure.Notes.Position, begin = inbox.Value + "!";
            if (string.CompareOrdinal(at, begin + "~") > 0) continue;
            int looked = 0;
            List<KeyName> doomed = [];
            List<UnreadItem> unread = [];
            await foreach (KeptPlace kept in _kept.OpenAsync(tenant, inbox, at.StartsWith(begin, StringComparison.Ordinal) ? at[begin.Length..] : "", cancel))
            {
                if (kept.Mail is { } mail && Belongs(names, mail, ids, erasure.Notes.Address))
                {
                    if (held.Of(KeptMark.Of(names, SenderOf(mail.Message)).Sender) is { Count: > 0 } keeping)
                    {
                        erasure = erasure with { Notes = erasure.Notes with { KeptByHold = [.. (erasure.Notes.KeptByHold ?? []).Union(keeping.Select(hold => hold.Id))] } };
                        continue;
                    }

                    doomed.Add(new KeyName(KeyClass.Raw, mail.MessageKey, inbox));
                    // A process that holds the key already must not make a ticket of it.
                    if (mail.Ended is null) doomed.Add(new KeyName(KeyClass.Ticket, names.TicketId(mail.MessageKey)));
                }

                else if (kept.Unread != Unread.No)
                {
                    // Kept-back mail is found by its sender, though it does not open.
                    string sender = kept.Line is { } line && erasure.Notes.Address.Length > 0 ? await _index.SenderAsync(tenant, inbox, line, cancel) ?? "" : "";
                    if (sender.Length > 0 && sender == KeptMark.Of(names, erasure.Notes.Address).Sender && held.Of(sender).Count == 0) doomed.Add(new KeyName(KeyClass.Raw, kept.MessageKey, inbox));
                    else if (kept.Unread == Unread.Lost && Waits(erasure)) erasure = erasure with { Notes = erasure.Notes with { LostMails = erasure.Notes.LostMails + 1 } };
                    else unread.Add(new UnreadItem(inbox, kept.MessageKey));
                }

                if (++looked % SaveEvery != 0 && !run.IsOver) continue;
                if (doomed.Count > 0 && !await AreStillAsync(tenant, holds, cancel)) return begun;
                await _ledger.NoteUnreadAsync(tenant, erasure, unread, cancel);
                unread = [];
                await EraseKeptAsync(tenant, erasure, doomed, cancel);
                erasure = await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Position = begin + kept.Place, Looked = erasure.Notes.Looked + looked } }, cancel);
                (looked, doomed, begun) = (0, [], erasure);
                if (run.IsOver) return erasure;
            }

            if (doomed.Count > 0 && !await AreStillAsync(tenant, holds, cancel)) return begun;
            await _ledger.NoteUnreadAsync(tenant, erasure, unread, cancel);
            await EraseKeptAsync(tenant, erasure, doomed, cancel);
            erasure = erasure with { Notes = erasure.Notes with { Position = begin + "~~", Looked = erasure.Notes.Looked + looked } };
        }

        await foreach (KeyName gone in _ledger.ReadKeysAsync(tenant, erasure.Id, "kept", cancel))
            if (gone is { Class: KeyClass.Raw, Inbox: { } inbox }) await _kept.CloseErasedAsync(tenant, inbox, gone.Owner, _time.GetUtcNow(), cancel);
        ErasureStage next = erasure.Kind != ErasureKind.Contact ? ErasureStage.Last : erasure.Notes.Round == 0 ? ErasureStage.Share : ErasureStage.Look;
        return await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Stage = next, Position = "" } }, cancel);
    }

    // Others were placed or lifted while mail was looked through: it is looked through again before any of it goes.
    private async Task<bool> AreStillAsync(TenantContext tenant, IReadOnlyList<Hold> holds, CancellationToken cancel) =>
        (await _holds.ListAsync(tenant, cancel)).Select(hold => hold.Id).SequenceEqual(holds.Select(hold => hold.Id));

    private static string SenderOf(Mail.Mime.MailMessage message) => message.From is [var first, ..] ? first.Address : message.Sender?.Address ?? "";

    private async Task EraseKeptAsync(TenantContext tenant, Erasure erasure, List<KeyName> doomed, CancellationToken cancel)
    {
        if (doomed.Count > 0) await _keys.EraseAsync(tenant, await _ledger.NameKeysAsync(tenant, erasure, "kept", doomed, cancel), cancel);
    }

    private async Task<Erasure> ShredAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        IAsyncEnumerable<string> doomed = erasure.Kind switch
        {
            ErasureKind.Ticket => new[] { erasure.Target }.ToAsyncEnumerable(),
            ErasureKind.Contact => (await _ledger.FoundAsync(tenant, erasure, cancel)).Where(id => string.CompareOrdinal(id, erasure.Notes.Position) > 0).ToAsyncEnumerable(),
            ErasureKind.Mailbox => TicketsOfAsync(tenant, InboxId.Parse(erasure.Target), erasure.Notes.Position, cancel),
            ErasureKind.Tenant => AsyncEnumerable.Empty<string>(),
        };
        int done = 0;
        await foreach (string ticket in doomed)
        {
            if (erasure.Kind != ErasureKind.Contact || await IsDoomedAsync(tenant, erasure, ticket, cancel))
            {
                if (erasure.Kind == ErasureKind.Mailbox && await HasNewHoldAsync(tenant, erasure, cancel)) return await LookAgainAsync(tenant, erasure, cancel);
                if (await HoldsNowAsync(tenant, erasure, ticket, cancel) is { Count: > 0 } holds) return await StopForAsync(tenant, erasure, holds, run, cancel);
                await _shred.RunAsync(tenant, erasure, ticket, cancel);
            }

            erasure = erasure with { Notes = erasure.Notes with { Position = ticket } };
            if (++done % SaveEvery == 0 || run.IsOver) erasure = await _ledger.SaveAsync(tenant, erasure, cancel);
            if (run.IsOver) return erasure;
        }

        if (erasure.Kind == ErasureKind.Contact) return await EndRoundAsync(tenant, erasure, run, cancel);
        ErasureStage next = erasure is { Kind: ErasureKind.Ticket, Notes.Again: false } ? ErasureStage.Kept : ErasureStage.Last;
        return await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Stage = next, Position = "" } }, cancel);
    }

    private async Task<Erasure> EndAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        if (erasure.Kind == ErasureKind.Mailbox)
        {
            erasure = await CloseCredentialAsync(tenant, erasure, cancel);
            if (run.Waits = erasure.Notes.Grant.Length == 0) return erasure;
        }

        // What kept-back mail was found by: keyed digests of its senders.
        if (erasure.Kind == ErasureKind.Mailbox && !await WipeAsync(_tables.GetTableClient(TableNames.Quarantine), TableFilter.PartitionIs($"{tenant}.{erasure.Target}"), _ => true, run, cancel)) return erasure;
        if (erasure.Kind == ErasureKind.Contact) await ForgetPersonAsync(tenant, erasure, cancel);
        // The mailbox last: until then work that names it finds it, and ends by its erased original.
        if (erasure.Kind == ErasureKind.Mailbox) await _mailboxes.RemoveAsync(tenant, InboxId.Parse(erasure.Target), cancel);
        if (erasure.Kind == ErasureKind.Contact)
        {
            await ClearAsync(tenant, erasure, cancel);
            await _ledger.ForgetFoundAsync(tenant, erasure, cancel);
        }

        if (!erasure.Notes.Again) return await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Stage = ErasureStage.Count, Position = "" } }, cancel);
        erasure = await ForgetLessonsAsync(tenant, erasure, await _ledger.ReadKeysAsync(tenant, erasure.Id, part: null, cancel).ToListAsync(cancel), cancel);
        bool isUnread = erasure.Kind == ErasureKind.Contact && await _ledger.UnreadAsync(tenant, erasure.Id, cancel).AnyAsync(cancel);
        using TenantKeys? ids = isUnread ? await _keys.ForTenantAsync(tenant, cancel) : null;
        if (erasure.Kind != ErasureKind.Contact) await _ledger.DropUnreadAsync(tenant, erasure, mails: true, cancel);
        if (!isUnread) await _ledger.CloseUnreadAsync(tenant, erasure.Id, cancel);
        ErasureNotes rest = new() { Digest = ids is null ? "" : NamedAddresses.Of(ids, erasure.Notes.Address), Stage = ErasureStage.Rest, Tickets = erasure.Notes.Tickets, Counts = erasure.Notes.Counts, Looked = erasure.Notes.Looked, Grant = erasure.Notes.Grant };
        return await _ledger.SaveAsync(tenant, erasure with { State = ErasureState.Settled, Notes = rest }, cancel);
    }
}
