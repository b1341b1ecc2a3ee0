using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Telemetry;

namespace Ingest.App.Functions;

/// <summary>
/// One listed mail. The world not ready: the same work is queued again, later, and this delivery counts as done. A fault of ours: the host delivers
/// again, and on the last delivery the mail is parked here, with its reason, so that nothing reaches the poison queue but what brings the process down.
/// </summary>
public sealed class IngestMailFunction(Desk desk, ILogger logger)
{
    // Sealed, opened, decoded and sealed again: at the worst a mail is held four times over.
    private const int CopiesHeld = 4;
    private const long MemoryForMail = 256L * 1024 * 1024;
    private static readonly TimeSpan UntilUpdated = TimeSpan.FromMinutes(5), WaitForRoom = TimeSpan.FromMinutes(2), LastWords = TimeSpan.FromSeconds(30);
    private readonly ByteGate _gate = new(MemoryForMail);

    /// <summary>Runs once.</summary>
    public async Task RunAsync(Invocation call, CancellationToken cancel)
    {
        // First of all: a newer version may have fields that we cannot read.
        int version = Work.VersionOf(call.Item.Span);
        if (version > Work.CurrentVersion)
        {
            Log.NewerVersion(logger, "IngestMail", version);
            await desk.IngestQueue.SendAsync(call.Item, UntilUpdated, cancel);
            return;
        }

        if (Work.FromJson(call.Item.Span) is { NamesBulk: true } bulk)
        {
            await BulkAsync(call, bulk, cancel);
            return;
        }

        if (Work.FromJson(call.Item.Span) is not { NamesMail: true } work)
        {
            Log.NotOurs(logger, "IngestMail", call.Item.Length);
            return;
        }

        long started = desk.Time.GetTimestamp();
        try
        {
            using IDisposable room = await EnterAsync(work, cancel);
            Outcome outcome = await desk.IngestMail.RunAsync(work, cancel);
            Log.MailEnded(logger, work.TenantText, work.InboxText, work.MessageKey, outcome.Kind, outcome.Reason, work.Attempt, work.Length,
                (long)desk.Time.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (Exception e)
        {
            await FailAsync(call, work, e, cancel);
        }
    }

    // A step of a decision on many: the world not ready, it goes on later; a fault of ours, the host delivers again and housekeeping queues it anew.
    private async Task BulkAsync(Invocation call, Work work, CancellationToken cancel)
    {
        try
        {
            if (await desk.ReviewBulk.RunAsync(work.Tenant, work.Bulk!, cancel) is { } bulk)
                Log.BulkMoved(logger, work.TenantText, bulk.Id, bulk.Action, bulk.State, bulk.Done, bulk.Passed);
        }
        catch (Exception e) when (Faults.IsNotNow(e, cancel))
        {
            using CancellationTokenSource last = new(LastWords, desk.Time);
            TimeSpan delay = Retry.Delay(work, Faults.Code(e), (e as NotNowException)?.RetryAfter, Random.Shared);
            await desk.IngestQueue.SendAsync(work.PutOff(Faults.Code(e), desk.Time.GetUtcNow()).ToJson(), delay, last.Token);
            Log.PutOff(logger, "IngestMail", work.TenantText, work.InboxText, "", work.Attempt, Faults.Code(e), (int)delay.TotalSeconds);
        }
        catch (Exception e) when (call.IsLastDelivery && e is not OperationCanceledException)
        {
            Log.Fault(logger, "IngestMail", work.TenantText, work.InboxText, "", call.DequeueCount, e.GetType().Name, Faults.Where(e));
        }
    }

    // Waiting for room is nobody's fault, least of all the mail's.
    private async Task<IDisposable> EnterAsync(Work work, CancellationToken cancel)
    {
        using CancellationTokenSource patience = new(WaitForRoom, desk.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            return await _gate.EnterAsync(work.Length * CopiesHeld, either.Token);
        }
        catch (OperationCanceledException)
        {
            throw new NotNowException("no-room");
        }
    }

    private async Task FailAsync(Invocation call, Work work, Exception e, CancellationToken cancel)
    {
        // The deadline may have passed; what is left to do is one request.
        using CancellationTokenSource last = new(LastWords, desk.Time);
        if (Faults.IsNotNow(e, cancel))
        {
            string code = Faults.Code(e);
            TimeSpan delay = Retry.Delay(work, code, (e as NotNowException)?.RetryAfter, Random.Shared);
            await desk.IngestQueue.SendAsync(work.PutOff(code, desk.Time.GetUtcNow()).ToJson(), delay, last.Token);
            Log.PutOff(logger, "IngestMail", work.TenantText, work.InboxText, work.MessageKey, work.Attempt, code, (int)delay.TotalSeconds);
            return;
        }

        Log.Fault(logger, "IngestMail", work.TenantText, work.InboxText, work.MessageKey, call.DequeueCount, e.GetType().Name, Faults.Where(e));
        if (!call.IsLastDelivery) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e);
        await desk.IngestMail.ParkAsync(work, e is OperationCanceledException ? OutcomeReason.Overrun : OutcomeReason.Fault, last.Token);
    }
}
