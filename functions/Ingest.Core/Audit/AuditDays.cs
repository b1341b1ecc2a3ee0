using System.Globalization;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Audit;

/// <summary>
/// Opens, closes and signs days. A day is closed by naming the one that follows in its head, under the head's version: from then on nothing can be added to it, and
/// whoever opens the next day, however many try at once and whatever their clocks say, begins it with the same end.
/// </summary>
internal sealed class AuditDays(AuditRows rows, IKeyVault vault)
{
    private const int MostSteps = 64;

    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>The head of the day that is open: today, or a later one that a clock ahead of ours has opened.</summary>
    public async Task<HeadRow> OpenAsync(TenantContext tenant, string today, CancellationToken cancel)
    {
        string? day = null;
        await foreach (string newest in rows.DaysAsync(tenant, 1, cancel))
        {
            day = newest;
            break;
        }

        if (day is null) return await BeginAsync(tenant, AuditHead.First(tenant.Tenant.Value, await rows.AgreeOnFirstAsync(tenant, today, cancel), "", new byte[32]), cancel);
        for (int steps = 0; steps < MostSteps; steps++)
        {
            HeadRow head = await rows.FindHeadAsync(tenant, day, cancel) ?? throw new NotNowException("audit-contended");
            if (head.Head.Next.Length == 0)
            {
                if (string.CompareOrdinal(day, today) >= 0) return head;
                if (await rows.ReplaceHeadAsync(tenant, head, head.Head with { Next = today }, cancel) is not { } closed) continue;
                head = closed;
            }

            day = (await BeginAsync(tenant, AuditHead.First(tenant.Tenant.Value, head.Head.Next, head.Head.Day, head.Head.Hash), cancel)).Head.Day;
        }

        throw new NotNowException("audit-contended");
    }

    /// <summary>Signs the days that are over and not signed yet, oldest first, each after its chain was seen to be whole; returns how many, and where the first that is not whole breaks.</summary>
    public async Task<(int Signed, AuditFinding? Broken)> SignAsync(TenantContext tenant, string today, CancellationToken cancel)
    {
        await OpenAsync(tenant, today, cancel);
        Stack<HeadRow> unsigned = [];
        AuditHead? before = null;
        await foreach (string day in rows.DaysAsync(tenant, pageSize: null, cancel))
        {
            if (await rows.FindHeadAsync(tenant, day, cancel) is not { } head) break;
            if (head.Head.Signature.Length > 0)
            {
                before = head.Head;
                break;
            }

            if (head.Head.Next.Length > 0) unsigned.Push(head);
        }

        int signed = 0;
        AuditFinding? broken = null;
        foreach (HeadRow head in unsigned)
        {
            AuditFinding? found = await CheckAsync(tenant, head.Head, before, cancel);
            before = head.Head;
            broken ??= found;
            // A signature would make a forged day a true one; the days behind it are signed all the same, so that they cannot be forged, too.
            if (found is not null) continue;
            KeySignature signature = await vault.SignAsync(head.Head.Digest(tenant.Tenant.Value), cancel);
            // Another process may have signed it meanwhile: one signature is as good as the other.
            if (await rows.ReplaceHeadAsync(tenant, head, head.Head with { SignedBy = signature.Kid, Signature = signature.Bytes }, cancel) is not null) signed++;
        }

        return (signed, broken);
    }

    private async Task<AuditFinding?> CheckAsync(TenantContext tenant, AuditHead head, AuditHead? before, CancellationToken cancel)
    {
        if (before is not null && (head.PreviousDay != before.Day || !head.PreviousHash.AsSpan().SequenceEqual(before.Hash))) return new AuditFinding(head.Day, 0, AuditFault.DayLinkBroken);
        AuditCheck check = new();
        check.Begin(tenant.Tenant.Value, head.Day, head.PreviousDay, head.PreviousHash);
        await foreach (AuditEntry entry in rows.EntriesAsync(tenant, head.Day, after: 0, cancel))
            if (check.Add(entry) is { } found) return found;
        return await check.EndAsync(head, isSigned: null);
    }

    /// <summary>Deletes the signed days before one, oldest first. The signed floor comes first: whoever finds less than it promises knows that something is missing.</summary>
    public async Task<long> DeleteBeforeAsync(TenantContext tenant, string before, CancellationToken cancel)
    {
        Stack<string> days = [];
        string? kept = null;
        await foreach (string day in rows.DaysAsync(tenant, pageSize: null, cancel))
        {
            bool isOver = string.CompareOrdinal(day, before) < 0 && (await rows.FindHeadAsync(tenant, day, cancel) is not { } head || head.Head is { Next.Length: > 0, Signature.Length: > 0 });
            if (isOver) days.Push(day);
            else (kept, days) = (day, []);
        }

        if (days.Count == 0 || kept is null) return 0;
        KeySignature signature = await vault.SignAsync(AuditFloor.Digest(tenant.Tenant.Value, kept), cancel);
        await rows.PutFloorAsync(tenant, new AuditFloor(kept, signature.Kid, signature.Bytes), cancel);
        long deleted = 0;
        foreach (string day in days)
        {
            deleted += await rows.DeleteDayAsync(tenant, day, cancel);
            await rows.ForgetDayAsync(tenant, day, cancel);
        }

        return deleted;
    }

    // The head comes before the row that names the day: a day that is listed has one.
    private async Task<HeadRow> BeginAsync(TenantContext tenant, AuditHead first, CancellationToken cancel)
    {
        await rows.AddHeadAsync(tenant, first, cancel);
        await rows.NoteDayAsync(tenant, first.Day, cancel);
        return await rows.FindHeadAsync(tenant, first.Day, cancel) ?? throw new NotNowException("audit-contended");
    }
}
