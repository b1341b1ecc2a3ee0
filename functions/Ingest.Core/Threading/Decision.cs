using Ingest.Core.Pipeline;

namespace Ingest.Core.Threading;

/// <summary>
/// What was decided about a mail, recorded once beside its anchor before anything is written, so that a retry does the same
/// even if the world has changed since. Ids and codes only.
/// </summary>
public sealed record Decision
{
    /// <summary>The message key of the mail that was decided upon; anyone else with the same content is its duplicate.</summary>
    public required string Owner { get; init; }
    /// <summary>How it is to end.</summary>
    public required OutcomeKind Outcome { get; init; }
    /// <summary>Why.</summary>
    public required OutcomeReason Reason { get; init; }
    /// <summary>The ticket to write to; empty when it does not become a message.</summary>
    public string TicketId { get; init; } = "";
    /// <summary>A ticket that it refers to without being allowed to join; empty when none.</summary>
    public string LinkedTo { get; init; } = "";
    /// <summary>The sender's contact id; empty when it does not become a message.</summary>
    public string ContactId { get; init; } = "";
    /// <summary>When the provider received it, as known when it was decided upon: a retry that was told another time must not write a second message.</summary>
    public DateTimeOffset Received { get; init; }
    /// <summary>Every step's decision as codes.</summary>
    public string Steps { get; init; } = "";

    /// <summary>True when it starts a ticket.</summary>
    public bool StartsTicket => Outcome == OutcomeKind.Ticketed && Reason is OutcomeReason.NewTicket or OutcomeReason.NewTicketLinked;
}

/// <summary>What stands at a Message-ID: which ticket it leads to, and whether the mail itself was seen or only referred to.</summary>
/// <param name="TicketId">The ticket; empty when the mail became none.</param>
/// <param name="Claimed">True when the mail was referred to before it came.</param>
/// <param name="By">The message key that wrote it.</param>
public sealed record Anchor(string TicketId, bool Claimed, string By);
