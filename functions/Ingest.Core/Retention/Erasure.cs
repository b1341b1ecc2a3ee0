using System.Text.Json.Serialization;

namespace Ingest.Core.Retention;

/// <summary>What is erased.</summary>
public enum ErasureKind
{
    /// <summary>One ticket with all its messages.</summary>
    Ticket = 1,
    /// <summary>One person: everything of theirs, wherever it rests.</summary>
    Contact = 2,
    /// <summary>One mailbox with everything that came through it.</summary>
    Mailbox = 3,
    /// <summary>Everything of a tenant.</summary>
    Tenant = 4,
}

/// <summary>How far an erasure is.</summary>
public enum ErasureState
{
    /// <summary>It is in the ledger; whoever asks again goes on where it stopped.</summary>
    Begun = 1,
    /// <summary>Keys and rows are destroyed and the receipt is signed; a process may still hold keys for some minutes.</summary>
    Destroyed = 2,
    /// <summary>Looked at once more after that, and closed.</summary>
    Settled = 3,
    /// <summary>A legal hold was found on something that it would have touched: it ended before anything was destroyed.</summary>
    Held = 4,
}

/// <summary>Which part of its work an erasure is at.</summary>
public enum ErasureStage
{
    /// <summary>Looking for what is to go, ticket by ticket.</summary>
    Look = 0,
    /// <summary>Destroying what lies in no ticket: mail on its way, kept back or parked; of a mailbox its credential and originals.</summary>
    Kept = 1,
    /// <summary>Writing anew what others wrote in tickets with a part of the person.</summary>
    Share = 2,
    /// <summary>Destroying tickets.</summary>
    Shred = 3,
    /// <summary>Destroying what led to the rest, and signing the receipt.</summary>
    Last = 4,
    /// <summary>All is done for now.</summary>
    Rest = 5,
    /// <summary>Counting what was destroyed, for the receipt.</summary>
    Count = 6,
    /// <summary>Destroying everything named a second time, when no process can hold a key any more.</summary>
    Twice = 7,
    /// <summary>Signing the receipt.</summary>
    Sign = 8,
}

/// <summary>One erasure as the ledger knows it: ids, codes and times.</summary>
public sealed record Erasure
{
    /// <summary>Its id: time-ordered.</summary>
    public required string Id { get; init; }
    /// <summary>What is erased.</summary>
    public required ErasureKind Kind { get; init; }
    /// <summary>The id of what is erased: of a ticket, of a contact, of an inbox; for a tenant its own.</summary>
    public required string Target { get; init; }
    /// <summary>How far it is.</summary>
    public required ErasureState State { get; init; }
    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset Begun { get; init; }
    /// <summary>When all was destroyed; null before that.</summary>
    public DateTimeOffset? Destroyed { get; init; }
    /// <summary>The signed receipt as it is handed out; null before everything is destroyed.</summary>
    public byte[]? Receipt { get; init; }
    /// <summary>Which part of its work it is at.</summary>
    public ErasureStage Stage => Notes.Stage;
    /// <summary>How many tickets and kept-back mails it has looked at so far.</summary>
    public long Looked => Notes.Looked;
    /// <summary>True while it waits for lost keys or bytes, since nobody can tell whose what they would open is.</summary>
    public bool WaitsForLost => State == ErasureState.Begun && Notes.LookAgain is not null;
    /// <summary>True when all is done and there was nothing to destroy: of a person, that nothing is held of anybody with this address.</summary>
    public bool FoundNothing => State is ErasureState.Destroyed or ErasureState.Settled && Notes.Counts.Values.All(count => count == 0);
    /// <summary>What was found so far.</summary>
    internal ErasureNotes Notes { get; init; } = new();
    /// <summary>The row's version.</summary>
    internal string Version { get; init; } = "";
}

/// <summary>What an erasure must know to go on after a crash. Sealed; addresses, names and Message-IDs are taken out once it has settled.</summary>
internal sealed record ErasureNotes
{
    /// <summary>The person's address.</summary>
    public string Address { get; init; } = "";
    /// <summary>Their names, as they were seen.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
    /// <summary>Keyed digests of the Message-IDs of what is erased: kept-back mail that answers one goes too.</summary>
    public IReadOnlyList<string> MessageIds { get; init; } = [];
    /// <summary>Tickets that are erased, and tickets that mail on its way would have started.</summary>
    public IReadOnlyList<string> Tickets { get; init; } = [];
    /// <summary>Which part of the work is under way.</summary>
    public ErasureStage Stage { get; init; }
    /// <summary>The place within that part up to which all is done; empty at its beginning.</summary>
    public string Position { get; init; } = "";
    /// <summary>True once a ticket may have been handed over to what others wrote in it: what is left of it still opens, and only this erasure knows.</summary>
    public bool HandsOver { get; init; }
    /// <summary>How often it was begun to look; what comes in while the work is done is found by looking again.</summary>
    public int Round { get; init; }
    /// <summary>How many tickets this round has found.</summary>
    public int Found { get; init; }
    /// <summary>How many tickets and mails were looked at, all in all.</summary>
    public long Looked { get; init; }
    /// <summary>Of a mailbox: how giving its grant back to the provider ended; of a tenant the same of all its mailboxes; empty before that.</summary>
    public string Grant { get; init; } = "";
    /// <summary>Of a tenant: how destroying its signing keys in the vault ended; empty before that.</summary>
    public string SigningKeys { get; init; } = "";
    /// <summary>The holds on mailboxes whose kept-back mail was not touched for them, by id; null when there was none.</summary>
    public IReadOnlyList<string>? KeptByHold { get; init; }
    /// <summary>Of a person: how many tickets this look could not read because a key or bytes are lost, which may come back.</summary>
    public int Lost { get; init; }
    /// <summary>The same of mail that lies in no ticket.</summary>
    public int LostMails { get; init; }
    /// <summary>When what is lost is looked for again; null when nothing is waited for.</summary>
    public DateTimeOffset? LookAgain { get; init; }
    /// <summary>Of a person, once it has settled and while something is left that it could not read: the keyed digest by which they are told from others when that can be read.</summary>
    public string Digest { get; init; } = "";
    /// <summary>The holds that stood when a mailbox was last looked through for them: another one that stands since makes it look again.</summary>
    public IReadOnlyList<string>? HoldsSeen { get; init; }
    /// <summary>True once it is looked at once more, after all was destroyed.</summary>
    public bool Again { get; init; }
    /// <summary>What was found, by what it is.</summary>
    public SortedDictionary<string, long> Counts { get; init; } = new(StringComparer.Ordinal);
}

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ErasureNotes))]
[JsonSerializable(typeof(AskedRedaction))]
internal sealed partial class RetentionJson : JsonSerializerContext;
