namespace Ingest.Mail.Mime;

/// <summary>A mail to be written by <see cref="MessageWriter"/>; blind recipients are the envelope's business and have no place here.</summary>
public sealed record OutgoingMail
{
    /// <summary>The author (RFC 5322 section 3.6.2).</summary>
    public required MailAddress From { get; init; }

    /// <summary>Where answers go, when that is not <see cref="From"/>.</summary>
    public MailAddress? ReplyTo { get; init; }

    /// <summary>The recipients; may be empty.</summary>
    public IReadOnlyList<MailAddress> To { get; init; } = [];

    /// <summary>Further recipients; may be empty.</summary>
    public IReadOnlyList<MailAddress> Cc { get; init; } = [];

    /// <summary>Any text; control characters are written as spaces.</summary>
    public string Subject { get; init; } = "";

    /// <summary>When it was written; seconds and the offset are kept.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>Our own id without angle brackets: printable ASCII with an @ (RFC 5322 section 3.6.4).</summary>
    public required string MessageId { get; init; }

    /// <summary>The id this answers, without angle brackets; one that cannot be written in ASCII is left out.</summary>
    public string? InReplyTo { get; init; }

    /// <summary>The thread's ids without angle brackets, oldest first; those that cannot be written in ASCII are left out.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>The plain text, line breaks of any kind; it is written with a line break at its end.</summary>
    public required string Text { get; init; }

    /// <summary>The same as html; null when there is none.</summary>
    public string? Html { get; init; }

    /// <summary>Files, in order.</summary>
    public IReadOnlyList<OutgoingAttachment> Attachments { get; init; } = [];

    /// <summary>Further fields, such as Auto-Submitted (RFC 3834); none that the properties above stand for.</summary>
    public IReadOnlyList<(string Name, string Value)> Fields { get; init; } = [];
}
