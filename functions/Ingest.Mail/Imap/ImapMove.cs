namespace Ingest.Mail.Imap;

/// <summary>What became of messages that were to move.</summary>
public enum ImapMoved
{
    /// <summary>They are in the other folder and not here.</summary>
    Moved = 1,
    /// <summary>They are in the other folder, and here marked as deleted: the server cannot expunge these alone, and all would be too many.</summary>
    CopiedAndMarked = 2,
}

/// <summary>UID MOVE (RFC 6851), and what stands for it where the server has none: COPY, STORE, UID EXPUNGE (RFC 4315).</summary>
public static class ImapMove
{
    /// <summary>Moves messages of the selected folder to another. After a failure in the midst of it some may be in both, never in none.</summary>
    public static async Task<ImapMoved> MoveAsync(this ImapConnection imap, IReadOnlyList<uint> uids, string folder, CancellationToken cancel)
    {
        ImapMoved moved = ImapMoved.Moved;
        foreach ((string set, _) in UidSet.Split(uids))
        {
            if (imap.Capabilities.HasMove) await imap.RunAsync(new ImapCommand("UID MOVE").Word(set).Mailbox(folder), untagged: null, cancel);
            else
            {
                await imap.RunAsync(new ImapCommand("UID COPY").Word(set).Mailbox(folder), untagged: null, cancel);
                await imap.RunAsync(new ImapCommand("UID STORE").Word(set).Word("+FLAGS.SILENT").Word("(\\Deleted)"), untagged: null, cancel);
                if (imap.Capabilities.HasUidPlus) await imap.RunAsync(new ImapCommand("UID EXPUNGE").Word(set), untagged: null, cancel);
                else moved = ImapMoved.CopiedAndMarked;
            }
        }

        return moved;
    }
}
