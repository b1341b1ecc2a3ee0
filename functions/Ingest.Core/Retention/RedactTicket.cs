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
    /// <summary>Nothing was changed: the text is longer than can be taken out at once.</summary>
    TooLong = 7,
}

/// <summary>How a wish to take something out of a ticket ended.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Messages">In how many messages.</param>
/// <param name="Count">In how many places.</param>
/// <param name="Holds">The holds in the way.</param>
public sealed record RedactionEnd(RedactionOutcome Outcome, int Messages, int Count, IReadOnlyList<Hold> Holds)
{
    /// <summary>How many mails of the ticket, of those that it concerns, do not open, or have a file that does not, and were passed over, while their originals are kept: what was to go may stand in those still.</summary>
    public int Unread { get; init; }

    internal static RedactionEnd Of(RedactionOutcome outcome) => new(outcome, 0, 0, []);
}

/// <summary>Tells of a redaction before it is done: of how many messages, and how many places.</summary>
internal delegate Task TellRedaction(int messages, int count);

/// <summary>
/// Takes something out of a ticket for good. What is changed is written under a new key of the ticket, in one transaction with the ticket as long as it fits; then all else of the ticket is
/// sealed under that key, too, and the keys before it are destroyed and named in the ledger of erasures, with the keys of the originals concerned: old copies of rows, blobs and keys open nothing.
/// Failure contract: what was asked for is written down, sealed under a key of its own, before anything is changed; from then on whoever comes next, housekeeping at the latest, does the whole of it.
/// </summary>
public sealed partial class RedactTicket(
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
    /// Writes every message anew in which <paramref name="rewrite"/> takes something out, and the ticket's own words. <paramref name="tell"/> is awaited once before anything is written. With
    /// <paramref name="ifVersion"/> only while the ticket is that version. Goes on with one that was begun before where <paramref name="begun"/> names its messages.
    /// </summary>
    internal async Task<RedactionEnd> RunAsync(
        TenantContext tenant, string ticketId, TicketRewrite rewrite, LaterRedaction mark, TellRedaction tell, CancellationToken cancel, string? ifVersion = null, BegunRedaction? begun = null)
    {
        HashSet<string> touched = [.. begun?.Messages ?? []];
        bool isOpen = begun is not null;
        int count = 0, unread = 0;
        for (int tries = 0; tries < Tries; tries++)
        {
            if (!TicketStore.IsTicketId(ticketId) || await tickets.FindAsync(tenant, ticketId, cancel) is not { Erased: null, Document: { } document } ticket) return await LeaveAsync(RedactionEnd.Of(RedactionOutcome.NotThere));
            if (await HoldsOnAsync(tenant, ticket, cancel) is { Count: > 0 } standing) return await LeaveAsync(new RedactionEnd(RedactionOutcome.Held, 0, 0, standing));
            List<(TicketMessage Old, int Count)> changed;
            try
            {
                (changed, unread) = await ChangedAsync(tenant, ticket, rewrite, cancel);
            }
            catch (NotNowException) when (tries < Tries - 1)
            {
                continue;
            }

            TicketDocument title = rewrite.Retitle(document);
            bool isDone = changed.Count == 0 && title == document;
            // Not done when it was opened and done now: its own write, whose answer was lost, or another's to the same end.
            if (isDone) return isOpen ? await EndAsync() : RedactionEnd.Of(RedactionOutcome.NothingFound) with { Unread = unread };
            if (ifVersion is not null && ticket.Version != ifVersion && await ReachedAsync(tenant, ticketId, mark.Id, touched, cancel) == 0) return await LeaveAsync(RedactionEnd.Of(RedactionOutcome.Changed));
            touched.UnionWith(changed.Select(c => c.Old.Key));
            if (count == 0) await tell(changed.Count, count = Math.Max(1, changed.Sum(c => c.Count)));
            try
            {
                // Before the key, which an erasure that comes in between does not know of.
                await OpenAsync(tenant, ticketId, rewrite, mark, touched, begun, cancel);
                isOpen = true;
                using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Ticket, TicketKeys.KeyOwner(ticketId, ticket.Generation + 1), cancel);
                if (await TryWriteAsync(tenant, ticket with { Document = title }, key, changed, rewrite.Message, mark, cancel)) return await EndAsync();
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
            await OpenAsync(tenant, ticketId, rewrite, mark, touched, begun, cancel);
            await FinishAsync(tenant, ticketId, mark.Id, cancel);
            return new RedactionEnd(RedactionOutcome.Done, touched.Count, count, []) { Unread = unread };
        }

        // What was made ready for it goes, so that nobody does later what its author was told is not done; but what is done in part stays, and waits for what is in its way.
        async Task<RedactionEnd> LeaveAsync(RedactionEnd end)
        {
            if (!isOpen) return end;
            if (end.Outcome != RedactionOutcome.Held) await FinishAsync(tenant, ticketId, mark.Id, cancel);
            else if (await ReachedAsync(tenant, ticketId, mark.Id, touched, cancel) == 0) await DropAsync(tenant, ticketId, mark.Id, cancel);
            return end;
        }
    }

    /// <summary>What <see cref="RunAsync"/> would do now; nothing is written.</summary>
    internal async Task<RedactionEnd> CountAsync(TenantContext tenant, string ticketId, TicketRewrite rewrite, CancellationToken cancel)
    {
        if (!TicketStore.IsTicketId(ticketId) || await tickets.FindAsync(tenant, ticketId, cancel) is not { Erased: null, Document: { } document } ticket) return RedactionEnd.Of(RedactionOutcome.NotThere);
        if (await HoldsOnAsync(tenant, ticket, cancel) is { Count: > 0 } standing) return new RedactionEnd(RedactionOutcome.Held, 0, 0, standing);
        (int messages, int count, int unread) = (0, 0, 0);
        await foreach (TicketMessage message in _messages.EachAsync(tenant, ticketId, cancel))
        {
            if (message.Document is null)
            {
                if (await MayHoldItAsync(tenant, ticket, message, rewrite, cancel)) unread++;
                continue;
            }

            using IDisposable room = await EnterAsync(message, cancel);
            (TicketMessage whole, IReadOnlyList<Func<byte[]>> contents) = await _messages.WithFilesAsync(tenant, ticketId, message, cancel);
            if (rewrite.Message(whole, contents) is { } next) (messages, count) = (messages + 1, count + next.Count);
            else if (HasClosedFile(message, whole) && await MayHoldItAsync(tenant, ticket, message, rewrite, cancel)) unread++;
        }

        bool any = rewrite.Retitle(document) != document || messages > 0;
        return (any ? new RedactionEnd(RedactionOutcome.Done, messages, Math.Max(1, count), []) : RedactionEnd.Of(RedactionOutcome.NothingFound)) with { Unread = unread };
    }

    internal async Task<IReadOnlyList<Hold>> HoldsOnAsync(TenantContext tenant, Ticket ticket, CancellationToken cancel) =>
        [.. (await holds.ListAsync(tenant, cancel)).Where(hold => Resolve.Covers(hold, ticket))];

    // The files of a message, opened, masked, sealed and put together; those of one message at a time, and of as many redactions at once as there is room for.
    private Task<IDisposable> EnterAsync(TicketMessage message, CancellationToken cancel) => _gate.EnterAsync(CopiesOfFiles * message.Document!.Attachments.Sum(file => file.Length), cancel);

    // What is to change, without what it will say: that is made again when it is sealed, so that never more than one message's files are held.
    private async Task<(List<(TicketMessage Old, int Count)> Changed, int Unread)> ChangedAsync(TenantContext tenant, Ticket ticket, TicketRewrite rewrite, CancellationToken cancel)
    {
        List<(TicketMessage, int)> changed = [];
        int unread = 0;
        await foreach (TicketMessage message in _messages.EachAsync(tenant, ticket.Id, cancel))
        {
            if (message.IsEmptied) continue;
            if (await _messages.IsClosedAsync(tenant, ticket.Id, message, ticket.Generation, cancel))
            {
                if (await MayHoldItAsync(tenant, ticket, message, rewrite, cancel)) unread++;
                continue;
            }

            // Its key or blob went since its row was read, or is lost for now: another redaction may be at work, and it must not be passed over.
            if (message.Document is null) throw new NotNowException("message-missing");
            using IDisposable room = await EnterAsync(message, cancel);
            (TicketMessage whole, IReadOnlyList<Func<byte[]>> contents) = await _messages.WithFilesAsync(tenant, ticket.Id, message, cancel);
            if (rewrite.Message(whole, contents) is { } next) changed.Add((message with { Document = null }, next.Count));
            else if (HasClosedFile(message, whole) && await MayHoldItAsync(tenant, ticket, message, rewrite, cancel)) unread++;
        }

        return (changed, unread);
    }

    // Where the message is written anew, such a file goes with its old bytes, and with the original.
    private static bool HasClosedFile(TicketMessage message, TicketMessage whole) => !ReferenceEquals(message, whole);

    // What does not open is passed over, and its original, which is sealed by itself, may open.
    private async Task<bool> MayHoldItAsync(TenantContext tenant, Ticket ticket, TicketMessage message, TicketRewrite rewrite, CancellationToken cancel) =>
        message is { Direction: MessageDirection.In, IsEmptied: false } && (rewrite.Only.Length == 0 || rewrite.Only == message.Key) && await IsOriginalThereAsync(tenant, InboxId.Parse(ticket.Inbox), message.Key, cancel);

    // The row of a message without what was to go; null when it is no longer as it was looked at.
    private async Task<TableEntity?> SealAsync(TenantContext tenant, string ticket, DataKey key, TicketMessage old, RewriteMessage rewrite, LaterRedaction mark, CancellationToken cancel)
    {
        if (await tickets.FindMessageAsync(tenant, ticket, old.Key, cancel) is not { Document: { } before } message || message.Version != old.Version) return null;
        using IDisposable room = await EnterAsync(message, cancel);
        (TicketMessage Message, IReadOnlyList<Func<byte[]>> Contents) whole;
        try
        {
            whole = await _messages.WithFilesAsync(tenant, ticket, message, cancel);
        }
        catch (NotNowException)
        {
            // Its blob went since its row was read: another redaction was quicker.
            return null;
        }

        if (rewrite(whole.Message, whole.Contents) is not { } next) return null;
        MessageDocument document = next.Document with { LaterRedactions = [.. before.LaterRedactions, mark with { Count = next.Count }] };
        return await _messages.SealAsync(tenant, ticket, key, new NewMessage(message.Key, message.Received, message.Flags | MessageMarks.Redacted, document, next.Contents), message.Order, cancel);
    }

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
}
