using System.Globalization;

namespace Ingest.Mail.Imap;

/// <summary>APPEND (RFC 3501 6.3.11).</summary>
public static class ImapAppend
{
    /// <summary>
    /// Puts a message into a folder, marked as read. Returns its UIDVALIDITY and UID, null where the server does not tell them (RFC 4315); throws
    /// <see cref="ImapRefusal.NonExistent"/> when there is no such folder. A connection that breaks here leaves open whether it was taken.
    /// </summary>
    public static async Task<(uint UidValidity, uint Uid)?> AppendAsync(this ImapConnection imap, string folder, ReadOnlyMemory<byte> message, DateTimeOffset received, CancellationToken cancel)
    {
        (uint UidValidity, uint Uid)? placed = null;
        ImapCommand command = new ImapCommand("APPEND").Mailbox(folder).Word("(\\Seen)").Word($"\"{InternalDate.Format(received)}\"").Literal(message);
        ImapStatus done = await imap.RunAsync(command, response =>
        {
            // Some servers send the code untagged.
            if (response.Word == ImapWord.Ok) placed ??= Read(imap.Status);
            return ValueTask.CompletedTask;
        }, cancel);
        return Read(done) ?? placed;
    }

    private static (uint UidValidity, uint Uid)? Read(ImapStatus status) =>
        status.Code == "APPENDUID" && status.Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var validity, var uid, ..]
            && uint.TryParse(validity, NumberStyles.None, CultureInfo.InvariantCulture, out uint v) && uint.TryParse(uid, NumberStyles.None, CultureInfo.InvariantCulture, out uint u)
            ? (v, u)
            : null;
}
