using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Replies;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>What was found of a ticket, however often it was looked at.</summary>
/// <param name="Messages">Its messages.</param>
/// <param name="RepliesStopped">Replies that had not gone out, and never will.</param>
/// <param name="RepliesPerhapsSent">Replies that were being sent at that moment, or whose sending was in doubt.</param>
internal readonly record struct TicketTally(int Messages, int RepliesStopped, int RepliesPerhapsSent);

/// <summary>
/// Takes a ticket apart for good. The order is the guarantee: first its row becomes a tombstone, after which nothing can be added to it; then replies that wait are
/// stopped, keys named in the ledger and destroyed, and what they sealed is wiped. Run again after a crash it ends the same.
/// </summary>
internal sealed class ShredTicket(TableServiceClient tables, BlobStore blobs, KeyRing keys, Journal journal, Outbox outbox, ErasureLedger ledger, TimeProvider time)
{
    private const int RowsAtOnce = 50;
    private const string Stopped = "erased", StoppedInDoubt = "erased-in-doubt";
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Tickets), _erasures = tables.GetTableClient(TableNames.Erasures);
    private readonly TicketLists _lists = new(tables);

    /// <summary>Points a ticket to the one that takes over, if it is still the version that was taken over; else nothing is changed: somebody wrote into it meanwhile, or another erasure took it over or apart.</summary>
    public async Task<bool> TryHandOverAsync(TenantContext tenant, Ticket old, string mergedInto, CancellationToken cancel)
    {
        try
        {
            await _rows.UpdateEntityAsync(TicketRow.Tombstone(tenant, old, mergedInto, time.GetUtcNow()), new ETag(old.Version), TableUpdateMode.Replace, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            // Our own write, its answer lost, is met here as well.
            TableEntity? there = await _rows.GetEntityIfExistsAsync(TicketKeys.Partition(tenant, old.Id), TicketKeys.TicketRow, cancel: cancel);
            return there?.GetDateTimeOffset("erased") is not null && there.GetString("mergedInto") == mergedInto;
        }
    }

    /// <summary>Makes another version of a ticket without changing it, so that nobody hands over the one before; false when it is another already.</summary>
    public async Task<bool> TryRenewAsync(TenantContext tenant, Ticket ticket, CancellationToken cancel)
    {
        try
        {
            await _rows.UpdateEntityAsync(new TableEntity(TicketKeys.Partition(tenant, ticket.Id), TicketKeys.TicketRow) { ["rev"] = ticket.Revision }, new ETag(ticket.Version), TableUpdateMode.Merge, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            return false;
        }
    }

    /// <summary>Destroys a ticket as a part of an erasure. Nothing happens to a ticket that never was, but that it never will be.</summary>
    public async Task<TicketTally> RunAsync(TenantContext tenant, Erasure erasure, string ticket, CancellationToken cancel)
    {
        Ticket? stone = await FenceAsync(tenant, ticket, cancel);
        List<TableEntity> rows = await RowsAsync(tenant, ticket, cancel);
        await StopRepliesAsync(tenant, stone, ticket, rows, cancel);
        List<KeyName> doomed = [.. Enumerable.Range(0, (stone?.Generation ?? 0) + 1).Select(generation => new KeyName(KeyClass.Ticket, TicketKeys.KeyOwner(ticket, generation)))];
        // What somebody asked to have taken out says what it was, until housekeeping has been there.
        await foreach (string wish in RedactTicket.ListOpenAsync(_erasures, tenant, ticket, cancel)) doomed.Add(new KeyName(KeyClass.Ticket, TicketKeys.WishOwner(ticket, wish)));
        if (stone is not null)
        {
            InboxId inbox = InboxId.Parse(stone.Inbox);
            HashSet<string> messages = [.. rows.Where(IsFromOutside).Select(row => row.GetString("key")!)];
            doomed.AddRange(messages.Select(key => new KeyName(KeyClass.Raw, key, inbox)));
            await foreach (JournalLine line in journal.ListOfTicketAsync(tenant, inbox, ticket, messages, cancel)) doomed.Add(new KeyName(KeyClass.Raw, line.MessageKey, inbox));
        }

        await keys.EraseAsync(tenant, await ledger.NameKeysAsync(tenant, erasure, ticket, doomed, cancel), cancel);
        await EmptyAsync(tenant, ticket, rows, cancel);
        await foreach (StoredBlob blob in blobs.ListAsync(TicketStore.Container, $"{tenant}/{ticket}/", cancel)) await blobs.DeleteIfExistsAsync(TicketStore.Container, blob.Name, cancel);
        if (stone is not null) await _lists.DropAllAsync(tenant, stone.Inbox, ticket, cancel);
        return await CountAsync(tenant, ticket, cancel);
    }

    /// <summary>What is left of a ticket tells how much there was.</summary>
    public async Task<TicketTally> CountAsync(TenantContext tenant, string ticket, CancellationToken cancel)
    {
        List<TableEntity> rows = await RowsAsync(tenant, ticket, cancel);
        int Replies(string code) => rows.Count(row => !IsMessage(row) && row.GetString("code") == code);
        return new TicketTally(rows.Count(IsMessage), Replies(Stopped), Replies(StoppedInDoubt));
    }

    // Every change of a ticket names the version that it changes: from here on none succeeds.
    private async Task<Ticket?> FenceAsync(TenantContext tenant, string ticket, CancellationToken cancel)
    {
        while (true)
        {
            TableEntity? row = await _rows.GetEntityIfExistsAsync(TicketKeys.Partition(tenant, ticket), TicketKeys.TicketRow, cancel: cancel);
            if (row is null) return null;
            Ticket there = TicketRow.Read(tenant, ticket, row, key: null);
            if (there.Erased is not null) return there;
            try
            {
                await _rows.UpdateEntityAsync(TicketRow.Tombstone(tenant, there, mergedInto: "", time.GetUtcNow()), row.ETag, TableUpdateMode.Replace, cancel);
                return there;
            }
            catch (RequestFailedException e) when (e.Status == 412)
            {
                // Somebody wrote into it in between; or it was us, and the answer was lost.
            }
        }
    }

    private async Task<List<TableEntity>> RowsAsync(TenantContext tenant, string ticket, CancellationToken cancel)
    {
        TableFilter both = TableFilter.RowPrefix(TicketKeys.MessagePrefix).Or(TableFilter.RowPrefix(TicketKeys.OutboxPrefix));
        return await _rows.QueryAsync(TableFilter.PartitionIs(TicketKeys.Partition(tenant, ticket)).And(both),
            select: ["RowKey", "key", "flags", "erased", "delivery", "code"], cancel: cancel).ToListAsync(cancel);
    }

    private static bool IsMessage(TableEntity row) => row.RowKey.StartsWith(TicketKeys.MessagePrefix, StringComparison.Ordinal);

    private static bool IsFromOutside(TableEntity row) => IsMessage(row) && ((MessageMarks)(row.GetInt32("flags") ?? 0) & (MessageMarks.Outbound | MessageMarks.Note)) == 0;

    private async Task StopRepliesAsync(TenantContext tenant, Ticket? stone, string ticket, List<TableEntity> rows, CancellationToken cancel)
    {
        foreach (string key in rows.Where(row => !IsMessage(row)).Select(row => row.RowKey[TicketKeys.OutboxPrefix.Length..]))
        {
            while (await outbox.FindAsync(tenant, ticket, key, cancel) is { } entry && entry.Delivery.State is not (DeliveryState.Sent or DeliveryState.Failed))
            {
                string code = entry.Delivery.State == DeliveryState.Queued ? Stopped : StoppedInDoubt;
                if (await outbox.MoveAsync(tenant, ticket, entry with { Delivery = entry.Delivery with { State = DeliveryState.Failed, Code = code, At = time.GetUtcNow() } }, cancel) is not null) break;
            }

            if (stone is null) continue;
            DateTimeOffset now = time.GetUtcNow();
            await outbox.ForgetAsync(new ReplyWork { TenantText = tenant.Tenant.Value, InboxText = stone.Inbox, TicketId = ticket, Key = key, FirstSeenUnixMs = now.ToUnixTimeMilliseconds() + 1 }, cancel);
        }
    }

    private async Task EmptyAsync(TenantContext tenant, string ticket, List<TableEntity> rows, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        string partition = TicketKeys.Partition(tenant, ticket);
        foreach (TableEntity[] some in rows.Where(row => IsMessage(row) && row.GetDateTimeOffset("erased") is null).Chunk(RowsAtOnce))
        {
            await _rows.SubmitTransactionAsync([.. some.Select(row => new TableTransactionAction(TableTransactionActionType.UpsertReplace, new TableEntity(partition, row.RowKey)
            {
                ["key"] = row.GetString("key"),
                ["flags"] = row.GetInt32("flags") & (int)(MessageMarks.Outbound | MessageMarks.Note),
                ["erased"] = now,
            }))], cancel);
        }
    }
}
