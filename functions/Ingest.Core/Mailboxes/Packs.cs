using System.Globalization;
using System.Text;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Store;

namespace Ingest.Core.Mailboxes;

/// <summary>One listed mail in a pack's manifest.</summary>
/// <param name="MessageKey">The mail's key.</param>
/// <param name="ProviderId">The provider's id: opaque, needed to fetch again what could not be fetched.</param>
/// <param name="Offset">Where its sealed bytes begin in the pack's blob.</param>
/// <param name="Length">How many there are; -1 when it could not be fetched.</param>
/// <param name="ReceivedUnixMs">When the provider received it, Unix milliseconds.</param>
public readonly record struct PackEntry(string MessageKey, string ProviderId, long Offset, long Length, long ReceivedUnixMs);

/// <summary>A batch of raw mail as it was listed: the record that reconciliation counts from.</summary>
/// <param name="Id">Time-ordered id.</param>
/// <param name="Entries">What was listed.</param>
/// <param name="Created">When.</param>
/// <param name="SettledAt">When every entry was seen to have its journal line, or null.</param>
public sealed record Pack(string Id, IReadOnlyList<PackEntry> Entries, DateTimeOffset Created, DateTimeOffset? SettledAt)
{
    /// <summary>When the work of its open entries was last queued again, or null.</summary>
    public DateTimeOffset? RequeuedAt { get; init; }

    /// <summary>Since when its content is gone, or null.</summary>
    public DateTimeOffset? GoneAt { get; init; }

    /// <summary>An id that sorts by time and never meets another.</summary>
    public static string NewId(DateTimeOffset now) =>
        now.UtcDateTime.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture) + "-" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>When the mails of a pack were listed, from its id alone; null when that is no pack's id.</summary>
    public static DateTimeOffset? ListedAt(string id) =>
        id.Length > 17 && DateTimeOffset.TryParseExact(id[..17], "yyyyMMddHHmmssfff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at) ? at : null;
}

/// <summary>Packs of sealed raw mail: one blob each, and a manifest row that is written after it and before any work is queued.</summary>
public sealed class Packs(TableServiceClient tables, BlobStore blobs)
{
    /// <summary>The blob container.</summary>
    public const string Container = "packs";

    private readonly TableClient _rows = tables.GetTableClient(TableNames.Packs);

    private static string Partition(TenantContext tenant, InboxId inbox) => $"{tenant}.{inbox}";

    /// <summary>The blob's name for a pack.</summary>
    public static string BlobName(TenantContext tenant, InboxId inbox, string pack) => $"{tenant}/{inbox}/{pack}";

    /// <summary>Writes the sealed mails as one blob by one request.</summary>
    public Task PutAsync(TenantContext tenant, InboxId inbox, string pack, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        blobs.PutAsync(Container, BlobName(tenant, inbox, pack), content, onlyIfAbsent: true, cancel);

    /// <summary>Writes the manifest; from here on the mails count as listed.</summary>
    public async Task WriteManifestAsync(TenantContext tenant, InboxId inbox, Pack pack, CancellationToken cancel)
    {
        TableEntity row = new(Partition(tenant, inbox), pack.Id)
        {
            ["entries"] = Format(pack.Entries),
            ["count"] = pack.Entries.Count,
            ["bytes"] = pack.Entries.Sum(e => Math.Max(0, e.Length)),
            ["created"] = pack.Created,
            ["open"] = true,
        };
        try
        {
            await _rows.AddEntityAsync(row, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // The id is ours alone: an answer was lost and the insert had been done.
        }
    }

    /// <summary>The sealed bytes of one mail, or null when the pack is gone.</summary>
    public Task<byte[]?> ReadAsync(TenantContext tenant, InboxId inbox, string pack, long offset, long length, CancellationToken cancel) =>
        blobs.ReadRangeAsync(Container, BlobName(tenant, inbox, pack), offset, checked((int)length), cancel);

    /// <summary>
    /// Every manifest of an inbox, oldest first; with <paramref name="openOnly"/> those not yet settled, for which the service still reads through all of
    /// the inbox's manifests, a thousand a request: as many as retention keeps.
    /// </summary>
    public async IAsyncEnumerable<Pack> ListAsync(TenantContext tenant, InboxId inbox, bool openOnly,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        TableFilter filter = TableFilter.PartitionIs(Partition(tenant, inbox));
        if (openOnly) filter = filter.And(TableFilter.Where("open", TableComparison.Equal, true));
        await foreach (TableEntity row in _rows.QueryAsync(filter, cancel: cancel))
        {
            yield return new Pack(row.RowKey, Parse(row.GetString("entries") ?? ""), row.GetDateTimeOffset("created") ?? default, row.GetDateTimeOffset("settled"))
            {
                RequeuedAt = row.GetDateTimeOffset("requeued"),
                GoneAt = row.GetDateTimeOffset("gone"),
            };
        }
    }

    /// <summary>Notes that every entry of a pack has its journal line, so that housekeeping need not look again.</summary>
    public Task SettleAsync(TenantContext tenant, InboxId inbox, string pack, DateTimeOffset now, CancellationToken cancel) =>
        _rows.UpdateEntityAsync(new TableEntity(Partition(tenant, inbox), pack) { ["open"] = false, ["settled"] = now }, ETag.All, TableUpdateMode.Merge, cancel);

    /// <summary>Notes that the work of a pack's open entries was queued again, so that the next round need not do the same.</summary>
    public Task NoteRequeuedAsync(TenantContext tenant, InboxId inbox, string pack, DateTimeOffset now, CancellationToken cancel) =>
        _rows.UpdateEntityAsync(new TableEntity(Partition(tenant, inbox), pack) { ["requeued"] = now }, ETag.All, TableUpdateMode.Merge, cancel);

    /// <summary>Removes the blob of a pack; its manifest stays, as the record of what was listed, and says since when it is alone.</summary>
    public async Task DeleteContentAsync(TenantContext tenant, InboxId inbox, string pack, DateTimeOffset now, CancellationToken cancel)
    {
        await blobs.DeleteIfExistsAsync(Container, BlobName(tenant, inbox, pack), cancel);
        await _rows.UpdateEntityAsync(new TableEntity(Partition(tenant, inbox), pack) { ["gone"] = now }, ETag.All, TableUpdateMode.Merge, cancel);
    }

    /// <summary>Removes blobs of an inbox older than <paramref name="before"/> that no manifest names; returns how many.</summary>
    public async Task<int> SweepAsync(TenantContext tenant, InboxId inbox, DateTimeOffset before, CancellationToken cancel)
    {
        HashSet<string> known = [];
        await foreach (Pack pack in ListAsync(tenant, inbox, openOnly: false, cancel)) known.Add(BlobName(tenant, inbox, pack.Id));
        int swept = 0;
        await foreach (StoredBlob blob in blobs.ListAsync(Container, $"{tenant}/{inbox}/", cancel))
        {
            if (blob.CreatedAt is null || blob.CreatedAt >= before || known.Contains(blob.Name)) continue;
            if (await blobs.DeleteIfExistsAsync(Container, blob.Name, cancel)) swept++;
        }

        return swept;
    }

    private static string Format(IReadOnlyList<PackEntry> entries)
    {
        StringBuilder text = new(entries.Count * 80);
        foreach (PackEntry e in entries)
            text.Append(CultureInfo.InvariantCulture, $"{e.MessageKey} {e.Offset} {e.Length} {e.ReceivedUnixMs} {e.ProviderId}\n");
        return text.ToString();
    }

    private static List<PackEntry> Parse(string text)
    {
        List<PackEntry> entries = [];
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] f = line.Split(' ', 5);
            entries.Add(new PackEntry(f[0], f[4], long.Parse(f[1], CultureInfo.InvariantCulture), long.Parse(f[2], CultureInfo.InvariantCulture),
                long.Parse(f[3], CultureInfo.InvariantCulture)));
        }

        return entries;
    }
}
