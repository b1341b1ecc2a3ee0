using static Ingest.Core.Redaction.Numbers.CheckDigits;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Numbers of people and companies in Australia and New Zealand.</summary>
internal static class PacificNumbers
{
    internal static readonly NumberRule[] All =
    [
        new(FindingType.NationalId, "au.tfn", "### ### ###", 0.15, 0.96, Topics.Australia | Topics.TaxId, IsTfn),
        new(FindingType.NationalId, "au.tfn", "#########", 0.05, 0.95, Topics.Australia | Topics.TaxId, IsTfn),
        new(FindingType.NationalId, "au.acn", "###~###~###", 0.1, 0.94, Topics.Australia | Topics.Company, static s => Varies(s) && (10 - Sum(s, [8, 7, 6, 5, 4, 3, 2, 1]) % 10) % 10 == s[8] - '0'),
        new(FindingType.NationalId, "au.abn", "## ### ### ###", 0.6, 0.97, Topics.Australia, IsAbn),
        new(FindingType.NationalId, "au.abn", "###########", 0.1, 0.95, Topics.Australia, IsAbn),
        new(FindingType.NationalId, "au.medicare", "*####~#####~#", 0.1, 0.95, Topics.AustralianHealth, IsMedicare),
        new(FindingType.NationalId, "au.medicare", "*####~#####~#/#", 0.3, 0.95, Topics.AustralianHealth, IsMedicare),
        new(FindingType.NationalId, "au.medicare", "*####~#####~#~#", 0.05, 0.9, Topics.AustralianHealth, IsMedicare),
        new(FindingType.NationalId, "nz.ird", "###-###-###", 0.3, 0.95, Topics.NewZealand | Topics.TaxId, IsIrd),
        new(FindingType.NationalId, "nz.ird", "##-###-###", 0.3, 0.95, Topics.NewZealand | Topics.TaxId, static s => IsIrd(['0', .. s])),
        new(FindingType.NationalId, "nz.ird", "#########", 0.03, 0.9, Topics.NewZealand, IsIrd),
    ];

    private static bool IsTfn(ReadOnlySpan<char> s) => Varies(s) && (Sum(s, [1, 4, 3, 7, 5, 8, 6, 9]) + Value(s[8]) * 10) % 11 == 0;

    private static bool IsAbn(ReadOnlySpan<char> s) => s[0] != '0' && (Sum(s, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 == 0;

    private static bool IsMedicare(ReadOnlySpan<char> s) => s[0] is >= '2' and <= '6' && s[9] != '0' && Sum(s, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 == s[8] - '0';

    private static bool IsIrd(ReadOnlySpan<char> s)
    {
        if (Number(s) is < 10_000_000 or > 150_000_000)
            return false;
        int check = (11 - Sum(s, [3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        check = check < 10 ? check : (11 - Sum(s, [7, 4, 3, 2, 5, 2, 7, 6]) % 11) % 11;
        return check == s[8] - '0';
    }
}
