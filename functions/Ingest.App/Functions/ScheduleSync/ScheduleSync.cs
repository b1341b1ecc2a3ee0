using Ingest.Core.Settings;
using Ingest.Core.Telemetry;

namespace Ingest.App.Functions;

/// <summary>Every minute: queue the mailboxes that are due. A minute that fails is made up by the next one of this process.</summary>
public sealed class ScheduleSyncFunction(Desk desk, ILogger logger)
{
    /// <summary>Runs once.</summary>
    public async Task RunAsync(Invocation call, CancellationToken cancel)
    {
        try
        {
            await desk.ScheduleSync.RunAsync(cancel);
        }
        catch (Exception e) when (Faults.IsNotNow(e, cancel))
        {
            Log.PutOff(logger, "ScheduleSync", "", "", "", 0, Faults.Code(e), 60);
        }
    }
}
