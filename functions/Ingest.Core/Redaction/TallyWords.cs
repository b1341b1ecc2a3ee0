using System.Globalization;

namespace Ingest.Core.Redaction;

/// <summary>Counts of what was found, as people read them.</summary>
public static class TallyWords
{
    /// <summary>"2 card numbers, 1 phone number and 3 secrets", the sorts in their order; empty for nothing.</summary>
    public static string Of(IReadOnlyDictionary<FindingType, int> types)
    {
        string[] each = [.. types.OrderBy(type => type.Key).Select(type => string.Create(CultureInfo.InvariantCulture, $"{type.Value:N0} {Of(type.Key, type.Value != 1)}"))];
        return each.Length < 2 ? string.Concat(each) : $"{string.Join(", ", each[..^1])} and {each[^1]}";
    }

    /// <summary>"Card numbers": a sort as the heading of a row.</summary>
    public static string Heading(FindingType type) => Of(type, many: true) is var words ? char.ToUpperInvariant(words[0]) + words[1..] : "";

    private static string Of(FindingType type, bool many) => type switch
    {
        FindingType.Card => many ? "card numbers" : "card number",
        FindingType.CardExpiry => many ? "expiry dates of cards" : "expiry date of a card",
        FindingType.CardCode => many ? "security codes of cards" : "security code of a card",
        FindingType.Iban => many ? "IBANs" : "IBAN",
        FindingType.BankAccount => many ? "bank accounts" : "bank account",
        FindingType.NationalId => many ? "national ids" : "national id",
        FindingType.Passport => many ? "passport numbers" : "passport number",
        FindingType.DrivingLicence => many ? "driving licences" : "driving licence",
        FindingType.DateOfBirth => many ? "dates of birth" : "date of birth",
        FindingType.Phone => many ? "phone numbers" : "phone number",
        FindingType.Email => many ? "e-mail addresses" : "e-mail address",
        FindingType.IpAddress => many ? "IP addresses" : "IP address",
        FindingType.PostalAddress => many ? "postal addresses" : "postal address",
        FindingType.Wallet => many ? "wallets" : "wallet",
        FindingType.HealthNumber => many ? "health numbers" : "health number",
        FindingType.Secret => many ? "secrets" : "secret",
        FindingType.Person => many ? "names of people" : "name of a person",
    };
}
