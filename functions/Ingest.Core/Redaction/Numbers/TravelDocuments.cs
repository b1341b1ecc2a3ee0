using static Ingest.Core.Redaction.Numbers.CheckDigits;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Passports, identity cards and driving licences whose numbers have a shape of their own.</summary>
internal static class TravelDocuments
{
    private const string GermanSigns = "CFGHJKLMNPRTVWXYZ0123456789", American = "us.driving-licence", British = "uk.driving-licence";

    internal static readonly NumberRule[] All =
    [
        new(FindingType.Passport, "us.passport", "@########", 0.1, 0.9, Topics.Passport),
        new(FindingType.Passport, "us.passport", "#########", 0.02, 0.9, Topics.Passport),
        new(FindingType.Passport, "uk.passport", "@@#######", 0.1, 0.9, Topics.Passport),
        new(FindingType.Passport, "es.passport", "@@@######", 0.1, 0.9, Topics.Passport),
        new(FindingType.Passport, "in.passport", "@#######", 0.1, 0.9, Topics.Passport, static s => s[1] != '0' && s[7] != '0'),
        new(FindingType.Passport, "it.passport", "@@#######", 0.05, 0.9, Topics.Passport),
        new(FindingType.Passport, "fr.passport", "##@@#####", 0.1, 0.9, Topics.Passport),
        new(FindingType.Passport, "nl.passport", "@@??????#", 0.05, 0.85, Topics.Passport, static s => s[2..8].IndexOfAnyInRange('0', '9') >= 0),
        new(FindingType.Passport, "de.passport", "@???????#", 0.3, 0.95, Topics.Passport | Topics.Identity, static s => "CFGHJK".Contains(s[0]) && IsGerman(s)),
        new(FindingType.NationalId, "de.personalausweis", "@????????", 0.2, 0.93, Topics.Identity, static s => "LMNPRTVWXY".Contains(s[0]) && char.IsAsciiDigit(s[8]) && IsGerman(s)),
        new(FindingType.Passport, "ru.passport", "####~######", 0.02, 0.9, Topics.Passport),
        new(FindingType.Passport, "ru.passport", "## ## ######", 0.1, 0.9, Topics.Passport),
        new(FindingType.NationalId, "de.personalausweis", "@?????????", 0.1, 0.95, Topics.Identity, static s => "LMNPRTVWXY".Contains(s[0]) && IsGerman(s)),
        new(FindingType.Passport, "kr.passport", "@###@####", 0.2, 0.95, Topics.Passport, static s => "MSRODG".Contains(s[0])),
        new(FindingType.Passport, "kr.passport", "@########", 0.1, 0.9, Topics.Passport, static s => "MSRODG".Contains(s[0])),
        new(FindingType.Passport, "cn.passport", "@########", 0.1, 0.9, Topics.Passport, static s => "EGDPS".Contains(s[0])),
        new(FindingType.Passport, "jp.passport", "@@#######", 0.1, 0.9, Topics.Passport),
        new(FindingType.DrivingLicence, British, "?????######?????", 0.85, 0.97, Topics.Licence, IsBritishDriver),
        new(FindingType.DrivingLicence, British, "????? ###### ?????", 0.8, 0.97, Topics.Licence, IsBritishDriver),
        new(FindingType.DrivingLicence, "it.driving-licence", "@@#######@", 0.2, 0.93, Topics.Licence),
        new(FindingType.DrivingLicence, "it.driving-licence", "U1???????@", 0.4, 0.95, Topics.Licence),
        new(FindingType.DrivingLicence, "kr.driving-licence", "##~##~######~##", 0.1, 0.95, Topics.Licence, static s => Number(s[..2]) is >= 11 and <= 28),
        new(FindingType.DrivingLicence, "de.fuehrerschein", "@?########?", 0.15, 0.93, Topics.Licence, static s => char.IsAsciiLetter(s[1])),
        new(FindingType.DrivingLicence, "de.fuehrerschein", "?##???????#", 0.02, 0.9, Topics.Licence, static s => char.IsAsciiLetter(s[0])),
        new(FindingType.DrivingLicence, American, "@#######", 0.02, 0.9, Topics.Licence),
        new(FindingType.DrivingLicence, American, "@########", 0.02, 0.9, Topics.Licence),
        new(FindingType.DrivingLicence, American, "@############", 0.05, 0.9, Topics.Licence),
        new(FindingType.DrivingLicence, American, "@###~####~####", 0.1, 0.9, Topics.Licence),
        new(FindingType.DrivingLicence, American, "*@###~###~##~###~#", 0.3, 0.93, Topics.Licence),
        new(FindingType.DrivingLicence, "ca.driving-licence", "@####-#####-#####", 0.5, 0.95, Topics.Licence),
    ];

    private static bool IsGerman(ReadOnlySpan<char> s)
    {
        foreach (char c in s[1..^1])
            if (!GermanSigns.Contains(c))
                return false;
        return s[1..^1].IndexOfAnyInRange('0', '9') >= 0 && Travel(s);
    }

    // Surname, decade, month (50 more for women), day, year, initials, and three more.
    private static bool IsBritishDriver(ReadOnlySpan<char> s)
    {
        foreach (char c in s[..5])
            if (c != '9' && char.IsAsciiDigit(c))
                return false;
        bool initials = (s[11] == '9' || char.IsAsciiLetter(s[11])) && (s[12] == '9' || char.IsAsciiLetter(s[12]));
        return initials && char.IsAsciiLetter(s[0]) && char.IsAsciiLetter(s[14]) && char.IsAsciiLetter(s[15])
            && Number(s[6..8]) is (>= 1 and <= 12) or (>= 51 and <= 62) && Number(s[8..10]) is >= 1 and <= 31;
    }
}
