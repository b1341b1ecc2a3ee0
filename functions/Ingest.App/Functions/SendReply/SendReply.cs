using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Settings;
using Ingest.Core.Telemetry;

namespace Ingest.App.Functions;

/// <summary>
/// One reply. What is to be done later is queued again with its delay; a fault of ours is delivered again by the host, and on the last delivery the reply
/// is given up where its ticket shows it.
/// </summary>
public sealed class SendReplyFunction(Desk desk, ILogger logger)
{
    private static readonly TimeSpan UntilUpdated = TimeSpan.FromMinutes(5), LastWords = TimeSpan.FromSeconds(30);

    /// <summary>Runs once.</summary>
    public async Task RunAsync(Invocation call, CancellationToken cancel)
    {
        int version = Work.VersionOf(call.Item.Span);
        if (version > ReplyWork.CurrentVersion)
        {
            Log.NewerVersion(logger, "SendReply", version);
            await desk.ReplyQueue.SendAsync(call.Item, UntilUpdated, cancel);
            return;
        }

        if (ReplyWork.FromJson(call.Item.Span) is not { } work)
        {
            Log.NotOurs(logger, "SendReply", call.Item.Length);
            return;
        }

        try
        {
            SendEnd end = await desk.SendReply.RunAsync(work, cancel);
            if (end.Delivery is { } delivery) Log.ReplyStands(logger, work.TenantText, work.InboxText, work.Key, delivery.State, delivery.Code, work.Attempt);
            if (end.Again is { } wait) await AgainAsync(work, wait, cancel);
        }
        catch (Exception e)
        {
            // The deadline may have passed; what is left to do is one request.
            using CancellationTokenSource last = new(LastWords, desk.Time);
            if (Faults.IsNotNow(e, cancel))
            {
                TimeSpan delay = Retry.Delay(work.Attempt, (e as NotNowException)?.RetryAfter, Random.Shared);
                await AgainAsync(work, delay, last.Token);
                Log.PutOff(logger, "SendReply", work.TenantText, work.InboxText, work.Key, work.Attempt, Faults.Code(e), (int)delay.TotalSeconds);
                return;
            }

            Log.Fault(logger, "SendReply", work.TenantText, work.InboxText, work.Key, call.DequeueCount, e.GetType().Name, Faults.Where(e));
            if (!call.IsLastDelivery) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e);
            await desk.SendReply.GiveUpAsync(work, "fault-of-ours", last.Token);
        }
    }

    private Task AgainAsync(ReplyWork work, TimeSpan wait, CancellationToken cancel) =>
        desk.ReplyQueue.SendAsync((work with { Attempt = work.Attempt + 1 }).ToJson(), TimeSpan.FromSeconds(Math.Ceiling(Math.Clamp(wait.TotalSeconds, 1, TimeSpan.FromHours(6).TotalSeconds))), cancel);
}
