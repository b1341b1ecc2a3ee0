using Ingest.Core.Audit;
using Ingest.Core.Telemetry;

namespace Ingest.App.Functions;

/// <summary>Tells everything that went wrong in a round of housekeeping, so that a fault which stands hides no other.</summary>
public static class HouseFaults
{
    /// <summary>
    /// A log line for each broken audit log, and for each other sort of fault and place; what many mailboxes fail with alike is one line. All are counted.
    /// </summary>
    public static void Tell(ILogger logger, IReadOnlyList<Exception> faults)
    {
        HashSet<(string, string)> told = [];
        foreach (Exception fault in faults)
        {
            bool notNow = Faults.IsNotNow(fault, CancellationToken.None);
            string what = notNow ? Faults.Code(fault) : fault.GetType().Name, where = Faults.Where(fault);
            Meters.CountHouseFault(what, notNow);
            if (fault is AuditBrokenException broken) Log.AuditBroken(logger, broken.Tenant.ToString(), broken.Finding.Fault, broken.Finding.Number);
            else if (!told.Add((what, where))) continue;
            else if (notNow) Log.PutOff(logger, "KeepHouse", "", "", "", 0, what, 300);
            else Log.Fault(logger, "KeepHouse", "", "", "", 0, what, where);
        }
    }
}
