namespace Ingest.Mail.Imap;

/// <summary>CAPABILITY (RFC 3501 6.1.1).</summary>
public static class ImapCapability
{
    /// <summary>Asks the server what it can do.</summary>
    public static async Task CapabilityAsync(this ImapConnection imap, CancellationToken cancel) =>
        await imap.RunAsync(new ImapCommand("CAPABILITY"), untagged: null, cancel);

    // Asks again unless the server told already while it accepted what changed them.
    internal static async Task RenewCapabilitiesAsync(this ImapConnection imap, CancellationToken cancel)
    {
        if (imap.ToldCapabilities) return;
        try
        {
            await imap.CapabilityAsync(cancel);
        }
        catch (ImapRefusedException)
        {
            // Then what was said before is the best that is known.
        }
    }
}
