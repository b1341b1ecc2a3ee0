using Ingest.Core.Access;

namespace Ingest.Core.Retention;

/// <summary>The part of housekeeping that lets go: schedules are carried out, erasures settled, keys backed up once a day and old backups made unreadable.</summary>
public sealed class KeepPromises(Eraser eraser, ApplyRetention retention, KeysBackup backup)
{
    private const int MostOriginals = 2000;

    /// <summary>What concerns no mailbox: once an hour. Returns how many erasures settled.</summary>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        int settled = await eraser.SettleAsync(cancel);
        await backup.ExpireAsync(cancel);
        await backup.RunDailyAsync(cancel);
        return settled;
    }

    /// <summary>The schedules of one mailbox: once an hour, so much at once. Returns how much was let go.</summary>
    public async Task<int> RunAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        RetentionReport report = await retention.RunAsync(tenant, inbox, dryRun: false, MostOriginals, cancel);
        return report.Originals + report.Tickets;
    }
}
