using static Ingest.Core.Redaction.Numbers.CheckDigits;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Numbers of people and companies from Mexico to Chile.</summary>
internal static class LatinAmericanNumbers
{
    private const string Cpf = "br.cpf", Cnpj = "br.cnpj", Curp = "mx.curp", Rfc = "mx.rfc", Rut = "cl.rut", Cuit = "ar.cuit";

    internal static readonly NumberRule[] All =
    [
        new(FindingType.NationalId, Cpf, "###.###.###-##", 0.9, 0.99, Topics.Brazil, IsCpf),
        new(FindingType.NationalId, Cpf, "*###~###~###~##", 0.3, 0.95, Topics.Brazil, IsCpf),
        new(FindingType.NationalId, Cnpj, "##.###.###/####-##", 0.9, 0.99, Topics.Brazil, IsCnpj),
        new(FindingType.NationalId, Cnpj, "*##~###~###~####~##", 0.35, 0.95, Topics.Brazil, IsCnpj),
        new(FindingType.NationalId, "br.pis", "*###~#####~##~#", 0.05, 0.9, Topics.Brazil, static s => Varies(s) && Mod11Tail(s, [3, 2, 9, 8, 7, 6, 5, 4, 3, 2])),
        new(FindingType.NationalId, Curp, "@@@@######@@@@@@?#", 0.9, 0.99, Topics.Mexico, IsCurp),
        new(FindingType.NationalId, Rfc, "@@@@~######~??#", 0.3, 0.95, Topics.Mexico, IsRfc),
        new(FindingType.NationalId, Rfc, "@@@@~######~??@", 0.3, 0.95, Topics.Mexico, IsRfc),
        new(FindingType.NationalId, Rfc, "@@@~######~???", 0.15, 0.9, Topics.Mexico, IsRfc),
        new(FindingType.NationalId, Rut, "##.###.###-?", 0.75, 0.95, Topics.LatinAmerica, IsRut),
        new(FindingType.NationalId, Rut, "#.###.###-?", 0.7, 0.95, Topics.LatinAmerica, IsRut),
        new(FindingType.NationalId, Rut, "########~?", 0.05, 0.9, Topics.LatinAmerica, IsRut),
        new(FindingType.NationalId, Cuit, "##-########-#", 0.75, 0.95, Topics.LatinAmerica, IsCuit),
        new(FindingType.NationalId, Cuit, "###########", 0.15, 0.9, Topics.LatinAmerica, IsCuit),
        new(FindingType.NationalId, "ar.dni", "##.###.###", 0.05, 0.8, Topics.LatinAmerica, static s => Number(s) is > 3_000_000 and < 99_000_000),
        new(FindingType.NationalId, "ec.cedula", "#########~#", 0.03, 0.9, Topics.LatinAmerica, static s => Number(s[..2]) is (>= 1 and <= 24) or 30 && s[2] < '6' && Luhn(s)),
        new(FindingType.NationalId, "uy.ci", "#.###.###-#", 0.3, 0.9, Topics.LatinAmerica, static s => Varies(s) && (Sum(s, [8, 1, 2, 3, 4, 7, 6]) + Value(s[7])) % 10 == 0),
        new(FindingType.NationalId, "co.nit", "###.###.###-#", 0.4, 0.9, Topics.LatinAmerica, IsNit),
        new(FindingType.NationalId, "pe.ruc", "###########", 0.03, 0.9, Topics.LatinAmerica, static s => s[..2] is "10" or "15" or "17" or "20" && Mod11Tail(s, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2])),
    ];

    private static bool Mod11Tail(ReadOnlySpan<char> s, ReadOnlySpan<int> weights) => (11 - Sum(s, weights) % 11) % 11 % 10 == s[^1] - '0';

    private static bool IsCpf(ReadOnlySpan<char> s) =>
        Varies(s) && Tail(Sum(s, [10, 9, 8, 7, 6, 5, 4, 3, 2])) == s[9] - '0' && Tail(Sum(s, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2])) == s[10] - '0';

    private static bool IsCnpj(ReadOnlySpan<char> s) =>
        Varies(s) && Tail(Sum(s, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == s[12] - '0' && Tail(Sum(s, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == s[13] - '0';

    private static int Tail(int sum) => sum % 11 < 2 ? 0 : 11 - sum % 11;

    // The alphabet of the check has Ñ between N and O.
    private static bool IsCurp(ReadOnlySpan<char> s)
    {
        if (!IsYearFirst(s[4..10]) || s[10] is not ('H' or 'M' or 'X'))
            return false;
        int sum = 0;
        for (int i = 0; i < 17; i++)
            sum += (Value(s[i]) + (s[i] >= 'O' ? 1 : 0)) * (18 - i);
        return (10 - sum % 10) % 10 == s[17] - '0';
    }

    private static bool IsRfc(ReadOnlySpan<char> s)
    {
        int letters = s.Length - 9;
        if (!IsYearFirst(s[letters..(letters + 6)]))
            return false;
        int sum = s.Length == 12 ? 37 * 13 : 0;
        for (int i = 0; i < s.Length - 1; i++)
            sum += (Value(s[i]) + (s[i] >= 'O' ? 1 : 0)) * (s.Length - i);
        return "0A987654321"[sum % 11] == s[^1];
    }

    private static bool IsRut(ReadOnlySpan<char> s)
    {
        if (!Varies(s[..^1]) || s[..^1].ContainsAnyExceptInRange('0', '9'))
            return false;
        int sum = 0;
        for (int i = 0; i < s.Length - 1; i++)
            sum += (s[^(i + 2)] - '0') * (2 + i % 6);
        return "0K987654321"[sum % 11] == s[^1];
    }

    private static bool IsCuit(ReadOnlySpan<char> s) => s[..2] is "20" or "23" or "24" or "27" or "30" or "33" or "34" && (11 - Sum(s, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == s[10] - '0';

    private static bool IsNit(ReadOnlySpan<char> s) => Varies(s) && Sum(s, [41, 37, 29, 23, 19, 17, 13, 7, 3]) % 11 is var rest && (rest < 2 ? rest : 11 - rest) == s[9] - '0';
}
