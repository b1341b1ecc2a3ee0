using Ingest.Mail.Wire;

namespace Ingest.Mail.Imap;

/// <summary>LOGOUT (RFC 3501 6.1.3).</summary>
public static class ImapLogout
{
    /// <summary>Takes leave, so that the server need not count the connection any longer, and closes. What goes wrong with that does not matter.</summary>
    public static async Task LogoutAsync(this ImapConnection imap, CancellationToken cancel)
    {
        await using ImapConnection closed = imap;
        if (imap.IsOver) return;
        imap.IsLeaving = true;
        try
        {
            await imap.RunAsync(new ImapCommand("LOGOUT"), untagged: null, cancel);
        }
        catch (Exception e) when (e is WireException or ImapRefusedException)
        {
            // It is over in any case.
        }
    }
}
