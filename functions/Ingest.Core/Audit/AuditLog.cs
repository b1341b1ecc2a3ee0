using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Audit;

/// <summary>
/// Who did what, in a chain per tenant and UTC day: each entry's hash covers the one before, each day begins with the end of the last, and the end of each day is
/// signed. Entries are only ever added. Head and entries are written in one transaction under the head's version, so two writers never make two chains of one.
/// </summary>
public sealed class AuditLog
{
    private const int MostTries = 24, MostAtOnce = 90;
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(20);

    private readonly AuditRows _rows;
    private readonly AuditDays _days;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Writer> _writers = new(StringComparer.Ordinal);

    /// <summary>The log of an account.</summary>
    public AuditLog(TableServiceClient tables, BlobStore blobs, IKeyVault vault, TimeProvider time)
    {
        _rows = new AuditRows(tables);
        _days = new AuditDays(_rows, new AuditEnds(blobs), vault);
        _time = time;
    }

    /// <summary>
    /// Writes an entry; when this returns it stands in the chain. Throws <see cref="NotNowException"/> ("audit-contended") when too many write at once, the store's own
    /// faults when it does not answer, and <see cref="ArgumentException"/> when a part of the entry is no id of ours: then what was to be done must not be done.
    /// </summary>
    public async Task AppendAsync(TenantContext tenant, AuditEvent entry, CancellationToken cancel)
    {
        Writer writer = _writers.GetOrAdd(tenant.Tenant.Value, static _ => new Writer());
        Pending mine = new(Crockford32.Encode(RandomNumberGenerator.GetBytes(16)), entry.Checked());
        writer.Waiting.Enqueue(mine);
        await writer.Turn.WaitAsync(cancel);
        try
        {
            // Whoever had the turn before may have written this one along with theirs.
            while (!mine.Done.Task.IsCompleted) await WriteAsync(tenant, writer);
        }
        finally
        {
            writer.Turn.Release();
        }

        await mine.Done.Task;
    }

    /// <summary>
    /// Closes the days that are over and signs how each ended, if its chain is whole; returns how many were signed. One that is not whole is left unsigned: the log says so, and
    /// <see cref="AuditBrokenException"/> is thrown.
    /// </summary>
    public async Task<int> SignAsync(TenantContext tenant, CancellationToken cancel)
    {
        (int signed, AuditFinding? broken) = await _days.SignAsync(tenant, AuditDays.Of(_time.GetUtcNow()), cancel);
        if (broken is null) return signed;
        await TellAsync(tenant, broken, "not-signed", cancel);
        throw new AuditBrokenException(tenant, broken);
    }

    // Once a day: housekeeping meets it every hour while it stands.
    private async Task TellAsync(TenantContext tenant, AuditFinding broken, string code, CancellationToken cancel)
    {
        AuditEvent what = new(AuditAction.AuditVerified, AuditActor.System) { Result = AuditResult.Failed, Subject = broken.Day, Count = broken.Number, Code = code };
        if (!await EntriesAsync(tenant, AuditDays.Of(_time.GetUtcNow()), cancel).AnyAsync(entry => entry.Event == what, cancel)) await AppendAsync(tenant, what, cancel);
    }

    /// <summary>
    /// Keeps once more the signed ends that are not kept, of days that were signed before ends were, or of which the container was lost; returns how many. Nobody but a person can know that no one took
    /// them away to change a day: it is never done by itself, and the log says that it was. Before, the whole log is proven from its first day to now, and every end that is there; when it is not whole, the log says so,
    /// <see cref="AuditBrokenException"/> is thrown, and nothing is kept.
    /// </summary>
    public async Task<int> KeepEndsAsync(TenantContext tenant, AuditActor actor, CancellationToken cancel)
    {
        (IReadOnlyList<AuditHead> lacking, AuditFinding? broken) = await _days.FindLackingAsync(tenant, IsFresh, cancel);
        if (broken is not null)
        {
            await TellAsync(tenant, broken, "ends-not-kept", cancel);
            throw new AuditBrokenException(tenant, broken);
        }

        await AppendAsync(tenant, new AuditEvent(AuditAction.AuditVerified, actor) { Count = lacking.Count, Code = "ends-kept" }, cancel);
        return await _days.KeepAsync(tenant, lacking, cancel);
    }

    /// <summary>The container with every signed end of a day, each written once.</summary>
    public const string EndsContainer = AuditEnds.Container;

    /// <summary>A whole day's end as it is to be exported: with its signature, or without one when something speaks against it.</summary>
    internal async Task<AuditHead> EndAsync(TenantContext tenant, AuditHead head, CancellationToken cancel)
    {
        string? after = null;
        await foreach (string day in DaysAsync(tenant, cancel))
        {
            if (string.CompareOrdinal(day, head.Day) <= 0) break;
            after = day;
        }

        return (await _days.EndAsync(tenant, head, after is null ? null : await HeadAsync(tenant, after, cancel), cancel)).End;
    }

    /// <summary>The days there are, newest first, as yyyyMMdd.</summary>
    public IAsyncEnumerable<string> DaysAsync(TenantContext tenant, CancellationToken cancel) => _rows.DaysAsync(tenant, pageSize: null, cancel);

    /// <summary>So many years the log is kept.</summary>
    public const int KeptYears = 5;

    /// <summary>Deletes the days that are older than <see cref="KeptYears"/>; see <see cref="DeleteBeforeAsync"/>.</summary>
    public Task<long> DeleteOldAsync(TenantContext tenant, CancellationToken cancel) => DeleteBeforeAsync(tenant, DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime).AddYears(-KeptYears), cancel);

    /// <summary>
    /// Deletes the days before one, oldest first, and returns how many entries went. From then on the log begins at the first day kept, which a signature says; days that are
    /// open or not signed yet stay. May be broken off and called again. When days are missing at the old end, or one that would go is not as it was signed, nothing goes: the log
    /// says so, and <see cref="AuditBrokenException"/> is thrown.
    /// </summary>
    public async Task<long> DeleteBeforeAsync(TenantContext tenant, DateOnly day, CancellationToken cancel)
    {
        try
        {
            return await _days.DeleteBeforeAsync(tenant, day.ToString("yyyyMMdd", CultureInfo.InvariantCulture), cancel);
        }
        catch (AuditBrokenException e)
        {
            await TellAsync(tenant, e.Finding, "not-deleted", cancel);
            throw;
        }
    }

    /// <summary>What the end that was kept of a day says against the one that its head claims; null when nothing.</summary>
    internal Task<AuditFinding?> CompareAsync(TenantContext tenant, AuditHead head, CancellationToken cancel) => _days.CompareAsync(tenant, head, cancel);

    /// <summary>The first day from a floor on that was signed and is none of these; null when there is none.</summary>
    internal Task<AuditFinding?> FindGoneAsync(TenantContext tenant, string floor, IReadOnlySet<string> days, CancellationToken cancel) => _days.FindGoneAsync(tenant, floor, days, cancel);

    /// <summary>True for a day that need not be signed yet, by the clock: today, or one that has just ended.</summary>
    internal bool IsFresh(string day) => string.CompareOrdinal(day, AuditDays.Of(_time.GetUtcNow().AddDays(-1))) >= 0;

    /// <summary>True when one of our keys signed this.</summary>
    internal Task<bool> IsSignedAsync(byte[] digest, KeySignature signature, CancellationToken cancel) => _days.IsSignedAsync(digest, signature, cancel);

    /// <summary>Where the log begins since older days were deleted, with who signed that; null while all are there.</summary>
    public Task<AuditFloor?> FloorAsync(TenantContext tenant, CancellationToken cancel) => _rows.FindFloorAsync(tenant, cancel);

    /// <summary>How a day's chain stands; null when there is none.</summary>
    public async Task<AuditHead?> HeadAsync(TenantContext tenant, string day, CancellationToken cancel) => (await _rows.FindHeadAsync(tenant, day, cancel))?.Head;

    /// <summary>A day's entries in order, those after a number; as they are stored, unchecked.</summary>
    public IAsyncEnumerable<AuditEntry> EntriesAsync(TenantContext tenant, string day, CancellationToken cancel, long after = 0) => _rows.EntriesAsync(tenant, day, after, cancel);

    // Not with the token of the one whose turn it is: the others' entries are in it too.
    private async Task WriteAsync(TenantContext tenant, Writer writer)
    {
        List<Pending> some = [];
        while (some.Count < MostAtOnce && writer.Waiting.TryDequeue(out Pending? one)) some.Add(one);
        try
        {
            using CancellationTokenSource limit = new(WriteTimeout);
            writer.Head = await AppendAsync(tenant, writer.Head, some, limit.Token);
            foreach (Pending one in some) one.Done.SetResult();
        }
        catch (Exception e)
        {
            writer.Head = null;
            foreach (Pending one in some) one.Done.SetException(e is OperationCanceledException ? new NotNowException("audit-contended") : e);
        }
    }

    private async Task<HeadRow> AppendAsync(TenantContext tenant, HeadRow? head, List<Pending> some, CancellationToken cancel)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            DateTimeOffset now = _time.GetUtcNow();
            string today = AuditDays.Of(now);
            if (head is null || head.Head.Next.Length > 0 || string.CompareOrdinal(head.Head.Day, today) < 0) head = await _days.OpenAsync(tenant, today, cancel);
            (AuditHead next, List<AuditEntry> entries) = Chain(tenant, head.Head, some, now);
            if (await _rows.AppendAsync(tenant, head, next, entries, cancel) is { } written) return written;
            // Another process was first, or this was written and the answer lost: then our first entry stands where we put it.
            bool ours = await _rows.FindEntryAsync(tenant, head.Head.Day, entries[0].Number, cancel) is { } there && there.Id == entries[0].Id;
            head = await _rows.FindHeadAsync(tenant, head.Head.Day, cancel);
            if (ours && head is not null) return head;
            // In the store's time, not the clock's: whoever is first needs only a moment.
            if (tries > 1) await Task.Delay(Random.Shared.Next(2, 15 * Math.Min(tries, 8)), cancel);
        }

        throw new NotNowException("audit-contended");
    }

    private static (AuditHead Head, List<AuditEntry> Entries) Chain(TenantContext tenant, AuditHead head, List<Pending> some, DateTimeOffset now)
    {
        List<AuditEntry> entries = [];
        byte[] hash = head.Hash;
        foreach (Pending one in some)
        {
            AuditEntry entry = new(head.Day, head.Count + entries.Count + 1, one.Id, now, one.Event);
            hash = entry.HashAfter(tenant.Tenant.Value, hash);
            entries.Add(entry with { Hash = hash });
        }

        return (head with { Count = head.Count + entries.Count, Hash = hash }, entries);
    }

    private sealed record Pending(string Id, AuditEvent Event)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    // One process writes one batch at a time and remembers where the chain stands.
    private sealed class Writer
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);
        public ConcurrentQueue<Pending> Waiting { get; } = new();
        public HeadRow? Head { get; set; }
    }
}
