using Ingest.Core.Access;
using Ingest.Core.Keys;

namespace Ingest.Core.Audit;

internal sealed partial class AuditDays
{
    /// <summary>
    /// Deletes the signed days before one, oldest first. The signed floor comes first: whoever finds less than it promises knows that something is missing. Before that it is proven that the log begins
    /// where it must, that every day that goes is whole and signed, and that the first that stays follows on them; else what somebody took from the old end would become the log's beginning
    /// by our own signature. Throws <see cref="AuditBrokenException"/> then, and nothing goes.
    /// </summary>
    public async Task<long> DeleteBeforeAsync(TenantContext tenant, string before, CancellationToken cancel)
    {
        AuditFloor? floor = await rows.FindFloorAsync(tenant, cancel);
        if (floor is not null && !await IsSignedAsync(AuditFloor.Digest(tenant.Tenant.Value, floor.Day), new KeySignature(floor.SignedBy, floor.Signature), cancel))
            throw new AuditBrokenException(tenant, new AuditFinding(floor.Day, 0, AuditFault.SignatureWrong));
        List<string> days = await rows.DaysAsync(tenant, pageSize: null, cancel).ToListAsync(cancel);
        days.Reverse();
        // What an earlier deletion that was broken off has left: its floor is signed.
        string[] left = [.. days.TakeWhile(day => floor is not null && string.CompareOrdinal(day, floor.Day) < 0)];
        long deleted = await DeleteAsync(tenant, left, cancel);
        (List<AuditHead> going, AuditHead? kept, AuditFinding? found) = await FindGoingAsync(tenant, days[left.Length..], before, cancel);
        if (found is null && (going.Count == 0 || kept is null)) return deleted;
        found ??= await CheckGoingAsync(tenant, floor, going, kept!, cancel) ?? await FindGoneAsync(tenant, going[0].Day, days.ToHashSet(StringComparer.Ordinal), cancel);
        if (found is not null) return (await rows.FindFloorAsync(tenant, cancel))?.Day == floor?.Day ? throw new AuditBrokenException(tenant, found) : deleted;
        KeySignature signature = await vault.SignAsync(AuditFloor.Digest(tenant.Tenant.Value, kept!.Day), cancel);
        await rows.PutFloorAsync(tenant, new AuditFloor(kept.Day, signature.Kid, signature.Bytes), cancel);
        return deleted + await DeleteAsync(tenant, going.Select(head => head.Day), cancel);
    }

    // The run of days at the old end that are over and signed, and the day that stays behind them.
    private async Task<(List<AuditHead> Going, AuditHead? Kept, AuditFinding? Found)> FindGoingAsync(TenantContext tenant, IEnumerable<string> days, string before, CancellationToken cancel)
    {
        List<AuditHead> going = [];
        foreach (string day in days)
        {
            bool isOld = string.CompareOrdinal(day, before) < 0;
            if (!isOld && going.Count == 0) break;
            if ((await rows.FindHeadAsync(tenant, day, cancel))?.Head is not { } head) return (going, null, new AuditFinding(day, 0, AuditFault.EndMissing));
            if (!isOld || head is not { Next.Length: > 0, Signature.Length: > 0 }) return (going, head, null);
            going.Add(head);
        }

        return (going, null, null);
    }

    // What a head says of the day before it is covered by its signature only through its entries.
    private async Task<AuditFinding?> CheckGoingAsync(TenantContext tenant, AuditFloor? floor, List<AuditHead> going, AuditHead kept, CancellationToken cancel)
    {
        if (floor is null ? going[0].PreviousDay.Length > 0 : going[0].Day != floor.Day) return new AuditFinding(going[0].Day, 0, AuditFault.DayMissing);
        AuditHead? last = null;
        foreach (AuditHead head in going.Append(kept))
        {
            if (await CheckAsync(tenant, head, last, cancel) is { } broken) return broken;
            if (head.Signature.Length > 0 && !await IsSignedAsync(head.Digest(tenant.Tenant.Value), new KeySignature(head.SignedBy, head.Signature), cancel))
                return new AuditFinding(head.Day, head.Count + 1, AuditFault.SignatureWrong);
            if (await CompareAsync(tenant, head, cancel) is { Fault: AuditFault.EndChanged } changed) return changed;
            last = head;
        }

        return null;
    }

    private async Task<long> DeleteAsync(TenantContext tenant, IEnumerable<string> days, CancellationToken cancel)
    {
        long deleted = 0;
        foreach (string day in days)
        {
            deleted += await rows.DeleteDayAsync(tenant, day, cancel);
            await ends.DeleteAsync(tenant, day, cancel);
            await rows.ForgetDayAsync(tenant, day, cancel);
        }

        return deleted;
    }
}
