using Ingest.Core.Access;

namespace Ingest.Core.Audit;

/// <summary>What was done. The names are written into chained entries, so none is ever renamed.</summary>
public enum AuditAction
{
    /// <summary>Somebody came in.</summary>
    SignedIn,
    /// <summary>Somebody was turned away at sign-in.</summary>
    SignInRefused,
    /// <summary>Somebody left.</summary>
    SignedOut,
    /// <summary>A mail, ticket, message, attachment or original was opened.</summary>
    ContentRead,
    /// <summary>A list that shows subjects, people or settings was looked at.</summary>
    Listed,
    /// <summary>Tickets were looked for; what was looked for is not said.</summary>
    Searched,
    /// <summary>Data was taken out.</summary>
    Exported,
    /// <summary>Data was brought in.</summary>
    Imported,
    /// <summary>A mailbox was connected, or connected again.</summary>
    MailboxConnected,
    /// <summary>A mailbox was paused, resumed or set up differently.</summary>
    MailboxChanged,
    /// <summary>A mailbox was disconnected.</summary>
    MailboxDisconnected,
    /// <summary>A policy was changed.</summary>
    PolicyChanged,
    /// <summary>Somebody was added, removed, disabled or enabled, or may do something else from now on.</summary>
    GrantChanged,
    /// <summary>A token for the API was made.</summary>
    TokenCreated,
    /// <summary>A token for the API was revoked.</summary>
    TokenRevoked,
    /// <summary>A key was made, such as a domain's for DKIM.</summary>
    KeyCreated,
    /// <summary>A key was deleted.</summary>
    KeyDeleted,
    /// <summary>A key was replaced by a new version.</summary>
    KeyRotated,
    /// <summary>Keys were wrapped under another key.</summary>
    KeyRewrapped,
    /// <summary>Wrapped keys were backed up.</summary>
    KeyBackedUp,
    /// <summary>Wrapped keys were brought back from a backup.</summary>
    KeyRestored,
    /// <summary>Something was erased for good.</summary>
    Erased,
    /// <summary>A retention schedule was carried out.</summary>
    RetentionApplied,
    /// <summary>A legal hold was placed.</summary>
    HoldPlaced,
    /// <summary>A legal hold was lifted.</summary>
    HoldLifted,
    /// <summary>A mail that was kept back was let in.</summary>
    QuarantineReleased,
    /// <summary>A mail that was kept back was thrown away.</summary>
    QuarantineDeleted,
    /// <summary>A person or program answered a customer.</summary>
    ReplySent,
    /// <summary>A ticket was closed, opened, assigned or noted on.</summary>
    TicketChanged,
    /// <summary>This log was looked at.</summary>
    AuditRead,
    /// <summary>This log was checked.</summary>
    AuditVerified,
    /// <summary>Something was taken out of what is stored, for good; what it was is not said.</summary>
    Redacted,
}

/// <summary>How it ended.</summary>
public enum AuditResult
{
    /// <summary>It was let through; the entry is written before the act itself.</summary>
    Done,
    /// <summary>It was not allowed.</summary>
    Refused,
    /// <summary>It was let through and came to nothing.</summary>
    Failed,
    /// <summary>It was let through and takes longer than a request; another entry says when it ended.</summary>
    Begun,
}

/// <summary>What somebody is who acts.</summary>
public enum AuditActorKind
{
    /// <summary>A person who is signed in.</summary>
    Person,
    /// <summary>A token of ours.</summary>
    Token,
    /// <summary>An application with a token of the directory.</summary>
    Application,
    /// <summary>Ingest itself.</summary>
    System,
    /// <summary>The command line.</summary>
    Command,
}

/// <summary>Who acts: a kind and a random id, never a name or an address.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Id">Their random id; empty when nobody is proven.</param>
public readonly record struct AuditActor(AuditActorKind Kind, string Id)
{
    /// <summary>The command line, which anybody runs who may use the machine.</summary>
    public static AuditActor Command { get; } = new(AuditActorKind.Command, "");

    /// <summary>Ingest itself.</summary>
    public static AuditActor System { get; } = new(AuditActorKind.System, "");

    /// <summary>Somebody who was not proven to be anybody.</summary>
    public static AuditActor Nobody { get; } = new(AuditActorKind.Person, "");

    /// <summary>Whoever asks.</summary>
    public static AuditActor Of(Caller caller) => new(caller.Kind switch
    {
        CallerKind.Person => AuditActorKind.Person,
        CallerKind.Token => AuditActorKind.Token,
        CallerKind.Application => AuditActorKind.Application,
    }, caller.Id);
}

/// <summary>
/// Something that was done, as it is handed to the log: ids that are random, words of ours, numbers. Nothing in it says anything about a person to whom does not
/// have the tables that the ids point into, and what was erased there is unlinked here.
/// </summary>
/// <param name="Action">What was done.</param>
/// <param name="Actor">Who did it.</param>
public sealed record AuditEvent(AuditAction Action, AuditActor Actor)
{
    /// <summary>The longest code.</summary>
    public const int LongestCode = 40;

    private const int LongestId = 200;

    /// <summary>The mailbox it concerned; null when none or several.</summary>
    public InboxId? Inbox { get; init; }
    /// <summary>The ticket's id; empty when none.</summary>
    public string TicketId { get; init; } = "";
    /// <summary>The contact's random id; empty when none.</summary>
    public string ContactId { get; init; } = "";
    /// <summary>Another id that it was about: of a message, token, person, key or policy.</summary>
    public string Subject { get; init; } = "";
    /// <summary>How it ended.</summary>
    public AuditResult Result { get; init; }
    /// <summary>How many records it was about; 0 when that says nothing.</summary>
    public long Count { get; init; }
    /// <summary>A short word of ours that says more, of a-z, 0-9 and hyphens.</summary>
    public string Code { get; init; } = "";

    /// <summary>Throws <see cref="ArgumentException"/> when a part is not an id or a word of ours: an address has an @, a name a space or a letter of no id.</summary>
    internal AuditEvent Checked()
    {
        foreach (string id in (ReadOnlySpan<string>)[Actor.Id, TicketId, ContactId, Subject])
            if (id.Length > LongestId || !id.All(IsOfId)) throw new ArgumentException("An audit entry holds ids, not text.");
        if (Code.Length > LongestCode || !Code.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')) throw new ArgumentException("An audit entry's code is a word of a-z, 0-9 and hyphens.");
        return this;
    }

    private static bool IsOfId(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '/' or '!';
}
