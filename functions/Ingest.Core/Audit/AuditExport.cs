using Ingest.Core.Access;
using Ingest.Core.Keys;

namespace Ingest.Core.Audit;

/// <summary>How a day is written out.</summary>
public enum AuditForm
{
    /// <summary>As the chain itself, which can be checked without us.</summary>
    Chain,
    /// <summary>As events of the Open Cybersecurity Schema Framework, for a SIEM; no chain.</summary>
    Ocsf,
}

/// <summary>Takes the log out of the stores as lines of JSON, and checks it where it lies.</summary>
public sealed class AuditExport(AuditLog log, IKeyVault vault)
{
    /// <summary>
    /// Signs from which day to which an export goes, so that each of its files says how many others there must be. Null when there is nothing between the two days.
    /// </summary>
    public async Task<AuditSpan?> SignSpanAsync(TenantContext tenant, string first, string last, CancellationToken cancel)
    {
        string? from = null, to = null;
        await foreach (string day in log.DaysAsync(tenant, cancel))
        {
            if (string.CompareOrdinal(day, first) < 0 || string.CompareOrdinal(day, last) > 0) continue;
            (from, to) = (day, to ?? day);
        }

        if (from is null || to is null) return null;
        KeySignature signature = await vault.SignAsync(AuditSpan.Digest(tenant.Tenant.Value, from, to), cancel);
        return new AuditSpan(from, to, signature.Kid, signature.Bytes);
    }

    /// <summary>
    /// Writes a day, and of which <paramref name="span"/> it is a part, and returns how many entries it has; -1 when there is no such day. The end of a day that is still open, or
    /// not signed yet, is signed as it stands now, if its chain is whole and no other end of it was signed: what is added later is in a later export.
    /// </summary>
    public async Task<long> WriteAsync(TenantContext tenant, string day, AuditForm form, Stream output, CancellationToken cancel, AuditSpan? span = null)
    {
        if (await log.HeadAsync(tenant, day, cancel) is not { } head) return -1;
        AuditCheck check = new();
        check.Begin(tenant.Tenant.Value, day, head.PreviousDay, head.PreviousHash);
        if (form == AuditForm.Chain) await output.WriteAsync(AuditLines.Begin(tenant.Tenant.Value, head), cancel);
        long written = 0;
        await foreach (AuditEntry entry in log.EntriesAsync(tenant, day, cancel))
        {
            // What was added since the head was read is not covered by what is signed below.
            if (entry.Number > head.Count && head.Next.Length == 0) break;
            await output.WriteAsync(form == AuditForm.Chain ? AuditLines.Entry(entry) : AuditOcsf.Line(tenant, entry), cancel);
            check.Add(entry);
            written++;
        }

        if (form != AuditForm.Chain) return written;
        bool follows = head.PreviousDay.Length == 0 || await log.HeadAsync(tenant, head.PreviousDay, cancel) is not { } before || before.Hash.AsSpan().SequenceEqual(head.PreviousHash);
        bool isWhole = follows && await check.EndAsync(head, isSigned: null) is null;
        await output.WriteAsync(await EndAsync(tenant, head, isWhole, cancel), cancel);
        if (span is not null) await output.WriteAsync(AuditLines.Span(tenant.Tenant.Value, span, await vault.SealPublicKeyAsync(span.SignedBy, cancel)), cancel);
        return written;
    }

    /// <summary>
    /// Checks the whole log of a tenant where it lies, from its first day to now, and each day against the end of it that was kept when it was signed; null when it is whole. Only
    /// today and yesterday may be without a signature.
    /// </summary>
    public async Task<AuditFinding?> CheckAsync(TenantContext tenant, AuditCheck check, CancellationToken cancel)
    {
        List<string> days = await log.DaysAsync(tenant, cancel).ToListAsync(cancel);
        days.Reverse();
        AuditFloor? floor = await log.FloorAsync(tenant, cancel);
        if (floor is not null && !await log.IsSignedAsync(AuditFloor.Digest(tenant.Tenant.Value, floor.Day), new KeySignature(floor.SignedBy, floor.Signature), cancel))
            return new AuditFinding(floor.Day, 0, AuditFault.SignatureWrong);
        foreach (string day in days.Where(day => floor is null || string.CompareOrdinal(day, floor.Day) >= 0))
            if (await CheckDayAsync(tenant, day, floor, check, cancel) is { } finding) return finding;
        // The chain tells of a day that is missing before another; of the newest only what was kept of them does.
        if (await log.FindGoneAsync(tenant, floor?.Day ?? "", days.ToHashSet(StringComparer.Ordinal), cancel) is { } gone) return gone;
        return floor is not null && check.Days == 0 ? new AuditFinding(floor.Day, 0, AuditFault.DayMissing) : check.Finish();
    }

    private async Task<AuditFinding?> CheckDayAsync(TenantContext tenant, string day, AuditFloor? floor, AuditCheck check, CancellationToken cancel)
    {
        if (await log.HeadAsync(tenant, day, cancel) is not { } head) return new AuditFinding(day, 0, AuditFault.EndMissing);
        bool mayBegin = floor is null ? head.PreviousDay.Length == 0 : day == floor.Day;
        if (check.Days == 0 && !mayBegin) return new AuditFinding(day, 0, AuditFault.DayMissing);
        if (check.Begin(tenant.Tenant.Value, head.Day, head.PreviousDay, head.PreviousHash) is { } bad) return bad;
        await foreach (AuditEntry entry in log.EntriesAsync(tenant, day, cancel))
        {
            if (entry.Number > head.Count && head.Next.Length == 0 && await log.HeadAsync(tenant, day, cancel) is { } now && now.Count >= entry.Number) break;
            if (check.Add(entry) is { } broken) return broken;
        }

        // By the clock: neither where a day stands nor what its head says of that is signed. One that has just ended is signed within the hour.
        bool mayLack = log.IsFresh(day) && head.Signature.Length == 0;
        return await check.EndAsync(head, mayLack ? null : (digest, signature) => log.IsSignedAsync(digest, signature, cancel)) ?? await log.CompareAsync(tenant, head, cancel);
    }

    private async Task<byte[]> EndAsync(TenantContext tenant, AuditHead head, bool isWhole, CancellationToken cancel)
    {
        // A signature would make a forged day a true one: also one that was given to an export while the day was still open.
        if (head.Signature.Length > 0 && await log.CompareAsync(tenant, head, cancel) is { Fault: AuditFault.EndChanged }) head = head with { SignedBy = "", Signature = [] };
        else if (head.Signature.Length == 0 && isWhole) head = await log.EndAsync(tenant, head, cancel);
        if (head.Signature.Length == 0) return AuditLines.End(head, []);
        return AuditLines.End(head, await vault.SealPublicKeyAsync(head.SignedBy, cancel));
    }
}
