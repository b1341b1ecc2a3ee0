using System.Buffers;

namespace Ingest.Mail.Imap;

/// <summary>UID STORE (RFC 3501 6.4.6).</summary>
public static class ImapStore
{
    private static readonly SearchValues<char> FlagLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789$_-.");

    /// <summary>Adds a flag such as "\Seen" to messages; those that are gone are passed over.</summary>
    public static Task AddFlagAsync(this ImapConnection imap, IReadOnlyList<uint> uids, string flag, CancellationToken cancel) => RunAsync(imap, uids, "+FLAGS.SILENT", flag, cancel);

    /// <summary>Takes a flag from messages; those that are gone are passed over.</summary>
    public static Task RemoveFlagAsync(this ImapConnection imap, IReadOnlyList<uint> uids, string flag, CancellationToken cancel) => RunAsync(imap, uids, "-FLAGS.SILENT", flag, cancel);

    private static async Task RunAsync(ImapConnection imap, IReadOnlyList<uint> uids, string how, string flag, CancellationToken cancel)
    {
        if (flag.AsSpan().TrimStart('\\').ContainsAnyExcept(FlagLetters) || flag.Length == 0) throw new ArgumentException("A flag is a word.");
        foreach ((string set, _) in UidSet.Split(uids))
            await imap.RunAsync(new ImapCommand("UID STORE").Word(set).Word(how).Word($"({flag})"), untagged: null, cancel);
    }
}
