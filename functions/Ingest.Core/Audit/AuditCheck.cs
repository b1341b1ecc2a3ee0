using System.Security.Cryptography;
using Ingest.Core.Keys;

namespace Ingest.Core.Audit;

/// <summary>What is wrong with a log, at its first place.</summary>
public enum AuditFault
{
    /// <summary>A line is none of ours.</summary>
    Unreadable,
    /// <summary>It belongs to another tenant than what came before.</summary>
    ForeignTenant,
    /// <summary>A day is missing before this one, or the days are not in order.</summary>
    DayMissing,
    /// <summary>The day does not begin where the one before ended.</summary>
    DayLinkBroken,
    /// <summary>An entry is missing here.</summary>
    EntryMissing,
    /// <summary>The entry is not the one that was written, or does not follow on the one before.</summary>
    EntryChanged,
    /// <summary>There is an entry more than the day's end says.</summary>
    EntryTooMany,
    /// <summary>The day's end does not say how its chain ends.</summary>
    EndChanged,
    /// <summary>The day has no end.</summary>
    EndMissing,
    /// <summary>The day's end is not signed.</summary>
    NotSigned,
    /// <summary>The signature is not of this end, or not by the key that is believed.</summary>
    SignatureWrong,
    /// <summary>The day is signed, and the end that was kept of it, once for all, is no longer there.</summary>
    EndNotKept,
    /// <summary>The day was signed, and is no longer there.</summary>
    DayGone,
    /// <summary>Days are missing at one end of an export that says how far it went.</summary>
    SpanCut,
}

/// <summary>The first broken link of a log.</summary>
/// <param name="Day">Its day, as yyyyMMdd; empty when not even that can be read.</param>
/// <param name="Number">The entry's number; 0 for the day's beginning, and the number after the last for its end.</param>
/// <param name="Fault">What is wrong.</param>
public sealed record AuditFinding(string Day, long Number, AuditFault Fault);

/// <summary>
/// Checks a log while it goes by, day after day from old to new, and says where it breaks first. Nothing but the public key is needed, and nothing is believed that is
/// not covered by a hash that a signature covers.
/// </summary>
public sealed class AuditCheck
{
    private string? _tenant;
    private (string Day, byte[] Hash)? _before;
    private AuditHead? _day;
    private AuditFinding? _found;
    private (string From, string To)? _span;

    /// <summary>How many entries were good.</summary>
    public long Entries { get; private set; }
    /// <summary>How many days were good.</summary>
    public int Days { get; private set; }
    /// <summary>The first day that began, as yyyyMMdd; empty before it.</summary>
    public string FirstDay { get; private set; } = "";
    /// <summary>The last day that was good, as yyyyMMdd; empty before it.</summary>
    public string LastDay => _before?.Day ?? "";
    /// <summary>The day that the first one says it follows on, as yyyyMMdd; empty when it is the log's first.</summary>
    public string BeginsAfter { get; private set; } = "";

    /// <summary>A day begins; what is wrong with that, or null. Whatever comes after a finding is not looked at.</summary>
    public AuditFinding? Begin(string tenant, string day, string previousDay, byte[] previousHash)
    {
        if (_found is not null) return _found;
        if (_day is { } open) return Find(open.Day, open.Count + 1, AuditFault.EndMissing);
        if (_tenant is not null && _tenant != tenant) return Find(day, 0, AuditFault.ForeignTenant);
        if (_before is { } before)
        {
            if (previousDay != before.Day || string.CompareOrdinal(day, before.Day) <= 0) return Find(day, 0, AuditFault.DayMissing);
            if (!before.Hash.AsSpan().SequenceEqual(previousHash)) return Find(day, 0, AuditFault.DayLinkBroken);
        }

        if (_tenant is null) (FirstDay, BeginsAfter) = (day, previousDay);
        _tenant = tenant;
        _day = AuditHead.First(tenant, day, previousDay, previousHash);
        return null;
    }

    /// <summary>The day's next entry; what is wrong with it, or null.</summary>
    public AuditFinding? Add(AuditEntry entry)
    {
        if (_found is not null) return _found;
        if (_day is not { } day || entry.Day != day.Day) return Find(entry.Day, entry.Number, AuditFault.Unreadable);
        long due = day.Count + 1;
        if (entry.Number != due) return Find(day.Day, due, entry.Number > due ? AuditFault.EntryMissing : AuditFault.EntryTooMany);
        if (HashOf(entry, day) is not { } hash || !hash.AsSpan().SequenceEqual(entry.Hash)) return Find(day.Day, due, AuditFault.EntryChanged);
        _day = day with { Count = due, Hash = hash };
        Entries++;
        return null;
    }

    /// <summary>
    /// The day's end as it is claimed; what is wrong with it, or null. <paramref name="isSigned"/> says whether the signature of the digest it is given is right; null for a day
    /// that need not be signed yet.
    /// </summary>
    public async Task<AuditFinding?> EndAsync(AuditHead end, Func<byte[], KeySignature, Task<bool>>? isSigned)
    {
        if (_found is not null) return _found;
        if (_day is not { } day || end.Day != day.Day) return Find(end.Day, 0, AuditFault.Unreadable);
        if (end.Count > day.Count) return Find(day.Day, day.Count + 1, AuditFault.EntryMissing);
        if (end.Count < 0) return Find(day.Day, day.Count + 1, AuditFault.EndChanged);
        if (end.Count < day.Count) return Find(day.Day, end.Count + 1, AuditFault.EntryTooMany);
        if (!end.Hash.AsSpan().SequenceEqual(day.Hash)) return Find(day.Day, day.Count + 1, AuditFault.EndChanged);
        if (end.Signature.Length == 0 && isSigned is not null) return Find(day.Day, day.Count + 1, AuditFault.NotSigned);
        if (end.Signature.Length > 0 && isSigned is not null && !await isSigned(day.Digest(_tenant!), new KeySignature(end.SignedBy, end.Signature))) return Find(day.Day, day.Count + 1, AuditFault.SignatureWrong);
        (_before, _day) = ((day.Day, day.Hash), null);
        Days++;
        return null;
    }

    /// <summary>The day that has just ended is part of an export from one day to another; what is wrong with that, or null. Several exports may follow on each other.</summary>
    public AuditFinding? Span(string tenant, AuditSpan span, Func<byte[], bool> isSigned)
    {
        if (_found is not null) return _found;
        if (_before is not { } day || _day is not null) return Unreadable();
        if (tenant != _tenant) return Find(day.Day, 0, AuditFault.ForeignTenant);
        if (!isSigned(AuditSpan.Digest(tenant, span.From, span.To))) return Find(day.Day, 0, AuditFault.SignatureWrong);
        (string from, string to) = _span ?? (span.From, span.To);
        _span = (string.CompareOrdinal(from, span.From) < 0 ? from : span.From, string.CompareOrdinal(to, span.To) > 0 ? to : span.To);
        return null;
    }

    /// <summary>The log is over: a day without an end is broken, and so is an export of which days are missing at its ends.</summary>
    public AuditFinding? Finish()
    {
        if (_found is not null) return _found;
        if (_day is { } open) return Find(open.Day, open.Count + 1, AuditFault.EndMissing);
        if (_span is not var (from, to)) return null;
        return string.CompareOrdinal(FirstDay, from) > 0 ? Find(from, 0, AuditFault.SpanCut) : string.CompareOrdinal(LastDay, to) < 0 ? Find(to, 0, AuditFault.SpanCut) : null;
    }

    /// <summary>A line that cannot be read is a broken link at the place where one was due.</summary>
    public AuditFinding Unreadable() => _found ?? Find(_day?.Day ?? "", (_day?.Count ?? -1) + 1, AuditFault.Unreadable);

    /// <summary>True when a public key (DER SubjectPublicKeyInfo) made this ES256 signature; false for bytes that are no such key or signature.</summary>
    public static bool IsSignedBy(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        try
        {
            using ECDsa key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(publicKey, out int read);
            return read == publicKey.Length && key.KeySize == 256 && key.VerifyHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    // What is too long to be hashed was never written by us.
    private byte[]? HashOf(AuditEntry entry, AuditHead day)
    {
        try
        {
            return entry.HashAfter(_tenant!, day.Hash);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private AuditFinding Find(string day, long number, AuditFault fault) => _found = new AuditFinding(day, number, fault);
}
