using static Ingest.Core.Redaction.Numbers.CheckDigits;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Numbers of people and companies from Ireland to Italy, without the German-speaking.</summary>
internal static class WesternEuropeanNumbers
{
    private const string Nino = "uk.nino", Nhs = "uk.nhs", Nir = "fr.nir", Nie = "es.nie", Nif = "es.nif", Bsn = "nl.bsn", Register = "be.register";
    private const string SpanishLetters = "TRWAGMYFPDXBNJZSQVHLCKE";

    internal static readonly NumberRule[] All =
    [
        new(FindingType.NationalId, Nino, "@@ ## ## ## @", 0.8, 0.97, Topics.BritishInsurance, IsNino),
        new(FindingType.NationalId, Nino, "@@######@", 0.55, 0.95, Topics.BritishInsurance, IsNino),
        new(FindingType.NationalId, Nino, "*@@~##~##~##~@", 0.3, 0.95, Topics.BritishInsurance, IsNino),
        new(FindingType.NationalId, Nhs, "### ### ####", 0.15, 0.95, Topics.BritishHealth, IsNhs),
        new(FindingType.NationalId, Nhs, "##########", 0.05, 0.95, Topics.BritishHealth, IsNhs),
        new(FindingType.NationalId, "uk.utr", "#####~#####", 0.02, 0.85, Topics.TaxId, IsUtr),
        new(FindingType.NationalId, "uk.vat", "GB~###~####~##", 0.4, 0.9, Topics.Vat, IsBritishVat),
        new(FindingType.NationalId, "ie.pps", "#######~@", 0.15, 0.95, Topics.Ireland, IsPps),
        new(FindingType.NationalId, "ie.pps", "#######~@@", 0.3, 0.95, Topics.Ireland, IsPps),
        new(FindingType.NationalId, Nir, "# ## ## ## ### ### ##", 0.95, 0.99, Topics.France, IsNir),
        new(FindingType.NationalId, Nir, "# ## ## #@ ### ### ##", 0.9, 0.99, Topics.France, IsNir),
        new(FindingType.NationalId, Nir, "*#~##~##~#?~###~###~##", 0.6, 0.98, Topics.France | Topics.SocialSecurity, IsNir),
        new(FindingType.NationalId, "fr.spi", "*##~##~###~###~###", 0.02, 0.9, Topics.TaxId, static s => s[0] < '4' && Number(s[..10]) % 511 == Number(s[10..])),
        new(FindingType.NationalId, "fr.siren", "###~###~###", 0.03, 0.6, Topics.Company | Topics.Vat, Luhn),
        new(FindingType.NationalId, Nie, "@~#######~@", 0.75, 0.97, Topics.Spain, static s => s[0] is >= 'X' and <= 'Z' && IsSpanish(s[0] - 'X', s[1..])),
        new(FindingType.NationalId, Nif, "########-@", 0.6, 0.97, Topics.Spain, static s => IsSpanish(0, s)),
        new(FindingType.NationalId, Nif, "##.###.###-@", 0.8, 0.97, Topics.Spain, static s => IsSpanish(0, s)),
        new(FindingType.NationalId, Nif, "*##~###~###~@", 0.5, 0.97, Topics.Spain, static s => IsSpanish(0, s)),
        new(FindingType.NationalId, Nif, "#######~@", 0.1, 0.9, Topics.Spain, static s => IsSpanish(0, s)),
        new(FindingType.NationalId, "es.cif", "@~########", 0.05, 0.9, Topics.Spain | Topics.Vat, IsCif),
        new(FindingType.NationalId, "es.cif", "@~#######~@", 0.05, 0.9, Topics.Spain | Topics.Vat, IsCif),
        new(FindingType.NationalId, "pt.nif", "### ### ###", 0.1, 0.95, Topics.Portugal, IsPortuguese),
        new(FindingType.NationalId, "pt.nif", "#########", 0.05, 0.95, Topics.Portugal, IsPortuguese),
        new(FindingType.NationalId, "it.codice-fiscale", "@@@~@@@~##@##~@###@", 0.95, 0.99, Topics.Italy, ItalianCode.IsValid),
        new(FindingType.NationalId, "it.codice-fiscale", "@@@@@@??@??@???@", 0.85, 0.97, Topics.Italy, ItalianCode.IsValid),
        new(FindingType.NationalId, "it.codice-fiscale", "@@@@@@##@##@###@", 0.3, 0.4, Topics.Italy, ItalianCode.IsWellFormed),
        new(FindingType.NationalId, "it.partita-iva", "###########", 0.05, 0.9, Topics.Italy | Topics.Vat, static s => s[..7] is not "0000000" && Number(s[7..10]) is (>= 1 and <= 121) or 888 or 999 && Luhn(s)),
        new(FindingType.NationalId, "it.partita-iva", "IT~###########", 0.6, 0.95, Topics.Italy | Topics.Vat, static s => Luhn(s[2..])),
        new(FindingType.NationalId, Bsn, "*####~##~###", 0.05, 0.95, Topics.Netherlands, IsBsn),
        new(FindingType.NationalId, Bsn, "### ### ###", 0.05, 0.95, Topics.Netherlands, IsBsn),
        new(FindingType.NationalId, Register, "##.##.##-###.##", 0.95, 0.99, Topics.Belgium, IsBelgian),
        new(FindingType.NationalId, Register, "*##~##~##~###~##", 0.5, 0.97, Topics.Belgium, IsBelgian),
        new(FindingType.NationalId, "be.vat", "BE~####~###~###", 0.5, 0.95, Topics.Vat | Topics.Company, static s => 97 - Number(s[2..10]) % 97 == Number(s[10..])),
        new(FindingType.NationalId, "lu.matricule", "#############", 0.1, 0.8, Topics.Identity | Topics.SocialSecurity, static s => IsFullDate(s) && Luhn(s[..12])),
    ];

    private static bool IsNino(ReadOnlySpan<char> s) =>
        !"DFIQUV".Contains(s[0]) && !"DFIOQUV".Contains(s[1]) && s[..2] is not ("BG" or "GB" or "KN" or "NK" or "NT" or "TN" or "ZZ" or "OO") && s[8] is >= 'A' and <= 'D' && Varies(s[2..8]);

    private static bool IsNhs(ReadOnlySpan<char> s) => Varies(s) && 11 - Sum(s, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11 is var check && (check == 11 ? 0 : check) == s[9] - '0';

    private static bool IsUtr(ReadOnlySpan<char> s) => Varies(s) && "21987654321"[Sum(s[1..], [6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11] == s[0];

    private static bool IsBritishVat(ReadOnlySpan<char> s) => (Sum(s[2..], [8, 7, 6, 5, 4, 3, 2]) + Number(s[9..])) % 97 is 0 or 42;

    private static bool IsPps(ReadOnlySpan<char> s)
    {
        int second = s.Length == 9 && s[8] != 'W' ? (s[8] - 'A' + 1) * 9 : 0;
        return Varies(s[..7]) && "WABCDEFGHIJKLMNOPQRSTUV"[(Sum(s, [8, 7, 6, 5, 4, 3, 2]) + second) % 23] == s[7];
    }

    // Corsica's 2A and 2B count as 19 and 18.
    private static bool IsNir(ReadOnlySpan<char> s)
    {
        if (s[0] is not ((>= '1' and <= '4') or '7' or '8') || (Number(s[3..5]) is not ((>= 1 and <= 12) or (>= 20 and <= 42) or (>= 50 and <= 99))))
            return false;
        long head = Number(s[..5]), tail = Number(s[7..13]);
        long place = s[6] is 'A' ? 19 : s[6] is 'B' ? 18 : char.IsAsciiDigit(s[6]) ? Number(s[5..7]) : -1;
        return place > 0 && (char.IsAsciiDigit(s[6]) || s[5] == '2') && 97 - ((head * 100 + place) * 1_000_000 + tail) % 97 == Number(s[13..]);
    }

    private static bool IsSpanish(int head, ReadOnlySpan<char> s)
    {
        long number = Number(s[..^1]);
        return number > 0 && IsLetter(SpanishLetters, head * 10_000_000L + number, s[^1]);
    }

    private static bool IsCif(ReadOnlySpan<char> s)
    {
        if (!"ABCDEFGHJNPQRSUVW".Contains(s[0]) || !Varies(s[1..8]))
            return false;
        int check = (10 - LuhnSum([.. s[1..8], '0']) % 10) % 10;
        return char.IsAsciiDigit(s[8]) ? s[8] - '0' == check : "JABCDEFGHI"[check] == s[8];
    }

    private static bool IsPortuguese(ReadOnlySpan<char> s) => s[0] is not ('0' or '4' or '7') && Varies(s) && Sum(s, [9, 8, 7, 6, 5, 4, 3, 2]) % 11 is var rest && (rest < 2 ? 0 : 11 - rest) == s[8] - '0';

    private static bool IsBsn(ReadOnlySpan<char> s) => Varies(s) && Sum(s, [9, 8, 7, 6, 5, 4, 3, 2]) % 11 == s[8] - '0';

    // From 2000 on, a 2 is put before the number for the remainder; the month may have 20 or 40 added where the sex or day is unknown.
    private static bool IsBelgian(ReadOnlySpan<char> s)
    {
        long number = Number(s[..9]), check = Number(s[9..]), month = Number(s[2..4]) % 20;
        return (month == 0 || IsDate(Number(s[..2]), month, Math.Max(1, Number(s[4..6])))) && Number(s[2..4]) < 60 && Varies(s)
            && (97 - number % 97 == check || 97 - (2_000_000_000 + number) % 97 == check);
    }
}

/// <summary>Italy's codice fiscale (DM 12 March 1974).</summary>
internal static class ItalianCode
{
    private const string Months = "ABCDEHLMPRST", DigitLetters = "LMNPQRSTUV";
    private static readonly int[] Odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

    internal static bool IsWellFormed(ReadOnlySpan<char> s) => Months.Contains(s[8]) && Digits(s[9], s[10]) % 40 is >= 0 and <= 31;

    internal static bool IsValid(ReadOnlySpan<char> s)
    {
        if (!Months.Contains(s[8]) || Digits(s[6], s[7]) < 0 || Digits(s[9], s[10]) is not ((>= 1 and <= 31) or (>= 41 and <= 71)) || Digits(s[12], s[13]) < 0 || Digits('0', s[14]) < 0)
            return false;
        int sum = 0;
        for (int i = 0; i < 15; i++)
        {
            int value = char.IsAsciiDigit(s[i]) ? s[i] - '0' : s[i] - 'A';
            sum += i % 2 == 0 ? Odd[value] : value;
        }
        return sum % 26 == s[15] - 'A';
    }

    // Where two people would have one code, digits from the right on are written as letters.
    private static int Digits(char tens, char ones) => Digit(tens) is >= 0 and var high && Digit(ones) is >= 0 and var low ? high * 10 + low : -1;

    private static int Digit(char c) => char.IsAsciiDigit(c) ? c - '0' : DigitLetters.IndexOf(c);
}
