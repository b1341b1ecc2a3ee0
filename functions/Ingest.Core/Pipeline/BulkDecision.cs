using System.Text.Json.Serialization;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>What is done with many kept-back mails.</summary>
public enum BulkAction
{
    /// <summary>They are let in.</summary>
    Release = 1,
    /// <summary>They are deleted.</summary>
    Delete = 2,
}

/// <summary>How a decision on many stands.</summary>
public enum BulkState
{
    /// <summary>It is being carried out.</summary>
    Running = 1,
    /// <summary>It was carried out.</summary>
    Done = 2,
    /// <summary>A person stopped it; what was done stays done.</summary>
    Stopped = 3,
}

/// <summary>One kept-back mail that is meant.</summary>
/// <param name="Inbox">Its mailbox.</param>
/// <param name="MessageKey">Its key.</param>
public readonly record struct KeptRef(InboxId Inbox, string MessageKey);

/// <summary>A decision on many kept-back mails: those that are named, or all that a filter lets through of what was kept back when it was made.</summary>
public sealed record BulkDecision
{
    /// <summary>The most mails that can be named.</summary>
    public const int MostNamed = 1000;

    /// <summary>Its id; sorts by time.</summary>
    public required string Id { get; init; }
    /// <summary>What is done.</summary>
    public required BulkAction Action { get; init; }
    /// <summary>How it stands.</summary>
    public BulkState State { get; init; } = BulkState.Running;
    /// <summary>The random id of who decided; empty for the command line.</summary>
    public string By { get; init; } = "";
    /// <summary>When.</summary>
    public DateTimeOffset Created { get; init; }
    /// <summary>When it last went on.</summary>
    public DateTimeOffset Moved { get; init; }
    /// <summary>Mails that it was done with.</summary>
    public long Done { get; init; }
    /// <summary>Mails that were let in, deleted or gone already, that a legal hold keeps, or that cannot be opened.</summary>
    public long Passed { get; init; }
    /// <summary>How many are meant, as counted at first; -1 when more than were counted.</summary>
    public long Meant { get; init; } = -1;
    /// <summary>How far it came: a number for named mails, else a place in the list.</summary>
    public string Place { get; init; } = "";
    /// <summary>What is meant.</summary>
    public required BulkScope Scope { get; init; }
    /// <summary>Its row's version.</summary>
    internal string Version { get; init; } = "";

    /// <summary>True when a text can be such an id.</summary>
    public static bool IsId(string text) => text.Length == 30 && text[17] == '-' && text[..17].All(char.IsAsciiDigit) && text[18..].All(char.IsAsciiHexDigitLower);
}

/// <summary>Which mails a decision on many means. Sealed at rest: it may name a sender.</summary>
public sealed record BulkScope
{
    /// <summary>The mailboxes, all of which the one who decides may review.</summary>
    public required IReadOnlyList<string> Inboxes { get; init; }
    /// <summary>What the one is who decided, so that their right can be looked at again; null when that cannot be told.</summary>
    public AuditActorKind? By { get; init; }
    /// <summary>The mails by mailbox and key; empty when the filter says which.</summary>
    public IReadOnlyList<string> Named { get; init; } = [];
    /// <summary>The filter, for what is not named.</summary>
    public KeptFilter Filter { get; init; } = KeptFilter.Quarantined;

    /// <summary>What is kept once it ended: the mailboxes alone, and nobody's address.</summary>
    internal BulkScope Ended => new() { Inboxes = Inboxes };

    /// <summary>True when it says more than is kept once it ended.</summary>
    internal bool SaysMore => Named.Count > 0 || Filter.Sender.Length > 0;
}

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(BulkScope))]
internal sealed partial class BulkJson : JsonSerializerContext;
