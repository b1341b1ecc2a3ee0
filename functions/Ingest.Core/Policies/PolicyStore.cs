using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Policies;

/// <summary>A policy as it is held.</summary>
/// <param name="Policy">What it says.</param>
/// <param name="Version">The row's version, for a conditional change; empty where nothing was set.</param>
public sealed record HeldPolicy<T>(T Policy, string Version)
{
    /// <summary>True when somebody set it.</summary>
    public bool IsSet => Version.Length > 0;

    /// <summary>True when something was set that cannot be read: <see cref="Policy"/> is then the usual, and it can be set anew as a whole, or taken away.</summary>
    public bool IsUnreadable { get; init; }
}

/// <summary>What the policies of one sort are, and how they are kept.</summary>
/// <param name="Name">How their rows begin.</param>
/// <param name="Role">What they are sealed as.</param>
/// <param name="Usual">What holds where nobody set anything.</param>
internal sealed record PolicySort<T>(string Name, string Role, T Usual)
{
    /// <summary>Writes one for the store.</summary>
    public required Func<T, byte[]> Write { get; init; }
    /// <summary>Reads one from the store; throws <see cref="JsonException"/> or <see cref="FormatException"/> for what is none.</summary>
    public required Func<byte[], T> Read { get; init; }
    /// <summary>Its one spelling.</summary>
    public required Func<T, T> Tidy { get; init; }
    /// <summary>What keeps a tidy one from being kept; null when nothing does.</summary>
    public required Func<T, PolicyProblem?> Problem { get; init; }
    /// <summary>What differs between two, as codes for the audit log.</summary>
    public required Func<T, T, IReadOnlyList<string>> Changes { get; init; }
    /// <summary>What a mailbox's own begins as, from the one for all.</summary>
    public required Func<T, T> Begin { get; init; }
    /// <summary>What a mailbox's own and the one for all say together.</summary>
    public required Func<T, T, T> Together { get; init; }
    /// <summary>What is wrong with one that holds more than there is room for.</summary>
    public required PolicyProblem TooMuch { get; init; }
}

/// <summary>What is done with mail before the filter is asked. A mailbox's settings stand alone; the rules for all are asked after its own.</summary>
public sealed class PolicyStore(TableServiceClient tables, KeyRing keys, AuditLog audit, TimeProvider time) : PolicyStore<MailPolicy>(Sort, tables, keys, audit, time)
{
    private static PolicySort<MailPolicy> Sort { get; } = new("mail", "mail-policy", MailPolicy.Default)
    {
        Write = policy => policy.ToJson(),
        Read = json => MailPolicy.FromStore(json),
        Tidy = CheckPolicy.Tidy,
        Problem = policy => CheckPolicy.Find(policy) is [var first, ..] ? first : null,
        Changes = PolicyChanges.Between,
        Begin = all => all with { Rules = [] },
        Together = (own, all) => own with { Rules = [.. own.Rules, .. all.Rules] },
        TooMuch = CheckPolicy.TooMuch,
    };
}

/// <summary>
/// The policies of mailboxes, and one for all that have none of their own, sealed. What was set is seen by other processes within <see cref="CacheAge"/>.
/// </summary>
public abstract class PolicyStore<T> where T : class
{
    /// <summary>So long a process goes by what it read.</summary>
    public static readonly TimeSpan CacheAge = TimeSpan.FromMinutes(2);

    // Rules are much alike, so some hundreds fit; the rest of the row's 64 KiB is the envelope's.
    private const int MostBytes = 60_000;
    private const string Unreadable = "policy-unreadable";
    private const string KeyOfAll = "policy";

    private readonly PolicySort<T> _sort;
    private readonly KeyRing _keys;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<(TenantContext, InboxId), (T Policy, DateTimeOffset Read)> _cache = new();
    private readonly TableClient _rows;

    internal PolicyStore(PolicySort<T> sort, TableServiceClient tables, KeyRing keys, AuditLog audit, TimeProvider time) =>
        (_sort, _rows, _keys, _audit, _time) = (sort, tables.GetTableClient(TableNames.Policies), keys, audit, time);

    private string ForAll => _sort.Name + "!all";
    private string Row(InboxId? inbox) => inbox is { } one ? $"{_sort.Name}!{one}" : ForAll;
    private static string Owner(InboxId? inbox) => inbox?.Value ?? KeyOfAll;
    private SealContext Seal(TenantContext tenant, InboxId? inbox) => new(tenant.Tenant, KeyClass.Tenant, Owner(inbox), _sort.Role);

    /// <summary>
    /// What holds for a mailbox, as it was within <see cref="CacheAge"/>: one query, and mostly none. Where it cannot be read, what this process read before holds on; throws
    /// <see cref="NotNowException"/> ("policy-unreadable") when it never did, for mail must not pass by rules that nobody made.
    /// </summary>
    public async Task<T> InForceAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (_cache.TryGetValue((tenant, inbox), out (T Policy, DateTimeOffset Read) known) && now - known.Read < CacheAge) return known.Policy;
        HeldPolicy<T>? own = null, all = null;
        TableFilter either = TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowIs(Row(inbox)).Or(TableFilter.RowIs(ForAll)));
        await foreach (TableEntity row in _rows.QueryAsync(either, cancel: cancel))
            if (row.RowKey == ForAll) all = await ReadAsync(tenant, null, row, cancel);
            else own = await ReadAsync(tenant, inbox, row, cancel);
        if (own is { IsUnreadable: true } || all is { IsUnreadable: true }) return known.Policy ?? throw new NotNowException(Unreadable);
        T policy = Together(own, all);
        if (_cache.Count > 10_000) _cache.Clear();
        _cache[(tenant, inbox)] = (policy, now);
        return policy;
    }

    /// <summary>What two policies say together: a mailbox's own first, or only the one for all.</summary>
    private T Together(HeldPolicy<T>? own, HeldPolicy<T>? all)
    {
        if (own is null) return all?.Policy ?? _sort.Usual;
        return all is null ? own.Policy : _sort.Together(own.Policy, all.Policy);
    }

    /// <summary>What was set for a mailbox, or for all with null; the usual, with an empty version, where nothing was, and with the row's where it cannot be read.</summary>
    public async Task<HeldPolicy<T>> FindAsync(TenantContext tenant, InboxId? inbox, CancellationToken cancel) =>
        await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, Row(inbox), cancel: cancel) is { } row && await ReadAsync(tenant, inbox, row, cancel) is { } held ? held : new HeldPolicy<T>(_sort.Usual, "");

    /// <summary>
    /// Changes what is set for a mailbox, or for all with null; each setting that changes is told to the audit log first. Null when <paramref name="ifVersion"/> is given
    /// and no longer the row's. With <paramref name="whole"/> the change looks at nothing that was set before, so that it may be unreadable. Throws
    /// <see cref="PolicyException"/> for a policy that cannot be kept, <see cref="NotNowException"/> when too many change it at once, or what is to be changed is unreadable.
    /// </summary>
    public async Task<HeldPolicy<T>?> ChangeAsync(TenantContext tenant, InboxId? inbox, Func<T, T> change, AuditActor actor, CancellationToken cancel, string? ifVersion = null, bool whole = false)
    {
        for (int tries = 0; tries < 4; tries++)
        {
            HeldPolicy<T> there = await FindAsync(tenant, inbox, cancel);
            if (ifVersion is not null && ifVersion != there.Version) return null;
            // A mailbox's own policy begins as the one for all, whose rules stay where they are.
            HeldPolicy<T> origin = there.IsSet || inbox is null ? there : await FindAsync(tenant, null, cancel);
            if (origin.IsUnreadable && !whole) throw new NotNowException(Unreadable);
            T start = origin == there ? there.Policy : _sort.Begin(origin.Policy);
            T next = _sort.Tidy(change(start));
            if (_sort.Problem(next) is { } problem) throw new PolicyException(problem);
            byte[] packed = Pack(_sort.Write(next));
            if (packed.Length > MostBytes) throw new PolicyException(_sort.TooMuch);
            if (tries == 0) await TellAsync(tenant, inbox, start, next, actor, cancel);
            if (await TryWriteAsync(tenant, inbox, packed, there.Version, cancel) is { } version)
            {
                Forget(tenant);
                return new HeldPolicy<T>(next, version);
            }
        }

        if (ifVersion is not null) return null;
        throw new NotNowException("policy-contended");
    }

    /// <summary>Takes a mailbox's own policy away, or the one for all with null. False when there was none of that version.</summary>
    public async Task<bool> RemoveAsync(TenantContext tenant, InboxId? inbox, string version, AuditActor actor, CancellationToken cancel)
    {
        if (version.Length == 0) return false;
        await _audit.AppendAsync(tenant, new AuditEvent(AuditAction.PolicyChanged, actor) { Inbox = inbox, Code = _sort.Role + "-removed" }, cancel);
        try
        {
            bool gone = await _rows.DeleteEntityAsync(tenant.Tenant.Value, Row(inbox), new ETag(version), cancel);
            Forget(tenant);
            return gone;
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            return false;
        }
    }

    private async Task<string?> TryWriteAsync(TenantContext tenant, InboxId? inbox, byte[] packed, string version, CancellationToken cancel)
    {
        using DataKey key = await _keys.GetOrCreateAsync(tenant, KeyClass.Tenant, Owner(inbox), cancel);
        TableEntity row = new(tenant.Tenant.Value, Row(inbox)) { ["doc"] = Envelope.Seal(packed, key, Seal(tenant, inbox), SegmentLength.Row) };
        try
        {
            ETag written = version.Length == 0 ? await _rows.AddEntityAsync(row, cancel) : await _rows.UpdateEntityAsync(row, new ETag(version), TableUpdateMode.Replace, cancel);
            return written.ToString();
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412 or 404)
        {
            return null;
        }
    }

    private async Task TellAsync(TenantContext tenant, InboxId? inbox, T old, T next, AuditActor actor, CancellationToken cancel)
    {
        foreach (string code in _sort.Changes(old, next))
            await _audit.AppendAsync(tenant, new AuditEvent(AuditAction.PolicyChanged, actor) { Inbox = inbox, Code = code }, cancel);
    }

    private async Task<HeldPolicy<T>?> ReadAsync(TenantContext tenant, InboxId? inbox, TableEntity row, CancellationToken cancel)
    {
        using DataKey? key = await _keys.FindAsync(tenant, KeyClass.Tenant, Owner(inbox), cancel);
        // With its key the mailbox was erased, and what was set for it with it. A key that is only lost takes nothing back: what was set holds, and nobody knows what it was.
        if (key is null && !await _keys.IsErasedAsync(tenant, new KeyName(KeyClass.Tenant, Owner(inbox)), cancel)) return Unread(row);
        if (key is null || row.GetBinary("doc") is not { } box) return null;
        try
        {
            return new HeldPolicy<T>(_sort.Read(Unpack(Envelope.Open(box, key, Seal(tenant, inbox)))), row.ETag.ToString());
        }
        catch (Exception e) when (e is SealBrokenException or JsonException or FormatException or InvalidDataException)
        {
            return Unread(row);
        }
    }

    private HeldPolicy<T> Unread(TableEntity row) => new(_sort.Usual, row.ETag.ToString()) { IsUnreadable = true };

    private void Forget(TenantContext tenant)
    {
        foreach ((TenantContext, InboxId) known in _cache.Keys.Where(k => k.Item1 == tenant)) _cache.TryRemove(known, out _);
    }

    private static byte[] Pack(byte[] json)
    {
        using MemoryStream packed = new();
        using (BrotliStream brotli = new(packed, CompressionLevel.Optimal)) brotli.Write(json);
        return packed.ToArray();
    }

    private static byte[] Unpack(byte[] packed)
    {
        using BrotliStream brotli = new(new MemoryStream(packed), CompressionMode.Decompress);
        using MemoryStream json = new();
        try
        {
            brotli.CopyTo(json);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException("What is sealed is not packed as a policy is.", e);
        }

        return json.ToArray();
    }
}

/// <summary>A policy that cannot be kept.</summary>
public sealed class PolicyException(PolicyProblem problem) : Exception(problem.Fix)
{
    /// <summary>What is wrong with it.</summary>
    public PolicyProblem Problem => problem;
}
