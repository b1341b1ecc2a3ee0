using System.Runtime.CompilerServices;
using Ingest.Mail.Text;

namespace Ingest.Mail.Mime;

/// <summary>
/// One mail as facts (RFC 5322, RFC 2045-2049). Reading never throws on content: what was odd is in <see cref="Defects"/>.
/// </summary>
public sealed partial class MailMessage
{
    private readonly BodyChoice body;
    private StrongBox<TrimmedReply>? trimmed;
    private readonly ParseLimits limits;
    private StrongBox<MailProtection?>? protection;
    private StrongBox<MailCalendar?>? calendar;
    private MailReport? report;
    private IReadOnlyList<ForwardedMail>? forwarded;

    private MailMessage(BodyChoice body, ParseLimits limits) => (this.body, this.limits) = (body, limits);

    /// <summary>The mail's bytes as received; offsets of parts and headers refer to them.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>The top-level header fields in order of appearance.</summary>
    public required HeaderList Headers { get; init; }

    /// <summary>The Message-ID without angle brackets, or null when the mail has none worth the name (RFC 5322 section 3.6.4).</summary>
    public string? MessageId { get; init; }

    /// <summary>The decoded, unfolded subject; empty when absent.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Authors, in order (RFC 5322 section 3.6.2); empty when absent or hopeless.</summary>
    public IReadOnlyList<MailAddress> From { get; init; } = [];

    /// <summary>The Sender field, when present.</summary>
    public MailAddress? Sender { get; init; }

    /// <summary>Reply-To addresses.</summary>
    public IReadOnlyList<MailAddress> ReplyTo { get; init; } = [];

    /// <summary>To addresses.</summary>
    public IReadOnlyList<MailAddress> To { get; init; } = [];

    /// <summary>Cc addresses.</summary>
    public IReadOnlyList<MailAddress> Cc { get; init; } = [];

    /// <summary>The Date field, else when the last server took the mail (a defect says so), null when neither can be read.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>Ids of In-Reply-To without angle brackets; prose in the field yields none.</summary>
    public IReadOnlyList<string> InReplyTo { get; init; } = [];

    /// <summary>Ids of References without angle brackets, oldest first.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>The body as plain text as a person would see it: the text part, or text made from the html when it is first asked for; null when the mail has no body.</summary>
    public string? Text => body.Text;

    /// <summary>The html body as sent (not sanitised), null when there is none.</summary>
    public string? Html => body.Html;

    /// <summary>What the author wrote now: <see cref="Text"/> without quotes and signature. Reply + elided + signature lose nothing.</summary>
    public string Reply => Trimmed.Reply;

    /// <summary>All that was cut from <see cref="Reply"/>, quoted text and signature, in the order in which it stood.</summary>
    public string Cut => Trimmed.Cut;

    /// <summary>Quoted text that was cut from <see cref="Reply"/>.</summary>
    public string Elided => Trimmed.Elided;

    /// <summary>The signature that was cut from <see cref="Reply"/>.</summary>
    public string Signature => Trimmed.Signature;

    /// <summary>Mails that are passed on in this one, in its text or attached, in order; made when first asked for.</summary>
    public IReadOnlyList<ForwardedMail> Forwarded => forwarded ??= ForwardReader.Read(Text, Subject, Root);

    /// <summary>Attachments and inline parts that are not a body, in order.</summary>
    public IReadOnlyList<MailAttachment> Attachments { get; init; } = [];

    /// <summary>The tree of parts.</summary>
    public required MimePart Root { get; init; }

    /// <summary>What sort of mail this is, from its structure and headers.</summary>
    public MailKind Kind { get; init; }

    /// <summary>Per-recipient delivery results when the mail is a bounce (RFC 3464); else empty.</summary>
    public IReadOnlyList<BounceRecipient> Bounce { get; init; } = [];

    /// <summary>What the report says when <see cref="Kind"/> is a report, read when first asked for; else null.</summary>
    public MailReport? Report => Kind == MailKind.Report ? report ??= ReportReader.Read(Root, body.Html is null ? Text : null, limits) : null;

    /// <summary>The calendar message in the mail, read when first asked for; null when there is none (RFC 6047).</summary>
    public MailCalendar? Calendar => (calendar ??= new StrongBox<MailCalendar?>(CalendarSummary.Find(Root, limits))).Value;

    /// <summary>Whether the mail is signed or encrypted, checked when first asked for; null when it is neither.</summary>
    public MailProtection? Protection => (protection ??= new StrongBox<MailProtection?>(ProtectionReader.Read(Root, From, Text))).Value;

    /// <summary>What was wrong with the mail and what was assumed.</summary>
    public IReadOnlyList<Defect> Defects { get; init; } = [];

    private string? AuthorName => From is not [var author, ..] ? null : author.Name.Length > 0 ? author.Name : author.Address.Split('@')[0];

    // Made when first asked for; asked twice at once it is made twice, and is the same.
    private TrimmedReply Trimmed => (trimmed ??= new StrongBox<TrimmedReply>(Text is not { } text ? new TrimmedReply("", "", "") : body.Regions is { } regions ? ReplyTrimmer.Trim(text, regions, AuthorName) : QuoteByHtml.Trim(text, Html, AuthorName))).Value;
}

/// <summary>A display name and an address, decoded. <see cref="Address"/> may be an oddity as sent, never null.</summary>
/// <param name="Name">Decoded display name, empty when absent.</param>
/// <param name="Address">The addr-spec as written, without brackets or white space around it.</param>
public sealed record MailAddress(string Name, string Address)
{
    /// <summary>The part after the last @ in lower case, empty when there is none.</summary>
    public string Domain => Address.LastIndexOf('@') is var at and >= 0 ? Address[(at + 1)..].TrimEnd('.').ToLowerInvariant() : "";
}

/// <summary>What sort of mail it is.</summary>
public enum MailKind
{
    /// <summary>Written by a person, as far as one can tell.</summary>
    Mail,
    /// <summary>An automatic answer (RFC 3834).</summary>
    AutoReply,
    /// <summary>A delivery status notification or its look-alike (RFC 3464).</summary>
    Bounce,
    /// <summary>An abuse, DMARC or disposition report.</summary>
    Report,
    /// <summary>A calendar message (RFC 6047).</summary>
    Calendar,
    /// <summary>Sent through a mailing list or in bulk.</summary>
    Bulk,
}

/// <summary>A recipient's fate in a bounce (RFC 3464 section 2.3).</summary>
/// <param name="Action">failed, delayed, delivered, relayed or expanded, in lower case.</param>
/// <param name="Status">The enhanced status code, such as 5.1.1 (RFC 3463): what the server that refused said, else what the report declares. Where neither gave one, the class and a detail of 9xx for the <see cref="Reason"/>, which no server sends.</param>
/// <param name="Recipient">The final recipient's address.</param>
/// <param name="OriginalMessageId">The Message-ID of the mail that bounced, when the notice includes it.</param>
public sealed record BounceRecipient(string Action, string Status, string Recipient, string? OriginalMessageId)
{
    /// <summary>Why, as far as words and codes say.</summary>
    public BounceReason Reason { get; init; }

    /// <summary>True when mail to this address will never arrive: no such mailbox or domain, moved away, or a domain that takes no mail.</summary>
    public bool IsHard => Action is not ("delayed" or "delivered" or "relayed" or "expanded")
        && (Reason is BounceReason.UserUnknown or BounceReason.HasMoved || (Reason is BounceReason.HostUnknown or BounceReason.NotAccept && !Status.StartsWith('4')));
}

/// <summary>Something that was wrong with the mail.</summary>
/// <param name="Kind">What.</param>
/// <param name="Offset">Where in the raw bytes, or -1.</param>
public readonly record struct Defect(DefectKind Kind, int Offset = -1);

/// <summary>An attachment or inline part. Content is decoded on demand, so that a 40 MB mail does not live twice.</summary>
public sealed class MailAttachment
{
    /// <summary>The decoded file name as sent, empty when none.</summary>
    public required string Name { get; init; }

    /// <summary>A name safe to store and to offer: no path, control characters or bidi overrides; never empty.</summary>
    public required string SafeName { get; init; }

    /// <summary>The media type in lower case without parameters.</summary>
    public required string ContentType { get; init; }

    /// <summary>True when the part is shown within the body (referenced by the html).</summary>
    public bool Inline { get; init; }

    /// <summary>Content-ID without angle brackets.</summary>
    public string? ContentId { get; init; }

    /// <summary>The part it is.</summary>
    public required MimePart Part { get; init; }

    /// <summary>The decoded content as a stream that never holds it whole.</summary>
    public Stream OpenContent() => Part.OpenContent();

    /// <summary>The decoded content; never throws on bad encodings.</summary>
    public byte[] Decode() => Part.DecodeContent();
}
