using System.Globalization;
using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>
/// Tickets by state and time: one row a ticket in one of sixteen shards of its inbox. Rows are written before the ticket, so a list may be ahead
/// of a ticket but never behind; whoever reads a list checks each row against its ticket.
/// </summary>
public sealed class TicketLists(TableServiceClient tables)
{
    private const int Shards = 16;
    private const string Role = "list";
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Lists);

    private static string Partition(TenantContext tenant, string inbox, int shard) =>
        $"{tenant}.{inbox}.{shard.ToString("x", CultureInfo.InvariantCulture)}";

    private static string Partition(TenantContext tenant, Ticket ticket) => Partition(tenant, ticket.Inbox, TicketKeys.Shard(ticket.Id));

    private static string Row(Ticket ticket) => TicketKeys.ListRow(ticket.State, ticket.Updated, ticket.Id);

    /// <summary>Puts a ticket's row in its place, and takes the one of <paramref name="replaces"/> away in the same transaction.</summary>
    internal async Task PutAsync(TenantContext tenant, Ticket ticket, DataKey key, Ticket? replaces, CancellationToken cancel)
    {
        ListDocument line = new() { Subject = ticket.Document!.LastSubject, From = ticket.Document.LastFrom };
        TableEntity row = new(Partition(tenant, ticket), Row(ticket))
        {
            ["doc"] = Envelope.Seal(JsonSerializer.SerializeToUtf8Bytes(line, TicketJson.Default.ListDocument), key,
                new SealContext(tenant.Tenant, KeyClass.Ticket, key.Owner, Role), SegmentLength.Row),
        };
        if (replaces is not null && Row(replaces) != row.RowKey)
        {
            try
            {
                await _rows.SubmitTransactionAsync(
                [
                    new TableTransactionAction(TableTransactionActionType.UpsertReplace, row),
                    new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(row.PartitionKey, Row(replaces)), ETag.All),
                ], cancel);
                return;
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                // The old row went with an earlier try.
            }
        }

        await _rows.UpsertEntityAsync(row, TableUpdateMode.Replace, cancel);
    }

    /// <summary>Takes away the row of a version of a ticket that never came to be.</summary>
    internal async Task DropAsync(TenantContext tenant, Ticket wrong, Ticket right, CancellationToken cancel)
    {
        if (Row(wrong) != Row(right)) await DropAsync(tenant, wrong, cancel);
    }

    /// <summary>Takes away the row of a version of a ticket.</summary>
    internal Task DropAsync(TenantContext tenant, Ticket version, CancellationToken cancel) => _rows.DeleteEntityAsync(Partition(tenant, version), Row(version), ETag.All, cancel);

    /// <summary>Takes away every row of a ticket, whatever version it is of: reads the names of all rows of its shard. Returns how many.</summary>
    internal async Task<int> DropAllAsync(TenantContext tenant, string inbox, string ticket, CancellationToken cancel)
    {
        int dropped = 0;
        string partition = Partition(tenant, inbox, TicketKeys.Shard(ticket));
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(partition), select: ["RowKey"], cancel: cancel))
            if (row.RowKey.EndsWith("!" + ticket, StringComparison.Ordinal) && await _rows.DeleteEntityAsync(partition, row.RowKey, ETag.All, cancel)) dropped++;
        return dropped;
    }

    /// <summary>
    /// The newest tickets of an inbox in a state, as their rows say, from the start or behind a place; at most <paramref name="count"/>, newest first, each ticket once.
    /// </summary>
    internal async Task<IReadOnlyList<(string Ticket, DateTimeOffset Updated)>> NewestAsync(
        TenantContext tenant, InboxId inbox, TicketState state, int count, CancellationToken cancel, TicketPlace? after = null)
    {
        List<(string Ticket, DateTimeOffset Updated)>[] shards = await Task.WhenAll(
            Enumerable.Range(0, Shards).Select(shard => ShardAsync(Partition(tenant, inbox.Value, shard), state, count, after, cancel)));
        HashSet<string> seen = [];
        return [.. shards.SelectMany(s => s).OrderByDescending(r => r.Updated).ThenBy(r => r.Ticket, StringComparer.Ordinal).Where(r => seen.Add(r.Ticket)).Take(count)];
    }

    private async Task<List<(string Ticket, DateTimeOffset Updated)>> ShardAsync(string partition, TicketState state, int count, TicketPlace? after, CancellationToken cancel)
    {
        List<(string, DateTimeOffset)> rows = [];
        TableFilter filter = TableFilter.PartitionIs(partition).And(TableFilter.RowPrefix(state + "!"));
        if (after is { } place) filter = filter.And(TableFilter.RowAfter(TicketKeys.ListRow(state, place.Updated, place.Ticket)));
        await foreach (TableEntity row in _rows.QueryAsync(filter, Math.Min(count, 1000), ["RowKey"], cancel))
        {
            string[] parts = row.RowKey.Split('!');
            rows.Add((parts[2], new DateTimeOffset(DateTimeOffset.MaxValue.Ticks - long.Parse(parts[1], CultureInfo.InvariantCulture), TimeSpan.Zero)));
            if (rows.Count >= count) break;
        }

        return rows;
    }
}
