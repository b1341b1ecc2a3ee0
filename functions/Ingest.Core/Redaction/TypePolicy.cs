namespace Ingest.Core.Redaction;

/// <summary>What is done with one sort of finding.</summary>
/// <param name="Mask">What is written in its place.</param>
/// <param name="Confidence">Findings below it, 0 to 1, are left alone; null for the policy's own line.</param>
public sealed record TypePolicy(MaskStyle Mask, double? Confidence = null)
{
    /// <summary>What holds for a sort of which a policy says nothing: numbers that people compare keep their last four digits, the rest is named.</summary>
    public static TypePolicy Usual(FindingType type) => Usuals[(int)type];

    /// <summary>What holds for each sort, by its number: what is said of it, else the usual.</summary>
    internal static TypePolicy[] AllOf(IReadOnlyDictionary<FindingType, TypePolicy> said)
    {
        TypePolicy[] all = [.. Usuals];
        foreach ((FindingType type, TypePolicy policy) in said)
            all[(int)type] = policy;
        return all;
    }

    private static readonly TypePolicy[] Usuals = [.. Enumerable.Range(0, (int)FindingType.Person + 1).Select(type => new TypePolicy((FindingType)type switch
    {
        FindingType.Card or FindingType.Iban or FindingType.BankAccount => MaskStyle.LastFour,
        0 or FindingType.Person => MaskStyle.None,
        _ => MaskStyle.Label,
    }))];
}
