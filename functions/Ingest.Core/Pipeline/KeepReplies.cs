using Ingest.Core.Replies;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>Sees to replies that fell through: poisoned ones, and those whose queue message was lost.</summary>
public sealed class KeepReplies(Outbox outbox, SendReply send, Func<string, WorkQueue> queue, TimeProvider time)
{
    // A reply that is due has a queue message that comes by soon; and while storage is away every round would add one more copy of it.
    private static readonly TimeSpan MayBeLate = TimeSpan.FromMinutes(30), LookAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan PutOff = TimeSpan.FromMinutes(5);
    private const int AtOnce = 200, MostPoisonRounds = 10;

    /// <summary>One round; returns how many replies were given up and how many were queued again. What fails for one is told to <paramref name="failed"/> and leaves the others in peace.</summary>
    public async Task<(int GivenUp, int Requeued)> RunAsync(Action<Exception> failed, CancellationToken cancel)
    {
        int givenUp = await DrainPoisonAsync(failed, cancel), requeued = 0, acted = 0;
        DateTimeOffset now = time.GetUtcNow();
        await foreach (ReplyWork work in outbox.PendingAsync(now - LookAfter, cancel))
        {
            if (acted >= AtOnce) break;
            OutboxEntry? entry = await outbox.FindAsync(work.Tenant, work.TicketId, work.Key, cancel);
            if (entry is null || entry.Delivery.State is DeliveryState.Sent or DeliveryState.Failed)
            {
                await outbox.ForgetAsync(work, cancel);
                acted++;
            }
            else if (entry.NotBefore < now - MayBeLate)
            {
                await queue(Queues.ReplySend).SendAsync((work with { FirstSeenUnixMs = now.ToUnixTimeMilliseconds() }).ToJson(), delay: null, cancel);
                await outbox.ExpectAsync(work with { FirstSeenUnixMs = now.ToUnixTimeMilliseconds() }, cancel);
                requeued++;
                acted++;
            }
        }

        return (givenUp, requeued);
    }

    private async Task<int> DrainPoisonAsync(Action<Exception> failed, CancellationToken cancel)
    {
        WorkQueue poison = queue(Queues.PoisonOf(Queues.ReplySend));
        int givenUp = 0;
        for (int rounds = 0; rounds < MostPoisonRounds && await poison.ReceiveAsync(32, TimeSpan.FromMinutes(5), cancel) is { Count: > 0 } messages; rounds++)
        {
            foreach (QueuedMessage message in messages)
            {
                try
                {
                    if (await GiveUpOrPutOffAsync(message.Body.GetValueOrDefault(), cancel)) givenUp++;
                    await poison.DeleteAsync(message, cancel);
                }
                catch (Exception e) when (!cancel.IsCancellationRequested)
                {
                    // It stays, and comes back when its time is up.
                    failed(e);
                }
            }
        }

        return givenUp;
    }

    private async Task<bool> GiveUpOrPutOffAsync(ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        if (Work.VersionOf(body.Span) > ReplyWork.CurrentVersion)
        {
            await queue(Queues.ReplySend).SendAsync(body, PutOff, cancel);
            return false;
        }

        if (ReplyWork.FromJson(body.Span) is not { } work) return false;
        await send.GiveUpAsync(work, "process-ended-each-time", cancel);
        return true;
    }
}
