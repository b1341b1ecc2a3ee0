using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;

namespace Ingest.Core.Pipeline;

/// <summary>
/// Keeps keys in order: root keys that hang from an older key-encryption key move to the newest, those that are a year old are turned over, the turning over of an index key goes on, and keys of credentials
/// that were replaced go.
/// </summary>
public sealed class KeepKeys(MailboxStore mailboxes, KeyRing keys, RotateIndex index, AuditLog audit, TimeProvider time)
{
    // Each takes three calls to the vault; after a rotation the tenants share them out over some rounds.
    private const int MostInARound = 20;
    private const int MostDataKeysInARound = 2000, MostIndexRowsInARound = 2000;
    // Long after the credential that it sealed was stored, or was not.
    private static readonly TimeSpan Unused = TimeSpan.FromDays(1), BackupMayTake = TimeSpan.FromHours(30);

    /// <summary>Every tenant that has keys, and every one whose keys were erased with it, which is not living; see <see cref="RootCare.TenantsAsync"/>.</summary>
    public IAsyncEnumerable<(TenantContext Tenant, bool Living)> TenantsAsync(CancellationToken cancel) => keys.Roots.TenantsAsync(cancel);

    /// <summary>One round over these tenants and their mailboxes; the number of root keys that were wrapped anew. What fails for one tenant leaves the others in peace.</summary>
    public async Task<int> RunAsync(IEnumerable<TenantContext> tenants, IReadOnlyList<(TenantContext Tenant, InboxId Inbox)> all, Action<Exception> failed, CancellationToken cancel)
    {
        int rewrapped = 0;
        ILookup<TenantContext, InboxId> inboxes = all.ToLookup(mailbox => mailbox.Tenant, mailbox => mailbox.Inbox);
        foreach (TenantContext tenant in tenants)
        {
            try
            {
                int moved = (await keys.Roots.RewrapAsync(tenant, MostInARound - rewrapped, cancel, TellOnce(tenant, AuditAction.KeyRewrapped, "", cancel))).Rewrapped;
                rewrapped += moved;
                if (moved > 0) await audit.AppendAsync(tenant, new AuditEvent(AuditAction.KeyRewrapped, AuditActor.System) { Count = moved }, cancel);
                foreach (KeyPurpose purpose in Enum.GetValues<KeyPurpose>())
                {
                    string code = purpose == KeyPurpose.Data ? "data" : "credential";
                    if (await keys.RotateRootAsync(tenant, purpose, start: false, MostDataKeysInARound, cancel, TellOnce(tenant, AuditAction.KeyRotated, code, cancel)) is { Rewrapped: > 0 } turned)
                        await audit.AppendAsync(tenant, new AuditEvent(AuditAction.KeyRotated, AuditActor.System) { Count = turned.Rewrapped, Code = code }, cancel);
                }

                if (await index.RunAsync(tenant, start: false, MostIndexRowsInARound, cancel, TellOnce(tenant, AuditAction.KeyRotated, "index", cancel)) is { } moves)
                {
                    if (moves.Moved > 0) await audit.AppendAsync(tenant, new AuditEvent(AuditAction.KeyRotated, AuditActor.System) { Count = moves.Moved, Code = "index" }, cancel);
                    // A backup is made every day: without one for longer something is wrong with them.
                    if (moves.WaitsForBackupAfter is { } since && time.GetUtcNow() - since > BackupMayTake) failed(new NotNowException("index-waits-for-backup"));
                }

                foreach (InboxId inbox in inboxes[tenant])
                    await SweepAsync(tenant, inbox, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                failed(e);
            }
        }

        return rewrapped;
    }

    private async Task SweepAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        bool told = false;
        await mailboxes.SweepCredentialKeysAsync(tenant, inbox, time.GetUtcNow() - Unused, cancel, async _ =>
        {
            if (told) return;
            await audit.AppendAsync(tenant, new AuditEvent(AuditAction.KeyDeleted, AuditActor.System) { Inbox = inbox, Code = "credential-unused" }, cancel);
            told = true;
        });
    }

    // Before the first act of its kind, so that there is none that the log does not know of; how many there were stands in the entry after them.
    private Func<KeyAct, Task> TellOnce(TenantContext tenant, AuditAction changed, string code, CancellationToken cancel)
    {
        HashSet<bool> told = [];
        return async act =>
        {
            bool destroys = act == KeyAct.Destroy;
            if (told.Contains(destroys)) return;
            await audit.AppendAsync(tenant, new AuditEvent(destroys ? AuditAction.KeyDeleted : changed, AuditActor.System) { Result = destroys ? AuditResult.Done : AuditResult.Begun, Code = code }, cancel);
            told.Add(destroys);
        };
    }
}
