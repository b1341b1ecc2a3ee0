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
                int moved = (await keys.Roots.RewrapAsync(tenant, MostInARound - rewrapped, cancel)).Rewrapped;
                rewrapped += moved;
                if (moved > 0) await audit.AppendAsync(tenant, new AuditEvent(AuditAction.KeyRewrapped, AuditActor.System) { Count = moved }, cancel);
                foreach (KeyPurpose purpose in Enum.GetValues<KeyPurpose>())
                {
                    if (await keys.RotateRootAsync(tenant, purpose, start: false, MostDataKeysInARound, cancel) is { } turned && (turned.Rewrapped > 0 || turned.Done))
                        await audit.AppendAsync(tenant, new AuditEvent(turned.Done ? AuditAction.KeyDeleted : AuditAction.KeyRotated, AuditActor.System) { Count = turned.Rewrapped, Code = purpose == KeyPurpose.Data ? "data" : "credential" }, cancel);
                }

                if (await index.RunAsync(tenant, start: false, MostIndexRowsInARound, cancel) is { } moves && (moves.Moved > 0 || moves.Done))
                    await audit.AppendAsync(tenant, new AuditEvent(moves.Done ? AuditAction.KeyDeleted : AuditAction.KeyRotated, AuditActor.System) { Count = moves.Moved, Code = "index" }, cancel);
                foreach (InboxId inbox in inboxes[tenant])
                    await mailboxes.SweepCredentialKeysAsync(tenant, inbox, time.GetUtcNow() - Unused, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                failed(e);
            }
        }

        return rewrapped;
    }
}
