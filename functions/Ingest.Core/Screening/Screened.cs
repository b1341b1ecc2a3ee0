namespace Ingest.Core.Screening;

/// <summary>What the screen needs to know about the mailbox.</summary>
/// <param name="OwnAddresses">The mailbox's address and aliases.</param>
/// <param name="IsOurMessageId">True for a Message-ID (without angle brackets) that carries a token which only this mailbox can have made.</param>
public sealed record ScreenInputs(OwnAddresses OwnAddresses, Func<string, bool> IsOurMessageId);

/// <summary>What sort of sender wrote a mail, and whether an automatic answer to it may be thought of.</summary>
/// <param name="Kind">The sort.</param>
/// <param name="Reason">The sign that decided it.</param>
/// <param name="MayAcknowledge">True when an automatic answer cannot start a loop nor hit an innocent: a person, authenticated, who did not ask for silence.</param>
public sealed record Screened(ScreenKind Kind, ScreenReason Reason, bool MayAcknowledge);

/// <summary>The sorts of mail that the pipeline treats differently.</summary>
public enum ScreenKind
{
    /// <summary>A person, as far as one can tell.</summary>
    Human,
    /// <summary>An automatic answer.</summary>
    AutoReply,
    /// <summary>A delivery notice.</summary>
    Bounce,
    /// <summary>An abuse, DMARC or disposition report.</summary>
    Report,
    /// <summary>A list or bulk mail.</summary>
    Bulk,
    /// <summary>A calendar message.</summary>
    Calendar,
    /// <summary>Mail that the mailbox itself sent.</summary>
    OwnMail,
    /// <summary>Mail that travels in circles.</summary>
    Loop,
}

/// <summary>The sign that decided a <see cref="ScreenKind"/>.</summary>
public enum ScreenReason
{
    /// <summary>No sign of a machine.</summary>
    NoSign,
    /// <summary>More than 50 Received fields.</summary>
    HopCount,
    /// <summary>The author is one of the mailbox's own addresses.</summary>
    OwnFrom,
    /// <summary>The Message-ID carries this mailbox's token.</summary>
    OwnMessageId,
    /// <summary>A relay rewrote the Message-ID; the original, kept in our own field, carries this mailbox's token.</summary>
    OwnIdField,
    /// <summary>A delivery status notification by its structure.</summary>
    DeliveryNotice,
    /// <summary>The author is a mail system.</summary>
    MailSystem,
    /// <summary>A report by its structure.</summary>
    ReportStructure,
    /// <summary>Auto-Submitted says that no person sent it (RFC 3834 section 5).</summary>
    AutoSubmitted,
    /// <summary>A vendor's auto-reply field.</summary>
    AutoReplyField,
    /// <summary>An automatic answer by its structure.</summary>
    AutoReplyStructure,
    /// <summary>Precedence is bulk, list or junk.</summary>
    Precedence,
    /// <summary>A mailing list's field (RFC 2919, RFC 2369).</summary>
    ListField,
    /// <summary>Bulk by its structure.</summary>
    BulkStructure,
    /// <summary>A calendar message by its structure.</summary>
    CalendarStructure,
}
