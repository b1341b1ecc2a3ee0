namespace Ingest.Core.Redaction;

/// <summary>What must not leave in answers.</summary>
public static class OutgoingText
{
    // A card may be written to nobody in the clear (PCI DSS 4.2), whoever wants it.
    private static readonly FindingType[] NeverSent = [FindingType.Card, FindingType.CardExpiry, FindingType.CardCode];

    /// <summary>The policy for what leaves: only the sorts that do not leave in answers, each masked as it is in what comes in, or by its name where that leaves it alone.</summary>
    public static RedactionPolicy ForOutgoing(this RedactionPolicy policy)
    {
        if (policy.IsOff || policy.Outgoing.Count == 0) return RedactionPolicy.Off;
        return policy with
        {
            Types = Enum.GetValues<FindingType>().ToDictionary(type => type, type => !policy.Outgoing.Contains(type) ? new TypePolicy(MaskStyle.None)
                : policy.Of(type) is { Mask: not MaskStyle.None } said ? said : new TypePolicy(MaskStyle.Label, policy.Of(type).Confidence)),
            DryRun = false,
        };
    }

    /// <summary>True when a person may send such a finding all the same, by saying so: what is a card's never leaves.</summary>
    public static bool MayBeSent(FindingType type) => !NeverSent.Contains(type);

    /// <summary>The name of a sort as people call it, such as "ID number".</summary>
    public static string NameOf(FindingType type) => Labels.Of(type);
}
