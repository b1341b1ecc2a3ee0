namespace Ingest.Core.Mailboxes;

/// <summary>Reads a mailbox's history: which mail came into the inbox.</summary>
internal static class GmailHistory
{
    private const string Inbox = "INBOX";

    /// <summary>
    /// The mails that came into the inbox after the start, each once, oldest change first. A mail counts when it was added with the label INBOX, gained it
    /// later, or was added and lost it within the same page: a colleague who archives at once must not hide it. Spam and trash do not count.
    /// </summary>
    public static List<ListedId> IntoInbox(IReadOnlyList<History> changes, string start)
    {
        List<History> after = [.. changes.Where(change => change.Id is null || IsAfter(change.Id, start))];
        HashSet<string> left = [.. after.SelectMany(c => c.LabelsRemoved ?? []).Where(l => l.LabelIds?.Contains(Inbox) == true).Select(l => l.Message?.Id ?? "")];
        HashSet<string> seen = [];
        List<ListedId> ids = [];
        foreach (History change in after)
        {
            IEnumerable<Message?> added = (change.MessagesAdded ?? []).Select(a => a.Message).Where(m => IsInbox(m?.LabelIds) || left.Contains(m?.Id ?? ""));
            IEnumerable<Message?> labelled = (change.LabelsAdded ?? []).Where(l => l.LabelIds?.Contains(Inbox) == true).Select(l => l.Message);
            foreach (Message? mail in added.Concat(labelled))
            {
                if (mail?.Id is { Length: > 0 } id && !IsRejected(mail.LabelIds) && seen.Add(id))
                    ids.Add(new ListedId(id, Date(mail)));
            }
        }

        return ids;
    }

    /// <summary>History ids are decimal numbers of any length: longer is later, then the text decides. Anything else counts as later, so that nothing is left out.</summary>
    public static bool IsAfter(string id, string start)
    {
        if (!id.All(char.IsAsciiDigit) || !start.All(char.IsAsciiDigit))
            return id != start;
        ReadOnlySpan<char> one = id.AsSpan().TrimStart('0'), other = start.AsSpan().TrimStart('0');
        return one.Length != other.Length ? one.Length > other.Length : one.CompareTo(other, StringComparison.Ordinal) > 0;
    }

    private static bool IsInbox(IReadOnlyList<string>? labels) => labels?.Contains(Inbox) == true;

    private static bool IsRejected(IReadOnlyList<string>? labels) => labels?.Any(label => label is "SPAM" or "TRASH") == true;

    private static DateTimeOffset? Date(Message mail) => long.TryParse(mail.InternalDate, out long date) && date is >= 0 and < 253402300800000
        ? DateTimeOffset.FromUnixTimeMilliseconds(date)
        : null;
}
