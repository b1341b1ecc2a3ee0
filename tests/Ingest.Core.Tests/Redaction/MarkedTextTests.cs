using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Texts as people write them, at the policy everybody has: what stands between the marks is masked, all else is not. Adding a case is adding a line.</summary>
public sealed class MarkedTextTests
{
    [Theory]
    [InlineData("my ssn is «5369\n04399»")]
    [InlineData("> my ssn is «5369\n> 04399»")]
    [InlineData("> SSN: «536-90-\n> 4399»")]
    [InlineData("    my ssn is «536 90\n    4399»")]
    [InlineData("call me at «415555\n2671»")]
    [InlineData("> call me at «415555\n> 2671»")]
    [InlineData("| call me at «(415) 555-\n| 2671»")]
    [InlineData("> call me at «+49 30\n> 901820»")]
    [InlineData("my ip address is «84.23.\n119.7»")]
    [InlineData("> my ip address is «84.23\n> .119.7»")]
    [InlineData("> ip «84.2\n> 3.119.7»")]
    [InlineData("    ip: «84.23.119.\n    7»")]
    [InlineData("| IBAN «DE89 3704 0044\n| 0532 0130 00»")]
    [InlineData("    IBAN «DE89 3704 0044\n    0532 0130 00»")]
    [InlineData("> > IBAN «DE8937040044\n> > 0532013000»")]
    [InlineData("IBAN: «DE89370400\r\n    440532013000»")]
    [InlineData("my password is «Tr0ub\n4dor3x»")]
    [InlineData("> my password is «Tr0ub\n> 4dor3x»")]
    [InlineData("> write to «john.smit\n> h@firma.de»")]
    [InlineData("> write to «john.smith@fir\n> ma.de»")]
    [InlineData("write to «john.smit\nh@firma.de»")]
    [InlineData("«john.smit\r\nh@firma.de»")]
    [InlineData("    «ann_lo\n    u@firma.de» or so")]
    [InlineData("> token: «ghp_3H2f5jnu1Kkxg8PgP\n> 9nTt1skBykXO4OizOrg»")]
    [InlineData("> my card «411111111\n> 1111111»")]
    [InlineData("| my card «4111 1111\n| 1111 1111»")]
    public void Values_that_a_line_end_cut_are_masked_whole(string marked) => Check(marked, html: false);

    [Theory]
    [InlineData("licence key: «XKCDW-PQZRT-MNBVC-LKJHG-QWERT»")]
    [InlineData("Your license key is «XKCDW-PQZRT-MNBVC-LKJHG-QWERT».")]
    [InlineData("Product key «XKCD-PQZR-MNBV-LKJH»")]
    [InlineData("activation key: «XK3DW-PQZ9T-MNB7C-LKJ2G-QW8RT»")]
    [InlineData("license key: see the file")]
    [InlineData("licence key: XXXXX-XXXXX-XXXXX-XXXXX")]
    [InlineData("license key agreement-between-parties-of-today")]
    [InlineData("the part XKCD-PQZR-MNBV-LKJH is here")]
    public void Keys_of_programs_are_masked_with_and_without_digits(string marked) => Check(marked, html: false);

    [Theory]
    [InlineData("cvv«654»")]
    [InlineData("«4556737586899855» exp «0527» CVC«654»")]
    [InlineData("card «4556737586899855» 12.50 EUR")]
    [InlineData("card «4556737586899855» EUR 12.50")]
    [InlineData("card «4556737586899855» «12.27»")]
    [InlineData("외국인등록번호 «911124-5678901»")]
    [InlineData("Password | «fluffycat»")]
    [InlineData("Konto «532013000», BLZ «37040044»")]
    [InlineData("«DE89 3704 0044 (0532) 0130 00»")]
    [InlineData("Fax: «+41 44 123 45 67», UID CHE-123.456.789")]
    public void Values_beside_others_are_masked_whole(string marked) => Check(marked, html: false);

    [Theory]
    [InlineData("write to\n«bob@firma.de»")]
    [InlineData("please write\n> «bob@firma.de»\n> thanks")]
    [InlineData("> Reg.Clemens\n> «reg@dwf.example»")]
    [InlineData("Reg.Clemens\n«me@dwf.example»")]
    [InlineData("firma.de\n«me@firma.de»")]
    [InlineData("www.firma.info\n«hr@firma.info»")]
    [InlineData("see notes.txt\n«hr@firma.de»")]
    [InlineData("that is all, e.g.\n«hr@firma.de»")]
    [InlineData("john.smith\n«help@firma.de»")]
    [InlineData("Company\n«713.669.7361»\n«713.669.7358»")]
    [InlineData("see you on 12.03.\n14.03. at the office")]
    [InlineData("Prices 12.50\n13.75\n14.00")]
    [InlineData("version 1.2\n.3.4")]
    [InlineData("phone list\n1234\n5678")]
    public void Lines_that_only_stand_below_each_other_are_read_one_by_one(string marked) => Check(marked, html: false);

    [Theory]
    [InlineData("<input name=\"cvv\" value=\"«654»\">")]
    [InlineData("<input value=\"«Hund77xz»\" name=\"password\">")]
    [InlineData("<input type=hidden name=accountNumber value=«12345678»>")]
    [InlineData("<input name=\"q\" value=\"12345678\">")]
    [InlineData("<table><tr><td>Password</td><td>«fluffycat»</td></tr></table>")]
    [InlineData("<table><tr><td>Order</td><td>40123456</td><td>Qty</td><td>2</td></tr><tr><td>Tracking</td><td>00340434161094015902</td></tr></table>")]
    [InlineData("<table><tr><th>Account</th><th>Sort code</th></tr><tr><td>«12345678»</td><td>«20-00-00»</td></tr></table>")]
    [InlineData("<div>Password</div><div>«Hund77xz»</div>")]
    public void What_stands_beside_a_value_in_html_names_it(string marked)
    {
        string masked = Redact.Html(marked.Replace("«", "", StringComparison.Ordinal).Replace("»", "", StringComparison.Ordinal), RedactionPolicy.Default).Text;
        foreach (string rest in marked.Split('«')[1..])
            Assert.DoesNotContain(rest[..rest.IndexOf('»', StringComparison.Ordinal)], masked, StringComparison.Ordinal);
        Assert.Contains(marked.Split('«')[0], masked, StringComparison.Ordinal);
    }

    [Fact]
    public void Under_pci_no_pattern_keeps_what_belongs_to_a_card()
    {
        RedactionPolicy policy = RedactionPolicy.Named(RedactionPreset.Pci) with { Allow = ["CVV-###", "ORD-######", "EXP-##-##"] };
        Assert.DoesNotContain("654", Redact.Text("card 4556737586899855 CVV-654", policy).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("12-27", Redact.Text("card 4556737586899855 EXP-12-27", policy).Text, StringComparison.Ordinal);
    }

    /// <summary>Masks what stands between the marks without them, and compares sign by sign.</summary>
    internal static void Check(string marked, bool html)
    {
        string text = marked.Replace("«", "", StringComparison.Ordinal).Replace("»", "", StringComparison.Ordinal);
        bool[] covered = new bool[text.Length], wanted = new bool[text.Length];
        RedactedText masked = html ? Redact.Html(text, RedactionPolicy.Default) : Redact.Text(text, RedactionPolicy.Default);
        foreach (Finding found in masked.Findings)
            covered.AsSpan(found.Start, found.Length).Fill(true);
        bool inside = false;
        int at = 0;
        foreach (char c in marked)
        {
            inside = c == '«' || (inside && c != '»');
            if (c is not ('«' or '»'))
                wanted[at++] = inside;
        }
        for (int i = 0; i < text.Length; i++)
            Assert.True(!char.IsLetterOrDigit(text[i]) || covered[i] == wanted[i], $"{marked} became {masked.Text}: {string.Join(", ", masked.Findings)}");
    }
}
