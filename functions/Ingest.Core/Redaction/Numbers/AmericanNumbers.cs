using static Ingest.Core.Redaction.Numbers.CheckDigits;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Numbers of people in the United States and Canada.</summary>
internal static class AmericanNumbers
{
    private const string Ssn = "us.ssn", Itin = "us.itin", Ein = "us.ein", Sin = "ca.sin", Npi = "us.npi", Mbi = "us.mbi";
    private const string MbiLetters = "ACDEFGHJKMNPQRTUVWXY";

    internal static readonly NumberRule[] All =
    [
        new(FindingType.NationalId, Ssn, "###-##-####", 0.6, 0.95, Topics.SocialSecurity, IsSsn),
        new(FindingType.NationalId, Ssn, "### ## ####", 0.3, 0.95, Topics.SocialSecurity, IsSsn),
        new(FindingType.NationalId, Ssn, "*###~##~####", 0.05, 0.9, Topics.SocialSecurity, IsSsn),
        new(FindingType.NationalId, Ssn, "*###~##~####", NumberRule.OnlyNamed, 0.7, Topics.SocialSecurity, IsPublishedSsn),
        new(FindingType.NationalId, Ssn, "###/##/####", NumberRule.OnlyNamed, 0.9, Topics.SocialSecurity, IsSsn),
        new(FindingType.NationalId, Ssn, "*# # # # # # # # #", NumberRule.OnlyNamed, 0.9, Topics.SocialSecurity, IsSsn),
        new(FindingType.NationalId, Itin, "###-##-####", 0.55, 0.95, Topics.TaxId, IsItin),
        new(FindingType.NationalId, Itin, "*###~##~####", 0.1, 0.9, Topics.TaxId | Topics.SocialSecurity, IsItin),
        new(FindingType.NationalId, Ein, "##-#######", 0.05, 0.85, Topics.TaxId, IsEin),
        new(FindingType.NationalId, Sin, "### ### ###", 0.3, 0.95, Topics.Canada, IsSin),
        new(FindingType.NationalId, Sin, "#########", 0.05, 0.9, Topics.Canada, IsSin),
        new(FindingType.HealthNumber, Npi, "*####~###~###", 0.05, 0.9, Topics.Provider, IsNpi),
        new(FindingType.HealthNumber, Mbi, "#@?#~@?#~@@##", 0.6, 0.95, Topics.Medicare | Topics.Patient | Topics.Insurance, IsMbi),
        new(FindingType.HealthNumber, "us.dea", "@?#######", 0.1, 0.9, Topics.Provider, IsDea),
    ];

    // Numbers that were printed in advertisements and manuals; nobody has them.
    private static bool IsPublished(ReadOnlySpan<char> s) => s is "078051120" or "219099999" or "123456789" or "457555462";

    private static bool IsSsn(ReadOnlySpan<char> s) => !IsPublished(s) && IsIssuable(s);

    private static bool IsPublishedSsn(ReadOnlySpan<char> s) => IsPublished(s);

    // Areas 000, 666 and 900 to 999, group 00 and serial 0000 were never given out.
    private static bool IsIssuable(ReadOnlySpan<char> s) =>
        s[0] != '9' && s[..3] is not ("000" or "666") && s[3..5] is not "00" && s[5..] is not "0000" && Varies(s) && s is not "987654320";

    private static bool IsItin(ReadOnlySpan<char> s) => s[0] == '9' && Number(s[3..5]) is (>= 50 and <= 65) or (>= 70 and <= 88) or (>= 90 and <= 92) or (>= 94 and <= 99);

    private static bool IsEin(ReadOnlySpan<char> s) => Number(s[..2]) is not (0 or 7 or 8 or 9 or 17 or 18 or 19 or 28 or 29 or 49 or 69 or 70 or 78 or 79 or 89 or 96 or 97);

    private static bool IsSin(ReadOnlySpan<char> s) => s[0] is not ('0' or '8') && Luhn(s);

    private static bool IsNpi(ReadOnlySpan<char> s) => s[0] is '1' or '2' && Varies(s) && (LuhnSum(s) + 24) % 10 == 0;

    private static bool IsMbi(ReadOnlySpan<char> s) =>
        s[0] != '0' && MbiLetters.Contains(s[1]) && IsMbiSign(s[2]) && MbiLetters.Contains(s[4]) && IsMbiSign(s[5]) && MbiLetters.Contains(s[7]) && MbiLetters.Contains(s[8]);

    private static bool IsMbiSign(char c) => char.IsAsciiDigit(c) || MbiLetters.Contains(c);

    private static bool IsDea(ReadOnlySpan<char> s) =>
        "ABCDEFGHJKLMPRSTUX".Contains(s[0]) && (s[1] is > '9' or '9') && Varies(s[2..])
        && (s[2] + s[4] + s[6] - 3 * '0' + 2 * (s[3] + s[5] + s[7] - 3 * '0')) % 10 == s[8] - '0';
}
