using System.Security.Cryptography;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

public sealed partial class KeysBackup
{
    /// <summary>
    /// Brings back the rows that are missing; null when there is no such backup or its time is over, also where its key could not be destroyed yet. What an erasure could not read without them is looked through before this ends. A root or index key that was turned over since, and destroyed, comes back only
    /// where something that is back hangs from it; housekeeping then turns that over again. Of a tenant whose root was made anew meanwhile nothing comes back, and the result says so. Throws <see cref="SealBrokenException"/> when the backup was tampered with.
    /// </summary>
    public async Task<KeysRestore?> RestoreAsync(string id, CancellationToken cancel)
    {
        if (id is not { Length: >= 1 and <= 64 } || id == Making || !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') || await _backups.GetEntityIfExistsAsync(Partition, id, cancel: cancel) is not { } row) return null;
        if ((row.GetDateTimeOffset("made") ?? default) + Life <= time.GetUtcNow()) return null;
        byte[] key = await OpenKeyAsync(row, cancel);
        Restore run = new();
        try
        {
            // What everything hangs from first: whoever finds a tenant without a root makes it another.
            foreach (Func<TableEntity, Task> step in new Func<TableEntity, Task>[]
            {
                saved => CompareAsync(run, saved, cancel),
                saved => IsRoot(saved) ? PutBackAsync(run, saved, cancel) : Task.CompletedTask,
                saved => IsRoot(saved) ? Task.CompletedTask : PutBackAsync(run, saved, cancel),
            })
                for (int part = 0; part < row.GetInt32("parts"); part++)
                    foreach (TableEntity saved in await ReadAsync(id, part, key, cancel)) await StepAsync(run, saved, step);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        if (run.MadeAnew.Count > 0) run.Done = run.Done with { MadeAnew = [.. run.MadeAnew.Select(tenant => tenant.ToString()).Order(StringComparer.Ordinal)] };
        foreach (TableEntity old in run.Older.Where(old => !run.MadeAnew.Contains(TenantOf(old)) && !run.Failed.ContainsKey(TenantOf(old)))) run.Done = await IsInUseAsync(old, cancel)
            ? await PutBackAsync(old, cancel) ? run.Done with { Restored = run.Done.Restored + 1 } : run.Done with { There = run.Done.There + 1 }
            : run.Done with { KeptDestroyed = run.Done.KeptDestroyed + 1 };
        // The emptied rows come back too, and an erasure may have begun meanwhile.
        await EachAsync(run, run.Failed, tenant => ledger.ReplayAsync(tenant, cancel), cancel);
        Dictionary<TenantContext, RestoreFault> notLookedAt = [];
        // Housekeeping looks again.
        await EachAsync(run, notLookedAt, async tenant =>
        {
            if (await ledger.FindLastAsync(tenant, cancel) is null) await lookAtUnread(tenant, cancel);
        }, cancel);
        return run.Done with { NotLookedAt = Sorted(notLookedAt), NotDone = Sorted(run.Failed) };
    }

    private static IReadOnlyList<RestoreFault>? Sorted(Dictionary<TenantContext, RestoreFault> faults) => faults.Count > 0 ? [.. faults.Values.OrderBy(fault => fault.Tenant, StringComparer.Ordinal)] : null;

    // What one tenant's ledger or tickets are in the way of must not keep the others from what came back.
    private static async Task EachAsync(Restore run, Dictionary<TenantContext, RestoreFault> faults, Func<TenantContext, Task> work, CancellationToken cancel)
    {
        foreach (TenantContext tenant in run.Tenants.Where(tenant => !run.Failed.ContainsKey(tenant)).ToList())
        {
            try
            {
                await work(tenant);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                faults[tenant] = RestoreFault.Of(tenant, e);
            }
        }
    }

    // Where nobody can read what a tenant had erased, nothing of theirs comes back. The store's own faults are nobody's in particular.
    private static async Task StepAsync(Restore run, TableEntity saved, Func<TableEntity, Task> step)
    {
        TenantContext tenant = TenantOf(saved);
        if (run.Failed.ContainsKey(tenant)) return;
        try
        {
            await step(saved);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or IndexOutOfRangeException or InvalidDataException or InvalidOperationException or SealBrokenException)
        {
            run.Failed[tenant] = RestoreFault.Of(tenant, e);
        }
    }

    // Rows come tenant by tenant, so that what is known of one tenant at a time is enough.
    private sealed class Restore
    {
        public KeysRestore Done { get; set; }
        public HashSet<TenantContext> Tenants { get; } = [];
        public HashSet<TenantContext> MadeAnew { get; } = [];
        public Dictionary<TenantContext, RestoreFault> Failed { get; } = [];
        public List<TableEntity> Older { get; } = [];
        public (TenantContext Tenant, HashSet<KeyPlace> Erased, Dictionary<string, int> Newest, HashSet<UnreadItem> Unread)? At { get; set; }
    }

    private static bool IsRoot(TableEntity row) => row.PartitionKey.EndsWith(".root", StringComparison.Ordinal);

    private async Task PutBackAsync(Restore run, TableEntity saved, CancellationToken cancel)
    {
        TenantContext tenant = TenantOf(saved);
        if (run.MadeAnew.Contains(tenant)) return;
        if (run.At is not { } at || at.Tenant != tenant) run.At = at = (tenant, await ErasedAsync(tenant, cancel), await NewestAsync(tenant, cancel), await UnreadAsync(tenant, cancel));
        run.Tenants.Add(tenant);
        // A model is built anew from the lessons that live: one of then may hold what was erased since.
        if (KeyPlace.TryReadData(saved.RowKey, out KeyClass keyClass, out string owner) && keyClass == KeyClass.Tenant && owner.StartsWith(Lessons.ModelKeys, StringComparison.Ordinal)) run.Done = run.Done with { KeptDestroyed = run.Done.KeptDestroyed + 1 };
        else if (at.Erased.Contains(new KeyPlace(saved.PartitionKey, saved.RowKey)) || await IsGoneAsync(tenant, saved, cancel)) run.Done = run.Done with { KeptErased = run.Done.KeptErased + 1 };
        else if (IsRoot(saved) && EpochOf(saved.RowKey) is var (prefix, epoch) && at.Newest.TryGetValue(prefix, out int newest) && epoch < newest) run.Older.Add(saved);
        else if (await PutBackAsync(saved, cancel)) run.Done = run.Done with { Restored = run.Done.Restored + 1, Awaited = run.Done.Awaited + (ItemOf(saved) is { } item && at.Unread.Contains(item) ? 1 : 0) };
        else run.Done = run.Done with { There = run.Done.There + 1 };
    }

    private static TenantContext TenantOf(TableEntity row) => new(TenantId.Parse(row.PartitionKey.Split('.')[0]));

    // Whoever looked for a tenant's root while it was lost made another of the same number; the commitment tells them apart, however often either was wrapped anew.
    private async Task CompareAsync(Restore run, TableEntity saved, CancellationToken cancel)
    {
        if (!IsRoot(saved) || saved.GetBinary("commit") is not { } then || run.MadeAnew.Contains(TenantOf(saved))) return;
        if ((await _keys.GetEntityIfExistsAsync(saved.PartitionKey, saved.RowKey, ["commit"], cancel))?.GetBinary("commit") is { } now && !then.AsSpan().SequenceEqual(now)) run.MadeAnew.Add(TenantOf(saved));
    }

    // No ledger names an original that was let go, thrown away or turned away with its mail's end: its line does.
    private async Task<bool> IsGoneAsync(TenantContext tenant, TableEntity saved, CancellationToken cancel) =>
        KeyPlace.TryReadData(saved.RowKey, out KeyClass keyClass, out string owner) && keyClass == KeyClass.Raw && saved.PartitionKey.Split('.') is [_, _, var inbox]
        && await journal.FindAsync(tenant, InboxId.Parse(inbox), owner, cancel) is { IsOriginalGone: true };

    private static (string Prefix, int Epoch)? EpochOf(string row)
    {
        foreach (string prefix in (ReadOnlySpan<string>)[KeyPlace.RootPrefix(KeyPurpose.Data), KeyPlace.RootPrefix(KeyPurpose.Credential), KeyPlace.IndexPrefix])
            if (KeyPlace.EpochOf(row, prefix) is > 0 and var epoch) return (prefix, epoch);
        return null;
    }

    // The newest root of each sort that there is now, before anything came back.
    private async Task<Dictionary<string, int>> NewestAsync(TenantContext tenant, CancellationToken cancel)
    {
        Dictionary<string, int> newest = [];
        await foreach (TableEntity row in _keys.QueryAsync(TableFilter.PartitionIs(KeyPlace.RootPartition(tenant.Tenant)), select: ["RowKey"], cancel: cancel))
            if (EpochOf(row.RowKey) is var (prefix, epoch)) newest[prefix] = Math.Max(epoch, newest.GetValueOrDefault(prefix));
        return newest;
    }

    // An index key is in use by rows of other tables, which no backup of ours brings back: those that there are were moved to the newest before it was destroyed.
    private async Task<bool> IsInUseAsync(TableEntity root, CancellationToken cancel)
    {
        if (EpochOf(root.RowKey) is not var (prefix, epoch) || prefix == KeyPlace.IndexPrefix) return false;
        bool ofCredentials = prefix == KeyPlace.RootPrefix(KeyPurpose.Credential);
        TableFilter under = TableFilter.PartitionPrefix(root.PartitionKey.Split('.')[0] + ".").And(TableFilter.Where("epoch", TableComparison.Equal, epoch));
        await foreach (TableEntity row in _keys.QueryAsync(under, select: ["RowKey"], cancel: cancel))
        {
            // The roots of both sorts count their epochs each for itself; id key and index keys hang from the root of the data.
            bool isRoot = EpochOf(row.RowKey) is var (other, _) && other != KeyPlace.IndexPrefix;
            bool isCredential = KeyPlace.TryReadData(row.RowKey, out KeyClass keyClass, out _) && keyClass == KeyClass.Credential;
            if (!isRoot && isCredential == ofCredentials) return true;
        }

        return false;
    }

    private static UnreadItem? ItemOf(TableEntity row) => !KeyPlace.TryReadData(row.RowKey, out KeyClass keyClass, out string owner) ? null
        : keyClass == KeyClass.Ticket ? new UnreadItem(null, TicketKeys.TicketOf(owner))
        : keyClass == KeyClass.Raw && row.PartitionKey.Split('.') is [_, _, var inbox] ? new UnreadItem(InboxId.Parse(inbox), owner) : null;

    private async Task<HashSet<UnreadItem>> UnreadAsync(TenantContext tenant, CancellationToken cancel)
    {
        HashSet<UnreadItem> items = [];
        await foreach ((_, string erasure) in ledger.WithUnreadAsync(cancel, tenant))
            await foreach (UnreadItem item in ledger.UnreadAsync(tenant, erasure, cancel)) items.Add(item);
        return items;
    }

    private async Task<HashSet<KeyPlace>> ErasedAsync(TenantContext tenant, CancellationToken cancel)
    {
        HashSet<KeyPlace> places = [];
        await foreach (KeyName name in ledger.ReadAllKeysAsync(tenant, cancel)) places.Add(KeyRing.PlaceOf(tenant, name));
        // Of a tenant that was erased as a whole nothing comes back, its roots least of all.
        if (await ledger.FindLastAsync(tenant, cancel) is not null) places.UnionWith(KeyRing.RootPlaces(tenant));
        return places;
    }
}
