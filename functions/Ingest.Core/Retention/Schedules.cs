using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Store;

namespace Ingest.Core.Retention;

/// <summary>What a schedule lets go.</summary>
public enum Kept
{
    /// <summary>The sealed originals of mail that ended for good.</summary>
    Originals = 1,
    /// <summary>The originals of spam that was kept back.</summary>
    Spam = 2,
    /// <summary>The originals of other mail that was kept back.</summary>
    Quarantine = 3,
    /// <summary>The originals of mail that we failed on, or that is on its way still: the stated maximum of what waits for a replay.</summary>
    Parked = 4,
    /// <summary>Closed tickets, counted from their newest message.</summary>
    ClosedTickets = 5,
    /// <summary>Open tickets, counted from their newest message.</summary>
    OpenTickets = 6,
}

/// <summary>How long one kind of thing of a mailbox is kept.</summary>
/// <param name="What">Which.</param>
/// <param name="Days">Days; 0 for as long as it takes.</param>
public sealed record Schedule(Kept What, int Days);

/// <summary>The retention schedules of mailboxes: those that are set, and for all else the usual ones.</summary>
public sealed class Schedules(TableServiceClient tables, KeyRing keys, AuditLog audit)
{
    /// <summary>The longest time that can be set, in days.</summary>
    public const int MostDays = 36_500;

    private const string Owner = "retention";
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Policies);

    private static string Row(InboxId inbox) => "retention!" + inbox;
    private static SealContext Seal(TenantContext tenant, InboxId inbox) => new(tenant.Tenant, KeyClass.Tenant, Owner, "retention:" + inbox);

    /// <summary>What holds where nothing is set; originals as the mailbox itself says.</summary>
    public static int UsualDays(Kept what, Mailbox mailbox) => what switch
    {
        Kept.Originals => mailbox.KeepOriginalDays,
        Kept.Spam => 14,
        Kept.Quarantine => 30,
        Kept.Parked => 90,
        Kept.ClosedTickets or Kept.OpenTickets => 0,
    };

    /// <summary>Every schedule of a mailbox, set or usual.</summary>
    public async Task<IReadOnlyList<Schedule>> OfAsync(TenantContext tenant, Mailbox mailbox, CancellationToken cancel)
    {
        IReadOnlyList<Schedule> set = await SetAsync(tenant, mailbox.Id, cancel);
        return [.. Enum.GetValues<Kept>().Select(what => set.FirstOrDefault(s => s.What == what) ?? new Schedule(what, UsualDays(what, mailbox)))];
    }

    /// <summary>Sets how long one kind of thing of a mailbox is kept; throws <see cref="ArgumentOutOfRangeException"/> for other than 0 to <see cref="MostDays"/> days.</summary>
    public async Task ChangeAsync(TenantContext tenant, InboxId inbox, Schedule schedule, AuditActor actor, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(schedule.Days, nameof(schedule));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(schedule.Days, MostDays, nameof(schedule));
        await audit.AppendAsync(tenant, new AuditEvent(AuditAction.PolicyChanged, actor) { Inbox = inbox, Code = "retention-" + schedule.What.ToString().ToLowerInvariant(), Count = schedule.Days }, cancel);
        List<Schedule> all = [.. (await SetAsync(tenant, inbox, cancel)).Where(s => s.What != schedule.What), schedule];
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, Owner, cancel);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(all, ScheduleJson.Default.ListSchedule);
        await _rows.UpsertEntityAsync(new TableEntity(tenant.Tenant.Value, Row(inbox)) { ["doc"] = Envelope.Seal(json, key, Seal(tenant, inbox), SegmentLength.Row) }, TableUpdateMode.Replace, cancel);
    }

    private async Task<IReadOnlyList<Schedule>> SetAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        if ((await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, Row(inbox), cancel: cancel))?.GetBinary("doc") is not { } box) return [];
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Tenant, Owner, cancel);
        return key is null ? [] : JsonSerializer.Deserialize(Envelope.Open(box, key, Seal(tenant, inbox)), ScheduleJson.Default.ListSchedule)!;
    }
}

/// <summary>Serialisation without reflection.</summary>
[JsonSerializable(typeof(List<Schedule>))]
internal sealed partial class ScheduleJson : JsonSerializerContext;
