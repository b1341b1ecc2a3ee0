namespace Ingest.LocalHost.Timers;

/// <summary>Decides at start whether a timer is past due, and what its recorded state becomes.</summary>
internal static class TimerMonitor
{
    /// <summary>Pure: the recorded state (or none), the schedule and the time in; the state to keep and whether a run was missed out.</summary>
    public static (TimerStatus? Status, bool PastDue) AtStart(TimerStatus? recorded, TimerSchedule schedule, DateTimeOffset now)
    {
        if (recorded is null)
            return (schedule.Next(now) is { } first ? new TimerStatus(TimerStatus.Never, first, now) : null, false);
        DateTimeOffset computedFrom = recorded.Last == TimerStatus.Never ? recorded.Updated : recorded.Last;
        if (schedule.Next(computedFrom) is not { } expected)
            return (null, false);
        // Another Next than the schedule gives means another schedule: what that would have missed is not past due.
        if (recorded.Next == expected)
            return (recorded, now > recorded.Next);
        if (now <= expected)
            return (new TimerStatus(TimerStatus.Never, expected, computedFrom), false);
        return (schedule.Next(now) is { } next ? new TimerStatus(TimerStatus.Never, next, now) : null, false);
    }
}
