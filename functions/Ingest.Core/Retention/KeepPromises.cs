using Ingest.Core.Access;

namespace Ingest.Core.Retention;

/// <summary>The part of housekeeping that lets go: schedules are carried out, erasures settled, keys backed up once a day and old backups made unreadable.</summary>
public sealed class KeepPromises(Eraser eraser, ApplyRetention retention, KeysBackup backup, RedactTicket redact, RedactMailbox redactMailbox)
{
    private const int MostOriginals = 2000;
    private static readonly TimeSpan ForErasures = TimeSpan.FromMinutes(2), ForRedactions = TimeSpan.FromMinutes(2);

    /// <summary>Goes on with erasures and redactions that are under way, for some minutes: every round. What fails leaves the rest in peace and is told. Returns how many it closed.</summary>
    public async Task<int> GoOnAsync(Action<Exception> failed, CancellationToken cancel)
    {
        int closed = 0;
        await EachAsync(failed, cancel,
            async () => closed += await eraser.SettleAsync(cancel, failed, within: ForErasures),
            async () => closed += await redact.KeepAsync(failed, ForRedactions, cancel),
            async () => closed += await redactMailbox.KeepAsync(failed, ForRedactions, cancel));
        return closed;
    }

    /// <summary>What concerns no mailbox: once an hour. What fails leaves the rest in peace and is told. Returns the backup of keys that was made, if any, and how many old ones nobody can read any more.</summary>
    public async Task<(KeysBackupInfo? Made, int Expired)> RunAsync(Action<Exception> failed, CancellationToken cancel)
    {
        KeysBackupInfo? made = null;
        int expired = 0;
        await EachAsync(failed, cancel, async () => expired = await backup.ExpireAsync(cancel), async () => made = await backup.RunDailyAsync(cancel));
        return (made, expired);
    }

    private static async Task EachAsync(Action<Exception> failed, CancellationToken cancel, params Func<Task>[] all)
    {
        foreach (Func<Task> one in all)
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
    }

    /// <summary>The schedules of one mailbox: once an hour, so much at once. Returns how much was let go.</summary>
    public async Task<int> RunAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        RetentionReport report = await retention.RunAsync(tenant, inbox, dryRun: false, MostOriginals, cancel);
        return report.Originals + report.Tickets;
    }
}
