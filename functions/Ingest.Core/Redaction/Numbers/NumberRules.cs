namespace Ingest.Core.Redaction.Numbers;

/// <summary>All rules, by how many signs the number has.</summary>
internal static class NumberRules
{
    private static readonly NumberRule[][] ByLength = Build();

    internal static ReadOnlySpan<NumberRule> Of(int length) => ByLength[length];

    private static NumberRule[][] Build()
    {
        NumberRule[] all = [.. AmericanNumbers.All, .. LatinAmericanNumbers.All, .. WesternEuropeanNumbers.All, .. GermanNumbers.All, .. NorthernEuropeanNumbers.All, .. EasternEuropeanNumbers.All,
            .. AsianNumbers.All, .. PacificNumbers.All, .. AfricanNumbers.All, .. BankNumbers.All, .. TravelDocuments.All];
        return [.. Enumerable.Range(0, NumberToken.Most + 1).Select(length => all.Where(rule => rule.Length == length).ToArray())];
    }
}
