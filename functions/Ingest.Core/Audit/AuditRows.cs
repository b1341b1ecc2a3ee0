using System.Globalization;
using System.Runtime.CompilerServices;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Store;

namespace Ingest.Core.Audit;

/// <summary>A head as it was read, with its version.</summary>
internal sealed record HeadRow(AuditHead Head, ETag Version);

/// <summary>The log's rows: a partition per tenant and day with its head and entries, and one with the days there are.</summary>
internal sealed class AuditRows(TableServiceClient tables)
{
    private const string HeadKey = "head", EntryPrefix = "e!", DayPrefix = "d!", FirstKey = "first", FloorKey = "floor";

    private static readonly string[] Texts = ["id", "actor", "ticket", "contact", "subject", "code"];

    private readonly TableClient _rows = tables.GetTableClient(TableNames.Audit);

    private static string Partition(TenantContext tenant, string day) => $"{tenant}.{day}";

    private static string Days(TenantContext tenant) => $"{tenant}.days";

    private static string EntryKey(long number) => EntryPrefix + number.ToString("D10", CultureInfo.InvariantCulture);

    // The newest day sorts first, so that it is found by reading one row.
    private static string DayKey(string day) => DayPrefix + Turned(day);

    private static string Turned(string day) => (99999999 - int.Parse(day, NumberStyles.None, CultureInfo.InvariantCulture)).ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>The days there are, newest first.</summary>
    public async IAsyncEnumerable<string> DaysAsync(TenantContext tenant, int? pageSize, [EnumeratorCancellation] CancellationToken cancel)
    {
        TableFilter filter = TableFilter.PartitionIs(Days(tenant)).And(TableFilter.RowPrefix(DayPrefix));
        await foreach (TableEntity row in _rows.QueryAsync(filter, pageSize, ["RowKey"], cancel))
            if (row.RowKey[DayPrefix.Length..] is { Length: 8 } turned && turned.All(char.IsAsciiDigit)) yield return Turned(turned);
    }

    public Task NoteDayAsync(TenantContext tenant, string day, CancellationToken cancel) =>
        AddIfAbsentAsync(new TableEntity(Days(tenant), DayKey(day)), cancel);

    /// <summary>The day on which a log begins: this one, unless somebody began it on another a moment before.</summary>
    public async Task<string> AgreeOnFirstAsync(TenantContext tenant, string day, CancellationToken cancel)
    {
        await AddIfAbsentAsync(new TableEntity(Days(tenant), FirstKey) { ["day"] = day }, cancel);
        return (await _rows.GetEntityIfExistsAsync(Days(tenant), FirstKey, cancel: cancel))?.GetString("day") ?? day;
    }

    public Task ForgetDayAsync(TenantContext tenant, string day, CancellationToken cancel) => _rows.DeleteEntityAsync(Days(tenant), DayKey(day), cancel: cancel);

    public async Task<HeadRow?> FindHeadAsync(TenantContext tenant, string day, CancellationToken cancel) =>
        await _rows.GetEntityIfExistsAsync(Partition(tenant, day), HeadKey, cancel: cancel) is { } row ? new HeadRow(ReadHead(day, row), row.ETag) : null;

    public Task AddHeadAsync(TenantContext tenant, AuditHead head, CancellationToken cancel) => AddIfAbsentAsync(Write(tenant, head), cancel);

    /// <summary>Replaces a head in the version that was read; null when it has another.</summary>
    public async Task<HeadRow?> ReplaceHeadAsync(TenantContext tenant, HeadRow old, AuditHead head, CancellationToken cancel)
    {
        try
        {
            return new HeadRow(head, await _rows.UpdateEntityAsync(Write(tenant, head), old.Version, TableUpdateMode.Replace, cancel));
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            return null;
        }
    }

    /// <summary>Writes entries and moves the head over them in one transaction; null when the head is another by now.</summary>
    public async Task<HeadRow?> AppendAsync(TenantContext tenant, HeadRow old, AuditHead head, IEnumerable<AuditEntry> entries, CancellationToken cancel)
    {
        List<TableTransactionAction> actions = [new(TableTransactionActionType.UpdateReplace, Write(tenant, head), old.Version)];
        actions.AddRange(entries.Select(entry => new TableTransactionAction(TableTransactionActionType.Add, Write(tenant, entry))));
        try
        {
            return new HeadRow(head, (await _rows.SubmitTransactionAsync(actions, cancel))[0]);
        }
        catch (RequestFailedException e) when (e.Status is 412 or 409 or 404)
        {
            return null;
        }
    }

    public async Task<AuditEntry?> FindEntryAsync(TenantContext tenant, string day, long number, CancellationToken cancel) =>
        await _rows.GetEntityIfExistsAsync(Partition(tenant, day), EntryKey(number), cancel: cancel) is { } row ? ReadEntry(day, row) : null;

    /// <summary>A day's entries in order, those after a number.</summary>
    public async IAsyncEnumerable<AuditEntry> EntriesAsync(TenantContext tenant, string day, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        TableFilter filter = TableFilter.PartitionIs(Partition(tenant, day)).And(TableFilter.RowBetween(EntryKey(after + 1), EntryPrefix + ":"));
        await foreach (TableEntity row in _rows.QueryAsync(filter, cancel: cancel)) yield return ReadEntry(day, row);
    }

    public async Task<AuditFloor?> FindFloorAsync(TenantContext tenant, CancellationToken cancel) =>
        await _rows.GetEntityIfExistsAsync(Days(tenant), FloorKey, cancel: cancel) is { } row
            ? new AuditFloor(row["day"] as string ?? "", row["sigKid"] as string ?? "", row["sig"] as byte[] ?? [])
            : null;

    public Task PutFloorAsync(TenantContext tenant, AuditFloor floor, CancellationToken cancel) =>
        _rows.UpsertEntityAsync(new TableEntity(Days(tenant), FloorKey) { ["day"] = floor.Day, ["sigKid"] = floor.SignedBy, ["sig"] = floor.Signature }, TableUpdateMode.Replace, cancel);

    /// <summary>Deletes a day's entries, then its head, and returns how many entries there were.</summary>
    public async Task<long> DeleteDayAsync(TenantContext tenant, string day, CancellationToken cancel)
    {
        long deleted = 0;
        string partition = Partition(tenant, day);
        await foreach (TablePage page in _rows.QueryPagesAsync(TableFilter.PartitionIs(partition).And(TableFilter.RowPrefix(EntryPrefix)), 1000, ["RowKey"], cancel: cancel))
        {
            foreach (TableEntity[] some in page.Values.Chunk(100))
            {
                await _rows.SubmitTransactionAsync([.. some.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(partition, row.RowKey)))], cancel);
                deleted += some.Length;
            }
        }

        await _rows.DeleteEntityAsync(partition, HeadKey, cancel: cancel);
        return deleted;
    }

    private async Task AddIfAbsentAsync(TableEntity row, CancellationToken cancel)
    {
        try
        {
            await _rows.AddEntityAsync(row, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 409 && e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
        }
    }

    private static TableEntity Write(TenantContext tenant, AuditHead head) => new(Partition(tenant, head.Day), HeadKey)
    {
        ["previousDay"] = head.PreviousDay, ["previousHash"] = head.PreviousHash, ["count"] = head.Count, ["hash"] = head.Hash, ["next"] = head.Next,
        ["sigKid"] = head.SignedBy.Length > 0 ? head.SignedBy : null, ["sig"] = head.Signature.Length > 0 ? head.Signature : null,
    };

    private static AuditHead ReadHead(string day, TableEntity row) => new()
    {
        Day = day, PreviousDay = row["previousDay"] as string ?? "", PreviousHash = row["previousHash"] as byte[] ?? [], Count = row["count"] switch { long l => l, int i => i, _ => -1 }, Hash = row["hash"] as byte[] ?? [],
        Next = row["next"] as string ?? "", SignedBy = row["sigKid"] as string ?? "", Signature = row["sig"] as byte[] ?? [],
    };

    // Ids that are empty are not written: most entries have few.
    private static TableEntity Write(TenantContext tenant, AuditEntry entry) => new(Partition(tenant, entry.Day), EntryKey(entry.Number))
    {
        ["id"] = entry.Id, ["at"] = entry.At, ["action"] = entry.Event.Action.ToString(), ["actorKind"] = entry.Event.Actor.Kind.ToString(), ["actor"] = Some(entry.Event.Actor.Id),
        ["inbox"] = entry.Event.Inbox?.Value, ["ticket"] = Some(entry.Event.TicketId), ["contact"] = Some(entry.Event.ContactId), ["subject"] = Some(entry.Event.Subject),
        ["result"] = entry.Event.Result.ToString(), ["count"] = entry.Event.Count, ["code"] = Some(entry.Event.Code), ["hash"] = entry.Hash,
    };

    private static string? Some(string id) => id.Length > 0 ? id : null;

    // A row that somebody changed must still be read, so that the check can point at it: what is no word of ours becomes none that could have been hashed, and what cannot be read at all has no hash.
    private static AuditEntry ReadEntry(string day, TableEntity row) => new(day, long.TryParse(row.RowKey.AsSpan(EntryPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : -1,
        row["id"] as string ?? "", row["at"] as DateTimeOffset? ?? default,
        new AuditEvent(Word<AuditAction>(row["action"]), new AuditActor(Word<AuditActorKind>(row["actorKind"]), row["actor"] as string ?? ""))
        {
            Inbox = InboxId.TryParse(row["inbox"] as string, out InboxId inbox) ? inbox : null, TicketId = row["ticket"] as string ?? "", ContactId = row["contact"] as string ?? "", Subject = row["subject"] as string ?? "",
            Result = Word<AuditResult>(row["result"]), Count = row["count"] switch { long l => l, int i => i, _ => -1 }, Code = row["code"] as string ?? "",
        })
    {
        Hash = IsReadable(row) ? row["hash"] as byte[] ?? [] : [],
    };

    private static bool IsReadable(TableEntity row) =>
        row["inbox"] is null or string && (row["inbox"] is not string inbox || InboxId.TryParse(inbox, out _)) && Texts.All(name => row[name] is null or string);

    private static T Word<T>(object? text) where T : struct, Enum => text is string word && Enum.TryParse(word, out T known) && Enum.IsDefined(known) ? known : (T)(object)(-1);
}
