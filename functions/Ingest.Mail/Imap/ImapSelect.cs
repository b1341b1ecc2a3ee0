namespace Ingest.Mail.Imap;

/// <summary>A folder that is open.</summary>
/// <param name="Name">Its name.</param>
/// <param name="UidValidity">The generation of its numbers: when it changes, UIDs mean other messages; 0 when the server tells none.</param>
/// <param name="UidNext">A number greater than every UID there is; 0 when the server tells none.</param>
/// <param name="Exists">How many messages it holds.</param>
/// <param name="IsReadOnly">True when nothing in it can be changed through this connection.</param>
public sealed record ImapFolderState(string Name, uint UidValidity, uint UidNext, long Exists, bool IsReadOnly);

/// <summary>SELECT and EXAMINE (RFC 3501 6.3.1, 6.3.2).</summary>
public static class ImapSelect
{
    /// <summary>Opens a folder for reading and writing.</summary>
    public static Task<ImapFolderState> SelectAsync(this ImapConnection imap, string folder, CancellationToken cancel) => OpenAsync(imap, "SELECT", folder, cancel);

    /// <summary>Opens a folder for reading: nothing done through this connection leaves a trace in it.</summary>
    public static Task<ImapFolderState> ExamineAsync(this ImapConnection imap, string folder, CancellationToken cancel) => OpenAsync(imap, "EXAMINE", folder, cancel);

    private static async Task<ImapFolderState> OpenAsync(ImapConnection imap, string verb, string folder, CancellationToken cancel)
    {
        imap.Selected = null;
        ImapFolderState state = new(folder, 0, 0, 0, verb == "EXAMINE");
        ImapStatus done;
        try
        {
            done = await imap.RunAsync(new ImapCommand(verb).Mailbox(folder), response =>
            {
                state = (response.Word, imap.Status.Code) switch
                {
                    (ImapWord.Exists, _) => state with { Exists = response.Number },
                    (ImapWord.Ok, "UIDVALIDITY") => state with { UidValidity = imap.Status.Number },
                    (ImapWord.Ok, "UIDNEXT") => state with { UidNext = imap.Status.Number },
                    _ => state,
                };
                return ValueTask.CompletedTask;
            }, cancel);
        }
        catch (ImapRefusedException refused) when (refused is { IsBad: true, MayPass: false, Reason: ImapRefusal.Unspecified })
        {
            // Signed in and then BAD to a plain SELECT: Office 365 says so when what is behind it is away.
            throw new ImapRefusedException(ImapRefusal.Unavailable, isBad: true);
        }

        if (done.Code == "READ-ONLY") state = state with { IsReadOnly = true };
        return imap.Selected = state;
    }
}
