using Ingest.Core.Access;
using Ingest.Core.Replies;
using Ingest.Core.Settings;

namespace Ingest.App;

/// <summary>Who may say how the mail of a domain is signed: a key is its domain's, and with it of every mailbox that sends from there.</summary>
internal static class SigningRights
{
    /// <summary>True when the caller manages every mailbox that sends from the domain.</summary>
    public static async Task<bool> MayChangeAsync(Desk desk, Caller caller, string domain, CancellationToken cancel)
    {
        if (caller.MayEverywhere(Permission.ManageMailboxes)) return true;
        await foreach (InboxId inbox in desk.Mailboxes.ListAsync(caller.Tenant, cancel))
            if (!caller.May(Permission.ManageMailboxes, inbox) && await desk.Mailboxes.FindAsync(caller.Tenant, inbox, cancel) is { } other && SigningKeys.DomainsOf(other.Mailbox).Contains(domain))
                return false;
        return true;
    }
}
