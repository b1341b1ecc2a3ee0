using System.Text;
using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Masking what is masked changes nothing, however words, values and marks stand beside each other; adding a sort of either is adding it to a row.</summary>
public sealed class SecondReadingTests
{
    private static readonly string[] Words =
    [
        "my number: ", "nie ", "geboren am ", "PIN ", "recovery codes: ", "backup codes ", "SSN ", "card ", "exp ", "cvv ", "IBAN ", "account number ", "sort code ", "routing number ", "phone ", "Tel.: ", "call ", "fax ", "DOB ", "born on ", "né le ", "passport ", "Reisepass ",
        "driver license no. ", "NHS ", "NI number ", "Steuer-ID ", "IdNr. ", "PESEL ", "DNI ", "BSN ", "CPF ", "Aadhaar ", "PAN ", "password: ", "Passwort lautet ", "my password is ", "pw ", "login: ", "user ", "your code is ", "OTP ", "verification code ", "TAN: ", "token=", "api key ",
        "secret ", "Authorization: Bearer ", "order ", "Bestellung ", "invoice no. ", "ticket #", "policy number ", "patient id ", "mrn ", "NPI ", "medicare ", "address: ", "Adresse ", "ip ", "from ", "wallet ", "seed phrase ", "mail ", "email: ", "mailto:", "customer ", "Kundennummer ",
        "version ", "the ", "is ", "in the log ", "razy ", "at ", "room ", "EUR ", "$", "tax id ", "VAT ", "NIF ", "Konto ", "BLZ ", "code ", "security code ", "valid thru ", "visa ", "zip ", "call me on ",
    ];

    private static readonly string[] Values =
    [
        "0171 1234567", "10::30", "12345678", "12.03.1985", "4821", "493021", "a7f3k-9q2x1", "8f2k1-m3n4p", "078-05-1121", "536-90-4399", "536904399", "4111 1111 1111 1111", "4556737586899855", "12/27", "0527", "654", "DE89370400440532013000", "GB82 WEST 1234 5698 7654 32",
        "12-34-56 12345678", "101205681", "+49 30 1234567", "(415) 555-2671", "415-555-2671", "4155552671", "0800 123 456", "12/03/1980", "March 12, 1980", "P4789023X", "C01X00T47", "H12234567", "MORGA607054SM9IJ", "943 476 5919", "AB 12 34 56 C", "86 095 742 719", "44051401359",
        "54362315K", "111222333", "390.533.447-05", "2341 2341 2346", "ACUPA7085R", "Hund77xz", "Tr0ub4dor&3", "hunter2", "fluffycat", "\"open sesame\"", "anna@example.com", "bob (at) firma (dot) de", "203.0.113.77", "2001:db8::1", "fe80::1", "00:1A:2B:3C:4D:5E",
        "ghp_3H2f5jnu1Kkxg8PgP9nTt1skBykXO4OizOrg", "7f3b2c1e4d5a4155552671ab", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "Hauptstraße 12, 80331 München", "500 Main Street, Springfield, IL 62704", "12.50 EUR", "1.234,56", "2024-11-22", "10:30", "48213-A", "1234567893", "1EG4-TE5-MK73", "AHC-0933289", "https://example.com/a?b=123456", "https://user:Sommer24@example.com/a", "1.91.2.8", "10.0.26100",
        "100-200-3000", "[phone]", "[secret]", "[card A1B2C3D]", "••••••••••••1111", "DE136695976", "01.02.03", "ext. 9", "7", "1,234", "ABC123XYZ",
    ];

    private static readonly string[] Between = [" ", " ", " ", ", ", "; ", ". ", "\n", "\n\n", " - ", " / ", ": ", "\t", "|", " | ", "\n> ", "(", ") ", "\"", " = ", "", ",", ".", "-"];

    [Theory]
    [InlineData("my number: 0171 1234567 10::30 in the log")]
    [InlineData("nie 12345678 razy geboren am 12.03.1985 PIN 4821")]
    [InlineData("recovery codes: a7f3k-9q2x1 driver license no. 8f2k1-m3n4p, backup codes 493021")]
    [InlineData("seed phrase 48213-A.mailto:00:1A:2B:3C:4D:5E-8f2k1-m3n4p")]
    [InlineData("password: x12,[secret]. Passwort lautet [secret]")]
    [InlineData("4111 1111 1111 1111.john.smith@gmail.com")]
    [InlineData("54362315K,AB 12 34 56 C")]
    [InlineData("card [card A1B2C3D] 12/27, 4111-1111-1111-1111")]
    public void A_second_reading_changes_nothing(string text) => Assert.Equal(Masked(text), Masked(Masked(text)));

    [Fact]
    public void No_mixture_of_words_values_and_marks_is_changed_by_a_second_reading()
    {
        var random = new Random(20);
        for (int round = 0; round < 40_000; round++)
        {
            string once = Masked(Mixture(random));
            Assert.Equal(once, Masked(once));
        }
    }

    [Fact]
    public void No_mixture_in_html_is_changed_by_a_second_reading()
    {
        var random = new Random(20);
        for (int round = 0; round < 15_000; round++)
        {
            string mixture = Mixture(random).Replace("&", "&amp;", StringComparison.Ordinal).Replace("\n", random.Next(2) == 0 ? "<br>" : "</p><p>", StringComparison.Ordinal).Replace("\t", "</td><td>", StringComparison.Ordinal);
            string once = Redact.Html($"<p>{mixture}</p>", RedactionPolicy.Default).Text;
            Assert.Equal(once, Redact.Html(once, RedactionPolicy.Default).Text);
        }
    }

    [Fact]
    public void What_ran_into_something_masked_is_found_too()
    {
        Assert.Equal("[ID number],[ID number]", Masked("54362315K,AB 12 34 56 C"));
        Assert.Equal(2, Redact.Text("54362315K,AB 12 34 56 C", RedactionPolicy.Default).Findings.Count);
        Assert.Equal(["es.nif", "uk.nino"], Redact.Text("54362315K,AB 12 34 56 C", RedactionPolicy.Default with { DryRun = true }).Findings.Select(f => f.Rule));
    }

    [Theory]
    [InlineData("••••4111 1111 1111 1111")]
    [InlineData("[card 4111111111111111]")]
    [InlineData("[phone +49 30 1234567]")]
    public void What_only_looks_masked_is_read(string text) => Assert.NotEmpty(Redact.Text(text, RedactionPolicy.Default).Findings);

    [Theory]
    [InlineData("DE89370400440532013000\n123456789012 34")]
    [InlineData("GB82 WEST 1234 5698 7654 32\n1234567890123456")]
    public void A_line_of_digits_after_an_account_number_is_read_to_its_end(string text) => Assert.NotNull(Masked(text));

    private static string Masked(string text) => Redact.Text(text, RedactionPolicy.Default).Text;

    private static string Mixture(Random random)
    {
        var text = new StringBuilder();
        for (int piece = random.Next(1, 7); piece > 0; piece--)
            text.Append(random.Next(4) > 0 ? Words[random.Next(Words.Length)] : "").Append(Values[random.Next(Values.Length)]).Append(Between[random.Next(Between.Length)]);
        return text.ToString();
    }
}
