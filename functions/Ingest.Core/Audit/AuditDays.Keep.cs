using Ingest.Core.Access;
using Ingest.Core.Keys;

namespace Ingest.Core.Audit;

internal sealed partial class AuditDays
{
    /// <summary>The signed days of which no end is kept, when the log is whole from its first day on; else where it breaks first.</summary>
    public async Task<(IReadOnlyList<AuditHead> Lacking, AuditFinding? Broken)> FindLackingAsync(TenantContext tenant, Func<string, bool> isFresh, CancellationToken cancel)
    {
        AuditFloor? floor = await rows.FindFloorAsync(tenant, cancel);
        if (floor is not null && !await IsSignedAsync(AuditFloor.Digest(tenant.Tenant.Value, floor.Day), new KeySignature(floor.SignedBy, floor.Signature), cancel)) return ([], new AuditFinding(floor.Day, 0, AuditFault.SignatureWrong));
        List<string> days = await rows.DaysAsync(tenant, pageSize: null, cancel).ToListAsync(cancel);
        days.Reverse();
        List<AuditHead> lacking = [];
        AuditHead? last = null;
        foreach (string day in days.Where(day => floor is null || string.CompareOrdinal(day, floor.Day) >= 0))
        {
            if ((await rows.FindHeadAsync(tenant, day, cancel))?.Head is not { } head) return ([], new AuditFinding(day, 0, AuditFault.EndMissing));
            if (last is null && (floor is null ? head.PreviousDay.Length > 0 : day != floor.Day)) return ([], new AuditFinding(day, 0, AuditFault.DayMissing));
            if (await CheckAsync(tenant, head, last, cancel) is { } broken) return ([], broken);
            if (head.Signature.Length == 0 && !isFresh(day)) return ([], new AuditFinding(day, head.Count + 1, AuditFault.NotSigned));
            if (head.Signature.Length > 0 && !await IsSignedAsync(head.Digest(tenant.Tenant.Value), new KeySignature(head.SignedBy, head.Signature), cancel)) return ([], new AuditFinding(day, head.Count + 1, AuditFault.SignatureWrong));
            AuditFinding? found = await CompareAsync(tenant, head, cancel);
            if (found is { Fault: AuditFault.EndNotKept }) lacking.Add(head);
            else if (found is not null) return ([], found);
            last = head;
        }

        return floor is not null && last is null ? ([], new AuditFinding(floor.Day, 0, AuditFault.DayMissing)) : (lacking, await FindGoneAsync(tenant, floor?.Day ?? "", days.ToHashSet(StringComparer.Ordinal), cancel));
    }

    /// <summary>Keeps these ends; returns how many no other had kept meanwhile.</summary>
    public async Task<int> KeepAsync(TenantContext tenant, IReadOnlyList<AuditHead> signed, CancellationToken cancel)
    {
        int kept = 0;
        foreach (AuditHead end in signed)
            if (await ends.AddAsync(tenant, end, cancel)) kept++;
        return kept;
    }
}
