using System.Globalization;
using System.Runtime.CompilerServices;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Store;

namespace Ingest.Core.Retention;

public sealed partial class ErasureLedger
{
    /// <summary>Erasures of a tenant from new to old, some at most, behind a place or from the newest on; with the place behind them, or null when there are no more.</summary>
    public async Task<(IReadOnlyList<Erasure> Erasures, string? Next)> PageAsync(TenantContext tenant, int count, string? after, CancellationToken cancel)
    {
        TableFilter filter = TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(NewestPrefix));
        if (after is not null) filter = filter.And(TableFilter.RowAfter(NewestPrefix + after));
        List<TableEntity> rows = await _rows.QueryAsync(filter, cancel: cancel).Take(count + 1).ToListAsync(cancel);
        List<Erasure> erasures = [];
        foreach (TableEntity[] some in rows.Take(count).Chunk(ReadsAtOnce))
            erasures.AddRange((await Task.WhenAll(some.Select(row => FindAsync(tenant, row.GetString("erasure") ?? "", cancel)))).OfType<Erasure>());
        return (erasures, rows.Count > count ? rows[count - 1].RowKey[NewestPrefix.Length..] : null);
    }

    /// <summary>
    /// The erasures of all tenants that are not closed, for the clock, which has no tenant; or those of one tenant, or kind. A row that none of us wrote is told to <paramref name="failed"/> and passed over:
    /// it must not keep the others from their turn.
    /// </summary>
    internal async IAsyncEnumerable<(TenantContext Tenant, string Id, ErasureKind Kind)> UnsettledAsync([EnumeratorCancellation] CancellationToken cancel, TenantContext? only = null, ErasureKind? kind = null, Action<Exception>? failed = null)
    {
        TableFilter open = TableFilter.PartitionIs(OpenPartition);
        if (only is { } one) open = open.And(TableFilter.RowPrefix($"{one}!"));
        if (kind is { } wanted) open = open.And(TableFilter.Where("kind", TableComparison.Equal, wanted.ToString()));
        await foreach (TableEntity row in _rows.QueryAsync(open, select: ["RowKey", "kind"], cancel: cancel))
        {
            if (TryReadName(row.RowKey, out TenantContext tenant, out string id) && Enum.TryParse(row.GetString("kind"), out ErasureKind found) && Enum.IsDefined(found)) yield return (tenant, id, found);
            else failed?.Invoke(NoneOfOurs(OpenPartition));
        }
    }

    private static bool TryReadName(string row, out TenantContext tenant, out string id)
    {
        (tenant, id) = (default, "");
        if (row.Split('!') is not [var name, { Length: > 0 } named] || !TenantId.TryParse(name, out TenantId found)) return false;
        (tenant, id) = (new TenantContext(found), named);
        return true;
    }

    // What stands in the row somebody else wrote: it is not repeated.
    private static InvalidDataException NoneOfOurs(string partition) => new($"A row of the table \"{TableNames.Erasures}\" in the partition \"{partition}\" cannot be read and was passed over: delete it if nobody knows where it comes from.");

    /// <summary>Notes tickets that a round of an erasure has found, under a name of the page on which they were.</summary>
    internal Task NoteFoundAsync(TenantContext tenant, Erasure erasure, string page, IEnumerable<string> tickets, CancellationToken cancel) =>
        _rows.UpsertEntityAsync(new TableEntity(tenant.Tenant.Value, $"{FoundIn(erasure)}{page}") { ["tickets"] = string.Join(' ', tickets) }, TableUpdateMode.Replace, cancel);

    /// <summary>The tickets that the erasure's round has found, sorted.</summary>
    internal async Task<IReadOnlyList<string>> FoundAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        List<TableEntity> rows = await _rows.QueryAsync(TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(FoundIn(erasure))), cancel: cancel).ToListAsync(cancel);
        return [.. rows.SelectMany(row => (row.GetString("tickets") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Notes how giving a mailbox's grant back ended, for the erasure of its tenant.</summary>
    internal Task NoteGrantAsync(TenantContext tenant, Erasure erasure, InboxId inbox, string grant, CancellationToken cancel) =>
        _rows.UpsertEntityAsync(new TableEntity(tenant.Tenant.Value, $"{FoundPrefix}{erasure.Id}!grant!{inbox}") { ["grant"] = grant }, TableUpdateMode.Replace, cancel);

    /// <summary>How giving grants back ended so far, by inbox.</summary>
    internal async Task<Dictionary<string, string>> GrantsAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        string prefix = $"{FoundPrefix}{erasure.Id}!grant!";
        TableFilter all = TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(prefix));
        return await _rows.QueryAsync(all, cancel: cancel).ToDictionaryAsync(row => row.RowKey[prefix.Length..], row => row.GetString("grant") ?? "", StringComparer.Ordinal, cancel);
    }

    /// <summary>Notes a ticket that is about to be written to take over another.</summary>
    internal Task NoteSuccessorAsync(TenantContext tenant, Erasure erasure, string ticket, string successor, CancellationToken cancel) =>
        _rows.UpsertEntityAsync(new TableEntity(tenant.Tenant.Value, $"{SuccessorsOf(erasure)}{ticket}!{successor}"), TableUpdateMode.Replace, cancel);

    /// <summary>The tickets that were noted to take over others, or this one.</summary>
    internal async Task<IReadOnlyList<(string Ticket, string Successor)>> SuccessorsAsync(TenantContext tenant, Erasure erasure, string? only, CancellationToken cancel)
    {
        string prefix = SuccessorsOf(erasure);
        TableFilter all = TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(only is null ? prefix : $"{prefix}{only}!"));
        return await _rows.QueryAsync(all, select: ["RowKey"], cancel: cancel).Select(row => row.RowKey[prefix.Length..].Split('!')).Select(ids => (ids[0], ids[1])).ToListAsync(cancel);
    }

    /// <summary>Forgets a ticket that was noted to take over another.</summary>
    internal Task DropSuccessorAsync(TenantContext tenant, Erasure erasure, string ticket, string successor, CancellationToken cancel) =>
        _rows.DeleteEntityAsync(tenant.Tenant.Value, $"{SuccessorsOf(erasure)}{ticket}!{successor}", ETag.All, cancel);

    private static string SuccessorsOf(Erasure erasure) => $"{FoundPrefix}{erasure.Id}!next!";

    /// <summary>Forgets what all rounds of an erasure have found.</summary>
    internal async Task ForgetFoundAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        TableFilter all = TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix($"{FoundPrefix}{erasure.Id}!"));
        await foreach (TableEntity row in _rows.QueryAsync(all, select: ["PartitionKey", "RowKey"], cancel: cancel)) await _rows.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancel);
    }

    private static string FoundIn(Erasure erasure) => string.Create(CultureInfo.InvariantCulture, $"{FoundPrefix}{erasure.Id}!{erasure.Notes.Round:D2}!");
}
