using System.Text;

namespace Ingest.Mail.Imap;

/// <summary>What a folder is for (RFC 6154), and whether it can be opened.</summary>
[Flags]
public enum ImapFolderMarks
{
    /// <summary>Nothing is said.</summary>
    None = 0,
    /// <summary>It only holds other folders.</summary>
    NoSelect = 1,
    /// <summary>Everything that there is.</summary>
    All = 2,
    /// <summary>What was put away.</summary>
    Archive = 4,
    /// <summary>Unfinished mail.</summary>
    Drafts = 8,
    /// <summary>What is marked as important.</summary>
    Flagged = 16,
    /// <summary>Spam.</summary>
    Junk = 32,
    /// <summary>What was sent.</summary>
    Sent = 64,
    /// <summary>What was deleted.</summary>
    Trash = 128,
}

/// <summary>A folder.</summary>
/// <param name="Name">Its name as people read it.</param>
/// <param name="Delimiter">What stands between the names of folders within folders; null where there are none.</param>
/// <param name="Marks">What it is for.</param>
public sealed record ImapFolder(string Name, char? Delimiter, ImapFolderMarks Marks);

/// <summary>LIST (RFC 3501 6.3.8), with the purpose of each folder where the server tells it (RFC 6154).</summary>
public static class ImapList
{
    private const int Most = 10_000;

    /// <summary>All folders, at most 10,000, in the server's order; INBOX is always among them.</summary>
    public static async Task<IReadOnlyList<ImapFolder>> ListAsync(this ImapConnection imap, CancellationToken cancel)
    {
        List<ImapFolder> folders = [];
        bool extended = imap.Capabilities.Has("SPECIAL-USE") && imap.Capabilities.Has("LIST-EXTENDED");
        try
        {
            await RunAsync(imap, extended ? new ImapCommand("LIST").Word("\"\" \"*\" RETURN (SPECIAL-USE)") : Plain(), folders, cancel);
        }
        catch (ImapRefusedException refused) when (extended && !refused.MayPass)
        {
            folders.Clear();
            await RunAsync(imap, Plain(), folders, cancel);
        }

        if (!folders.Exists(folder => folder.Name.Equals("INBOX", StringComparison.OrdinalIgnoreCase))) folders.Insert(0, new ImapFolder("INBOX", null, ImapFolderMarks.None));
        return folders;
    }

    private static ImapCommand Plain() => new ImapCommand("LIST").Word("\"\" \"*\"");

    private static async Task RunAsync(ImapConnection imap, ImapCommand command, List<ImapFolder> folders, CancellationToken cancel) =>
        await imap.RunAsync(command, async response =>
        {
            if (response.Word == ImapWord.List && folders.Count < Most && await ReadAsync(imap.Reader, cancel) is { } folder) folders.Add(folder);
        }, cancel);

    private static async ValueTask<ImapFolder?> ReadAsync(ImapReader reader, CancellationToken cancel)
    {
        reader.Spaces();
        ImapFolderMarks marks = ReadMarks(reader);
        reader.Spaces();
        byte[]? delimiter = await reader.StringAsync(cancel);
        reader.Spaces();
        // A name in UTF-8 is not of this version of the protocol, and is sent all the same.
        return await reader.StringAsync(cancel) is { Length: > 0 } name
            ? new ImapFolder(ModifiedUtf7.Decode(Encoding.UTF8.GetString(name)), delimiter is [var one, ..] ? (char)one : null, marks)
            : null;
    }

    private static ImapFolderMarks ReadMarks(ImapReader reader)
    {
        ImapFolderMarks marks = ImapFolderMarks.None;
        if (!reader.Take((byte)'(')) return marks;
        while (!reader.Take((byte)')'))
        {
            reader.Spaces();
            ReadOnlySpan<byte> mark = reader.Word();
            if (mark.IsEmpty && reader.Peek() != ')') return marks;
            marks |= Encoding.ASCII.GetString(mark).ToUpperInvariant() switch
            {
                "\\NOSELECT" or "\\NONEXISTENT" => ImapFolderMarks.NoSelect,
                "\\ALL" or "\\ALLMAIL" => ImapFolderMarks.All,
                "\\ARCHIVE" => ImapFolderMarks.Archive,
                "\\DRAFTS" => ImapFolderMarks.Drafts,
                "\\FLAGGED" => ImapFolderMarks.Flagged,
                "\\JUNK" or "\\SPAM" => ImapFolderMarks.Junk,
                "\\SENT" => ImapFolderMarks.Sent,
                "\\TRASH" => ImapFolderMarks.Trash,
                _ => ImapFolderMarks.None,
            };
        }

        return marks;
    }
}
