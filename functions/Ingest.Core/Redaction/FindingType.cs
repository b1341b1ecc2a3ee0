namespace Ingest.Core.Redaction;

/// <summary>Sorts of things to mask. Written in settings and output with a small first letter.</summary>
public enum FindingType : byte
{
    /// <summary>A payment card number (ISO/IEC 7812).</summary>
    Card = 1,
    /// <summary>The month and year until which a card is valid.</summary>
    CardExpiry = 2,
    /// <summary>A card's security code, which may not be stored even encrypted (PCI DSS 3.3.1).</summary>
    CardCode = 3,
    /// <summary>An international bank account number (ISO 13616).</summary>
    Iban = 4,
    /// <summary>A bank account in its country's own form, with its routing number or sort code.</summary>
    BankAccount = 5,
    /// <summary>A number that a state gives to a person or a taxpayer.</summary>
    NationalId = 6,
    /// <summary>The number of a passport.</summary>
    Passport = 7,
    /// <summary>The number of a driving licence.</summary>
    DrivingLicence = 8,
    /// <summary>The day on which somebody was born.</summary>
    DateOfBirth = 9,
    /// <summary>A telephone number.</summary>
    Phone = 10,
    /// <summary>An e-mail address.</summary>
    Email = 11,
    /// <summary>An address of the internet protocol, version 4 or 6, or of a network card.</summary>
    IpAddress = 12,
    /// <summary>Where somebody lives or receives mail.</summary>
    PostalAddress = 13,
    /// <summary>The address of a wallet of a crypto currency.</summary>
    Wallet = 14,
    /// <summary>A number under which somebody is treated or insured.</summary>
    HealthNumber = 15,
    /// <summary>What opens something: passwords, keys, tokens, one-time codes.</summary>
    Secret = 16,
    /// <summary>A person's name; only recognisers that are plugged in find it.</summary>
    Person = 17,
}
