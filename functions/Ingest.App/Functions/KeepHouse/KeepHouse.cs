using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Telemetry;

namespace Ingest.App.Functions;

/// <summary>Every five minutes: housekeeping; once an hour the orphan sweep too.</summary>
public sealed class KeepHouseFunction(Desk desk, ILogger logger)
{
    /// <summary>Runs once.</summary>
    public async Task RunAsync(Invocation call, CancellationToken cancel)
    {
        try
        {
            bool sweep = desk.Time.GetUtcNow().Minute < 5;
            HouseReport report = await desk.KeepHouse.RunAsync(sweep, cancel);
            if (report != default) Log.HouseKept(logger, report.Replayed, report.Parked, report.Requeued, report.Settled, report.Swept);
            foreach (KeptWarning warning in report.Warnings ?? [])
                foreach (KeptAlarm alarm in warning.Alarms)
                    Log.KeptBackWaits(logger, warning.Tenant.ToString(), warning.Inbox.ToString(), alarm, warning.Counts.Total, warning.Counts.Unseen,
                        warning.Counts.Oldest is { } oldest ? (int)(desk.Time.GetUtcNow() - oldest).TotalDays : 0, warning.Counts.Soon);
            if (report.Rewrapped > 0) Log.KeysRewrapped(logger, report.Rewrapped);
            HouseFaults.Tell(logger, report.Faults ?? []);
        }
        catch (Exception e) when (Faults.IsNotNow(e, cancel))
        {
            Log.PutOff(logger, "KeepHouse", "", "", "", 0, Faults.Code(e), 300);
        }
    }
}
