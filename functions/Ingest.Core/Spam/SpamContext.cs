using Ingest.Core.Screening;

namespace Ingest.Core.Spam;

/// <summary>What is known besides the mail itself when it is judged. None of it is needed: what is not known weighs nothing.</summary>
public sealed record SpamContext
{
    /// <summary>Nothing known.</summary>
    public static SpamContext None { get; } = new();

    /// <summary>How well the sender is known. Only a proven sender can be known.</summary>
    public SenderHistory History { get; init; }

    /// <summary>True when the mail joins a ticket by our token or as a proven participant.</summary>
    public bool JoinsTicket { get; init; }

    /// <summary>What in it is as deceivers do it.</summary>
    public IReadOnlyList<PhishingHint> Hints { get; init; } = [];

    /// <summary>What the mailbox's own provider made of it.</summary>
    public ProviderVerdict Provider { get; init; }

    /// <summary>What the tenant's agents taught: the log-odds it adds for a mail's features, bounded; null where nobody taught anything.</summary>
    public Func<FeatureVector, double>? Learned { get; init; }

    /// <summary>Where the mailbox draws its lines.</summary>
    public SpamThresholds Thresholds { get; init; } = SpamThresholds.Default;
}

/// <summary>How well the sender of a mail is known to the tenant.</summary>
public enum SenderHistory
{
    /// <summary>Not asked, or the sender is not proven.</summary>
    Unknown,
    /// <summary>Proven, and never heard of.</summary>
    FirstContact,
    /// <summary>Proven, and wrote before.</summary>
    Known,
}

/// <summary>What the mailbox provider's own filter says.</summary>
public enum ProviderVerdict
{
    /// <summary>Nothing, or nothing that can be believed.</summary>
    None,
    /// <summary>Not spam.</summary>
    Ham,
    /// <summary>Spam.</summary>
    Spam,
}
