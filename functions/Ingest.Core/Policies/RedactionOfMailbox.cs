using System.Security.Cryptography;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Redaction;
using Ingest.Core.Screening;

namespace Ingest.Core.Policies;

/// <summary>Puts together what is masked in a mailbox's mail, and what that needs: its own addresses, and the key of its pseudonyms.</summary>
internal sealed class RedactionOfMailbox(RedactionPolicies policies, MailboxStore mailboxes, KeyRing keys)
{
    /// <summary>The redaction that holds for a mailbox now; mostly nothing is asked for it.</summary>
    internal async ValueTask<MailboxRedaction> FindAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        return await WithAsync(tenant, inbox, await policies.InForceAsync(tenant, inbox, cancel), cancel);
    }

    /// <summary>The same by another policy: what that needs of the mailbox, such as its pseudonyms where the mailbox's own policy makes none.</summary>
    internal async ValueTask<MailboxRedaction> WithAsync(TenantContext tenant, InboxId inbox, RedactionPolicy policy, CancellationToken cancel)
    {
        Mailbox mailbox = await mailboxes.GetCachedAsync(tenant, inbox, cancel);
        return new MailboxRedaction(policy, new RedactionTools
        {
            IsOwnAddress = new OwnAddresses([mailbox.Profile.Address, .. mailbox.Profile.Aliases]).Contains,
            Pseudonym = policy is { UsesPseudonyms: true, DryRun: false } ? await PseudonymsAsync(tenant, inbox, cancel) : null,
        });
    }

    // From the mailbox's own key, with which it ends: nobody can make these names again after the mailbox is erased.
    private async Task<Func<FindingType, string, string>?> PseudonymsAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        try
        {
            using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, inbox.Value, cancel);
            return Pseudonyms.Under(Derive(key));
        }
        catch (KeyErasedException)
        {
            return null;
        }
    }

    private static byte[] Derive(DataKey key)
    {
        Span<byte> secret = stackalloc byte[Floe.KeyLength];
        try
        {
            key.Read(secret);
            return HMACSHA256.HashData(secret, "redaction pseudonyms"u8);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
