namespace Ingest.Core.Redaction;

/// <summary>What stands in brackets in place of a finding. No detector takes one for anything.</summary>
internal static class Labels
{
    /// <summary>The word for a sort.</summary>
    internal static string Of(FindingType type) => type switch
    {
        FindingType.Card => "card",
        FindingType.CardExpiry => "card expiry",
        FindingType.CardCode => "card code",
        FindingType.Iban => "IBAN",
        FindingType.BankAccount => "bank account",
        FindingType.NationalId => "ID number",
        FindingType.Passport => "passport",
        FindingType.DrivingLicence => "driving licence",
        FindingType.DateOfBirth => "date of birth",
        FindingType.Phone => "phone",
        FindingType.Email => "email",
        FindingType.IpAddress => "IP address",
        FindingType.PostalAddress => "address",
        FindingType.Wallet => "wallet",
        FindingType.HealthNumber => "health number",
        FindingType.Secret => "secret",
        FindingType.Person => "name",
    };
}
