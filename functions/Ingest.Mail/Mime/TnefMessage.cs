namespace Ingest.Mail.Mime;

/// <summary>What a TNEF stream holds (MS-OXTNEF): the facts of a message and its files, as ranges of the stream.</summary>
internal sealed class TnefMessage
{
    public string Subject { get; set; } = "";
    public string SenderName { get; set; } = "";
    public string SenderAddress { get; set; } = "";
    public string MessageId { get; set; } = "";
    public DateTimeOffset? Date { get; set; }

    /// <summary>The plain body, null when there is none.</summary>
    public string? Text { get; set; }

    /// <summary>The html body, null when there is none.</summary>
    public string? Html { get; set; }

    /// <summary>The body as RTF, decompressed; null when there is none.</summary>
    public byte[]? Rtf { get; set; }

    public List<TnefFile> Files { get; } = [];

    /// <summary>True when something could not be read; what is here was read before it.</summary>
    public bool IsDamaged { get; set; }
}

/// <summary>A file in a TNEF stream; <see cref="Message"/> is set when it is a message of its own.</summary>
internal sealed class TnefFile
{
    public string Name { get; set; } = "";
    public string ContentType { get; set; } = "";
    public string ContentId { get; set; } = "";
    public ReadOnlyMemory<byte> Content { get; set; }
    public TnefMessage? Message { get; set; }
}
