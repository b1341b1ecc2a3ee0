namespace Ingest.Core.Pipeline;

/// <summary>The five ways a listed mail can end; each mail ends in exactly one journal line.</summary>
public enum OutcomeKind
{
    /// <summary>It is a message of a ticket.</summary>
    Ticketed = 1,
    /// <summary>The same mail was taken in before, under another provider id.</summary>
    Duplicate = 2,
    /// <summary>Kept back for a person to look at.</summary>
    Quarantined = 3,
    /// <summary>Not taken in, for a stated reason.</summary>
    Rejected = 4,
    /// <summary>We failed; the raw mail is kept and can be replayed.</summary>
    Parked = 5,
}

/// <summary>Why a mail ended as it did. Codes, never content.</summary>
public enum OutcomeReason
{
    /// <summary>No reason needed.</summary>
    None = 0,
    /// <summary>Ticketed: starts a ticket.</summary>
    NewTicket = 1,
    /// <summary>Ticketed: joined by the unforgeable token of our own mail.</summary>
    JoinedByToken = 2,
    /// <summary>Ticketed: joined by reference, and the sender is an authenticated participant.</summary>
    JoinedAsParticipant = 3,
    /// <summary>Ticketed: the root of a thread whose answer came first.</summary>
    JoinedAsLateRoot = 4,
    /// <summary>Ticketed: refers to a ticket that its sender may not join, so a new ticket that points to it.</summary>
    NewTicketLinked = 5,
    /// <summary>Duplicate: same Message-ID and same content.</summary>
    SameMail = 10,
    /// <summary>Quarantined: judged to be spam.</summary>
    Spam = 20,
    /// <summary>Quarantined: a bounce of a mail that was not ours.</summary>
    Backscatter = 21,
    /// <summary>Quarantined: an abuse, DMARC or disposition report.</summary>
    Report = 22,
    /// <summary>Quarantined: it goes round in circles.</summary>
    Loop = 23,
    /// <summary>Rejected: our own mail came back. Quarantined: it names the mailbox as its author, without the mark of our own mail.</summary>
    OwnMail = 30,
    /// <summary>Rejected: listed by the provider, gone before it could be fetched.</summary>
    Vanished = 31,
    /// <summary>Rejected: the original was erased before it was taken in.</summary>
    OriginalErased = 32,
    /// <summary>Rejected: kept back, and then thrown away by a person.</summary>
    DeletedByPerson = 33,
    /// <summary>Rejected: kept back, and nobody looked at it in its time.</summary>
    ExpiredUnreviewed = 34,
    /// <summary>Parked: the provider would not hand the mail out.</summary>
    Unfetchable = 40,
    /// <summary>Parked: the process ended each time this mail was taken in.</summary>
    Crashed = 41,
    /// <summary>Parked: it could not be taken in within the deadline.</summary>
    Overrun = 42,
    /// <summary>Parked: a fault of ours.</summary>
    Fault = 43,
    /// <summary>Parked: its key is there, the sealed original is not.</summary>
    OriginalMissing = 44,
    /// <summary>Quarantined: a rule denies its sender, server, list or field.</summary>
    DeniedByRule = 50,
    /// <summary>Quarantined: only senders on the allow list are taken, and this is none.</summary>
    NotOnAllowList = 51,
    /// <summary>Quarantined: the first mail of a sender who is not proven.</summary>
    UnprovenFirstContact = 52,
    /// <summary>Quarantined: the first mail of a sender, and the mailbox holds these.</summary>
    FirstContact = 53,
    /// <summary>Quarantined: it fails the check of a domain that asks for that.</summary>
    FailedAuthentication = 54,
    /// <summary>Quarantined: its sender, its domain or the mailbox had more mail than the mailbox takes in an hour.</summary>
    RateLimited = 55,
    /// <summary>Quarantined: an automatic answer to nothing of ours.</summary>
    AutomaticAnswer = 56,
    /// <summary>Quarantined: an out-of-office note to nothing of ours.</summary>
    OutOfOffice = 57,
    /// <summary>Quarantined: refers to a ticket of which its sender, nobody known, is no participant.</summary>
    UnknownSenderOfTicket = 58,
    /// <summary>Quarantined: refers to a ticket that its sender may not write in.</summary>
    MayNotJoin = 59,
    /// <summary>Quarantined: from the address of a mail system.</summary>
    SystemSender = 60,
    /// <summary>Quarantined: without an author.</summary>
    NoAuthor = 61,
    /// <summary>Quarantined: without subject, text and attachments.</summary>
    Blank = 62,
    /// <summary>Quarantined: written to an address that takes no answers.</summary>
    ToUnattended = 63,
    /// <summary>Quarantined: from a server whose right to send for the domain is unknown, and the mailbox asks for it.</summary>
    UnknownServer = 64,
    /// <summary>Quarantined: the mailbox takes no mail.</summary>
    MailboxClosed = 65,
    /// <summary>Quarantined: its structure could not be read.</summary>
    Unreadable = 66,
    /// <summary>Quarantined: larger than the mailbox takes.</summary>
    TooLarge = 67,
    /// <summary>Quarantined: the filter is unsure, and the mailbox holds such mail.</summary>
    Unsure = 68,
    /// <summary>Quarantined: its sender was suspended by a person.</summary>
    SuspendedSender = 69,
    /// <summary>Quarantined: a program as attachment.</summary>
    DangerousAttachment = 70,
    /// <summary>Quarantined: the mailbox's provider calls it spam.</summary>
    ProviderSaysSpam = 71,
    /// <summary>Quarantined: the same content again and again.</summary>
    RepeatedContent = 72,
}

/// <summary>How a mail ended.</summary>
/// <param name="Kind">Which of the five ways.</param>
/// <param name="Reason">Why.</param>
/// <param name="TicketId">The ticket, when ticketed; for a duplicate the ticket of the first.</param>
public readonly record struct Outcome(OutcomeKind Kind, OutcomeReason Reason, string? TicketId = null);
