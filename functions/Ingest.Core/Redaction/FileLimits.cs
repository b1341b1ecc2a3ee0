namespace Ingest.Core.Redaction;

/// <summary>How far the files of one mail are looked through; what lies beyond is said not to be looked into.</summary>
public sealed record FileLimits
{
    /// <summary>The limits used when none are given.</summary>
    public static FileLimits Default { get; } = new();

    /// <summary>Bytes made by unpacking, all files of a mail together; stops files that grow as they are unpacked.</summary>
    public long MaxExpandedBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Files within files, all together; stops archives of a million empty files.</summary>
    public int MaxFiles { get; init; } = 2000;

    /// <summary>Files inside one another; stops archives that hold themselves.</summary>
    public int MaxDepth { get; init; } = 8;

    /// <summary>Bytes of one file that is read as plain text.</summary>
    public int MaxTextBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes of one file whose form must be kept, such as html, JSON and XML: each character's place is remembered.</summary>
    public int MaxFormedBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Names of an archive's files that are kept with it.</summary>
    public int MaxEntries { get; init; } = 100;
}
