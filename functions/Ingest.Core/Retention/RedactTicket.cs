using Azure;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>How a wish to take something out of a ticket ended.</summary>
public enum RedactionOutcome
{
    /// <summary>It is out, for good.</summary>
    Done = 1,
    /// <summary>Nothing of it is there: it may have been taken out before.</summary>
    NothingFound = 2,
    /// <summary>This tenant has no such ticket, message or attachment, or its content was erased.</summary>
    NotThere = 3,
    /// <summary>Nothing was changed: a legal hold stands above it.</summary>
    Held = 4,
    /// <summary>Nothing was changed: the ticket is not as it was when it was looked at.</summary>
    Changed = 5,
    /// <summary>Nothing was changed: the text is shorter than can be told from any other.</summary>
    TooShort = 6,
}

/// <summary>How a wish to take something out of a ticket ended.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Messages">In how many messages.</param>
/// <param name="Count">In how many places.</param>
/// <param name="Holds">The holds in the way.</param>
public sealed record RedactionEnd(RedactionOutcome Outcome, int Messages, int Count, IReadOnlyList<Hold> Holds)
{
    internal static RedactionEnd Of(RedactionOutcome outcome) => new(outcome, 0, 0, []);
}

/// <summary>Tells of a redaction before it is done: of how many messages, and how many places.</summary>
internal delegate Task TellRedaction(int messages, int count);

/// <summary>
/// Takes something out of a ticket for good. What is changed is written under a new key of the ticket, in one transaction with the ticket as long as it fits; then all else of the ticket is
/// sealed under that key, too, and the keys before it are destroyed and named in the ledger of erasures, with the keys of the originals concerned: old copies of rows, blobs and keys open nothing.
/// Failure contract: before the change nothing has happened; after it, whoever comes next, housekeeping at the latest, finishes, to the same end.
/// </summary>
public sealed class RedactTicket(
    TableServiceClient tables, BlobStore blobs, TicketStore tickets, Journal journal, KeyRing keys, ErasureLedger ledger, Holds holds, Lessons lessons, AuditLog audit, TimeProvider time)
{
    /// <summary>The reason code of what must wait until a redaction of the ticket has ended.</summary>
    internal const string UnderWayCode = "redaction-under-way";

    // One partition for all tenants, so that housekeeping finds what is open without reading what is not; no tenant has a hyphen in its name.
    private const string OpenPartition = "-redactions";
    private const int Tries = 8, RowsAtOnce = 90, BytesAtOnce = 3 * 1024 * 1024;
    private const long MemoryForFiles = 128L * 1024 * 1024, CopiesOfFiles = 4;
    private static readonly TimeSpan MayTake = TimeSpan.FromMinutes(6);
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Tickets), _open = tables.GetTableClient(TableNames.Erasures);
    private readonly ByteGate _gate = new(MemoryForFiles);
    private readonly TicketLists _lists = new(tables);
    private readonly MessageRows _messages = new(tables.GetTableClient(TableNames.Tickets), blobs, keys);

    /// <summary>
    /// Writes every message anew in which <paramref name="rewrite"/> takes something out, and the ticket's own words by <paramref name="retitle"/>. <paramref name="tell"/> is awaited once
    /// before anything is written. With <paramref name="ifVersion"/> only while the ticket is that version.
    /// </summary>
    internal async Task<RedactionEnd> RunAsync(
        TenantContext tenant, string ticketId, RewriteMessage rewrite, Func<TicketDocument, TicketDocument> retitle, LaterRedaction mark, TellRedaction tell, CancellationToken cancel, string? ifVersion = null)
    {
        HashSet<string> touched = [];
        int count = 0, left = int.MaxValue;
        for (int tries = 0; tries < Tries; tries++)
        {
            if (!TicketStore.IsTicketId(ticketId) || await tickets.FindAsync(tenant, ticketId, cancel) is not { Erased: null, Document: { } document } ticket)
            {
                // Erased meanwhile: what was made ready for it goes, too.
                if (touched.Count > 0) await FinishAsync(tenant, ticketId, mark.Id, cancel);
                return RedactionEnd.Of(RedactionOutcome.NotThere);
            }

            if (await HoldsOnAsync(tenant, ticket, cancel) is { Count: > 0 } standing) return new RedactionEnd(RedactionOutcome.Held, 0, 0, standing);
            List<(TicketMessage Old, int Count)> changed;
            try
            {
                changed = await ChangedAsync(tenant, ticketId, rewrite, mark, cancel);
            }
            catch (NotNowException) when (tries < Tries - 1)
            {
                continue;
            }

            TicketDocument title = retitle(document);
            bool isDone = changed.Count == 0 && title == document;
            // Of a write whose answer was lost, or of the first part of a long one, the ticket itself tells.
            bool isOurs = touched.Count > 0 && changed.Count < left;
            if (isDone && !isOurs) return RedactionEnd.Of(RedactionOutcome.NothingFound);
            if (!isOurs && ifVersion is not null && ticket.Version != ifVersion) return RedactionEnd.Of(RedactionOutcome.Changed);
            if (isDone) return await EndAsync();
            touched.UnionWith(changed.Select(c => c.Old.Key));
            if (count == 0) await tell(changed.Count, count = Math.Max(1, changed.Sum(c => c.Count)));
            left = changed.Count;
            try
            {
                // Before the key, which an erasure that comes in between does not know of.
                await OpenAsync(tenant, ticketId, mark, touched, cancel);
                using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Ticket, TicketKeys.KeyOwner(ticketId, ticket.Generation + 1), cancel);
                if (await TryWriteAsync(tenant, ticket with { Document = title }, key, changed, rewrite, mark, cancel)) return await EndAsync();
            }
            catch (KeyErasedException)
            {
                // The ticket was erased meanwhile, or another redaction was quicker: the next look tells.
            }
        }

        throw new NotNowException("ticket-contended");

        async Task<RedactionEnd> EndAsync()
        {
            // Housekeeping may have met the row before the change, and taken it away.
            await OpenAsync(tenant, ticketId, mark, touched, cancel);
            await FinishAsync(tenant, ticketId, mark.Id, cancel);
            return new RedactionEnd(RedactionOutcome.Done, touched.Count, count, []);
        }
    }

    /// <summary>What <see cref="RunAsync"/> would do now; nothing is written.</summary>
    internal async Task<RedactionEnd> CountAsync(TenantContext tenant, string ticketId, RewriteMessage rewrite, Func<TicketDocument, TicketDocument> retitle, CancellationToken cancel)
    {
        if (!TicketStore.IsTicketId(ticketId) || await tickets.FindAsync(tenant, ticketId, cancel) is not { Erased: null, Document: { } document } ticket) return RedactionEnd.Of(RedactionOutcome.NotThere);
        if (await HoldsOnAsync(tenant, ticket, cancel) is { Count: > 0 } standing) return new RedactionEnd(RedactionOutcome.Held, 0, 0, standing);
        (int messages, int count) = (0, 0);
        foreach (TicketMessage message in await tickets.MessagesAsync(tenant, ticketId, cancel))
        {
            if (message.Document is null) continue;
            using IDisposable room = await EnterAsync(message, cancel);
            if (rewrite(message, await _messages.ContentsAsync(tenant, ticketId, message, cancel)) is not { } next) continue;
            (messages, count) = (messages + 1, count + next.Count);
        }

        bool any = messages > 0 || retitle(document) != document;
        return any ? new RedactionEnd(RedactionOutcome.Done, messages, Math.Max(1, count), []) : RedactionEnd.Of(RedactionOutcome.NothingFound);
    }

    private async Task<IReadOnlyList<Hold>> HoldsOnAsync(TenantContext tenant, Ticket ticket, CancellationToken cancel) =>
        [.. (await holds.ListAsync(tenant, cancel)).Where(hold => Resolve.Covers(hold, ticket))];

    // The files of a message, opened, masked, sealed and put together; those of one message at a time, and of as many redactions at once as there is room for.
    private Task<IDisposable> EnterAsync(TicketMessage message, CancellationToken cancel) => _gate.EnterAsync(CopiesOfFiles * message.Document!.Attachments.Sum(file => file.Length), cancel);

    // What is to change, without what it will say: that is made again when it is sealed, so that never more than one message's files are held.
    private async Task<List<(TicketMessage Old, int Count)>> ChangedAsync(TenantContext tenant, string ticket, RewriteMessage rewrite, LaterRedaction mark, CancellationToken cancel)
    {
        List<(TicketMessage, int)> changed = [];
        foreach (TicketMessage message in await tickets.MessagesAsync(tenant, ticket, cancel))
        {
            if (message.IsEmptied) continue;
            // Its key or blob went since its row was read: another redaction is at work, and it must not be passed over.
            if (message.Document is null) throw new NotNowException("message-missing");
            using IDisposable room = await EnterAsync(message, cancel);
            if (rewrite(message, await _messages.ContentsAsync(tenant, ticket, message, cancel)) is { } next) changed.Add((message with { Document = null }, next.Count));
        }

        return changed;
    }

    // The row of a message without what was to go; null when it is no longer as it was looked at.
    private async Task<TableEntity?> SealAsync(TenantContext tenant, string ticket, DataKey key, TicketMessage old, RewriteMessage rewrite, LaterRedaction mark, CancellationToken cancel)
    {
        if (await tickets.FindMessageAsync(tenant, ticket, old.Key, cancel) is not { Document: { } before } message || message.Version != old.Version) return null;
        using IDisposable room = await EnterAsync(message, cancel);
        if (rewrite(message, await _messages.ContentsAsync(tenant, ticket, message, cancel)) is not { } next) return null;
        MessageDocument document = next.Document with { LaterRedactions = [.. before.LaterRedactions, mark with { Count = next.Count }] };
        return await _messages.SealAsync(tenant, ticket, key, new NewMessage(message.Key, message.Received, message.Flags | MessageMarks.Redacted, document, next.Contents), message.Order, cancel);
    }

    // Written before anything is changed: by it housekeeping finds what a crash cut off.
    private async Task OpenAsync(TenantContext tenant, string ticket, LaterRedaction mark, IEnumerable<string> messages, CancellationToken cancel) =>
        await _open.UpsertEntityAsync(new TableEntity(OpenPartition, $"{tenant}!{ticket}!{mark.Id}")
        {
            // Whoever redacts a whole mailbox looks for duplicates once, at its end.
            ["duplicates"] = mark.Part != RedactedPart.Policy,
            ["since"] = time.GetUtcNow(), ["messages"] = string.Join(' ', messages),
        }, TableUpdateMode.Replace, cancel);

    // The ticket and what fits beside it at once; what does not fit follows, each row under its version. False when somebody else wrote meanwhile.
    private async Task<bool> TryWriteAsync(TenantContext tenant, Ticket ticket, DataKey key, List<(TicketMessage Old, int Count)> changed, RewriteMessage rewrite, LaterRedaction mark, CancellationToken cancel)
    {
        Ticket next = ticket with { Revision = ticket.Revision + 1, Generation = ticket.Generation + 1, Flags = ticket.Flags | MessageMarks.Redacted };
        List<TableTransactionAction> some = [new(TableTransactionActionType.UpdateReplace, TicketRow.Write(tenant, next, key), new ETag(ticket.Version))];
        List<(TableEntity Row, string OldBlob)> written = [];
        int bytes = 0;
        foreach ((TicketMessage old, _) in changed)
        {
            if (await SealAsync(tenant, ticket.Id, key, old, rewrite, mark, cancel) is not { } row)
            {
                // What was made ready and not written leaves its blobs unused.
                foreach ((TableEntity unused, _) in written) await _messages.IsThereAsync(unused, cancel);
                return false;
            }

            bytes += row.GetBinary("doc")?.Length ?? 0;
            if (some.Count >= RowsAtOnce || bytes > BytesAtOnce)
            {
                if (!await TrySubmitAsync(some, written, cancel)) return false;
                (some, written, bytes) = ([], [], row.GetBinary("doc")?.Length ?? 0);
            }

            some.Add(new(TableTransactionActionType.UpdateReplace, row, new ETag(old.Version)));
            written.Add((row, old.Blob));
        }

        return some.Count == 0 || await TrySubmitAsync(some, written, cancel);
    }

    private async Task<bool> TrySubmitAsync(List<TableTransactionAction> rows, List<(TableEntity Row, string OldBlob)> written, CancellationToken cancel)
    {
        try
        {
            await _rows.SubmitTransactionAsync(rows, cancel);
            foreach ((_, string blob) in written) await _messages.ForgetBlobAsync(blob, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            // Our own write, its answer lost, is met here as well: what it wrote says so itself when it is looked at again.
            foreach ((TableEntity row, _) in written) await _messages.IsThereAsync(row, cancel);
            return false;
        }
    }

    /// <summary>Does what is left of redactions that were begun some minutes ago and not finished; returns how many it closed.</summary>
    public async Task<int> KeepAsync(Action<Exception> failed, CancellationToken cancel)
    {
        int closed = 0;
        List<TableEntity> open = await _open.QueryAsync(TableFilter.PartitionIs(OpenPartition), cancel: cancel).Where(row => row.GetDateTimeOffset("since") + MayTake < time.GetUtcNow()).ToListAsync(cancel);
        foreach (string[] parts in open.Select(row => row.RowKey.Split('!')))
        {
            try
            {
                TenantContext tenant = new(TenantId.Parse(parts[0]));
                AuditEvent? told = await CutOffAsync(tenant, parts[1], parts[2], cancel);
                await FinishAsync(tenant, parts[1], parts[2], cancel);
                if (told is not null) await audit.AppendAsync(tenant, told, cancel);
                closed++;
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                failed(e);
            }
        }

        return closed;
    }

    // Nobody knows any more what was to be taken out: where a message of it was not reached, whoever asked for it must ask again.
    private async Task<AuditEvent?> CutOffAsync(TenantContext tenant, string ticketId, string id, CancellationToken cancel)
    {
        if (await _open.GetEntityIfExistsAsync(OpenPartition, $"{tenant}!{ticketId}!{id}", cancel: cancel) is not { } open || await tickets.FindAsync(tenant, ticketId, cancel) is not { Erased: null } ticket) return null;
        string[] planned = (open.GetString("messages") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int reached = 0;
        foreach (string key in planned)
            if (await tickets.FindMessageAsync(tenant, ticketId, key, cancel) is { Document: { } document } && document.LaterRedactions.Any(redaction => redaction.Id == id)) reached++;
        bool isWhole = reached == planned.Length && ticket.Generation > 0;
        AuditEvent told = new(AuditAction.Redacted, AuditActor.System) { Inbox = InboxId.Parse(ticket.Inbox), TicketId = ticketId, Subject = id, Count = reached };
        return told with { Result = isWhole ? AuditResult.Done : AuditResult.Failed, Code = isWhole ? "cut-off-finished" : reached > 0 ? "cut-off-half-done" : "cut-off-nothing-done" };
    }

    // Each step is one that a second time changes nothing.
    private async Task FinishAsync(TenantContext tenant, string ticketId, string id, CancellationToken cancel)
    {
        string row = $"{tenant}!{ticketId}!{id}";
        if (await _open.GetEntityIfExistsAsync(OpenPartition, row, cancel: cancel) is not { } open) return;
        Ticket? ticket = await tickets.FindAsync(tenant, ticketId, cancel);
        if (ticket is { Erased: null, Document: null }) throw new NotNowException("ticket-key-missing");
        // Of an erased ticket nothing is left but the key that was made for what was to be written.
        if (ticket is { Erased: not null }) await keys.EraseAsync(tenant, [new KeyName(KeyClass.Ticket, TicketKeys.KeyOwner(ticketId, ticket.Generation + 1))], cancel);
        // Of one that was never changed, nothing.
        if (ticket is { Erased: null, Document: not null, Generation: > 0 })
        {
            List<KeyName> doomed = [.. Enumerable.Range(0, ticket.Generation).Select(generation => new KeyName(KeyClass.Ticket, TicketKeys.KeyOwner(ticketId, generation)))];
            await TurnOverAsync(tenant, ticket, cancel);
            HashSet<string> done = await DoneAsync(tenant, ticketId, id, (open.GetString("messages") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries), cancel);
            InboxId inbox = InboxId.Parse(ticket.Inbox);
            doomed.AddRange(done.Select(key => new KeyName(KeyClass.Raw, key, inbox)));
            if (done.Count > 0 && open.GetBoolean("duplicates") == true)
            {
                await foreach (JournalLine line in journal.ListAsync(tenant, inbox, OutcomeKind.Duplicate, cancel))
                    if (done.Contains(line.Owner)) doomed.Add(new KeyName(KeyClass.Raw, line.MessageKey, inbox));
            }

            await lessons.TurnOverAsync(tenant, ticketId, done, cancel);
            await keys.EraseAsync(tenant, await ledger.NameKeysAsync(tenant, id, ticketId, doomed, cancel), cancel);
            await lessons.VoidAsync(tenant, cancel);
        }

        try
        {
            await _open.DeleteEntityAsync(OpenPartition, row, open.ETag, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            // Whoever redacts it is still at it, and ends it, or leaves it to the next round.
        }
    }

    // Whatever is written from now on is sealed under the ticket's newest key; what was before is sealed once more.
    private async Task TurnOverAsync(TenantContext tenant, Ticket ticket, CancellationToken cancel)
    {
        using DataKey key = await keys.FindAsync(tenant, KeyClass.Ticket, TicketKeys.KeyOwner(ticket.Id, ticket.Generation), cancel) ?? throw new NotNowException("ticket-key-missing");
        TableFilter all = TableFilter.PartitionIs(TicketKeys.Partition(tenant, ticket.Id)).And(TableFilter.RowPrefix(TicketKeys.MessagePrefix));
        await foreach (TableEntity row in _rows.QueryAsync(all, select: ["RowKey", "gen", "erased"], cancel: cancel))
        {
            if (row.GetDateTimeOffset("erased") is not null || TicketRow.Generation(row) >= ticket.Generation) continue;
            try
            {
                await _messages.TurnOverAsync(tenant, ticket.Id, row.RowKey, key, cancel);
            }
            catch (SealBrokenException)
            {
                // What does not open opens for nobody, and must not keep the rest from being taken out.
            }
        }

        await _lists.PutAsync(tenant, ticket, key, replaces: null, cancel);
        if (await tickets.FindAsync(tenant, ticket.Id, cancel) is { } now) await _lists.DropAsync(tenant, ticket, now, cancel);
    }

    // A redaction that came to nothing must cost no original.
    private async Task<HashSet<string>> DoneAsync(TenantContext tenant, string ticket, string id, string[] messages, CancellationToken cancel)
    {
        HashSet<string> done = [];
        foreach (string key in messages)
            if (await tickets.FindMessageAsync(tenant, ticket, key, cancel) is { Direction: MessageDirection.In, Document: { } document } && document.LaterRedactions.Any(redaction => redaction.Id == id)) done.Add(key);
        return done;
    }
}
