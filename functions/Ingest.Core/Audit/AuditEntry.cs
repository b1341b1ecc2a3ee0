using System.Globalization;
using System.Security.Cryptography;
using Ingest.Core.Keys;

namespace Ingest.Core.Audit;

/// <summary>An event where it stands in the log. Its hash covers every part of it, its place, and the hash of the entry before.</summary>
/// <param name="Day">Which day's chain it is in, as yyyyMMdd.</param>
/// <param name="Number">Its place in that chain, from 1.</param>
/// <param name="Id">A random id of its own, 26 letters.</param>
/// <param name="At">When it was written, UTC. The log's clock, so it may lie shortly before its day began, never chosen by whoever acts.</param>
/// <param name="Event">What was done.</param>
public sealed record AuditEntry(string Day, long Number, string Id, DateTimeOffset At, AuditEvent Event)
{
    /// <summary>The hash that stands with it, 32 bytes; <see cref="HashAfter"/> says whether it is right.</summary>
    public byte[] Hash { get; init; } = [];

    /// <summary>SHA-256 over this entry's canonical bytes and the hash before it, 32 bytes; what the chain must hold here.</summary>
    public byte[] HashAfter(string tenant, ReadOnlySpan<byte> before)
    {
        Canonical bytes = new();
        bytes.Add("ingest-audit-entry-1").Add(tenant).Add(Day).Add(Text(Number)).Add(Id).Add(Text(At.UtcTicks))
            .Add(Event.Action.ToString()).Add(Event.Actor.Kind.ToString()).Add(Event.Actor.Id).Add(Event.Inbox?.Value ?? "").Add(Event.TicketId).Add(Event.ContactId)
            .Add(Event.Subject).Add(Event.Result.ToString()).Add(Text(Event.Count)).Add(Event.Code).Add(before);
        return SHA256.HashData(bytes.Written);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The end of a day's chain: how long it is, where it stands, and what came before the day.</summary>
public sealed record AuditHead
{
    /// <summary>The day, as yyyyMMdd.</summary>
    public required string Day { get; init; }
    /// <summary>The day before it that has a chain; empty for the first.</summary>
    public required string PreviousDay { get; init; }
    /// <summary>How that day's chain ended, 32 bytes; zeros for the first.</summary>
    public required byte[] PreviousHash { get; init; }
    /// <summary>How many entries the day has.</summary>
    public required long Count { get; init; }
    /// <summary>The hash of the last of them, 32 bytes; that of the day's beginning while there is none.</summary>
    public required byte[] Hash { get; init; }
    /// <summary>The day that follows; empty while this one is open.</summary>
    public string Next { get; init; } = "";
    /// <summary>The key that signed the end of the day; empty until then.</summary>
    public string SignedBy { get; init; } = "";
    /// <summary>ES256 over <see cref="Digest"/>, r ‖ s; empty until signed.</summary>
    public byte[] Signature { get; init; } = [];

    /// <summary>The day's chain before its first entry.</summary>
    public static AuditHead First(string tenant, string day, string previousDay, byte[] previousHash) =>
        new() { Day = day, PreviousDay = previousDay, PreviousHash = previousHash, Count = 0, Hash = Beginning(tenant, day, previousDay, previousHash) };

    /// <summary>The hash with which a day begins: it ties the day to the end of the one before.</summary>
    public static byte[] Beginning(string tenant, string day, string previousDay, ReadOnlySpan<byte> previousHash) =>
        SHA256.HashData(new Canonical().Add("ingest-audit-day-1").Add(tenant).Add(day).Add(previousDay).Add(previousHash).Written);

    /// <summary>What is signed: tenant, day, length and last hash; and that hash covers all the rest.</summary>
    public byte[] Digest(string tenant) =>
        SHA256.HashData(new Canonical().Add("ingest-audit-head-1").Add(tenant).Add(Day).Add(Count.ToString(CultureInfo.InvariantCulture)).Add(Hash).Written);
}

/// <summary>From which day to which an export goes.</summary>
/// <param name="From">The first day, as yyyyMMdd.</param>
/// <param name="To">The last.</param>
/// <param name="SignedBy">The key that signed it.</param>
/// <param name="Signature">ES256 over <see cref="Digest"/>, r ‖ s.</param>
public sealed record AuditSpan(string From, string To, string SignedBy, byte[] Signature)
{
    /// <summary>What is signed: that an export of this tenant's log went from one day to the other.</summary>
    public static byte[] Digest(string tenant, string from, string to) => SHA256.HashData(new Canonical().Add("ingest-audit-span-1").Add(tenant).Add(from).Add(to).Written);
}

/// <summary>Where a log begins whose older days were deleted.</summary>
/// <param name="Day">The first day kept, as yyyyMMdd.</param>
/// <param name="SignedBy">The key that signed it.</param>
/// <param name="Signature">ES256 over <see cref="Digest"/>, r ‖ s.</param>
public sealed record AuditFloor(string Day, string SignedBy, byte[] Signature)
{
    /// <summary>What is signed: that this tenant's log begins on this day.</summary>
    public static byte[] Digest(string tenant, string day) => SHA256.HashData(new Canonical().Add("ingest-audit-floor-1").Add(tenant).Add(day).Written);
}
