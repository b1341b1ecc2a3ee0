using Azure.Storage.Queues.Models;
using Ingest.LocalHost.Script;

namespace Ingest.LocalHost.Queues;

/// <summary>Polls the queue of one function for one host instance.</summary>
internal sealed class QueueListener : IDisposable
{
    private readonly HostContext host;
    private readonly Function function;
    private readonly MessageRun runs;
    private readonly Azure.Storage.Queues.QueueClient queue;
    private readonly QueueSettings settings;
    private readonly PollDelay delay;
    private readonly SemaphoreSlim wake = new(0, 1);
    private readonly HashSet<Task> running = [];
    private bool inTrouble;

    public QueueListener(HostContext host, Function function, QueueTrigger trigger, Invoker invoker, Action<string> wakeQueue)
    {
        this.host = host;
        this.function = function;
        Queue = trigger.Queue;
        settings = host.Script.Host.Queues;
        queue = host.Queues.Client(trigger.Connection, trigger.Queue);
        runs = new MessageRun(host, function, trigger, queue, invoker, wakeQueue);
        // Randomness that only spreads polls in time.
#pragma warning disable CA5394
        delay = new PollDelay(settings.MaxPollingInterval, Random.Shared.NextDouble);
#pragma warning restore CA5394
    }

    public string Queue { get; }

    /// <summary>Something was put into the queue: polls again at once.</summary>
    public void Wake()
    {
        try
        {
            wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <summary>Receives until <paramref name="stop"/>, then waits for what is running; <paramref name="abort"/> drops even that.</summary>
    /// <exception cref="Azure.RequestFailedException">Storage refuses in a way that does not pass: the host instance stops.</exception>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        try
        {
            while (!stop.IsCancellationRequested)
                await PollAsync(stop, abort);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped between two polls.
        }
        await Task.WhenAll(running);
    }

    public void Dispose() => wake.Dispose();

    private async Task PollAsync(CancellationToken stop, CancellationToken abort)
    {
        // Not cancelled by a stop: messages leased by an answer that nobody reads would be gone until their lease ends.
        QueueMessage[] messages = await ReceiveAsync(abort);
        if (messages.Length == 0)
        {
            await ClearAsync();
            await wake.WaitAsync(delay.Next(), stop);
            return;
        }
        delay.Found();
        foreach (QueueMessage message in messages)
            running.Add(runs.RunAsync(message, abort));
        await ClearAsync();
        while (running.Count > settings.NewBatchThreshold)
        {
            await Task.WhenAny(running).WaitAsync(stop);
            await ClearAsync();
        }
    }

    // A run that failed beyond every rule ends the listener, and that the host.
    private async Task ClearAsync()
    {
        foreach (Task ended in running.Where(task => task.IsCompleted).ToList())
        {
            running.Remove(ended);
            await ended;
        }
    }

    private async Task<QueueMessage[]> ReceiveAsync(CancellationToken abort)
    {
        try
        {
            QueueMessage[] messages = await queue.ReceiveMessagesAsync(settings.BatchSize, host.Options.Lease, abort);
            Trouble(false);
            return messages;
        }
        catch (Azure.RequestFailedException missing) when (missing.Status == 404)
        {
            Trouble(false);
            return [];
        }
        catch (Exception fault) when (QueueStorage.IsPassing(fault) && !abort.IsCancellationRequested)
        {
            Trouble(true);
            return [];
        }
    }

    private void Trouble(bool now)
    {
        if (now == inTrouble)
            return;
        inTrouble = now;
        if (now)
            host.Warn($"{function.Name}: storage does not answer; trying again every {settings.MaxPollingInterval.TotalSeconds:0.#} s at most");
        else
            host.Say($"{function.Name}: storage answers again");
    }
}
