using System.Diagnostics.CodeAnalysis;

namespace Ingest.Core.Access;

/// <summary>What a person is to an inbox, or to all inboxes.</summary>
public enum Role
{
    /// <summary>Reads tickets and answers them.</summary>
    Agent = 1,
    /// <summary>Looks at mail that was kept back and decides on it; reads no tickets.</summary>
    Reviewer = 2,
    /// <summary>Reads how every mail ended, and no content.</summary>
    Auditor = 3,
    /// <summary>Does all that concerns tickets and mailboxes.</summary>
    Admin = 4,
    /// <summary>Does all, and says who may do what; always of all inboxes.</summary>
    Owner = 5,
}

/// <summary>What a route asks before it answers.</summary>
[SuppressMessage("Naming", "CA1711", Justification = "It is one, and none of the framework's old kind.")]
public enum Permission
{
    /// <summary>Read tickets, messages and attachments.</summary>
    ReadTickets = 1,
    /// <summary>Reply, note, assign, close and reopen.</summary>
    AnswerTickets = 2,
    /// <summary>Read, release and delete quarantined and parked mail.</summary>
    ReviewMail = 3,
    /// <summary>Read the journal and the books.</summary>
    ReadJournal = 4,
    /// <summary>Connect, pause and resume mailboxes.</summary>
    ManageMailboxes = 5,
    /// <summary>See people and change what they may do.</summary>
    ManagePeople = 6,
    /// <summary>Erase for good, and place and lift legal holds.</summary>
    EraseData = 7,
    /// <summary>Take words, messages and files out of tickets for good.</summary>
    RedactTickets = 8,
    /// <summary>Open mails as they came, before anything in them was masked.</summary>
    OpenOriginals = 9,
}

/// <summary>Which role allows what; the only place that says so.</summary>
public static class Roles
{
    /// <summary>What the role allows.</summary>
    public static IReadOnlyList<Permission> PermissionsOf(Role role) => role switch
    {
        Role.Agent => [Permission.ReadTickets, Permission.AnswerTickets, Permission.RedactTickets],
        Role.Reviewer => [Permission.ReviewMail],
        Role.Auditor => [Permission.ReadJournal],
        Role.Admin => [Permission.ReadTickets, Permission.AnswerTickets, Permission.ReviewMail, Permission.ReadJournal, Permission.ManageMailboxes, Permission.EraseData, Permission.RedactTickets, Permission.OpenOriginals],
        Role.Owner => Enum.GetValues<Permission>(),
    };
}
