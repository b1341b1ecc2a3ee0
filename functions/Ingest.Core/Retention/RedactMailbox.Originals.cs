using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

public sealed partial class RedactMailbox
{
    // Behind the tickets, the originals: all of what has ended where none is kept, and else those of duplicates whose first one went.
    private async Task<MailboxRun> OriginalsAsync(TenantContext tenant, MailboxRun run, OriginalMail original, Func<bool> isOver, CancellationToken cancel)
    {
        while (true)
        {
            string? after = run.Place.Length > Mails.Length ? run.Place[Mails.Length..] : null;
            IReadOnlyList<JournalLine> lines = await journal.PageAsync(tenant, run.Inbox, original == OriginalMail.NotKept ? null : OutcomeKind.Duplicate, LinesAtOnce, after, cancel);
            if (lines.Count == 0) break;
            int gone = 0;
            // Few at once, each time by the holds that stand then: one that is put on meanwhile is not met by what was read before it.
            foreach (JournalLine[] some in lines.Chunk(OriginalsAtOnce)) gone += await LetGoAsync(tenant, run, some, original, cancel);
            run = await SaveAsync(tenant, run with { Place = Mails + lines[^1].MessageKey, Originals = run.Originals + gone }, cancel);
            if (isOver()) return run;
        }

        run = run with { Running = false, Moved = time.GetUtcNow() };
        await TellEndAsync(tenant, run, cancel);
        return await SaveAsync(tenant, run, cancel);
    }

    private async Task TellEndAsync(TenantContext tenant, MailboxRun run, CancellationToken cancel)
    {
        AuditEvent about = new(AuditAction.Redacted, run.By.Length == 0 ? AuditActor.Command : new(AuditActorKind.Person, run.By)) { Inbox = run.Inbox, Subject = run.Id };
        if (run.Names > 0) await audit.AppendAsync(tenant, about with { Count = run.Names, Code = "mailbox-names" }, cancel);
        if (run.Unread + run.Closed > 0) await audit.AppendAsync(tenant, about with { Count = run.Unread + run.Closed, Result = AuditResult.Failed, Code = "mailbox-unread" }, cancel);
        await audit.AppendAsync(tenant, about with { Count = run.Changed, Result = run.IsWhole ? AuditResult.Done : AuditResult.Failed, Code = "mailbox-done" }, cancel);
    }

    // A part of the ledger's for each piece: told again after a crash, it is the same. The lines say it before the keys go.
    private async Task<int> LetGoAsync(TenantContext tenant, MailboxRun run, JournalLine[] lines, OriginalMail original, CancellationToken cancel)
    {
        List<(JournalLine Line, KeyName Key)> there = [];
        foreach (JournalLine line in lines)
            if (await IsToGoAsync(tenant, run.Inbox, line, original, cancel) && (run.Unread + run.Closed == 0 || await OpensAsync(tenant, line, cancel)) && await keys.NameAsync(tenant, new KeyName(KeyClass.Raw, line.MessageKey, run.Inbox), cancel) is { } name && name.Id != Guid.Empty) there.Add((line, name));
        if (there.Count == 0) return 0;
        IReadOnlyList<Hold> standing = await holds.ListAsync(tenant, cancel);
        List<KeyName> doomed = [];
        foreach ((JournalLine line, KeyName key) in there)
            if (!await IsHeldAsync(tenant, run.Inbox, standing, line, cancel)) doomed.Add(key);
        if (doomed.Count == 0) return 0;
        IReadOnlyList<KeyName> named = await ledger.NameKeysAsync(tenant, run.Id, "o" + lines[0].MessageKey, doomed, cancel);
        foreach (KeyName key in doomed) await journal.LetOriginalGoAsync(tenant, run.Inbox, key.Owner, original == OriginalMail.NotKept ? JournalLine.OriginalNotKept : JournalLine.OriginalDestroyed, cancel);
        await keys.EraseAsync(tenant, named, cancel);
        return doomed.Count;
    }

    // A duplicate may be the one original that opens, until the first has ended for good.
    private async Task<bool> IsToGoAsync(TenantContext tenant, InboxId inbox, JournalLine line, OriginalMail original, CancellationToken cancel)
    {
        if (line.Length < 0 || !HasEnded(line)) return false;
        if (original == OriginalMail.NotKept) return line.Owner.Length == 0 || HasEnded(await journal.FindAsync(tenant, inbox, line.Owner, cancel));
        return line.Owner.Length > 0 && await keys.IsErasedAsync(tenant, new KeyName(KeyClass.Raw, line.Owner, inbox), cancel);
    }

    // Where the ticket or its message does not open, the original may be all that there is: it stays, as is told, until a run after they open, or until a person destroys it.
    private async Task<bool> OpensAsync(TenantContext tenant, JournalLine line, CancellationToken cancel)
    {
        if (line.TicketId.Length == 0 || await tickets.LookAsync(tenant, line.TicketId, cancel) is not { Erased: null } ticket) return true;
        if (ticket.Document is null) return await keys.IsErasedAsync(tenant, new KeyName(KeyClass.Ticket, TicketKeys.KeyOwner(line.TicketId, ticket.Generation)), cancel);
        return await tickets.FindMessageAsync(tenant, line.TicketId, line.Owner.Length > 0 ? line.Owner : line.MessageKey, cancel) is not { Document: null, IsEmptied: false };
    }

    private static bool HasEnded(JournalLine? line) => line is { Outcome: OutcomeKind.Ticketed or OutcomeKind.Duplicate or OutcomeKind.Rejected };

    private async Task<bool> IsHeldAsync(TenantContext tenant, InboxId inbox, IReadOnlyList<Hold> standing, JournalLine line, CancellationToken cancel) =>
        standing.Any(hold => hold.Kind == ErasureKind.Tenant || (hold.Kind == ErasureKind.Mailbox && hold.Target == inbox.Value))
        || (line.TicketId.Length > 0 && standing.Any(hold => hold.Kind is ErasureKind.Ticket or ErasureKind.Contact)
            && await tickets.LookAsync(tenant, line.TicketId, cancel) is { } ticket && standing.Any(hold => Resolve.Covers(hold, ticket)));
}
