using static Ingest.Core.Redaction.Numbers.CheckDigits;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Numbers of people and companies in the Nordic and Baltic countries.</summary>
internal static class NorthernEuropeanNumbers
{
    private const string Personnummer = "se.personnummer", Organisation = "se.organisationsnummer", Birth = "no.fodselsnummer", Cpr = "dk.cpr", Hetu = "fi.hetu";
    private const string HetuChecks = "0123456789ABCDEFHJKLMNPRSTUVWXY";

    internal static readonly NumberRule[] All =
    [
        new(FindingType.NationalId, Personnummer, "########-####", 0.8, 0.98, Topics.Sweden, static s => IsFullDate([.. s[..6], .. Day(s[6..8])]) && Luhn(s[2..])),
        new(FindingType.NationalId, Personnummer, "############", 0.45, 0.97, Topics.Sweden, static s => s[..2] is "18" or "19" or "20" && IsSwede(s[2..])),
        new(FindingType.NationalId, Personnummer, "######-####", 0.5, 0.97, Topics.Sweden, IsSwede),
        new(FindingType.NationalId, Personnummer, "######~####", 0.1, 0.95, Topics.Sweden, IsSwede),
        new(FindingType.NationalId, Organisation, "######~####", 0.1, 0.9, Topics.Company | Topics.Vat, IsSwedishCompany),
        new(FindingType.NationalId, Birth, "###### #####", 0.75, 0.97, Topics.Norway, IsNorwegian),
        new(FindingType.NationalId, Birth, "*######~###~##", 0.5, 0.97, Topics.Norway, IsNorwegian),
        new(FindingType.NationalId, "no.orgnr", "###~###~###", 0.05, 0.85, Topics.Company | Topics.Vat, static s => s[0] is '8' or '9' && (11 - Sum(s, [3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == s[8] - '0'),
        new(FindingType.NationalId, Cpr, "######-####", 0.3, 0.95, Topics.Denmark, IsDayFirst),
        new(FindingType.NationalId, Cpr, "######~####", 0.05, 0.9, Topics.Denmark, IsDayFirst),
        new(FindingType.NationalId, "dk.cvr", "##~##~##~##", 0.02, 0.6, Topics.Company | Topics.Vat, static s => s[0] != '0' && Sum(s, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0),
        new(FindingType.NationalId, Hetu, "######-###?", 0.75, 0.98, Topics.Finland, static s => IsFinn(s[..6], s[6..9], s[9])),
        new(FindingType.NationalId, Hetu, "######@###?", 0.75, 0.98, Topics.Finland, static s => "YXWVUABCDEF".Contains(s[6]) && IsFinn(s[..6], s[7..10], s[10])),
        new(FindingType.NationalId, "fi.y-tunnus", "#######-#", 0.1, 0.85, Topics.Company | Topics.Vat, static s => Varies(s) && Sum(s, [7, 9, 10, 5, 8, 4, 2]) % 11 is var rest && rest != 1 && (11 - rest) % 11 == s[7] - '0'),
        new(FindingType.NationalId, "is.kennitala", "######~####", 0.03, 0.9, Topics.Identity, static s => s[9] is '0' or '9' && IsDayFirst(s) && (11 - Sum(s, [3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == s[8] - '0'),
        new(FindingType.NationalId, "ee.isikukood", "###########", 0.35, 0.95, Topics.CentralEurope, IsBaltic),
        new(FindingType.NationalId, "lt.asmens-kodas", "###########", NumberRule.OnlyNamed, 0.9, Topics.CentralEurope, IsBaltic),
        new(FindingType.NationalId, "lv.personas-kods", "######-#####", 0.3, 0.95, Topics.CentralEurope, IsLatvian),
    ];

    // A coordination number has 60 added to the day.
    private static ReadOnlySpan<char> Day(ReadOnlySpan<char> day) => day[0] > '5' ? new[] { (char)(day[0] - 6), day[1] } : day;

    private static bool IsSwede(ReadOnlySpan<char> s) => Number(s[4..6]) % 60 is >= 1 and var day && IsDate(Number(s[..2]), Number(s[2..4]), day) && Luhn(s);

    private static bool IsSwedishCompany(ReadOnlySpan<char> s) => s[2] >= '2' && s[0] != '0' && Luhn(s);

    // A D number has 40 added to the day, an auxiliary number to the month.
    private static bool IsNorwegian(ReadOnlySpan<char> s) =>
        IsDate(Number(s[4..6]), Number(s[2..4]) % 40, Number(s[..2]) % 40) && (Sum(s, [3, 7, 6, 1, 8, 9, 4, 5, 2]) + Value(s[9])) % 11 == 0
        && (Sum(s, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) + Value(s[10])) % 11 == 0;

    private static bool IsFinn(ReadOnlySpan<char> day, ReadOnlySpan<char> person, char check) =>
        IsDayFirst(day) && Number(person) >= 2 && HetuChecks[(int)((Number(day) * 1000 + Number(person)) % 31)] == check;

    private static bool IsBaltic(ReadOnlySpan<char> s)
    {
        if (s[0] is < '1' or > '6' || !IsYearFirst(s[1..]))
            return false;
        int check = Sum(s, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
        check = check < 10 ? check : Sum(s, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10;
        return check == s[10] - '0';
    }

    private static bool IsLatvian(ReadOnlySpan<char> s) =>
        s[..2] is "32" || (IsDayFirst(s) && (1101 - Sum(s, [1, 6, 3, 7, 9, 10, 5, 8, 4, 2])) % 11 == s[10] - '0');
}
