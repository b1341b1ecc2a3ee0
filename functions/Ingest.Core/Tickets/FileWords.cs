using Ingest.Core.Redaction;

namespace Ingest.Core.Tickets;

/// <summary>What people are told of an attachment: whether it was looked through, what was not, and what became of it.</summary>
public static class FileWords
{
    /// <summary>One phrase, without a full stop.</summary>
    public static string Of(AttachmentDocument file)
    {
        ArgumentNullException.ThrowIfNull(file);
        string unread = file.LookedInto ? "" : $"; not all of it looked into: {Because(file.Unread)}";
        return file.State switch
        {
            FileState.Withheld => "withheld: " + (file.LookedInto ? "what was found in it could not be masked" : Because(file.Unread)),
            FileState.TextCopy => "a masked copy of its text in place of the file" + unread,
            FileState.Masked => "looked through and masked" + unread,
            FileState.Kept => file.LookedInto ? "looked through for personal data" : $"not looked into: {Because(file.Unread)}",
        };
    }

    private static string Because(UnreadReason reason) => reason switch
    {
        UnreadReason.None => "may hold personal data",
        UnreadReason.Image => "pictures may show personal data",
        UnreadReason.Media => "sound and film may hold personal data",
        UnreadReason.Archive => "archives of this kind are not opened",
        UnreadReason.Encrypted => "it is encrypted",
        UnreadReason.UnreadKind => "files of this kind are not read",
        UnreadReason.UnknownKind => "nobody knows what it is",
        UnreadReason.Damaged => "it is damaged, or not what it says",
        UnreadReason.TooLarge => "it is too large when unpacked",
        UnreadReason.TooDeep => "files lie too deep in one another",
        UnreadReason.Embedded => "it holds programs or foreign objects",
    };
}
