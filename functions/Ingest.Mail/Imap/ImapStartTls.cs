using Ingest.Mail.Wire;

namespace Ingest.Mail.Imap;

/// <summary>STARTTLS (RFC 3501 6.2.1).</summary>
internal static class ImapStartTls
{
    /// <summary>
    /// Encrypts the connection and learns anew what the server can do: what it said before may be anyone's. A server that does not agree is refused as
    /// <see cref="WireFault.StartTlsNotOffered"/>; asked for even where it is not announced, since that announcement can be taken out by anyone, too.
    /// </summary>
    public static async Task StartTlsAsync(this ImapConnection imap, CancellationToken cancel)
    {
        try
        {
            await imap.RunAsync(new ImapCommand("STARTTLS"), untagged: null, cancel);
        }
        catch (ImapRefusedException)
        {
            throw imap.Broken(WireFault.StartTlsNotOffered);
        }

        await imap.UpgradeAsync(cancel);
        await imap.CapabilityAsync(cancel);
    }
}
