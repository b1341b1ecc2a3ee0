using System.Runtime.CompilerServices;

namespace Ingest.Core.Redaction;

/// <summary>
/// How each country writes its account numbers after the two letters and the check digits: n digits, a capitals, c either, as in the IBAN registry (ISO 13616-1, SWIFT), and
/// the countries that use the form without being registered, marked with a question mark.
/// </summary>
internal static class IbanCountries
{
    private const string Registry =
        "AD8n12c AE19n AL8n16c AT16n AZ4a20c BA16n BE12n BG4a6n8c BH4a14c BI23n BR23n1a1c BY4c4n16c CH5n12c CR18n CY8n16c CZ20n DE18n DJ23n DK14n DO4c20n EE16n EG25n ES20n FI14n FK2a12n FO14n FR10n11c2n "
        + "GB4a14n GE2a16n GI4a15c GL14n GR7n16c GT4c20c HN4a20n HR17n HU24n IE4a14n IL19n IQ4a15n IS22n IT1a10n12c JO4a4n18c KW4a22c KZ3n13c LB4n20c LC4a24c LI5n12c LT16n LU3n13c LV4a13c LY21n MC10n11c2n "
        + "MD2c18c ME18n MK3n10c2n MN16n MR23n MT4a5n18c MU4a19n3a NI4a24n NL4a10n NO11n OM3n16c PK4a16c PL24n PS4a21c PT21n QA4a21c RO4a16c RS18n RU14n15c SA2n18c SC4a20n3a SD14n SE20n SI15n SK20n SM1a10n12c "
        + "SO19n ST21n SV4a20n TL19n TN20n TR6n16c UA6n19c VA18n VG4a16n XK16n YE4a4n18c "
        + "GF10n11c2n GP10n11c2n MQ10n11c2n RE10n11c2n PF10n11c2n TF10n11c2n YT10n11c2n NC10n11c2n BL10n11c2n MF10n11c2n PM10n11c2n WF10n11c2n";

    private const string InUse =
        "AO21n BF2c22n BJ2c22n CF23n CG23n CI2a22n CM23n CV21n DZ22n GA23n GQ23n GW2c19n IR22n KM23n MA24n MG23n ML2c22n MZ21n NE2a22n SN2a22n TD23n TG2a22n";

    // As the country wrote them before its entry was changed; they are still about.
    private const string Former = "NI4a20n";

    private static readonly string?[] Shapes = Build(Registry + " " + InUse);
    private static readonly string?[] FormerShapes = Build(Former);

    /// <summary>The signs after the first four, one letter each (n, a or c); null where no such country is known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static string? ShapeOf(char first, char second) =>
        char.IsAsciiLetterUpper(first) && char.IsAsciiLetterUpper(second) ? Shapes[(first - 'A') * 26 + second - 'A'] : null;

    /// <summary>The signs after the first four as they were once; null where they never were others.</summary>
    internal static string? FormerShapeOf(char first, char second) => FormerShapes[(first - 'A') * 26 + second - 'A'];

    /// <summary>True when the registry has the country.</summary>
    internal static bool IsRegistered((char First, char Second) country) => !InUse.AsSpan().Contains([country.First, country.Second], StringComparison.Ordinal);

    private static string?[] Build(string countries)
    {
        string?[] shapes = new string?[26 * 26];
        foreach (string country in countries.Split(' '))
            shapes[(country[0] - 'A') * 26 + country[1] - 'A'] = Signs(country.AsSpan(2));
        return shapes;
    }

    private static string Signs(ReadOnlySpan<char> parts)
    {
        string signs = "";
        int count = 0;
        foreach (char c in parts)
            if (char.IsAsciiDigit(c))
                count = count * 10 + c - '0';
            else
                (signs, count) = (signs + new string(c, count), 0);
        return signs;
    }
}
