using Ingest.Core.Keys;
using Ingest.Core.Settings;
using Ingest.Core.Telemetry;

namespace Ingest.App;

/// <summary>One log line for each call to a key vault: they are few, and which key did not answer is what operators must know first.</summary>
internal static class VaultLog
{
    /// <summary>Writes from now on.</summary>
    public static void Attach(Desk desk, ILogger logger)
    {
        desk.OnVaultCall = call => Write(logger, call);
        desk.OnDamagedTicket = (tenant, ticket) =>
        {
            Meters.CountDamaged();
            Log.TicketDamaged(logger, tenant.ToString(), ticket, "seal-broken");
        };
        desk.OnKeyListSetBack = tenant => Log.KeyListSetBack(logger, tenant.ToString());
    }

    private static void Write(ILogger logger, VaultCall call)
    {
        if (call.Code.Length == 0) Log.VaultCalled(logger, call.Operation, call.Key, call.Status, call.RequestId, (long)call.Took.TotalMilliseconds);
        else Log.VaultRefused(logger, call.Operation, call.Key, call.Status, call.Code, call.RequestId, (long)call.Took.TotalMilliseconds);
    }
}
