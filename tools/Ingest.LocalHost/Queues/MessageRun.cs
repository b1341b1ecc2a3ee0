using System.Text;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Ingest.LocalHost.Envelopes;
using Ingest.LocalHost.Script;

namespace Ingest.LocalHost.Queues;

/// <summary>The life of one received message: lease, invocation, and delete, release or poison.</summary>
internal sealed class MessageRun(HostContext host, Function function, QueueTrigger trigger, QueueClient queue, Invoker invoker, Action<string> wakeQueue)
{
    private const string PoisonSuffix = "-poison";
    private const int LongestQueueName = 63;
    private static readonly TimeSpan LeastRenewal = TimeSpan.FromMinutes(1);

    private readonly QueueSettings settings = host.Script.Host.Queues;
    private readonly QueueClient? poison = trigger.Queue.EndsWith(PoisonSuffix, StringComparison.Ordinal) || trigger.Queue.Length + PoisonSuffix.Length > LongestQueueName
        ? null
        : host.Queues.Client(trigger.Connection, trigger.Queue + PoisonSuffix);

    /// <summary>Never fails for what passes: a message that could not be finished comes back when its lease ends.</summary>
    public async Task RunAsync(QueueMessage message, CancellationToken abort)
    {
        try
        {
            await HandleAsync(message, abort);
        }
        catch (Exception fault) when (QueueStorage.IsPassing(fault))
        {
            if (!abort.IsCancellationRequested)
                host.Warn($"{function.Name}: storage failed at the end of a message; it comes back when its lease ends");
        }
    }

    private async Task HandleAsync(QueueMessage message, CancellationToken abort)
    {
        Lease lease = new() { PopReceipt = message.PopReceipt };
        if (poison is not null && message.DequeueCount > settings.MaxDequeueCount)
        {
            await PoisonAsync(message, lease, abort);
            return;
        }
        if (host.Queues.Decode(message.MessageText) is not { } body)
        {
            host.Fail($"{function.Name}: a message is not valid base64");
            await FinishFailedAsync(message, lease, atOnce: true, abort);
            return;
        }
        InvocationEnd end = await InvokeAsync(message, body, lease, abort);
        if (end.Outcome == InvocationOutcome.Succeeded)
            await IgnoreLostAsync(() => queue.DeleteMessageAsync(message.MessageId, lease.PopReceipt, abort));
        else
            await FinishFailedAsync(message, lease, atOnce: false, abort);
    }

    private async Task<InvocationEnd> InvokeAsync(QueueMessage message, byte[] body, Lease lease, CancellationToken abort)
    {
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(abort);
        Task renewing = RenewAsync(message, lease, done.Token);
        try
        {
            return await invoker.InvokeAsync(function, EnvelopeOf(message, body), message.DequeueCount, abort);
        }
        finally
        {
            await done.CancelAsync();
            await renewing;
        }
    }

    private async Task FinishFailedAsync(QueueMessage message, Lease lease, bool atOnce, CancellationToken abort)
    {
        // Without a poison queue a failed message is left invisible, or it would spin.
        if (poison is null)
            return;
        if (atOnce || message.DequeueCount >= settings.MaxDequeueCount)
            await PoisonAsync(message, lease, abort);
        else
            await IgnoreLostAsync(() => queue.UpdateMessageAsync(message.MessageId, lease.PopReceipt, visibilityTimeout: settings.VisibilityTimeout, cancellationToken: abort));
    }

    private async Task PoisonAsync(QueueMessage message, Lease lease, CancellationToken abort)
    {
        // Copied before it is deleted: a crash between the two doubles the message and loses none.
        await QueueStorage.SendAsync(poison!, message.MessageText, abort);
        await IgnoreLostAsync(() => queue.DeleteMessageAsync(message.MessageId, lease.PopReceipt, abort));
        host.Ledger.Poison(function.Name);
        host.Fail($"{function.Name}: a message went to {poison!.Name} at dequeue count {message.DequeueCount}");
        wakeQueue(poison.Name);
    }

    private async Task RenewAsync(QueueMessage message, Lease lease, CancellationToken cancel)
    {
        TimeSpan normal = host.Options.Lease / 2;
        TimeSpan wait = normal;
        try
        {
            while (true)
            {
                await Task.Delay(wait, host.Clock, cancel);
                try
                {
                    UpdateReceipt receipt = await queue.UpdateMessageAsync(message.MessageId, lease.PopReceipt, visibilityTimeout: host.Options.Lease, cancellationToken: CancellationToken.None);
                    lease.PopReceipt = receipt.PopReceipt;
                    wait = normal;
                }
                catch (RequestFailedException fault) when (IsLost(fault))
                {
                    return;
                }
                catch (Exception fault) when (QueueStorage.IsPassing(fault))
                {
                    TimeSpan half = wait / 2, least = LeastRenewal < normal ? LeastRenewal : normal;
                    wait = half > least ? half : least;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The invocation has ended.
        }
    }

    private Envelope EnvelopeOf(QueueMessage message, byte[] body)
    {
        string? text = trigger.Binary ? null : Encoding.UTF8.GetString(body);
        Envelope envelope = new();
        envelope.Data.Add((trigger.Name, text is null ? body : text));
        envelope.Metadata["DequeueCount"] = message.DequeueCount;
        envelope.Metadata["ExpirationTime"] = message.ExpiresOn;
        envelope.Metadata["Id"] = message.MessageId;
        envelope.Metadata["InsertionTime"] = message.InsertedOn;
        envelope.Metadata["NextVisibleTime"] = message.NextVisibleOn;
        envelope.Metadata["PopReceipt"] = message.PopReceipt;
        envelope.AddSys(function.Name, host.Clock.GetUtcNow());
        if (text is not null)
            BodyProperties.Spill(text, envelope);
        return envelope;
    }

    // Someone else has the message by now, or finished it: then it is theirs.
    private static async Task IgnoreLostAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (RequestFailedException fault) when (IsLost(fault))
        {
        }
    }

    private static bool IsLost(RequestFailedException fault) =>
        fault.Status == 404 || fault.ErrorCode is "PopReceiptMismatch" or "MessageNotFound";

    private sealed class Lease
    {
        public required string PopReceipt { get; set; }
    }
}
