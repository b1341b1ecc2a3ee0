using static Ingest.Core.Redaction.Numbers.CheckDigits;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Numbers of people in African countries.</summary>
internal static class AfricanNumbers
{
    internal static readonly NumberRule[] All =
    [
        new(FindingType.NationalId, "za.id", "######~####~##~#", 0.5, 0.97, Topics.SouthAfrica, static s => IsYearFirst(s) && s[10] <= '2' && Luhn(s)),
        new(FindingType.NationalId, "ng.nin", "###########", 0.05, 0.95, Topics.Nigeria, Verhoeff),
        new(FindingType.NationalId, "eg.national-id", "##############", 0.15, 0.9, Topics.Identity, static s => s[0] is '2' or '3' && IsYearFirst(s[1..]) && Number(s[7..9]) is (>= 1 and <= 35) or 88),
    ];
}
