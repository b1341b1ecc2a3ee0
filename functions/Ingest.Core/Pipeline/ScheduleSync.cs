using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Store;

namespace Ingest.Core.Pipeline;

/// <summary>
/// Queues the mailboxes that are due this minute. Due is computed from the clock and the mailbox's id alone, so that a poll which finds nothing has
/// nothing to write; mailboxes are spread over their interval. Minutes that failed, or were missed, are made up by the next one of the same process.
/// </summary>
public sealed class ScheduleSync(MailboxStore mailboxes, WorkQueue syncQueue, TimeProvider time)
{
    private const int MostMinutesMadeUp = 60;
    private long _lastMinute;

    /// <summary>Queues what is due and returns how many. Does nothing while twice as many syncs wait as there are mailboxes: the workers are behind, and more work would not help.</summary>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        long minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
        long last = Volatile.Read(ref _lastMinute);
        long from = last == 0 ? minute : Math.Max(last + 1, minute - MostMinutesMadeUp);
        List<Work> due = [];
        int all = 0;
        await foreach (var (tenant, inbox, kind, state, pollMinutes) in mailboxes.ListForClockAsync(cancel))
        {
            all++;
            if (kind != MailboxKind.Import && state == MailboxState.Active && IsDueBetween(inbox, Math.Min(from, minute), minute, pollMinutes)) due.Add(Work.Sync(tenant, inbox));
        }

        if (due.Count > 0 && await syncQueue.ApproximateCountAsync(cancel) > 2 * all) return 0;
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel },
            async (work, stop) => await syncQueue.SendAsync(work.ToJson(), delay: null, stop));
        Volatile.Write(ref _lastMinute, minute);
        return due.Count;
    }

    private static bool IsDueBetween(InboxId inbox, long from, long to, int pollMinutes)
    {
        if (to - from + 1 >= pollMinutes) return true;
        for (long minute = from; minute <= to; minute++)
            if (IsDue(inbox, minute, pollMinutes)) return true;
        return false;
    }

    internal static bool IsDue(InboxId inbox, long minute, int pollMinutes)
    {
        int phase = 0;
        foreach (char c in inbox.Value) phase = unchecked((phase * 31) + c);
        return (minute + (phase & 0xFFFF)) % Math.Max(1, pollMinutes) == 0;
    }
}
