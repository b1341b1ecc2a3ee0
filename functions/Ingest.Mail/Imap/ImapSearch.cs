using System.Text;

namespace Ingest.Mail.Imap;

/// <summary>UID SEARCH (RFC 3501 6.4.4), its answer also in the form of ESEARCH (RFC 4731).</summary>
public static class ImapSearch
{
    private const int LongestAnswer = 16 * 1024 * 1024;

    /// <summary>The most UIDs that an answer may hold; those beyond are left out.</summary>
    public const int MostUids = 2_000_000;

    /// <summary>
    /// The UIDs from <paramref name="from"/> to <paramref name="to"/> (null: to the end) in ascending order, of mail taken on or after the day
    /// <paramref name="since"/> where it is given, which servers read in a time zone of their own.
    /// </summary>
    public static async Task<List<uint>> SearchUidsAsync(this ImapConnection imap, uint from, uint? to, DateTimeOffset? since, CancellationToken cancel)
    {
        ImapCommand command = new ImapCommand("UID SEARCH UID").Word($"{UidSet.Text(from)}:{(to is { } end ? UidSet.Text(end) : "*")}");
        if (since is { } day) command.Word("SINCE").Word(InternalDate.FormatDay(day));
        List<uint> found = await RunAsync(imap, command, cancel);
        // "n:*" names the last message, too, when n lies beyond it.
        found.RemoveAll(uid => uid < from || uid > (to ?? uint.MaxValue));
        found.Sort();
        return found;
    }

    /// <summary>Those of these UIDs that there are, in ascending order.</summary>
    public static async Task<List<uint>> SearchUidsAmongAsync(this ImapConnection imap, IReadOnlyList<uint> uids, CancellationToken cancel)
    {
        List<uint> found = [];
        foreach ((string set, _) in UidSet.Split(uids)) found.AddRange(await RunAsync(imap, new ImapCommand("UID SEARCH UID").Word(set), cancel));
        HashSet<uint> asked = [.. uids];
        found.RemoveAll(uid => !asked.Contains(uid));
        found.Sort();
        return found;
    }

    /// <summary>The UIDs of messages with this Message-ID, as the server's index has it.</summary>
    public static Task<List<uint>> SearchMessageIdAsync(this ImapConnection imap, string messageId, CancellationToken cancel) =>
        RunAsync(imap, new ImapCommand("UID SEARCH HEADER Message-ID").String(messageId), cancel);

    private static async Task<List<uint>> RunAsync(ImapConnection imap, ImapCommand command, CancellationToken cancel)
    {
        List<uint> uids = [];
        imap.Reader.LineLimit = LongestAnswer;
        try
        {
            await imap.RunAsync(command, response =>
            {
                if (response.Word == ImapWord.Search) ReadNumbers(imap.Reader, uids);
                else if (response.Word == ImapWord.ESearch) ReadAll(imap.Reader, uids);
                return ValueTask.CompletedTask;
            }, cancel);
        }
        finally
        {
            imap.Reader.LineLimit = ImapReader.UsualLine;
        }

        return uids;
    }

    private static void ReadNumbers(ImapReader reader, List<uint> uids)
    {
        while (uids.Count < MostUids)
        {
            reader.Spaces();
            if (!reader.TryNumber(out long uid)) return;
            if (uid is > 0 and <= uint.MaxValue) uids.Add((uint)uid);
        }
    }

    private static void ReadAll(ImapReader reader, List<uint> uids)
    {
        while (!reader.IsAtEnd)
        {
            reader.Spaces();
            if (reader.Take((byte)'('))
            {
                reader.Until((byte)')');
                if (!reader.Take((byte)')')) return;
                continue;
            }

            ReadOnlySpan<byte> word = reader.Word();
            if (word.IsEmpty) return;
            if (!Ascii.EqualsIgnoreCase(word, "ALL"u8)) continue;
            reader.Spaces();
            UidSet.Read(reader.Word(), uids, MostUids);
        }
    }
}
