using System.Runtime.CompilerServices;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>All rules, by how many signs the number has.</summary>
internal static class NumberRules
{
    private const int Begins = 6;

    private static readonly NumberRule[][] ByLength = Build();
    private static readonly uint[] ByBegin = Beginnings();

    /// <summary>The rules of numbers with so many signs.</summary>
    internal static ReadOnlySpan<NumberRule> Of(int length) => ByLength[length];

    /// <summary>How many signs numbers may have that begin like a token: bit n for n signs and one. Most rows of signs begin like none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Possible(in NumberToken token)
    {
        ulong within = (1UL << Begins) - 1;
        return ByBegin[(token.Letters & within) << (Begins - 1) | (token.Gaps & within) >> 1];
    }

    private static uint[] Beginnings()
    {
        uint[] possible = new uint[1 << (2 * Begins - 1)];
        for (int begin = 0; begin < possible.Length; begin++)
            foreach (NumberRule rule in ByLength.SelectMany(rules => rules))
                if (rule.MayBegin((uint)begin >> (Begins - 1), (uint)begin << 1 & ((1u << Begins) - 1), (1UL << Math.Min(Begins, rule.Length)) - 1))
                    possible[begin] |= 1u << (rule.Length - 1);
        return possible;
    }

    private static NumberRule[][] Build()
    {
        NumberRule[] all = [.. AmericanNumbers.All, .. LatinAmericanNumbers.All, .. WesternEuropeanNumbers.All, .. GermanNumbers.All, .. NorthernEuropeanNumbers.All, .. EasternEuropeanNumbers.All,
            .. AsianNumbers.All, .. PacificNumbers.All, .. AfricanNumbers.All, .. BankNumbers.All, .. TravelDocuments.All];
        return [.. Enumerable.Range(0, NumberToken.Most + 1).Select(length => all.Where(rule => rule.Length == length).ToArray())];
    }
}
