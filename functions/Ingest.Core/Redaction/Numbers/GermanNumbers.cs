using static Ingest.Core.Redaction.Numbers.CheckDigits;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Numbers of people and companies in Germany, Austria and Switzerland.</summary>
internal static class GermanNumbers
{
    private const string Tax = "de.steuer-id", TaxNumber = "de.steuernummer", Vat = "de.ust-id";

    internal static readonly NumberRule[] All =
    [
        new(FindingType.NationalId, Tax, "## ### ### ###", 0.5, 0.97, Topics.TaxId, IsTaxId),
        new(FindingType.NationalId, Tax, "###########", 0.3, 0.97, Topics.TaxId, IsTaxId),
        new(FindingType.NationalId, Tax, "*##~###~###~###", 0.05, 0.8, Topics.TaxId, static s => s[0] != '0' && Mod11And10(s)),
        new(FindingType.NationalId, TaxNumber, "#############", 0.05, 0.85, Topics.TaxId, static s => Number(s[..2]) is >= 1 and <= 16),
        new(FindingType.NationalId, TaxNumber, "##/###/#####", 0.4, 0.9, Topics.TaxId),
        new(FindingType.NationalId, TaxNumber, "###/###/#####", 0.4, 0.9, Topics.TaxId),
        new(FindingType.NationalId, TaxNumber, "###/####/####", 0.4, 0.9, Topics.TaxId),
        new(FindingType.NationalId, TaxNumber, "##/####/####", 0.3, 0.9, Topics.TaxId),
        new(FindingType.NationalId, TaxNumber, "#####/#####", 0.1, 0.9, Topics.TaxId),
        new(FindingType.NationalId, Vat, "DE~###~###~###", 0.6, 0.95, Topics.Vat, static s => s[2] != '0' && Mod11And10(s[2..])),
        new(FindingType.NationalId, "de.rvnr", "##~######~@~###", 0.75, 0.97, Topics.GermanPension | Topics.Insurance, IsPension),
        new(FindingType.HealthNumber, "de.kvnr", "@~#########", 0.35, 0.97, Topics.Insurance | Topics.GermanPension, IsInsured),
        new(FindingType.HealthNumber, "de.lanr", "#########", 0.05, 0.9, Topics.GermanDoctor, IsDoctor),
        new(FindingType.HealthNumber, "de.bsnr", "#########", NumberRule.OnlyNamed, 0.9, Topics.GermanDoctor, static s => Number(s[..2]) is >= 1 and <= 99 && Varies(s)),
        new(FindingType.NationalId, "at.svnr", "####~######", 0.05, 0.95, Topics.CentralEurope | Topics.Insurance | Topics.GermanPension, IsAustrian),
        new(FindingType.NationalId, "at.vat", "ATU########", 0.6, 0.9, Topics.Vat, IsAustrianVat),
        new(FindingType.NationalId, "ch.ahv", "###.####.####.##", 0.9, 0.99, Topics.CentralEurope | Topics.Insurance, IsSwiss),
        new(FindingType.NationalId, "ch.ahv", "*###~####~####~##", 0.5, 0.97, Topics.CentralEurope | Topics.Insurance, IsSwiss),
    ];

    // One digit comes twice or three times among the first ten, the others at most once.
    private static bool IsTaxId(ReadOnlySpan<char> s)
    {
        if (s[0] == '0' || !Mod11And10(s))
            return false;
        Span<int> counts = stackalloc int[10];
        foreach (char c in s[..10])
            counts[c - '0']++;
        int repeated = 0;
        foreach (int count in counts)
        {
            if (count > 3)
                return false;
            repeated += count > 1 ? 1 : 0;
        }
        return repeated == 1;
    }

    private static bool IsPension(ReadOnlySpan<char> s)
    {
        if (!IsDate(Number(s[6..8]), Number(s[4..6]), Math.Clamp(Number(s[2..4]) % 50, 1, 31)))
            return false;
        int letter = s[8] - 'A' + 1;
        ReadOnlySpan<char> digits = [.. s[..8], (char)('0' + letter / 10), (char)('0' + letter % 10), .. s[9..11]];
        ReadOnlySpan<int> weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
        return DigitSums(digits, weights) % 10 == s[11] - '0';
    }

    private static bool IsInsured(ReadOnlySpan<char> s)
    {
        int letter = s[0] - 'A' + 1;
        return DigitSums([(char)('0' + letter / 10), (char)('0' + letter % 10), .. s[1..9]], [1, 2, 1, 2, 1, 2, 1, 2, 1, 2]) % 10 == s[9] - '0';
    }

    private static int DigitSums(ReadOnlySpan<char> digits, ReadOnlySpan<int> weights)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
            sum += (digits[i] - '0') * weights[i] is var product ? product / 10 + product % 10 : 0;
        return sum;
    }

    private static bool IsDoctor(ReadOnlySpan<char> s) => (10 - Sum(s, [4, 9, 4, 9, 4, 9]) % 10) % 10 == s[6] - '0' && s[0] != '0' && s[7..] is not "00";

    private static bool IsAustrian(ReadOnlySpan<char> s) =>
        s[0] != '0' && IsDate(Number(s[8..]), Math.Min(12, Number(s[6..8])), Number(s[4..6])) && Number(s[6..8]) is >= 1 and <= 15
        && (Sum(s, [3, 7, 9]) + Sum(s[4..], [5, 8, 4, 2, 1, 6])) % 11 == s[3] - '0';

    private static bool IsAustrianVat(ReadOnlySpan<char> s) => (96 - LuhnSum(s[3..10])) % 10 == s[10] - '0';

    private static bool IsSwiss(ReadOnlySpan<char> s) => s[..3] is "756" && (10 - Sum(s, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10) % 10 == s[12] - '0';
}
