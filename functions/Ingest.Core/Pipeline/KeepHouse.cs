using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Retention;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>What one round of housekeeping did.</summary>
/// <param name="Replayed">Poisoned work that went through when it was run alone.</param>
/// <param name="Parked">Poisoned work that failed again and was parked.</param>
/// <param name="Requeued">Listed mails without a journal line whose work was queued again.</param>
/// <param name="Settled">Packs found complete.</param>
/// <param name="Swept">Blobs that nothing refers to, and sessions and the like that are over, removed.</param>
public readonly record struct HouseReport(int Replayed, int Parked, int Requeued, int Settled, int Swept)
{
    /// <summary>Replies over which the process ended each time.</summary>
    public int RepliesGivenUp { get; init; }
    /// <summary>Root keys that were wrapped under a newer key-encryption key.</summary>
    public int Rewrapped { get; init; }
    /// <summary>Mailboxes whose kept-back mail is alarming; null when none is, or when it was not counted in this round.</summary>
    public IReadOnlyList<KeptWarning>? Warnings { get; init; }
    /// <summary>Everything that went wrong, in order; the round went on with the rest each time. Null when all went well.</summary>
    public IReadOnlyList<Exception>? Faults { get; init; }
}

/// <summary>Sees to what fell through: poisoned work, listed mail that nobody took in, models that are behind their lessons, and blobs that a crash left behind.</summary>
public sealed class KeepHouse(
    MailboxStore mailboxes, Packs packs, Journal journal, TicketStore tickets, IngestMail ingest, KeepReplies replies, ExpiredRows expired, KeepPromises promises, KeepKeys keepKeys, AuditLog audit,
    ReviewWatch watch, ReviewBulk bulk, TenantModels models, Func<string, WorkQueue> queue, TimeProvider time)
{
    // Work in the queue may be younger than this and all right; older than this it was lost, for example with a queue that was cleared.
    private static readonly TimeSpan WorkMayTake = TimeSpan.FromMinutes(15);
    // While the world is not ready the work waits in the queue: every round would add one more copy of it.
    private static readonly TimeSpan RequeueAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan OrphanAge = TimeSpan.FromHours(2);
    private static readonly TimeSpan PutOff = TimeSpan.FromMinutes(1);
    // With so much waiting, listed mail without a line is only waiting its turn: looking at each would cost, and more copies would not help.
    private const int DeepQueue = 1000;
    private const int LooksAtOnce = 8;

    /// <summary>One round: what fails in one mailbox, or with one piece of poisoned work, leaves the others in peace. With <paramref name="sweep"/> also looks for orphaned blobs, which reads every blob's name.</summary>
    public async Task<HouseReport> RunAsync(bool sweep, CancellationToken cancel)
    {
        List<Exception> faults = [];
        (int replayed, int parked) = await DrainPoisonAsync(faults.Add, cancel);
        (int givenUp, int resent) = await KeepRepliesAsync(faults.Add, cancel);
        List<(TenantContext Tenant, InboxId Inbox)> all = [];
        int requeued = 0, settled = 0, swept = 0, waiting = await queue(Queues.MailIngest).ApproximateCountAsync(cancel);
        DateTimeOffset now = time.GetUtcNow();
        await foreach (var (tenant, inbox, _, _, _) in mailboxes.ListForClockAsync(cancel))
        {
            all.Add((tenant, inbox));
            try
            {
                if (waiting + requeued <= DeepQueue)
                {
                    (int r, int s) = await RequeueAsync(tenant, inbox, now, cancel);
                    requeued += r;
                    settled += s;
                }

            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                faults.Add(e);
            }
        }

        await TryAsync(() => promises.GoOnAsync(faults.Add, cancel), faults.Add, cancel);
        requeued += await KeepBulkAsync(all, faults.Add, cancel);
        int rewrapped = 0;
        List<KeptWarning> warnings = [];
        if (sweep)
        {
            (swept, rewrapped) = await SweepAsync(all, now, faults.Add, cancel);
            foreach ((TenantContext tenant, InboxId inbox) in all)
                await TryAsync(async () => warnings.AddRange(await watch.KeepAsync(tenant, inbox, cancel) is { } warning ? [warning] : Array.Empty<KeptWarning>()), faults.Add, cancel);
        }

        // Last: what was erased in this round is out of the models by the end of it.
        foreach (TenantContext tenant in all.Select(mailbox => mailbox.Tenant).Distinct()) await TryAsync(() => models.KeepAsync(tenant, cancel), faults.Add, cancel);
        return new HouseReport(replayed, parked, requeued + resent, settled, swept)
        {
            RepliesGivenUp = givenUp, Rewrapped = rewrapped, Faults = faults.Count > 0 ? faults : null, Warnings = warnings.Count > 0 ? warnings : null,
        };
    }

    private async Task<int> KeepBulkAsync(List<(TenantContext Tenant, InboxId Inbox)> all, Action<Exception> failed, CancellationToken cancel)
    {
        int queued = 0;
        foreach (TenantContext tenant in all.Select(mailbox => mailbox.Tenant).Distinct()) await TryAsync(async () => queued += await bulk.KeepAsync(tenant, cancel), failed, cancel);
        return queued;
    }

    // What is short and what others wait for comes first; what grows with the mail comes last, from another mailbox each time, so that a round that runs out of time starves nobody.
    private async Task<(int Swept, int Rewrapped)> SweepAsync(List<(TenantContext Tenant, InboxId Inbox)> all, DateTimeOffset now, Action<Exception> failed, CancellationToken cancel)
    {
        // A tenant without a mailbox has keys and an audit log like any other; of one that was erased the log is left, which nothing is written to any more.
        Dictionary<TenantContext, bool> tenants = [];
        await TryAsync(async () =>
        {
            await foreach ((TenantContext tenant, bool living) in keepKeys.TenantsAsync(cancel)) tenants[tenant] = living;
        }, failed, cancel);
        foreach (TenantContext tenant in all.Select(mailbox => mailbox.Tenant)) tenants.TryAdd(tenant, true);
        int swept = 0, rewrapped = await keepKeys.RunAsync(tenants.Where(t => t.Value).Select(t => t.Key), all, failed, cancel);
        (KeysBackupInfo? made, int unreadable) = await promises.RunAsync(failed, cancel);
        foreach ((TenantContext tenant, bool living) in tenants)
        {
            await TryAsync(() => audit.SignAsync(tenant, cancel), failed, cancel);
            await TryAsync(() => audit.DeleteOldAsync(tenant, cancel), failed, cancel);
            if (!living) continue;
            // It holds the keys of all tenants; how many that are is for none of them to know.
            if (made is not null) await TryAsync(() => audit.AppendAsync(tenant, new AuditEvent(AuditAction.KeyBackedUp, AuditActor.System) { Subject = made.Id }, cancel), failed, cancel);
            if (unreadable > 0) await TryAsync(() => audit.AppendAsync(tenant, new AuditEvent(AuditAction.KeyDeleted, AuditActor.System) { Count = unreadable, Code = "backup" }, cancel), failed, cancel);
        }

        await TryAsync(async () => swept += await tickets.SweepAsync(now - OrphanAge, cancel) + await expired.SweepAsync(now, cancel), failed, cancel);
        int first = all.Count > 0 ? Random.Shared.Next(all.Count) : 0;
        foreach ((TenantContext tenant, InboxId inbox) in all.Skip(first).Concat(all.Take(first)))
            await TryAsync(async () => swept += await packs.SweepAsync(tenant, inbox, now - OrphanAge, cancel) + await promises.RunAsync(tenant, inbox, cancel), failed, cancel);
        return (swept, rewrapped);
    }

    private static async Task TryAsync(Func<Task> work, Action<Exception> failed, CancellationToken cancel)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            failed(e);
        }
    }

    private async Task<(int GivenUp, int Requeued)> KeepRepliesAsync(Action<Exception> failed, CancellationToken cancel)
    {
        try
        {
            return await replies.RunAsync(failed, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            failed(e);
            return (0, 0);
        }
    }

    // A poisoned message is run once more, alone; if it brings the process down again, it comes back with a higher count and is parked unseen.
    private async Task<(int Replayed, int Parked)> DrainPoisonAsync(Action<Exception> failed, CancellationToken cancel)
    {
        await DropPoisonedSyncsAsync(cancel);
        WorkQueue poison = queue(Queues.PoisonOf(Queues.MailIngest));
        int replayed = 0, parked = 0;
        for (int i = 0; i < 50; i++)
        {
            IReadOnlyList<QueuedMessage> messages = await poison.ReceiveAsync(1, TimeSpan.FromMinutes(5), cancel);
            if (messages is not [QueuedMessage message]) break;
            try
            {
                (int r, int p) = await ReplayOrParkAsync(message, cancel);
                await poison.DeleteAsync(message, cancel);
                replayed += r;
                parked += p;
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                // It stays, and comes back when its time is up.
                failed(e);
            }
        }

        return (replayed, parked);
    }

    private async Task<(int Replayed, int Parked)> ReplayOrParkAsync(QueuedMessage message, CancellationToken cancel)
    {
        ReadOnlyMemory<byte> body = message.Body.GetValueOrDefault();
        if (Work.VersionOf(body.Span) > Work.CurrentVersion)
        {
            await queue(Queues.MailIngest).SendAsync(body, PutOff, cancel);
            return (0, 0);
        }

        if (Work.FromJson(body.Span) is not { NamesMail: true } work) return (0, 0);
        if (message.DequeueCount <= 1 && await TryAloneAsync(work, cancel)) return (1, 0);
        await ingest.ParkAsync(work, OutcomeReason.Crashed, cancel);
        return (0, 1);
    }

    // A sync that failed too often needs no replay: the clock queues the mailbox again.
    private async Task DropPoisonedSyncsAsync(CancellationToken cancel)
    {
        WorkQueue poison = queue(Queues.PoisonOf(Queues.MailboxSync));
        while (await poison.ReceiveAsync(32, TimeSpan.FromMinutes(1), cancel) is { Count: > 0 } messages)
            foreach (QueuedMessage message in messages) await poison.DeleteAsync(message, cancel);
    }

    private async Task<bool> TryAloneAsync(Work work, CancellationToken cancel)
    {
        try
        {
            await ingest.RunAsync(work, cancel);
            return true;
        }
        catch (Exception e) when (e is NotNowException or RootKeyRefusedException || StoreFault.IsTransient(e, cancel))
        {
            // The world is not ready, which says nothing about this mail: it waits its turn like any other.
            await queue(Queues.MailIngest).SendAsync((work with { Attempt = work.Attempt + 1 }).ToJson(), PutOff, cancel);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<(int Requeued, int Settled)> RequeueAsync(TenantContext tenant, InboxId inbox, DateTimeOffset now, CancellationToken cancel)
    {
        int requeued = 0, settled = 0;
        await foreach (Pack pack in packs.ListAsync(tenant, inbox, openOnly: true, cancel))
        {
            if (pack.Created > now - WorkMayTake) continue;
            bool mayRequeue = pack.RequeuedAt is not { } last || last <= now - RequeueAfter;
            (List<PackEntry> open, List<string> notKept) = await OpenEntriesAsync(tenant, inbox, pack, oneIsEnough: !mayRequeue, cancel);
            if (open.Count == 0)
            {
                // A crash may have come between the line and the end of the original.
                if (notKept.Count > 0) await ingest.DestroyOriginalsAsync(tenant, inbox, notKept, cancel);
                await packs.SettleAsync(tenant, inbox, pack.Id, now, cancel);
                settled++;
            }
            else if (mayRequeue)
            {
                foreach (PackEntry entry in open) await RequeueAsync(SyncMailbox.WorkFor(tenant, inbox, pack.Id, entry), cancel);
                await packs.NoteRequeuedAsync(tenant, inbox, pack.Id, now, cancel);
                requeued += open.Count;
            }
        }

        return (requeued, settled);
    }

    private async Task<(List<PackEntry> Open, List<string> NotKept)> OpenEntriesAsync(TenantContext tenant, InboxId inbox, Pack pack, bool oneIsEnough, CancellationToken cancel)
    {
        List<PackEntry> open = [];
        List<string> notKept = [];
        foreach (PackEntry[] some in pack.Entries.Chunk(LooksAtOnce))
        {
            JournalLine?[] lines = await Task.WhenAll(some.Select(entry => journal.FindAsync(tenant, inbox, entry.MessageKey, cancel)));
            open.AddRange(some.Where((_, i) => lines[i] is null));
            notKept.AddRange(lines.OfType<JournalLine>().Where(line => line.IsOriginalNotKept || line.IsOriginalDestroyed).Select(line => line.MessageKey));
            if (oneIsEnough && open.Count > 0) break;
        }

        return (open, notKept);
    }

    private Task RequeueAsync(Work work, CancellationToken cancel) => work.Length >= 0
        ? queue(Queues.MailIngest).SendAsync(work.ToJson(), delay: null, cancel)
        : ingest.ParkAsync(work, OutcomeReason.Unfetchable, cancel);
}
