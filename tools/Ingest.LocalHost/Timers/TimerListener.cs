using System.Globalization;
using Ingest.LocalHost.Envelopes;
using Ingest.LocalHost.Queues;
using Ingest.LocalHost.Script;

namespace Ingest.LocalHost.Timers;

/// <summary>Fires one timer function: one run at a time, the next counted from the start of the last.</summary>
internal sealed class TimerListener(HostContext host, Function function, TimerTrigger trigger, Invoker invoker)
{
    // Longer delays than this cannot be asked of a timer.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly TimerSchedule schedule = trigger.Schedule;
    private bool monitored;
    private TimerStatus? status;

    /// <summary>Fires until stopped; a run that has begun is waited for.</summary>
    public Task RunAsync(CancellationToken stop, CancellationToken abort) =>
        host.Timers.RunAsync(function.Name, () => ListenAsync(stop, abort), stop);

    /// <summary>One run outside the schedule, as POST /admin/functions does it: the recorded state is left alone.</summary>
    public static Envelope Manual(HostContext host, Function function, TimerTrigger trigger) =>
        EnvelopeOf(host, function, trigger, status: null, pastDue: false);

    private async Task ListenAsync(CancellationToken stop, CancellationToken abort)
    {
        bool pastDue = await StartAsync(stop);
        DateTimeOffset from = host.Clock.GetUtcNow();
        if (pastDue || trigger.RunOnStartup)
            from = await FireAsync(pastDue, abort);
        while (schedule.Next(from) is { } due)
        {
            await SleepUntilAsync(due, stop);
            from = await FireAsync(pastDue: false, abort);
        }
        host.Warn($"{function.Name}: its schedule has no next occurrence");
        await Task.Delay(Timeout.InfiniteTimeSpan, host.Clock, stop);
    }

    private async Task<bool> StartAsync(CancellationToken stop)
    {
        DateTimeOffset now = host.Clock.GetUtcNow();
        monitored = trigger.UseMonitor && !schedule.IsFrequent(now);
        if (!monitored)
            return false;
        TimerStatus? recorded = await host.TimerStatus.ReadOrRecallAsync(function.Name, stop);
        (status, bool pastDue) = TimerMonitor.AtStart(recorded, schedule, now);
        if (status is not null && status != recorded)
            await WriteAsync(stop);
        return pastDue;
    }

    /// <summary>Returns the time the run began at, from which the next one is counted.</summary>
    private async Task<DateTimeOffset> FireAsync(bool pastDue, CancellationToken abort)
    {
        DateTimeOffset began = host.Clock.GetUtcNow();
        await RunWithRetryAsync(pastDue, abort);
        if (monitored && schedule.Next(began) is { } next)
        {
            status = new TimerStatus(began, next, host.Clock.GetUtcNow());
            await WriteAsync(abort);
        }
        return began;
    }

    private async Task RunWithRetryAsync(bool pastDue, CancellationToken abort)
    {
        for (int retry = 0; ; retry++)
        {
            Envelope envelope = EnvelopeOf(host, function, trigger, monitored ? status : null, pastDue);
            if (function.Retry is { } active && retry > 0)
                envelope.Metadata["RetryContext"] = new RawJson(string.Create(CultureInfo.InvariantCulture,
                    $$$"""{"MaxRetryCount":{{{active.MaxCount}}},"RetryCount":{{{retry}}},"Exception":{}}"""));
            InvocationEnd end = await invoker.InvokeAsync(function, envelope, dequeueCount: 0, abort);
            if (end.Outcome == InvocationOutcome.Succeeded || function.Retry is not { } policy || (policy.MaxCount >= 0 && retry >= policy.MaxCount))
                return;
            await Task.Delay(RetryDelay(policy, retry), host.Clock, abort);
        }
    }

    private static TimeSpan RetryDelay(RetryPolicy policy, int retry)
    {
        TimeSpan wanted = policy.Strategy switch
        {
            RetryStrategy.FixedDelay => policy.Least,
            RetryStrategy.ExponentialBackoff => policy.Least * Math.Pow(2, Math.Min(retry, 30)),
        };
        return wanted < policy.Most ? wanted : policy.Most;
    }

    private async Task SleepUntilAsync(DateTimeOffset due, CancellationToken stop)
    {
        for (TimeSpan left = due - host.Clock.GetUtcNow(); left > TimeSpan.Zero; left = due - host.Clock.GetUtcNow())
            await Task.Delay(left < LongestSleep ? left : LongestSleep, host.Clock, stop);
        stop.ThrowIfCancellationRequested();
    }

    private async Task WriteAsync(CancellationToken cancel)
    {
        try
        {
            await host.TimerStatus.WriteAsync(function.Name, status!, cancel);
        }
        catch (Exception fault) when (QueueStorage.IsPassing(fault) && !cancel.IsCancellationRequested)
        {
            host.Warn($"{function.Name}: its timer state could not be written; storage does not answer");
        }
    }

    private static Envelope EnvelopeOf(HostContext host, Function function, TimerTrigger trigger, TimerStatus? status, bool pastDue)
    {
        Envelope envelope = new();
        string text = status?.ToJson() ?? "null";
        envelope.Data.Add((trigger.Name, new RawJson(
            $$"""{"Schedule":{"AdjustForDST":{{Flag(trigger.Schedule.AdjustForDst)}}},"ScheduleStatus":{{text}},"IsPastDue":{{Flag(pastDue)}}}""")));
        envelope.AddSys(function.Name, host.Clock.GetUtcNow());
        return envelope;
    }

    private static string Flag(bool value) => value ? "true" : "false";
}
