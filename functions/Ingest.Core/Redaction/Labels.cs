using System.Buffers;

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

    /// <summary>The same in its brackets.</summary>
    internal static string Bracketed(FindingType type) => InBrackets[(int)type];

    /// <summary>The length of the label, in its brackets, with which a text begins; 0 where it begins with none.</summary>
    internal static int LengthAt(ReadOnlySpan<char> text)
    {
        foreach (string name in Names)
            if (text.Length > name.Length + 1 && text[1] == name[0] && text[1..].StartsWith(name, StringComparison.Ordinal) && EndLength(text[(name.Length + 1)..]) is > 0 and int end)
                return name.Length + 1 + end;
        return 0;
    }

    // A bracket, or a blank, a pseudonym and a bracket.
    private static int EndLength(ReadOnlySpan<char> rest) => rest switch
    {
        [']', ..] => 1,
        [' ', ..] when rest.Length > PseudonymLength + 1 && rest[PseudonymLength + 1] == ']' && !rest.Slice(1, PseudonymLength).ContainsAnyExcept(Base32) => PseudonymLength + 2,
        _ => 0,
    };

    // What Pseudonyms makes.
    private const int PseudonymLength = 7;
    private static readonly SearchValues<char> Base32 = SearchValues.Create("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    private static readonly string[] Names = [.. Enum.GetValues<FindingType>().Select(Of)];
    private static readonly string[] InBrackets = ByNumber();

    private static string[] ByNumber()
    {
        string[] all = new string[(int)Enum.GetValues<FindingType>().Max() + 1];
        foreach (FindingType type in Enum.GetValues<FindingType>())
            all[(int)type] = $"[{Of(type)}]";
        return all;
    }
}
