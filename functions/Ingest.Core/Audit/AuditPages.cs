using Ingest.Core.Access;

namespace Ingest.Core.Audit;

/// <summary>Which entries are asked for; what is empty or null is not asked.</summary>
public sealed record AuditFilter
{
    /// <summary>Of one day, as yyyyMMdd.</summary>
    public string Day { get; init; } = "";
    /// <summary>Of some actions; empty for all.</summary>
    public IReadOnlyList<AuditAction> Actions { get; init; } = [];
    /// <summary>By one actor's id.</summary>
    public string Actor { get; init; } = "";
    /// <summary>About one mailbox.</summary>
    public InboxId? Inbox { get; init; }
    /// <summary>About one ticket's id.</summary>
    public string TicketId { get; init; } = "";

    /// <summary>What a record of data taken out or brought in is made of.</summary>
    public static IReadOnlyList<AuditAction> Transfers { get; } = [AuditAction.Exported, AuditAction.Imported];

    internal bool Takes(AuditEvent what) => (Actions.Count == 0 || Actions.Contains(what.Action)) && (Actor.Length == 0 || what.Actor.Id == Actor)
        && (Inbox is null || what.Inbox == Inbox) && (TicketId.Length == 0 || what.TicketId == TicketId);
}

/// <summary>The place behind an entry in a list from new to old.</summary>
/// <param name="Day">Its day.</param>
/// <param name="Number">Its number.</param>
public readonly record struct AuditPlace(string Day, long Number);

/// <summary>Some entries, newest first.</summary>
/// <param name="Entries">They; possibly fewer than asked for, or none, although more follow.</param>
/// <param name="Next">Where the next part begins; null after the last.</param>
public sealed record AuditPart(IReadOnlyList<AuditEntry> Entries, AuditPlace? Next);

/// <summary>The log from new to old, part by part, by what a person asks for. Nothing is checked here: that is the verification's.</summary>
public sealed class AuditPages(AuditLog log)
{
    private const int Window = 500, MostLookedAt = 5000;

    /// <summary>The part behind a place, or the newest; at most some thousand entries are looked at for it.</summary>
    public async Task<AuditPart> ReadAsync(TenantContext tenant, AuditFilter filter, int count, AuditPlace? after, CancellationToken cancel)
    {
        List<AuditEntry> found = [];
        int lookedAt = 0;
        await foreach (string day in log.DaysAsync(tenant, cancel))
        {
            if ((filter.Day.Length > 0 && day != filter.Day) || (after is { } place && string.CompareOrdinal(day, place.Day) > 0)) continue;
            long end = after is { } within && within.Day == day ? within.Number - 1 : (await log.HeadAsync(tenant, day, cancel))?.Count ?? 0;
            while (end > 0)
            {
                if (lookedAt >= MostLookedAt) return new AuditPart(found, new AuditPlace(day, end + 1));
                long begin = Math.Max(0, end - Window);
                AuditEntry[] some = await log.EntriesAsync(tenant, day, cancel, begin).TakeWhile(entry => entry.Number <= end).ToArrayAsync(cancel);
                foreach (AuditEntry entry in some.Reverse().Where(entry => filter.Takes(entry.Event)))
                {
                    found.Add(entry);
                    if (found.Count == count) return new AuditPart(found, new AuditPlace(day, entry.Number));
                }

                lookedAt += Window;
                end = begin;
            }
        }

        return new AuditPart(found, null);
    }
}
