namespace Ingest.Core.Redaction.Files;

/// <summary>A file to look into.</summary>
/// <param name="ContentType">The media type it says it has; empty when it says nothing.</param>
/// <param name="Name">Its name.</param>
/// <param name="Charset">The charset it says its text has.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record FileSource(string ContentType, string Name, string? Charset, byte[] Content)
{
    /// <summary>True when what is ASCII must stay so, since it travels without an encoding.</summary>
    internal bool AsciiOnly { get; init; }

    /// <summary>The texts of the workbook of which it is a sheet, or which it holds.</summary>
    internal SharedStrings? Strings { get; init; }
}
