namespace Ingest.Core.Spam;

/// <summary>How spam-like a mail is and why.</summary>
/// <param name="Score">0 (surely wanted) to 1 (surely spam): of a hundred mails with 0.9, ninety are spam.</param>
/// <param name="Verdict">What follows from the score and the mailbox's lines.</param>
/// <param name="Reasons">What spoke for or against it, weightiest first.</param>
public sealed record SpamVerdict(double Score, SpamVerdictKind Verdict, IReadOnlyList<SpamReason> Reasons)
{
    /// <summary>The log-odds that the score was made of: the sum of the reasons and of what is assumed before any.</summary>
    internal double LogOdds { get; init; }
}

/// <summary>What to make of a mail.</summary>
public enum SpamVerdictKind
{
    /// <summary>Wanted.</summary>
    Ham,
    /// <summary>Shown, with a warning.</summary>
    Unsure,
    /// <summary>Held in quarantine.</summary>
    Spam,
}

/// <summary>One reason.</summary>
/// <param name="Code">Which.</param>
/// <param name="Weight">What it added to the log-odds of spam; negative speaks for the mail.</param>
public readonly record struct SpamReason(SpamCode Code, double Weight);
