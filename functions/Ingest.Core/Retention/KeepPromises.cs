using Ingest.Core.Access;

namespace Ingest.Core.Retention;

/// <summary>The part of housekeeping that lets go: schedules are carried out, erasures settled, keys backed up once a day and old backups made unreadable.</summary>
public sealed class KeepPromises(Eraser eraser, ApplyRetention retention, KeysBackup backup)
{
    private const int MostOriginals = 2000;

    /// <summary>What concerns no mailbox: once an hour. What fails leaves the rest in peace and is told. Returns how many erasures settled.</summary>
    public async Task<int> RunAsync(Action<Exception> failed, CancellationToken cancel)
    {
        int settled = 0;
        foreach (Func<Task> one in new Func<Task>[] { () => backup.ExpireAsync(cancel), () => backup.RunDailyAsync(cancel), async () => settled = await eraser.SettleAsync(cancel, failed) })
        {
            try
            {
                await one();
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                failed(e);
            }
        }

        return settled;
    }

    /// <summary>The schedules of one mailbox: once an hour, so much at once. Returns how much was let go.</summary>
    public async Task<int> RunAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        RetentionReport report = await retention.RunAsync(tenant, inbox, dryRun: false, MostOriginals, cancel);
        return report.Originals + report.Tickets;
    }
}
