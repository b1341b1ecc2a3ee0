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
    /// <summary>Rejected: our own mail came back.</summary>
    OwnMail = 30,
    /// <summary>Rejected: listed by the provider, gone before it could be fetched.</summary>
    Vanished = 31,
    /// <summary>Rejected: the original was erased before it was taken in.</summary>
    OriginalErased = 32,
    /// <summary>Rejected: kept back, and then thrown away by a person.</summary>
    DeletedByPerson = 33,
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
}

/// <summary>How a mail ended.</summary>
/// <param name="Kind">Which of the five ways.</param>
/// <param name="Reason">Why.</param>
/// <param name="TicketId">The ticket, when ticketed; for a duplicate the ticket of the first.</param>
public readonly record struct Outcome(OutcomeKind Kind, OutcomeReason Reason, string? TicketId = null);
