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
public sealed record HeldPolicy(MailPolicy Policy, string Version)
{
    /// <summary>True when somebody set it.</summary>
    public bool IsSet => Version.Length > 0;

    /// <summary>True when something was set that cannot be read: <see cref="Policy"/> is then the usual, and it can be set anew as a whole, or taken away.</summary>
    public bool IsUnreadable { get; init; }
}

/// <summary>
/// The policies of mailboxes, and one for all that have none of their own. A mailbox's settings stand alone; the rules for all are asked after its own. What was set is
/// seen by other processes within <see cref="CacheAge"/>.
/// </summary>
public sealed class PolicyStore(TableServiceClient tables, KeyRing keys, AuditLog audit, TimeProvider time)
{
    /// <summary>So long a process goes by what it read.</summary>
    public static readonly TimeSpan CacheAge = TimeSpan.FromMinutes(2);

    // Rules are much alike, so some hundreds fit; the rest of the row's 64 KiB is the envelope's.
    private const int MostBytes = 60_000;
    private const string Unreadable = "policy-unreadable";
    private const string ForAll = "mail!all", Role = "mail-policy", KeyOfAll = "policy";

    private readonly ConcurrentDictionary<(TenantContext, InboxId), (MailPolicy Policy, DateTimeOffset Read)> _cache = new();
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Policies);

    private static string Row(InboxId? inbox) => inbox is { } one ? "mail!" + one : ForAll;
    private static string Owner(InboxId? inbox) => inbox?.Value ?? KeyOfAll;
    private static SealContext Seal(TenantContext tenant, InboxId? inbox) => new(tenant.Tenant, KeyClass.Tenant, Owner(inbox), Role);

    /// <summary>
    /// What holds for a mailbox, as it was within <see cref="CacheAge"/>: one query, and mostly none. Where it cannot be read, what this process read before holds on; throws
    /// <see cref="NotNowException"/> ("policy-unreadable") when it never did, for mail must not pass by rules that nobody made.
    /// </summary>
    public async Task<MailPolicy> InForceAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_cache.TryGetValue((tenant, inbox), out (MailPolicy Policy, DateTimeOffset Read) known) && now - known.Read < CacheAge) return known.Policy;
        HeldPolicy? own = null, all = null;
        TableFilter either = TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowIs(Row(inbox)).Or(TableFilter.RowIs(ForAll)));
        await foreach (TableEntity row in _rows.QueryAsync(either, cancel: cancel))
            if (row.RowKey == ForAll) all = await ReadAsync(tenant, null, row, cancel);
            else own = await ReadAsync(tenant, inbox, row, cancel);
        if (own is { IsUnreadable: true } || all is { IsUnreadable: true }) return known.Policy ?? throw new NotNowException(Unreadable);
        MailPolicy policy = Together(own, all);
        if (_cache.Count > 10_000) _cache.Clear();
        _cache[(tenant, inbox)] = (policy, now);
        return policy;
    }

    /// <summary>What two policies say together: a mailbox's own first, or only the one for all.</summary>
    private static MailPolicy Together(HeldPolicy? own, HeldPolicy? all)
    {
        if (own is null) return all?.Policy ?? MailPolicy.Default;
        return all is null ? own.Policy : own.Policy with { Rules = [.. own.Policy.Rules, .. all.Policy.Rules] };
    }

    /// <summary>What was set for a mailbox, or for all with null; the usual, with an empty version, where nothing was, and with the row's where it cannot be read.</summary>
    public async Task<HeldPolicy> FindAsync(TenantContext tenant, InboxId? inbox, CancellationToken cancel) =>
        await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, Row(inbox), cancel: cancel) is { } row && await ReadAsync(tenant, inbox, row, cancel) is { } held ? held : new HeldPolicy(MailPolicy.Default, "");

    /// <summary>
    /// Changes what is set for a mailbox, or for all with null; each setting that changes is told to the audit log first. Null when <paramref name="ifVersion"/> is given
    /// and no longer the row's. With <paramref name="whole"/> the change looks at nothing that was set before, so that it may be unreadable. Throws
    /// <see cref="PolicyException"/> for a policy that cannot be kept, <see cref="NotNowException"/> when too many change it at once, or what is to be changed is unreadable.
    /// </summary>
    public async Task<HeldPolicy?> ChangeAsync(TenantContext tenant, InboxId? inbox, Func<MailPolicy, MailPolicy> change, AuditActor actor, CancellationToken cancel, string? ifVersion = null, bool whole = false)
    {
        for (int tries = 0; tries < 4; tries++)
        {
            HeldPolicy there = await FindAsync(tenant, inbox, cancel);
            if (ifVersion is not null && ifVersion != there.Version) return null;
            // A mailbox's own policy begins as the one for all, whose rules stay where they are.
            HeldPolicy origin = there.IsSet || inbox is null ? there : await FindAsync(tenant, null, cancel);
            if (origin.IsUnreadable && !whole) throw new NotNowException(Unreadable);
            MailPolicy start = origin == there ? there.Policy : origin.Policy with { Rules = [] };
            MailPolicy next = CheckPolicy.Tidy(change(start));
            if (CheckPolicy.Find(next) is [var first, ..]) throw new PolicyException(first);
            byte[] packed = Pack(next.ToJson());
            if (packed.Length > MostBytes) throw new PolicyException(CheckPolicy.TooMuch);
            if (tries == 0) await TellAsync(tenant, inbox, start, next, actor, cancel);
            if (await TryWriteAsync(tenant, inbox, packed, there.Version, cancel) is { } version)
            {
                Forget(tenant);
                return new HeldPolicy(next, version);
            }
        }

        if (ifVersion is not null) return null;
        throw new NotNowException("policy-contended");
    }

    /// <summary>Takes a mailbox's own policy away, or the one for all with null. False when there was none of that version.</summary>
    public async Task<bool> RemoveAsync(TenantContext tenant, InboxId? inbox, string version, AuditActor actor, CancellationToken cancel)
    {
        if (version.Length == 0) return false;
        await audit.AppendAsync(tenant, new AuditEvent(AuditAction.PolicyChanged, actor) { Inbox = inbox, Code = "mail-policy-removed" }, cancel);
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
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, Owner(inbox), cancel);
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

    private async Task TellAsync(TenantContext tenant, InboxId? inbox, MailPolicy old, MailPolicy next, AuditActor actor, CancellationToken cancel)
    {
        foreach (string code in PolicyChanges.Between(old, next))
            await audit.AppendAsync(tenant, new AuditEvent(AuditAction.PolicyChanged, actor) { Inbox = inbox, Code = code }, cancel);
    }

    private async Task<HeldPolicy?> ReadAsync(TenantContext tenant, InboxId? inbox, TableEntity row, CancellationToken cancel)
    {
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Tenant, Owner(inbox), cancel);
        // Without its key the mailbox was erased, and what was set for it with it.
        if (key is null || row.GetBinary("doc") is not { } box) return null;
        try
        {
            return new HeldPolicy(MailPolicy.FromStore(Unpack(Envelope.Open(box, key, Seal(tenant, inbox)))), row.ETag.ToString());
        }
        catch (Exception e) when (e is SealBrokenException or JsonException or InvalidDataException)
        {
            return new HeldPolicy(MailPolicy.Default, row.ETag.ToString()) { IsUnreadable = true };
        }
    }

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
