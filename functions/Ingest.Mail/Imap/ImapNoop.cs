namespace Ingest.Mail.Imap;

/// <summary>NOOP (RFC 3501 6.1.2).</summary>
public static class ImapNoop
{
    /// <summary>Does nothing, so that the server can say what is new and the connection is seen to be alive.</summary>
    public static async Task NoopAsync(this ImapConnection imap, CancellationToken cancel) => await imap.RunAsync(new ImapCommand("NOOP"), untagged: null, cancel);
}
