namespace Ingest.Mail.Mime;

/// <summary>What was wrong with a mail; each kind has one recovery, named in its sentence.</summary>
public enum DefectKind
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>The mail has no bytes; everything is empty.</summary>
    EmptyMail,
    /// <summary>The mail is longer than the limit; its end was not read.</summary>
    MailTooLong,
    /// <summary>An mbox "From " line stood before the header; it was skipped.</summary>
    MboxFromLine,
    /// <summary>A byte order mark or blank lines stood before the header; they were skipped.</summary>
    JunkBeforeHeader,
    /// <summary>A header line without a colon among good ones; it was skipped.</summary>
    BadHeaderLine,
    /// <summary>No blank line between header and body; the body starts at the first line that cannot be a field.</summary>
    MissingBlankLine,
    /// <summary>More fields or header bytes than the limits allow; the rest was not read as header.</summary>
    TooManyHeaders,
    /// <summary>A field longer than the limit; its end was not decoded.</summary>
    FieldTooLong,
    /// <summary>A field that may stand once was repeated; the first was used.</summary>
    DuplicateField,
    /// <summary>Lines end in a bare CR; CR was read as a line end.</summary>
    BareCarriageReturns,
    /// <summary>NUL bytes in the mail; they were dropped from decoded text.</summary>
    NulBytes,
    /// <summary>The Content-Type could not be read; text/plain was assumed.</summary>
    BadContentType,
    /// <summary>A multipart without a usable boundary parameter; a boundary was found in the body, or the body is text.</summary>
    MissingBoundary,
    /// <summary>The boundary was never used; the body is text.</summary>
    UnusedBoundary,
    /// <summary>The closing boundary is missing; the part ends where its parent goes on or the mail ends.</summary>
    MissingCloseBoundary,
    /// <summary>Nesting deeper than the limit; the inner part was left undivided.</summary>
    TooDeep,
    /// <summary>More parts than the limit; the rest was left undivided.</summary>
    TooManyParts,
    /// <summary>A multipart with a transfer encoding (RFC 2045 section 6.4); the encoding was ignored.</summary>
    EncodedMultipart,
    /// <summary>A forwarded mail in base64 or quoted-printable (RFC 2046 section 5.2.1); it was decoded and read.</summary>
    EncodedMessage,
    /// <summary>Forwarded mails in base64 or quoted-printable are larger than the limit together; this one was left undivided.</summary>
    TooManyDecodedBytes,
    /// <summary>More parameters than the limit; the rest was not read.</summary>
    TooManyParameters,
    /// <summary>More ids in References or In-Reply-To than the limit; the oldest and the newest were kept.</summary>
    TooManyReferences,
    /// <summary>An unknown transfer encoding; the content was taken as it is.</summary>
    UnknownTransferEncoding,
    /// <summary>Text said to be in base64 is in clear; it was taken as it is.</summary>
    BadTransferEncoding,
    /// <summary>An unknown or refused charset; UTF-8, else windows-1252 was used.</summary>
    UnknownCharset,
    /// <summary>The bytes do not fit the declared charset; another one was used.</summary>
    WrongCharset,
    /// <summary>An address field that is not empty holds no address, or something that is none; it was kept as it came, or left out.</summary>
    BadAddress,
    /// <summary>More addresses than the limit; the rest was left out.</summary>
    TooManyAddresses,
    /// <summary>There is no From field or it is empty.</summary>
    MissingFrom,
    /// <summary>There is no Date field; the date of the topmost Received field was used, if it has one.</summary>
    MissingDate,
    /// <summary>The Date field could not be read; the date of the topmost Received field was used, if it has one.</summary>
    BadDate,
    /// <summary>There is no Message-ID.</summary>
    MissingMessageId,
    /// <summary>The Message-ID has not the form of RFC 5322; what could be read was used, or nothing.</summary>
    BadMessageId,
    /// <summary>Text of the body was longer than the limit; it was cut.</summary>
    BodyTooLong,
    /// <summary>A TNEF stream (winmail.dat) ends early or is broken; what could be read was used, and the stream was kept as an attachment.</summary>
    DamagedTnef,
    /// <summary>S/MIME that is signed around its content, or encrypted, ends early or is broken; nothing in it could be read, and it was kept as an attachment.</summary>
    DamagedSmime,
    /// <summary>Unpacking made more bytes than the limit; the rest was left packed.</summary>
    TooMuchUnpacked,
}
