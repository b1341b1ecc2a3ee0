using static Ingest.Core.Redaction.Numbers.CheckDigits;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Numbers of people and companies from Poland to Turkey.</summary>
internal static class EasternEuropeanNumbers
{
    private const string Pesel = "pl.pesel", Nip = "pl.nip", Kimlik = "tr.kimlik-no";

    internal static readonly NumberRule[] All =
    [
        new(FindingType.NationalId, Pesel, "###########", 0.45, 0.98, Topics.Poland, IsPesel),
        new(FindingType.NationalId, Nip, "###-###-##-##", 0.7, 0.97, Topics.Poland | Topics.Vat, IsNip),
        new(FindingType.NationalId, Nip, "*###~##~##~###", 0.05, 0.95, Topics.Poland | Topics.Vat, IsNip),
        new(FindingType.NationalId, Nip, "*###~###~##~##", 0.05, 0.95, Topics.Poland | Topics.Vat, IsNip),
        new(FindingType.NationalId, "pl.regon", "#########", 0.03, 0.9, Topics.Poland, static s => Varies(s) && Sum(s, [8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == s[8] - '0'),
        new(FindingType.NationalId, "pl.dowod", "@@@~######", 0.1, 0.9, Topics.Poland | Topics.Identity, static s => (Sum(s, [7, 3, 1]) + Sum(s[4..], [7, 3, 1, 7, 3])) % 10 == s[3] - '0'),
        new(FindingType.NationalId, "cz.rodne-cislo", "######/####", 0.75, 0.97, Topics.CentralEurope, IsCzech),
        new(FindingType.NationalId, "cz.rodne-cislo", "##########", 0.05, 0.95, Topics.CentralEurope, IsCzech),
        new(FindingType.NationalId, "ro.cnp", "#############", 0.5, 0.97, Topics.CentralEurope, IsRomanian),
        new(FindingType.NationalId, "bg.egn", "##########", 0.05, 0.95, Topics.CentralEurope, IsBulgarian),
        new(FindingType.NationalId, "hr.oib", "###########", 0.1, 0.95, Topics.CentralEurope, Mod11And10),
        new(FindingType.NationalId, "rs.jmbg", "#############", 0.5, 0.97, Topics.CentralEurope, IsYugoslav),
        new(FindingType.NationalId, "hu.taj", "###~###~###", 0.03, 0.95, Topics.CentralEurope, static s => Varies(s) && Sum(s, [3, 7, 3, 7, 3, 7, 3, 7]) % 10 == s[8] - '0'),
        new(FindingType.NationalId, "hu.adoazonosito", "##########", 0.05, 0.95, Topics.CentralEurope, static s => s[0] == '8' && Sum(s, [1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == s[9] - '0'),
        new(FindingType.NationalId, "gr.afm", "#########", 0.03, 0.95, Topics.CentralEurope | Topics.Vat, static s => Varies(s) && Sum(s, [256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == s[8] - '0'),
        new(FindingType.NationalId, "gr.amka", "###########", 0.1, 0.95, Topics.CentralEurope, static s => IsDayFirst(s) && Luhn(s)),
        new(FindingType.NationalId, "ua.rnokpp", "##########", 0.05, 0.95, Topics.CentralEurope, static s => Varies(s) && ((Sum(s, [-1, 5, 7, 9, 4, 6, 10, 5, 7]) % 11) + 11) % 11 % 10 == s[9] - '0'),
        new(FindingType.NationalId, "ru.inn", "##########", 0.05, 0.95, Topics.CentralEurope, static s => Varies(s) && Sum(s, [2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == s[9] - '0'),
        new(FindingType.NationalId, "ru.inn", "############", 0.3, 0.97, Topics.CentralEurope, static s => Varies(s)
            && Sum(s, [7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == s[10] - '0' && Sum(s, [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == s[11] - '0'),
        new(FindingType.NationalId, "ru.snils", "*###-###-### ##", 0.85, 0.98, Topics.CentralEurope, IsSnils),
        new(FindingType.NationalId, "ru.snils", "###########", 0.05, 0.95, Topics.CentralEurope, IsSnils),
        new(FindingType.NationalId, Kimlik, "###########", 0.4, 0.97, Topics.Turkey, IsTurkish),
    ];

    // The month has 80, 20, 40 or 60 added by century.
    private static bool IsPesel(ReadOnlySpan<char> s) =>
        IsDate(Number(s[..2]), Number(s[2..4]) % 20, Number(s[4..6])) && (Sum(s, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) + Value(s[10])) % 10 == 0;

    private static bool IsNip(ReadOnlySpan<char> s) => Varies(s) && s[0] != '0' && Sum(s, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == s[9] - '0';

    private static bool IsCzech(ReadOnlySpan<char> s)
    {
        long month = Number(s[2..4]) % 50;
        return IsDate(Number(s[..2]), month > 20 ? month - 20 : month, Number(s[4..6])) && (Number(s) % 11 == 0 || (Number(s[..9]) % 11 == 10 && s[9] == '0'));
    }

    private static bool IsRomanian(ReadOnlySpan<char> s) =>
        s[0] != '0' && IsYearFirst(s[1..]) && Number(s[7..9]) is >= 1 and <= 70 && Sum(s, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11 is var rest && (rest == 10 ? 1 : rest) == s[12] - '0';

    private static bool IsBulgarian(ReadOnlySpan<char> s) =>
        IsDate(Number(s[..2]), Number(s[2..4]) % 20, Number(s[4..6])) && Number(s[2..4]) < 53 && Sum(s, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == s[9] - '0';

    private static bool IsYugoslav(ReadOnlySpan<char> s) =>
        s[4] is '9' or '0' && IsDate(Number(s[5..7]), Number(s[2..4]), Number(s[..2])) && 11 - Sum(s, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 is var check && (check > 9 ? 0 : check) == s[12] - '0';

    private static bool IsSnils(ReadOnlySpan<char> s) => Varies(s) && Sum(s, [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100 == Number(s[9..]);

    private static bool IsTurkish(ReadOnlySpan<char> s)
    {
        if (s[0] == '0')
            return false;
        int odd = Sum(s, [1, 0, 1, 0, 1, 0, 1, 0, 1]), even = Sum(s, [0, 1, 0, 1, 0, 1, 0, 1]);
        return ((odd * 7 - even) % 10 + 10) % 10 == s[9] - '0' && (odd + even + Value(s[9])) % 10 == s[10] - '0';
    }
}
