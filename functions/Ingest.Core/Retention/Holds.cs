using System.Text.Json;
using System.Text.Json.Serialization;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Retention;

/// <summary>A legal hold: while it stands, what it covers is neither erased nor let go by any schedule.</summary>
/// <param name="Id">Its id: time-ordered.</param>
/// <param name="Kind">What it covers.</param>
/// <param name="Target">The id of what it covers: of a ticket, of a contact, of an inbox; for a tenant its own.</param>
/// <param name="Reason">Why, in somebody's words.</param>
/// <param name="PlacedBy">The random id of who placed it.</param>
/// <param name="Placed">When.</param>
public sealed record Hold(string Id, ErasureKind Kind, string Target, string Reason, string PlacedBy, DateTimeOffset Placed)
{
    /// <summary>Of one that was just placed: the erasures, by id, that were under way then. What they had destroyed by then is gone; what the hold covers of the rest stays while it stands.</summary>
    public IReadOnlyList<string> UnderWay { get; init; } = [];
}

/// <summary>The legal holds of tenants. Any number may stand on one thing; it is free when the last is lifted.</summary>
public sealed class Holds(TableServiceClient tables, KeyRing keys, ErasureLedger ledger, AuditLog audit, TimeProvider time)
{
    /// <summary>The longest reason, in UTF-16 code units.</summary>
    public const int LongestReason = 1000;

    private const string Owner = "holds";
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Holds);

    private static SealContext Seal(TenantContext tenant, string id) => new(tenant.Tenant, KeyClass.Tenant, Owner, "hold:" + id);

    /// <summary>Places a hold, and tells which erasures were under way at that time; throws <see cref="ArgumentException"/> when the reason is missing or too long.</summary>
    public async Task<Hold> PlaceAsync(TenantContext tenant, ErasureKind kind, string target, string reason, AuditActor actor, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > LongestReason) throw new ArgumentException("A hold has a reason of 1,000 characters at most.", nameof(reason));
        DateTimeOffset now = time.GetUtcNow();
        Hold hold = new(Pack.NewId(now), kind, target, reason.Trim(), actor.Id, now);
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, Owner, cancel);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new HoldDocument(hold.Reason, hold.PlacedBy), HoldJson.Default.HoldDocument);
        await audit.AppendAsync(tenant, new AuditEvent(AuditAction.HoldPlaced, actor) { Subject = hold.Id, Code = kind.ToString().ToLowerInvariant() }, cancel);
        await _rows.UpsertEntityAsync(new TableEntity(tenant.Tenant.Value, hold.Id)
        {
            ["kind"] = kind.ToString(), ["target"] = target, ["placed"] = now, ["doc"] = Envelope.Seal(json, key, Seal(tenant, hold.Id), SegmentLength.Row),
        }, TableUpdateMode.Replace, cancel);
        // After the row: an erasure looks at the holds after it has entered itself, so that one of the two sees the other.
        List<string> underWay = [];
        await foreach ((_, string id, _) in ledger.UnsettledAsync(cancel, tenant))
            if (await IsUnderWayAsync(tenant, id, cancel)) underWay.Add(id);
        return hold with { UnderWay = underWay };
    }

    // One that cannot be read just now may be: the hold stands, and its placer is rather told too much.
    private async Task<bool> IsUnderWayAsync(TenantContext tenant, string erasure, CancellationToken cancel)
    {
        try
        {
            return await ledger.FindAsync(tenant, erasure, cancel) is { State: ErasureState.Begun };
        }
        catch (Exception e) when (e is NotNowException or SealBrokenException)
        {
            return true;
        }
    }

    /// <summary>Lifts a hold; false when this tenant has none of that id.</summary>
    public async Task<bool> LiftAsync(TenantContext tenant, string id, AuditActor actor, CancellationToken cancel)
    {
        if (id is not { Length: >= 1 and <= 64 } || !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')) return false;
        if (await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, id, ["RowKey"], cancel) is null) return false;
        await audit.AppendAsync(tenant, new AuditEvent(AuditAction.HoldLifted, actor) { Subject = id }, cancel);
        return await _rows.DeleteEntityAsync(tenant.Tenant.Value, id, ETag.All, cancel);
    }

    /// <summary>Every hold that stands, oldest first. There are never many. One whose words do not open stands without them; one of which what it covers cannot be read covers the tenant.</summary>
    public async Task<IReadOnlyList<Hold>> ListAsync(TenantContext tenant, CancellationToken cancel)
    {
        List<Hold> holds = [];
        List<TableEntity> rows = await _rows.QueryAsync(TableFilter.PartitionIs(tenant.Tenant.Value), cancel: cancel).ToListAsync(cancel);
        // Asked at every step of an erasure: where none stands, that is one operation.
        using DataKey? key = rows.Count > 0 ? await FindKeyAsync(tenant, cancel) : null;
        foreach (TableEntity row in rows)
        {
            HoldDocument? document = key is null || row["doc"] is not byte[] box ? null : TryOpen(box, key, Seal(tenant, row.RowKey));
            // What it covers may be anything, where that cannot be read: then it covers all.
            bool isKnown = Enum.TryParse(row["kind"] as string, out ErasureKind kind) && Enum.IsDefined(kind);
            (kind, string target) = isKnown && row["target"] is string { Length: > 0 } named ? (kind, named) : (ErasureKind.Tenant, tenant.Tenant.Value);
            holds.Add(new Hold(row.RowKey, kind, target, document?.Reason ?? "", document?.PlacedBy ?? "", row["placed"] as DateTimeOffset? ?? default));
        }

        return holds;
    }

    // A hold whose words cannot be read stands all the same, and nothing that it does not cover waits for them.
    private async Task<DataKey?> FindKeyAsync(TenantContext tenant, CancellationToken cancel)
    {
        try
        {
            return await keys.FindAsync(tenant, KeyClass.Tenant, Owner, cancel);
        }
        catch (SealBrokenException)
        {
            return null;
        }
    }

    private static HoldDocument? TryOpen(byte[] box, DataKey key, SealContext seal)
    {
        try
        {
            return JsonSerializer.Deserialize(Envelope.Open(box, key, seal), HoldJson.Default.HoldDocument);
        }
        catch (Exception e) when (e is SealBrokenException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>A hold as it is sealed.</summary>
internal sealed record HoldDocument(string Reason, string PlacedBy);

/// <summary>Serialisation without reflection.</summary>
[JsonSerializable(typeof(HoldDocument))]
internal sealed partial class HoldJson : JsonSerializerContext;
