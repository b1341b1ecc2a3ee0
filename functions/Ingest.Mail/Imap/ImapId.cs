namespace Ingest.Mail.Imap;

/// <summary>ID (RFC 2971).</summary>
public static class ImapId
{
    /// <summary>Says who we are, where the server asks for it; some open no folder to those who did not. What it says of itself is not kept.</summary>
    public static async Task IdAsync(this ImapConnection imap, string name, string version, CancellationToken cancel)
    {
        if (!imap.Capabilities.Has("ID")) return;
        ImapCommand command = new ImapCommand("ID").Word("(\"name\"").String(name).Word("\"version\"").String(version);
        try
        {
            await imap.RunAsync(command.Close(")"), untagged: null, cancel);
        }
        catch (ImapRefusedException)
        {
            // Nothing depends on it.
        }
    }
}
