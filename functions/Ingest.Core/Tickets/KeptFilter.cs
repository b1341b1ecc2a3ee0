using System.Text.Json.Serialization;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Tickets;

/// <summary>Which kept-back mail is meant; what is not said leaves nothing out.</summary>
public sealed record KeptFilter
{
    /// <summary>The longest sender that can be looked for.</summary>
    public const int LongestSender = 320;

    /// <summary>All that was quarantined.</summary>
    public static KeptFilter Quarantined { get; } = new();

    /// <summary>Quarantined or parked.</summary>
    public OutcomeKind Outcome { get; init; } = OutcomeKind.Quarantined;
    /// <summary>Kept back for one of these reasons; empty for any.</summary>
    public IReadOnlyList<OutcomeReason> Reasons { get; init; } = [];
    /// <summary>The whole address of its sender as the mail says, or a domain, with or without an @ before it; empty for anybody.</summary>
    public string Sender { get; init; } = "";
    /// <summary>Received at this time or before.</summary>
    public DateTimeOffset? ReceivedBefore { get; init; }
    /// <summary>Kept back at this time or before.</summary>
    public DateTimeOffset? KeptBefore { get; init; }

    /// <summary>True when <see cref="Sender"/> is empty, or something that a sender can be.</summary>
    [JsonIgnore]
    public bool IsUsable => Sender.Length == 0 || (Sender.Length <= LongestSender && !Sender.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) && Sender.TrimStart('@').Length > 0 && Sender[^1] != '@');

    /// <summary>What the index is asked for the sender.</summary>
    internal KeptMark Mark(TenantKeys ids) => Sender.IndexOf('@', StringComparison.Ordinal) switch
    {
        _ when Sender.Length == 0 => new KeptMark("", ""),
        > 0 => new KeptMark(KeptMark.OfSender(ids, Sender), ""),
        _ => new KeptMark("", KeptMark.OfDomain(ids, Sender.TrimStart('@'))),
    };
}
