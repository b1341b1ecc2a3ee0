using System.Text;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Replies;

/// <summary>
/// Replies on their way out. An entry is written in one transaction with its message and its ticket; from then on it changes only under its version,
/// so that of two senders one goes on and the other learns that it is late.
/// </summary>
public sealed class Outbox(TableServiceClient tables)
{
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Tickets);
    private readonly TableClient _lists = tables.GetTableClient(TableNames.Lists);

    // Replies that have no end yet, of all tenants in one partition: there are never many, and the clock has no tenant.
    private const string Pending = "outbox";

    private static string PendingRow(TenantContext tenant, string ticket, string key) => $"{tenant}!{ticket}!{key}";

    /// <summary>Notes that a reply is about to be written, before anything else is: so that one whose queue message was lost is still found.</summary>
    public Task ExpectAsync(ReplyWork work, CancellationToken cancel) => _lists.UpsertEntityAsync(
        new TableEntity(Pending, PendingRow(work.Tenant, work.TicketId, work.Key)) { ["work"] = Encoding.UTF8.GetString(work.ToJson()), ["since"] = work.FirstSeen }, TableUpdateMode.Replace, cancel);

    /// <summary>The reply has its end, or never came to be. A note that is newer than this work stays: somebody had the reply sent once more meanwhile.</summary>
    public async Task ForgetAsync(ReplyWork work, CancellationToken cancel)
    {
        string row = PendingRow(work.Tenant, work.TicketId, work.Key);
        if (await _lists.GetEntityIfExistsAsync(Pending, row, ["since"], cancel) is not { } note || note.GetDateTimeOffset("since") > work.FirstSeen) return;
        try
        {
            await _lists.DeleteEntityAsync(Pending, row, note.ETag, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            // Written anew since it was read.
        }
    }

    /// <summary>Replies without an end that were approved before a time.</summary>
    public async IAsyncEnumerable<ReplyWork> PendingAsync(DateTimeOffset before, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (TableEntity row in _lists.QueryAsync(TableFilter.PartitionIs(Pending), cancel: cancel))
            if (row.GetDateTimeOffset("since") < before && row.GetString("work") is { } json && ReplyWork.FromJson(Encoding.UTF8.GetBytes(json)) is { } work) yield return work;
    }

    /// <summary>The row of a reply that is to be sent, to be written with its message.</summary>
    public static TableEntity NewRow(TenantContext tenant, string ticket, string key, bool automatic, DateTimeOffset now) => OutboxRow.Write(tenant, ticket,
        new OutboxEntry { Key = key, Delivery = new Delivery(DeliveryState.Queued, "", 0, now), Created = now, NotBefore = now, Automatic = automatic });

    /// <summary>How a reply stands, or null when there is no such reply.</summary>
    public async Task<OutboxEntry?> FindAsync(TenantContext tenant, string ticket, string key, CancellationToken cancel) =>
        await _rows.GetEntityIfExistsAsync(TicketKeys.Partition(tenant, ticket), TicketKeys.OutboxRow(key), cancel: cancel) is { } row ? OutboxRow.Read(row) : null;

    /// <summary>Moves an entry on from the version in <paramref name="entry"/>; null when it has moved since, and nothing was written.</summary>
    public async Task<OutboxEntry?> MoveAsync(TenantContext tenant, string ticket, OutboxEntry entry, CancellationToken cancel)
    {
        entry = entry with { Owner = Guid.NewGuid().ToString("N") };
        TableEntity row = OutboxRow.Write(tenant, ticket, entry);
        try
        {
            ETag version = await _rows.UpdateEntityAsync(row, new ETag(entry.Version), TableUpdateMode.Replace, cancel);
            return entry with { Version = version.ToString() };
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            // Our own write, its answer lost and sent again, meets its first self.
            OutboxEntry? there = await FindAsync(tenant, ticket, entry.Key, cancel);
            return there?.Owner == entry.Owner ? there : null;
        }
    }
}
