using System.Globalization;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Audit;

/// <summary>
/// Opens, closes and signs days. A day is closed by naming the one that follows in its head, under the head's version: from then on nothing can be added to it, and
/// whoever opens the next day, however many try at once and whatever their clocks say, begins it with the same end.
/// </summary>
internal sealed partial class AuditDays(AuditRows rows, AuditEnds ends, IKeyVault vault)
{
    // How many signed days in front of those that are not are looked at for one that lost its signature.
    private const int MostSteps = 64, LooksBack = 7;

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

    /// <summary>
    /// Signs the days that are over and not signed, oldest first, each after its chain was seen to be whole and the day behind it to follow on it; returns how many, and where the
    /// first that is not whole breaks. A signature that was taken from one of the last days comes back.
    /// </summary>
    public async Task<(int Signed, AuditFinding? Broken)> SignAsync(TenantContext tenant, string today, CancellationToken cancel)
    {
        await OpenAsync(tenant, today, cancel);
        List<HeadRow> heads = [];
        await foreach (string day in rows.DaysAsync(tenant, pageSize: null, cancel))
        {
            if (await rows.FindHeadAsync(tenant, day, cancel) is not { } head) break;
            heads.Add(head);
            if (heads.Count(h => h.Head.Signature.Length > 0) == LooksBack) break;
        }

        int signed = 0;
        AuditFinding? broken = null;
        for (int i = heads.Count - 1; i >= 0; i--)
        {
            AuditHead head = heads[i].Head;
            if (head.Signature.Length > 0 || head.Next.Length == 0) continue;
            AuditHead? after = i > 0 ? heads[i - 1].Head : (await rows.FindHeadAsync(tenant, head.Next, cancel))?.Head;
            AuditFinding? found = await CheckAsync(tenant, head, i + 1 < heads.Count ? heads[i + 1].Head : null, cancel);
            if (found is null) (head, found) = await EndAsync(tenant, head, after, cancel);
            broken ??= found;
            // A signature would make a forged day a true one; the days behind it are signed all the same, so that they cannot be forged, too.
            if (found is not null) continue;
            // Another process may have signed it meanwhile, with the same end.
            if (await rows.ReplaceHeadAsync(tenant, heads[i], head, cancel) is not null) signed++;
        }

        return (signed, broken);
    }

    /// <summary>
    /// A whole day's end with its signature, or what speaks against one: an end of this day was signed before and was another, or the day behind it does not follow on this one.
    /// The end of a day that is over is kept before anybody sees its signature.
    /// </summary>
    public async Task<(AuditHead End, AuditFinding? Broken)> EndAsync(TenantContext tenant, AuditHead head, AuditHead? after, CancellationToken cancel)
    {
        byte[] digest = head.Digest(tenant.Tenant.Value);
        AuditHead? kept = await ends.FindAsync(tenant, head.Day, cancel);
        if (kept is null)
        {
            if (after is not null && (after.PreviousDay != head.Day || !after.PreviousHash.AsSpan().SequenceEqual(head.Hash))) return (head, new AuditFinding(after.Day, 0, AuditFault.DayLinkBroken));
            KeySignature signature = await vault.SignAsync(digest, cancel);
            AuditHead end = head with { SignedBy = signature.Kid, Signature = signature.Bytes };
            bool isOpen = head.Next.Length == 0 && after is null;
            if (isOpen || await ends.AddAsync(tenant, end, cancel)) return (end, null);
            kept = await ends.FindAsync(tenant, head.Day, cancel);
        }

        return kept is not null && await IsSameAsync(digest, head, kept, cancel)
            ? (head with { SignedBy = kept.SignedBy, Signature = kept.Signature }, null)
            : (head, new AuditFinding(head.Day, head.Count + 1, AuditFault.EndChanged));
    }

    /// <summary>What the end that was kept of a day says against the one that its head claims; null when they are the same, or when the day was never signed.</summary>
    public async Task<AuditFinding?> CompareAsync(TenantContext tenant, AuditHead head, CancellationToken cancel)
    {
        if (await ends.FindAsync(tenant, head.Day, cancel) is not { } kept) return head.Signature.Length > 0 ? new AuditFinding(head.Day, head.Count + 1, AuditFault.EndNotKept) : null;
        return await IsSameAsync(head.Digest(tenant.Tenant.Value), head, kept, cancel) ? null : new AuditFinding(head.Day, head.Count + 1, AuditFault.EndChanged);
    }

    /// <summary>The first day from a floor on of which a signed end was kept and that is none of these; null when there is none. Only what we signed says that there was a day.</summary>
    public async Task<AuditFinding?> FindGoneAsync(TenantContext tenant, string floor, IReadOnlySet<string> days, CancellationToken cancel)
    {
        await foreach (string day in ends.DaysAsync(tenant, cancel))
        {
            if (string.CompareOrdinal(day, floor) < 0 || days.Contains(day) || await ends.FindAsync(tenant, day, cancel) is not { } kept) continue;
            bool isOurs = await IsSignedAsync(kept.Digest(tenant.Tenant.Value), new KeySignature(kept.SignedBy, kept.Signature), cancel);
            return new AuditFinding(day, 0, isOurs ? AuditFault.DayGone : AuditFault.SignatureWrong);
        }

        return null;
    }

    private async Task<bool> IsSameAsync(byte[] digest, AuditHead head, AuditHead kept, CancellationToken cancel) =>
        kept.Count == head.Count && kept.Hash.AsSpan().SequenceEqual(head.Hash) && await IsSignedAsync(digest, new KeySignature(kept.SignedBy, kept.Signature), cancel);

    /// <summary>True when one of our keys signed this. A key id that somebody wrote over is a wrong signature, not a fault of ours.</summary>
    public async Task<bool> IsSignedAsync(byte[] digest, KeySignature signature, CancellationToken cancel)
    {
        if (signature.Bytes.Length == 0) return false;
        try
        {
            return await vault.VerifyAsync(digest, signature, cancel);
        }
        catch (SealBrokenException)
        {
            return false;
        }
    }

    private async Task<AuditFinding?> CheckAsync(TenantContext tenant, AuditHead head, AuditHead? before, CancellationToken cancel)
    {
        if (before is not null && (head.PreviousDay != before.Day || !head.PreviousHash.AsSpan().SequenceEqual(before.Hash))) return new AuditFinding(head.Day, 0, AuditFault.DayLinkBroken);
        AuditCheck check = new();
        check.Begin(tenant.Tenant.Value, head.Day, head.PreviousDay, head.PreviousHash);
        await foreach (AuditEntry entry in rows.EntriesAsync(tenant, head.Day, after: 0, cancel))
        {
            // What was added to an open day since its head was read.
            if (head.Next.Length == 0 && entry.Number > head.Count) break;
            if (check.Add(entry) is { } found) return found;
        }

        return await check.EndAsync(head, isSigned: null);
    }

    // The head comes before the row that names the day: a day that is listed has one.
    private async Task<HeadRow> BeginAsync(TenantContext tenant, AuditHead first, CancellationToken cancel)
    {
        await rows.AddHeadAsync(tenant, first, cancel);
        await rows.NoteDayAsync(tenant, first.Day, cancel);
        return await rows.FindHeadAsync(tenant, first.Day, cancel) ?? throw new NotNowException("audit-contended");
    }
}
