namespace Ingest.Mail.Mime;

/// <summary>Limits of the reader, each named after what it bounds; meeting one leaves a <see cref="Defect"/>, never an exception.</summary>
public sealed record ParseLimits
{
    /// <summary>The limits used when none are given.</summary>
    public static ParseLimits Default { get; } = new();

    /// <summary>Bytes of one mail; what is beyond is not read. Stops a stream without end, and mails that no array holds.</summary>
    public int MaxMailBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Multiparts and forwarded mails inside one another; stops stack exhaustion by deep nesting.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Parts in one mail, all levels together; stops memory exhaustion by millions of empty parts.</summary>
    public int MaxParts { get; init; } = 1000;

    /// <summary>Header fields in one header; stops memory exhaustion by millions of tiny fields.</summary>
    public int MaxHeaders { get; init; } = 2000;

    /// <summary>Bytes of one header, all fields; stops a mail that is one endless header from being decoded as such.</summary>
    public int MaxHeaderBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of one field that are decoded, the rest is left raw; stops costly decoding of one endless field.</summary>
    public int MaxFieldBytes { get; init; } = 256 * 1024;

    /// <summary>Addresses taken from one field; stops a To field that names a million people.</summary>
    public int MaxAddresses { get; init; } = 2000;

    /// <summary>Ids taken from References or In-Reply-To, the oldest and the newest are kept; stops endless thread chains.</summary>
    public int MaxReferences { get; init; } = 200;

    /// <summary>Characters of an id; stops giant ids from becoming keys. A longer one counts as none.</summary>
    public int MaxIdLength { get; init; } = 998;

    /// <summary>Parameters of one Content-Type or Content-Disposition, continuations counted; stops RFC 2231 continuation floods.</summary>
    public int MaxParameters { get; init; } = 200;

    /// <summary>Decoded bytes of forwarded mails that came encoded, all together; stops mails in base64 inside one another from being held many times over. Beyond it they stay undivided.</summary>
    public int MaxDecodedBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Comments inside one another; deeper ones are text, so that a million opening brackets mean nothing. Groups of addresses need no limit: they are flattened as they come, however deep.</summary>
    public int MaxCommentDepth { get; init; } = 50;

    /// <summary>Characters of a file name or display name; stops storage names of a megabyte.</summary>
    public int MaxNameLength { get; init; } = 1000;

    /// <summary>Decoded bytes of one text part that become <see cref="MailMessage.Text"/> or <see cref="MailMessage.Html"/>, all together; stops bodies made to exhaust memory. What is beyond stays in the raw mail.</summary>
    public int MaxBodyBytes { get; init; } = 6 * 1024 * 1024;

    /// <summary>Recipients taken from a delivery status notification; stops a bounce that names a million people.</summary>
    public int MaxBounceRecipients { get; init; } = 500;

    /// <summary>Bytes made while unpacking what holds mail within mail (TNEF, opaque S/MIME, uuencode), all together; stops streams that grow as they are unpacked. What is beyond stays packed.</summary>
    public long MaxUnpackedBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Characters of a calendar that are read; stops calendars made to cost memory. What is beyond stays in the attachment.</summary>
    public int MaxCalendarLength { get; init; } = 1024 * 1024;

    /// <summary>Lines of a calendar that are read; stops calendars of a million tiny properties.</summary>
    public int MaxCalendarLines { get; init; } = 20_000;

    /// <summary>Events taken from a calendar; stops a calendar that is a whole year of them from being shown as one mail.</summary>
    public int MaxCalendarEvents { get; init; } = 100;

    /// <summary>Decoded bytes of a delivery status, a report or a returned header that are read; stops notices made to cost memory.</summary>
    public int MaxReportBytes { get; init; } = 1024 * 1024;
}
