using System.Text.Json.Serialization;
using Ingest.Core.Redaction;

namespace Ingest.Core.Tickets;

/// <summary>Where a ticket stands.</summary>
public enum TicketState
{
    /// <summary>Waits for us.</summary>
    Open = 1,
    /// <summary>Done.</summary>
    Closed = 2,
}

/// <summary>Things an agent should see at once about a message. Numbers, so they may stand in the clear.</summary>
[Flags]
public enum MessageMarks
{
    /// <summary>Nothing special.</summary>
    None = 0,
    /// <summary>The sender's address could not be verified.</summary>
    Unverified = 1,
    /// <summary>May be spam.</summary>
    Unsure = 2,
    /// <summary>Sent by a machine: out of office and the like.</summary>
    Automatic = 4,
    /// <summary>A delivery failure of a mail of ours.</summary>
    Bounce = 8,
    /// <summary>Something was redacted.</summary>
    Redacted = 16,
    /// <summary>The mail was malformed; what is shown is our best reading.</summary>
    Malformed = 32,
    /// <summary>An attachment could not be looked into for personal data.</summary>
    NotLookedInto = 64,
    /// <summary>Sent to a list or in bulk.</summary>
    Bulk = 128,
    /// <summary>A reply of ours.</summary>
    Outbound = 256,
    /// <summary>A note that only agents see.</summary>
    Note = 512,
    /// <summary>Its sender was not part of the ticket before and came in with a mail of ours in hand, as one to whom it was forwarded.</summary>
    Newcomer = 1024,
    /// <summary>Of a ticket: a person set it aside as spam.</summary>
    MarkedSpam = 2048,
}

/// <summary>A ticket as agents see it; sealed at rest under the ticket's key.</summary>
public sealed record TicketDocument
{
    /// <summary>The subject, redacted.</summary>
    public string Subject { get; init; } = "";
    /// <summary>Who asked: a contact id. Never changes because someone else replied.</summary>
    public required string Requester { get; init; }
    /// <summary>Who may join by reference if their mail authenticates: contact ids of those whose mail in this ticket did, the requester first if so.</summary>
    public IReadOnlyList<string> Participants { get; init; } = [];
    /// <summary>Whom authenticated participants copied in: normalised addresses, which may join like participants; never our own.</summary>
    public IReadOnlyList<string> Copied { get; init; } = [];
    /// <summary>The requester's name and address as of the first mail.</summary>
    public string RequesterName { get; init; } = "";
    /// <summary>The requester's address.</summary>
    public string RequesterAddress { get; init; } = "";
    /// <summary>A ticket that the first mail refers to without having been allowed to join.</summary>
    public string LinkedTo { get; init; } = "";
    /// <summary>Whose ticket it is: a person's id; empty for nobody's.</summary>
    public string Assignee { get; init; } = "";
    /// <summary>When the newest mail from outside was received.</summary>
    public DateTimeOffset LastAt { get; init; }
    /// <summary>The key of that mail.</summary>
    public string LastKey { get; init; } = "";
    /// <summary>Its subject, redacted.</summary>
    public string LastSubject { get; init; } = "";
    /// <summary>Who wrote it.</summary>
    public string LastFrom { get; init; } = "";
}

/// <summary>A message of a ticket; sealed at rest under the ticket's key.</summary>
public sealed record MessageDocument
{
    /// <summary>Sender's name.</summary>
    public string FromName { get; init; } = "";
    /// <summary>Sender's address.</summary>
    public string FromAddress { get; init; } = "";
    /// <summary>Reply-To address when it differs from the sender's, else empty; shown, never believed.</summary>
    public string ReplyTo { get; init; } = "";
    /// <summary>To addresses.</summary>
    public IReadOnlyList<string> To { get; init; } = [];
    /// <summary>Cc addresses.</summary>
    public IReadOnlyList<string> Cc { get; init; } = [];
    /// <summary>Message-ID as sent.</summary>
    public string MessageId { get; init; } = "";
    /// <summary>References and In-Reply-To, bounded.</summary>
    public IReadOnlyList<string> References { get; init; } = [];
    /// <summary>The Date header, when readable.</summary>
    public DateTimeOffset? Date { get; init; }
    /// <summary>Subject, redacted.</summary>
    public string Subject { get; init; } = "";
    /// <summary>The whole text, redacted.</summary>
    public string Text { get; init; } = "";
    /// <summary>The html, redacted, not sanitised: it is made safe where it is shown.</summary>
    public string Html { get; init; } = "";
    /// <summary>What the author wrote now, redacted.</summary>
    public string Reply { get; init; } = "";
    /// <summary>Cut quotes, redacted.</summary>
    public string Elided { get; init; } = "";
    /// <summary>Cut signature, redacted.</summary>
    public string Signature { get; init; } = "";
    /// <summary>The attachments.</summary>
    public IReadOnlyList<AttachmentDocument> Attachments { get; init; } = [];
    /// <summary>How many things were redacted.</summary>
    public int Redactions { get; init; }
    /// <summary>The same by sort, as codes: "card:2,phone:1"; empty when nothing was, or where only the number was kept.</summary>
    public string Masked { get; init => field = value ?? ""; } = "";
    /// <summary>Keyed digests of the addresses that were masked in it (<see cref="NamedAddresses"/>).</summary>
    // Messages sealed before this was there have none, which the serialiser takes for null.
    public IReadOnlyList<string> Named { get; init => field = value ?? []; } = [];
    /// <summary>Who is proven to have sent it; null for what did not come from outside.</summary>
    public SenderCheck? Sender { get; init; }
    /// <summary>What in it is as deceivers do it.</summary>
    // Messages sealed before this was there have none, which the serialiser takes for null.
    public IReadOnlyList<Screening.PhishingHint> Hints { get; init => field = value ?? []; } = [];
    /// <summary>The steps' decisions as codes.</summary>
    public string Steps { get; init; } = "";
    /// <summary>Who of us wrote it: a person's id; empty for mail from outside and for what is sent by itself.</summary>
    public string Author { get; init; } = "";
    /// <summary>Their name, for colleagues, where the customer is shown the mailbox's.</summary>
    public string AuthorName { get; init; } = "";
    /// <summary>What was taken out after it was written, oldest first.</summary>
    public IReadOnlyList<LaterRedaction> LaterRedactions { get; init => field = value ?? []; } = [];
}

/// <summary>What of a message was taken out after it was written.</summary>
public enum RedactedPart
{
    /// <summary>Words, wherever they stood in it.</summary>
    Text = 1,
    /// <summary>All that it said.</summary>
    Message = 2,
    /// <summary>A file.</summary>
    Attachment = 3,
    /// <summary>What the mailbox's policy masks, looked for afterwards.</summary>
    Policy = 4,
}

/// <summary>Something that was taken out of a message after it was written, for good. It says nothing of what that was.</summary>
/// <param name="Id">Which redaction it was part of.</param>
/// <param name="At">When.</param>
/// <param name="By">The random id of who did it; empty for the command line.</param>
/// <param name="ByName">Their name, for colleagues.</param>
/// <param name="Part">What was taken out.</param>
/// <param name="Count">How many places.</param>
public sealed record LaterRedaction(string Id, DateTimeOffset At, string By, string ByName, RedactedPart Part, int Count);

/// <summary>An attachment: where it lies in the message's blob.</summary>
public sealed record AttachmentDocument
{
    /// <summary>Its safe file name, redacted.</summary>
    public required string Name { get; init; }
    /// <summary>Media type.</summary>
    public required string ContentType { get; init; }
    /// <summary>Bytes when opened.</summary>
    // Not required: zero is not written, and an empty attachment would make its message unreadable.
    public long Size { get; init; }
    /// <summary>SHA-256 of the opened bytes, hexadecimal.</summary>
    public required string Sha256 { get; init; }
    /// <summary>Shown within the body.</summary>
    public bool Inline { get; init; }
    /// <summary>Content-ID.</summary>
    public string ContentId { get; init; } = "";
    /// <summary>True when all of it was searched for personal data.</summary>
    public bool LookedInto { get; init; }
    /// <summary>Why it, or a part of it, was not; not told by messages sealed before this was there.</summary>
    public UnreadReason Unread { get; init; }
    /// <summary>What became of it. Of what is withheld there are no bytes, and <see cref="Size"/> says how many there were.</summary>
    public FileState State { get; init; }
    /// <summary>Names of the files in it when it is an archive, redacted, the first ones only.</summary>
    // Messages sealed before this was there have none, which the serialiser takes for null.
    public IReadOnlyList<string> Entries { get; init => field = value ?? []; } = [];
    /// <summary>Where its sealed bytes begin in the message's blob, counted from the end of the sealed document.</summary>
    public long Offset { get; init; }
    /// <summary>How many sealed bytes there are.</summary>
    public long Length { get; init; }
}

/// <summary>What a list shows of a ticket without opening it; sealed under the ticket's key.</summary>
public sealed record ListDocument
{
    /// <summary>Subject of the newest message.</summary>
    public string Subject { get; init; } = "";
    /// <summary>Who wrote last.</summary>
    public string From { get; init; } = "";
}

/// <summary>A person as we know them; sealed under the contact's key.</summary>
public sealed record ContactDocument
{
    /// <summary>Name as first seen.</summary>
    public string Name { get; init; } = "";
    /// <summary>Address, normalised.</summary>
    public string Address { get; init; } = "";
}

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(TicketDocument))]
[JsonSerializable(typeof(MessageDocument))]
[JsonSerializable(typeof(ListDocument))]
[JsonSerializable(typeof(ContactDocument))]
public sealed partial class TicketJson : JsonSerializerContext;
