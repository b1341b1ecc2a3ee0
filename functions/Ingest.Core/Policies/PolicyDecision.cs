using System.Globalization;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Policies;

/// <summary>What the policy says of a mail before the filter is asked.</summary>
/// <param name="Effect">Take it, hold it, or nothing.</param>
/// <param name="Reason">Why it is held; None else.</param>
/// <param name="Rule">Which rule decided, counted from 1; 0 when none did.</param>
public readonly record struct PolicyDecision(RuleEffect? Effect, OutcomeReason Reason = OutcomeReason.None, int Rule = 0)
{
    /// <summary>True when a rule allows it, but it fails its own domain's check: the rule is not obeyed.</summary>
    public bool AllowRefused { get; init; }

    /// <summary>True when the rule is not obeyed because that check could not be made.</summary>
    public bool IsUnchecked { get; init; }

    /// <summary>True when the filter's doubt is enough to hold it.</summary>
    public bool HoldsUnsure { get; init; }

    /// <summary>True when it is held whatever the filter says.</summary>
    public bool Holds => Effect is RuleEffect.Deny or RuleEffect.Suspend;

    /// <summary>The same as a step of the journal, such as "Deny/DeniedByRule/3"; empty when there is nothing to say.</summary>
    public string ToStep()
    {
        if (Effect is null && !AllowRefused) return "";
        string word = Effect?.ToString() ?? (IsUnchecked ? "AllowUnchecked" : "AllowRefused");
        return string.Create(CultureInfo.InvariantCulture, $"{word}/{Reason}/{Rule}");
    }

    /// <summary>The same in a sentence for people.</summary>
    public string ToSentence()
    {
        string rule = string.Create(CultureInfo.InvariantCulture, $"Rule {Rule}");
        if (AllowRefused && IsUnchecked && Effect is null) return $"{rule} would allow it, but it could not be checked whether its domain sent it: the rule is not obeyed, and the filter decides.";
        if (AllowRefused && Effect is null) return $"{rule} would allow it, but it fails its own domain's check: the rule is not obeyed, and the filter decides.";
        return Effect switch
        {
            RuleEffect.Allow => $"{rule} allows it: it becomes a ticket, whatever the filter says.",
            RuleEffect.Suspend => $"{rule} suspends its sender: it is held.",
            RuleEffect.Deny when Rule > 0 => $"{rule} denies it: it is held.",
            RuleEffect.Deny => $"It is held: {HeldWords.Of(Reason)}.",
            null => "Nothing is decided about it: the filter judges it.",
        };
    }
}
