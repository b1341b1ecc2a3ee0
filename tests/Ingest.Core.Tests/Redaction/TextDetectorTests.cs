using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Addresses of mail, internet and streets, telephones and wallets, at the default policy.</summary>
public sealed class TextDetectorTests
{
    [Theory]
    [InlineData("write to anna.miller@example.com.", "anna.miller@example.com")]
    [InlineData("<mailto:anna@example.com?subject=x>", "anna@example.com")]
    [InlineData("Anna <anna+tag@sub.example.co.uk>, hello", "anna+tag@sub.example.co.uk")]
    [InlineData("o'brien@example.ie", "o'brien@example.ie")]
    [InlineData("'anna@example.com'", "anna@example.com")]
    [InlineData("\"anna miller\"@example.com", "\"anna miller\"@example.com")]
    [InlineData("jörg@müller.de", "jörg@müller.de")]
    [InlineData("用户@例子.中国", "用户@例子.中国")]
    [InlineData("пишите на анна@почта.рф", "анна@почта.рф")]
    [InlineData("anna@[192.0.2.1]", "anna@[192.0.2.1]")]
    [InlineData("https://example.com/?to=anna%40example.com&x=1", "anna%40example.com")]
    [InlineData("user=anna@example.com;", "anna@example.com")]
    [InlineData("bounce+anna=example.org@lists.example.com", "bounce+anna=example.org@lists.example.com")]
    [InlineData("anna (at) example (dot) com", "anna (at) example (dot) com")]
    [InlineData("anna [at] example [dot] com", "anna [at] example [dot] com")]
    [InlineData("anna(at)example.com", "anna(at)example.com")]
    [InlineData("anna at example dot com", "anna at example dot com")]
    [InlineData("anna＠example．com", "anna＠example．com")]
    [InlineData("an\u200Bna@exam\u00ADple.com", "an\u200Bna@exam\u00ADple.com")]
    [InlineData("anna@\nexample.com", "anna@\nexample.com")]
    [InlineData("see foo@bar.com.Thanks", "foo@bar.com")]
    [InlineData("john.smith @ gmail.com", "john.smith @ gmail.com")]
    [InlineData("john.smith AT gmail.com", "john.smith AT gmail.com")]
    [InlineData("> anna.miller@exam\n> ple.com", "anna.miller@exam\n> ple.com")]
    public void Addresses_of_mail_are_found(string text, string address) => Assert.Equal(address, Assert.Single(Found(text, FindingType.Email)));

    [Theory]
    [InlineData("Message-ID: <20241122.183212.1@mail.example.com>")]
    [InlineData("In-Reply-To: <a1b2@example.com>")]
    [InlineData("<img src=\"cid:part1.abc@example.com\">")]
    [InlineData("<20241122183212.4711.12345678@mail.example.com>")]
    [InlineData("icon@2x.png")]
    [InlineData("follow @example.com or @anna")]
    [InlineData("meet at five dot on")]
    [InlineData("ssh://git@example.com/repo")]
    [InlineData("a @ b")]
    [InlineData("root@localhost:~$")]
    [InlineData("git@github.com:org/repo.git")]
    [InlineData("image001.png@01DA7456.ABCDEF10")]
    [InlineData("see <20240312.123456@mail.example.com>")]
    [InlineData("lunch @ noon")]
    [InlineData("see him AT example.com")]
    public void What_only_looks_like_an_address_of_mail_stays(string text) => Assert.Empty(Found(text, FindingType.Email));

    [Fact]
    public void The_mailboxes_own_address_is_never_masked()
    {
        var tools = new RedactionTools { IsOwnAddress = address => address == "support@example.com" };
        Assert.Equal("to Support@Example.com from [email]", Redact.Text("to Support@Example.com from anna@example.com", RedactionPolicy.Default, tools).Text);
    }

    [Theory]
    [InlineData("from 203.0.113.77 at noon", "203.0.113.77")]
    [InlineData("ssh://root@203.0.113.77:8080/x", "203.0.113.77")]
    [InlineData("block 203.0.113.0/24.", "203.0.113.0/24")]
    [InlineData("my ip: 10.0.0.1", "10.0.0.1")]
    [InlineData("[2001:db8::1]:443", "2001:db8::1")]
    [InlineData("fe80::1ff:fe23:4567:890a%eth0", "fe80::1ff:fe23:4567:890a%eth0")]
    [InlineData("::ffff:203.0.113.77", "::ffff:203.0.113.77")]
    [InlineData("00:1A:2B:3C:4D:5E", "00:1A:2B:3C:4D:5E")]
    [InlineData("0012.3456.789a", "0012.3456.789a")]
    [InlineData("02-00-5e-10-00-00-00-0f", "02-00-5e-10-00-00-00-0f")]
    [InlineData("from 84.23.119[.]7", "84.23.119[.]7")]
    public void Addresses_of_the_internet_and_of_network_cards_are_found(string text, string address) => Assert.Equal(address, Assert.Single(Found(text, FindingType.IpAddress)));

    [Theory]
    [InlineData("v1.2.3.4")]
    [InlineData("Version 10.0.19041.1")]
    [InlineData("version 203.0.113.77")]
    [InlineData("see section 1.2.3.4 of the manual")]
    [InlineData("1.2.3.4 Introduction")]
    [InlineData("at 12:34:56 and 10:30")]
    [InlineData("std::vector::begin and dead::beef")]
    [InlineData("1.2.3.4.5.6")]
    [InlineData("2024-11-22-10-30-00")]
    [InlineData("ping 127.0.0.1")]
    [InlineData("listen 0.0.0.0:443")]
    [InlineData("subnet 255.255.255.0")]
    [InlineData("10::30 in the log")]
    [InlineData("80.1.15.3 release")]
    public void Versions_sections_and_times_stay(string text) => Assert.Empty(Found(text, FindingType.IpAddress));

    [Theory]
    [InlineData("+49 30 1234567", "+49 30 1234567")]
    [InlineData("+49 (0)30 / 1234567", "+49 (0)30 / 1234567")]
    [InlineData("(+33) 1 42 68 53 00", "(+33) 1 42 68 53 00")]
    [InlineData("0044 20 7946 0958", "0044 20 7946 0958")]
    [InlineData("011 44 20 7946 0958", "011 44 20 7946 0958")]
    [InlineData("(415) 555-2671", "(415) 555-2671")]
    [InlineData("415.555.2671 ext. 12", "415.555.2671 ext. 12")]
    [InlineData("1-800-555-2671", "1-800-555-2671")]
    [InlineData("call 555-2671", "555-2671")]
    [InlineData("01 42 68 53 00", "01 42 68 53 00")]
    [InlineData("020 7946 0958", "020 7946 0958")]
    [InlineData("Tel.: 089/12345678", "089/12345678")]
    [InlineData("Rufnummer 0151 23456789", "0151 23456789")]
    [InlineData("Durchwahl: 030 1234-567", "030 1234-567")]
    [InlineData("044 668 18 00", "044 668 18 00")]
    [InlineData("0532 123 45 67", "0532 123 45 67")]
    [InlineData("0917-123-4567", "0917-123-4567")]
    [InlineData("(11) 98456-5666", "(11) 98456-5666")]
    [InlineData("móvil 612 345 678", "612 345 678")]
    [InlineData("cellulare 347 1234567", "347 1234567")]
    [InlineData("06-24312407", "06-24312407")]
    [InlineData("тел. 8 (912) 345-67-89", "8 (912) 345-67-89")]
    [InlineData("手机：13812345678", "13812345678")]
    [InlineData("電話 03-1234-5678", "03-1234-5678")]
    [InlineData("휴대폰 010-1234-5678", "010-1234-5678")]
    [InlineData("هاتف ٠٥٠١٢٣٤٥٦٧", "٠٥٠١٢٣٤٥٦٧")]
    [InlineData("+4\u200B9 30 12\u00AD34567", "+4\u200B9 30 12\u00AD34567")]
    [InlineData("+44 20\n7375 7195", "+44 20\n7375 7195")]
    [InlineData("tel:+493012345678", "+493012345678")]
    [InlineData("my number is 4155552671", "4155552671")]
    [InlineData("my number is 07911123456", "07911123456")]
    [InlineData("☎ 030 901820", "030 901820")]
    [InlineData("📞 4155552671", "4155552671")]
    [InlineData("fon:030901820", "030901820")]
    [InlineData("https://wa.me/4930901820123", "4930901820123")]
    [InlineData("Tel030 1234567", "030 1234567")]
    [InlineData("phone: 415-555-\n> 2671", "415-555-\n> 2671")]
    [InlineData("(415) 555-2671 2024", "(415) 555-2671")]
    [InlineData("my number: 0171 1234567 10::30", "0171 1234567")]
    public void Telephone_numbers_are_found(string text, string number) => Assert.Equal(number, Assert.Single(Found(text, FindingType.Phone)));

    [Theory]
    [InlineData("on 2024-11-22 at 10:30")]
    [InlineData("call me on 22.11.2024")]
    [InlineData("22/11/2024 or 22-11-2024")]
    [InlineData("EUR 1.250.000 and 12 000 000")]
    [InlineData("order no. 415-555-2671")]
    [InlineData("invoice 4155552671")]
    [InlineData("1999-2002")]
    [InlineData("48.137154, 11.576124")]
    [InlineData("ISBN 0-13-110362-8")]
    [InlineData("1Z 999 AA1 01 2345 6784")]
    [InlineData("1234567890")]
    [InlineData("0123456789")]
    [InlineData("https://example.com/415-555-2671/x")]
    [InlineData("DE89 3704 0044 0532 0130 00")]
    [InlineData("100.000 34.644 65.356 messages")]
    [InlineData("call 713-345-4SAP")]
    [InlineData("Call me at work. Private key 0x4c0883a69102937d6231471b5dbb6204")]
    [InlineData("mobile app token 7f3b2c1e4d5a4155552671ab")]
    [InlineData("call me: 550e8400-e29b-41d4-a716-446655440000")]
    [InlineData("card number (4532)(4595)(7117)(7770)")]
    [InlineData("(4556) 7375 8689 9855")]
    [InlineData("DE89 3704 0044 (0532) 0130 00")]
    [InlineData("Numero ordine 40123456")]
    [InlineData("Material 100-200-3000")]
    [InlineData("P/N 202-555-0147-A")]
    [InlineData("Drawing 415-555-2671")]
    [InlineData("WO 0800 123 456")]
    [InlineData("Vorgangsnummer 030-1234567")]
    [InlineData("dossier 06 12 34 56 78")]
    [InlineData("réf. 01 23 45 67 89")]
    public void Days_amounts_orders_and_places_are_no_telephone_numbers(string text) => Assert.Empty(Found(text, FindingType.Phone));

    [Theory]
    [InlineData("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "wallet.bitcoin")]
    [InlineData("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "wallet.bitcoin")]
    [InlineData("BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ", "wallet.bitcoin")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "wallet.ethereum")]
    [InlineData("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "wallet.ethereum")]
    [InlineData("rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "wallet.ripple")]
    [InlineData("DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L", "wallet.dogecoin")]
    [InlineData("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "wallet.tron")]
    public void Wallets_are_found_where_their_check_is_right(string address, string rule)
    {
        Finding found = Assert.Single(Redact.Text($"pay to {address}, please", RedactionPolicy.Default).Findings);
        Assert.Equal((FindingType.Wallet, rule, 7, address.Length), (found.Type, found.Rule, found.Start, found.Length));
        // One letter changed: the check is wrong. In one case only Ethereum has no check.
        char changed = address[20] == '7' ? '8' : '7';
        if (!(rule == "wallet.ethereum" && !address.Any(char.IsAsciiLetterUpper)))
            Assert.Empty(Found($"pay to {address[..20]}{changed}{address[21..]}, please", FindingType.Wallet));
    }

    [Theory]
    [InlineData("500 Main Street, Suite 12, Springfield, IL 62704", "us.address")]
    [InlineData("221B Baker Street, London NW1 6XE", "gb.address")]
    [InlineData("4520 Nelson Street\nOttawa, ON K1A 0B1", "ca.address")]
    [InlineData("Hauptstraße 12a\n80331 München", "address.postal")]
    [InlineData("12 rue de la Paix, 75002 Paris", "address.postal")]
    [InlineData("Herengracht 182\n1016 BR Amsterdam", "nl.address")]
    [InlineData("Calle Mayor 12, 28013 Madrid", "address.postal")]
    [InlineData("Via Roma 12, 00184 Roma", "address.postal")]
    [InlineData("ul. Długa 5, 00-238 Warszawa", "address.postal")]
    [InlineData("P.O. Box 1234, Austin, TX 78701-1234", "us.address")]
    [InlineData("Kerkstraat 12, 1017 GA Amsterdam", "nl.address")]
    public void Streets_with_a_postcode_and_town_are_found_whole(string address, string rule)
    {
        Finding found = Assert.Single(Redact.Text($"I moved.\n{address}\nThank you", RedactionPolicy.Default).Findings);
        Assert.Equal((FindingType.PostalAddress, rule, 9, address.Length), (found.Type, found.Rule, found.Start, found.Length));
    }

    [Theory]
    [InlineData("adres: Kerkstraat 12, 1017 GA Amsterdam NRIC S1234567D", "Kerkstraat 12, 1017 GA Amsterdam")]
    [InlineData("indirizzo: Via Roma 10, 00184 Roma IBAN DE89370400440532013000", "Via Roma 10, 00184 Roma")]
    public void The_name_of_another_number_behind_a_town_is_no_part_of_it(string text, string address) => Assert.Equal(address, Assert.Single(Found(text, FindingType.PostalAddress)));

    [Theory]
    [InlineData("We have 5 people on the Way to Rome")]
    [InlineData("Page 12 Street View")]
    [InlineData("In 2024 Wall Street fell; 10000 Points were lost")]
    [InlineData("flight AB12 3CD")]
    [InlineData("Room 12, Building 4")]
    [InlineData("I bought 3 Drives, 45000 hours each")]
    public void Numbers_beside_capitals_are_no_postal_addresses(string text) => Assert.Empty(Found(text, FindingType.PostalAddress));

    private static List<string> Found(string text, FindingType type) =>
        [.. Redact.Text(text, RedactionPolicy.Default).Findings.Where(f => f.Type == type).Select(f => text.Substring(f.Start, f.Length))];
}
