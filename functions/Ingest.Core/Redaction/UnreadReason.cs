namespace Ingest.Core.Redaction;

/// <summary>Why a file, or a part of it, was not looked into.</summary>
public enum UnreadReason
{
    /// <summary>All of it was looked into.</summary>
    None,
    /// <summary>It is a picture, or holds pictures, which may show text.</summary>
    Image,
    /// <summary>It is sound or film.</summary>
    Media,
    /// <summary>It is an archive, or holds one.</summary>
    Archive,
    /// <summary>It is encrypted.</summary>
    Encrypted,
    /// <summary>It is of a kind that is known and not read, such as the documents of old office programs.</summary>
    UnreadKind,
    /// <summary>Nobody can say what it is.</summary>
    UnknownKind,
    /// <summary>It claims to be of a kind that it is not, or is damaged.</summary>
    Damaged,
    /// <summary>Unpacked it is larger, or holds more files, than is looked through.</summary>
    TooLarge,
    /// <summary>Files lie in one another deeper than is looked through.</summary>
    TooDeep,
    /// <summary>It holds programs or foreign objects.</summary>
    Embedded,
}

/// <summary>What became of an attachment when it was taken in.</summary>
public enum FileState
{
    /// <summary>It is as it came.</summary>
    Kept,
    /// <summary>What was found in it is masked.</summary>
    Masked,
    /// <summary>A masked copy of its text lies in its place.</summary>
    TextCopy,
    /// <summary>Only its name and size are kept, by policy.</summary>
    Withheld,
}
