using System.Runtime.CompilerServices;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Store;

namespace Ingest.Core.Retention;

/// <summary>A ticket, or with its inbox a mail in none, that an erasure could not read, so that nobody can say whose it is.</summary>
internal readonly record struct UnreadItem(InboxId? Inbox, string Id)
{
    /// <summary>As receipts name it.</summary>
    public override string ToString() => Inbox is { } inbox ? $"mail {inbox} {Id}" : $"ticket {Id}";
}

public sealed partial class ErasureLedger
{
    private const string UnreadPrefix = "u!";
    // As with what is open: one partition for all tenants, so that housekeeping finds it without reading everything.
    private const string UnreadPartition = "-unread";

    private static string UnreadIn(string erasure) => $"{UnreadPrefix}{erasure}!";

    private static string UnreadRow(string erasure, UnreadItem item) => UnreadIn(erasure) + (item.Inbox is { } inbox ? $"{inbox}!{item.Id}" : item.Id);

    /// <summary>Notes what an erasure could not read. It stands until it was read after all, or is known to be gone, also when the erasure has long settled.</summary>
    internal async Task NoteUnreadAsync(TenantContext tenant, Erasure erasure, IReadOnlyList<UnreadItem> items, CancellationToken cancel)
    {
        if (items.Count == 0) return;
        await _rows.UpsertEntityAsync(new TableEntity(UnreadPartition, $"{tenant}!{erasure.Id}"), TableUpdateMode.Replace, cancel);
        foreach (UnreadItem[] some in items.Distinct().Chunk(ReadsAtOnce))
            await Task.WhenAll(some.Select(item => _rows.UpsertEntityAsync(new TableEntity(tenant.Tenant.Value, UnreadRow(erasure.Id, item)), TableUpdateMode.Replace, cancel)));
    }

    /// <summary>What an erasure could not read, behind an item or from the first on, in the order of ids.</summary>
    internal async IAsyncEnumerable<UnreadItem> UnreadAsync(TenantContext tenant, string erasure, [EnumeratorCancellation] CancellationToken cancel)
    {
        string prefix = UnreadIn(erasure);
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(prefix)), select: ["RowKey"], cancel: cancel))
            yield return row.RowKey[prefix.Length..].Split('!') is [var inbox, var mail] ? new UnreadItem(InboxId.Parse(inbox), mail) : new UnreadItem(null, row.RowKey[prefix.Length..]);
    }

    /// <summary>True when it was told before that an item is erased now: what another erasure is in the way of is begun again each round.</summary>
    internal async Task<bool> IsToldAsync(TenantContext tenant, string erasure, UnreadItem item, CancellationToken cancel) =>
        await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, UnreadRow(erasure, item), ["told"], cancel) is { } row && row.GetBoolean("told") == true;

    /// <summary>Says that it was told.</summary>
    internal Task NoteToldAsync(TenantContext tenant, string erasure, UnreadItem item, CancellationToken cancel) =>
        _rows.UpsertEntityAsync(new TableEntity(tenant.Tenant.Value, UnreadRow(erasure, item)) { ["told"] = true }, TableUpdateMode.Merge, cancel);

    /// <summary>Takes an item out that was read after all, or is gone.</summary>
    internal Task DropUnreadAsync(TenantContext tenant, string erasure, UnreadItem item, CancellationToken cancel) => _rows.DeleteEntityAsync(tenant.Tenant.Value, UnreadRow(erasure, item), ETag.All, cancel);

    /// <summary>Takes out all tickets, or all mails, before they are looked through again.</summary>
    internal async Task DropUnreadAsync(TenantContext tenant, Erasure erasure, bool mails, CancellationToken cancel)
    {
        foreach (UnreadItem item in await UnreadAsync(tenant, erasure.Id, cancel).Where(item => item.Inbox is not null == mails).ToListAsync(cancel)) await DropUnreadAsync(tenant, erasure.Id, item, cancel);
    }

    /// <summary>The erasures with something that they could not read: of all tenants, or of one. A row that none of us wrote is told to <paramref name="failed"/> and passed over.</summary>
    internal async IAsyncEnumerable<(TenantContext Tenant, string Id)> WithUnreadAsync([EnumeratorCancellation] CancellationToken cancel, TenantContext? only = null, Action<Exception>? failed = null)
    {
        TableFilter all = TableFilter.PartitionIs(UnreadPartition);
        if (only is { } one) all = all.And(TableFilter.RowPrefix($"{one}!"));
        await foreach (TableEntity row in _rows.QueryAsync(all, select: ["RowKey"], cancel: cancel))
        {
            if (TryReadName(row.RowKey, out TenantContext tenant, out string id)) yield return (tenant, id);
            else failed?.Invoke(NoneOfOurs(UnreadPartition));
        }
    }

    /// <summary>Says that an erasure has nothing left that it could not read.</summary>
    internal Task CloseUnreadAsync(TenantContext tenant, string erasure, CancellationToken cancel) => _rows.DeleteEntityAsync(UnreadPartition, $"{tenant}!{erasure}", ETag.All, cancel);
}
