using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Telemetry;

namespace Ingest.App.Functions;

/// <summary>
/// One mailbox. It needs no message to itself when the world is not ready: the clock queues the mailbox again, and the health row says from when on.
/// </summary>
public sealed class SyncMailboxFunction(Desk desk, ILogger logger)
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(30);

    /// <summary>Runs once.</summary>
    public async Task RunAsync(Invocation call, CancellationToken cancel)
    {
        // Dropped, not put off: the clock queues the mailbox again, in the version of whoever runs then.
        int version = Work.VersionOf(call.Item.Span);
        if (version > Work.CurrentVersion)
        {
            Log.NewerVersion(logger, "SyncMailbox", version);
            return;
        }

        if (Work.FromJson(call.Item.Span) is not { } work)
        {
            Log.NotOurs(logger, "SyncMailbox", call.Item.Length);
            return;
        }

        long started = desk.Time.GetTimestamp();
        MailboxView? opened = null;
        try
        {
            SyncResult result = await desk.SyncMailbox.RunAsync(work.Tenant, work.Inbox, call.MessageId,
                (view, stop) => desk.Sources.OpenAsync(work.Tenant, opened = view, stop), evenIfBackingOff: work.Attempt > 0, cancel);
            if (result.End == SyncEnd.More) await desk.SyncQueue.SendAsync(Work.Sync(work.Tenant, work.Inbox).ToJson(), delay: null, cancel);
            if (result.End is not (SyncEnd.Idle or SyncEnd.NotDue))
                Log.MailboxRead(logger, work.TenantText, work.InboxText, result.End, result.Listed, (long)desk.Time.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (Exception e) when (Faults.IsNotNow(e, CancellationToken.None))
        {
            // Our own deadline, too, is "not now": what the pages before it brought is kept, and the next run goes on there. The note has a time of its own.
            using CancellationTokenSource last = new(LastWords, desk.Time);
            await NoteAsync(work, e, opened, last.Token);
        }
    }

    private async Task NoteAsync(Work work, Exception e, MailboxView? opened, CancellationToken cancel)
    {
        // Who connected the mailbox again while this ran has a good credential: the one that was refused is no news any more.
        if (e is MailboxRefusedException refused)
        {
            if (!await desk.Mailboxes.SetStateAsync(work.Tenant, work.Inbox, MailboxState.NeedsReconnect, cancel, opened?.Mailbox.Version)) return;
            Log.MailboxNeedsReconnect(logger, work.TenantText, work.InboxText, refused.Fault.ToString());
        }

        MailboxHealth health = (await desk.Mailboxes.FindAsync(work.Tenant, work.Inbox, cancel))?.Health ?? new MailboxHealth();
        DateTimeOffset now = desk.Time.GetUtcNow();
        string why = e is OperationCanceledException ? "overrun" : Faults.Code(e);
        TimeSpan delay = Retry.Delay(health.Failures, (e as NotNowException)?.RetryAfter, Random.Shared);
        await desk.Mailboxes.WriteHealthAsync(work.Tenant, work.Inbox,
            health with { Failures = health.Failures + 1, Fault = why, NotBefore = now + delay, At = now }, cancel);
        if (e is not MailboxRefusedException) Log.MailboxNotRead(logger, work.TenantText, work.InboxText, why, health.Failures + 1, (int)delay.TotalSeconds);
    }
}
