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
    private static readonly TimeSpan Unused = TimeSpan.FromDays(1);

    /// <summary>One round over these mailboxes; the number of root keys that were wrapped anew. What fails for one tenant leaves the others in peace.</summary>
    public async Task<int> RunAsync(IReadOnlyList<(TenantContext Tenant, InboxId Inbox)> all, Action<Exception> failed, CancellationToken cancel)
    {
        int rewrapped = 0;
        foreach (IGrouping<TenantContext, InboxId> tenant in all.GroupBy(mailbox => mailbox.Tenant, mailbox => mailbox.Inbox))
        {
            try
            {
                int moved = (await keys.Roots.RewrapAsync(tenant.Key, MostInARound - rewrapped, cancel)).Rewrapped;
                rewrapped += moved;
                if (moved > 0) await audit.AppendAsync(tenant.Key, new AuditEvent(AuditAction.KeyRewrapped, AuditActor.System) { Count = moved }, cancel);
                foreach (KeyPurpose purpose in Enum.GetValues<KeyPurpose>())
                {
                    if (await keys.RotateRootAsync(tenant.Key, purpose, start: false, MostDataKeysInARound, cancel) is { } turned && (turned.Rewrapped > 0 || turned.Done))
                        await audit.AppendAsync(tenant.Key, new AuditEvent(turned.Done ? AuditAction.KeyDeleted : AuditAction.KeyRotated, AuditActor.System) { Count = turned.Rewrapped, Code = purpose == KeyPurpose.Data ? "data" : "credential" }, cancel);
                }

                if (await index.RunAsync(tenant.Key, start: false, MostIndexRowsInARound, cancel) is { } moves && (moves.Moved > 0 || moves.Done))
                    await audit.AppendAsync(tenant.Key, new AuditEvent(moves.Done ? AuditAction.KeyDeleted : AuditAction.KeyRotated, AuditActor.System) { Count = moves.Moved, Code = "index" }, cancel);
                foreach (InboxId inbox in tenant)
                    await mailboxes.SweepCredentialKeysAsync(tenant.Key, inbox, time.GetUtcNow() - Unused, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                failed(e);
            }
        }

        return rewrapped;
    }
}
