using System.Text;
using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Lines as support desks get them, at the policy everybody has: what stands between the marks is masked, all else is not. Adding a case is adding a line.</summary>
public sealed class DeskMailTests
{
    [Theory]
    [InlineData("codice fiscale «LLL ZBN 57D13 F317S»")]
    [InlineData("il codice fiscale è «LLLZBN 57D13 F317S», grazie")]
    [InlineData("Medicare card:«4159078373»")]
    [InlineData("número de utente: «A608217771»")]
    [InlineData("Mój numer pacjenta to «PT-482094».")]
    [InlineData("BDAY:«1985-03-12»")]
    [InlineData("kaartnummer «679916174296»")]
    [InlineData("O número do cartão é «6799-6722-3364».")]
    [InlineData("I paid with «8248 3892 8471 9681» yesterday.")]
    [InlineData("The phone we have on file for the customer is «0161 447 3836»; is that right?")]
    [InlineData("callto:«+493090182001»")]
    [InlineData("my social is «536 90 4399»")]
    [InlineData("C.P.F.: «39053344705»")]
    [InlineData("nato a Roma il «12/03/1985»")]
    [InlineData("fecha nac. «12/03/1985»")]
    [InlineData("Anna Example\nT: «030 901820»\nM: «0171 1234567»")]
    [InlineData("tlm. «912 345 678»")]
    [InlineData("As discussed on the phone on 3 March, here is the ID number: «5911247477089». Regards, Ann")]
    [InlineData("Número de extranjero:«X 3703415 R»")]
    [InlineData("I paid with «8196 5081 6587 2614» yesterday.")]
    public void Numbers_are_masked(string marked) => MarkedTextTests.Check(marked, html: false);

    [Theory]
    [InlineData("IP address:«2001:db8:85a3::8a2e:370:7334»")]
    [InlineData("IPv6:«fe80::1ff:fe23:4567:890a%eth0»")]
    [InlineData("host=[IPv6:«2a02:8108:1234::1»]")]
    [InlineData("server addr:«fd12:3456:789a:1::1»")]
    [InlineData("write to «\"a@b\"@firma.de» please")]
    [InlineData("メールは «ann.@ezweb.ne.jp» です")]
    [InlineData("stake key «stake1uy0m3kxvwcwtwrl3k349hz3uk69z25rd9lgq4ufqa9f7vhqucq7ac»")]
    public void Addresses_of_machines_and_mail_are_masked(string marked) => MarkedTextTests.Check(marked, html: false);

    [Theory]
    [InlineData("Adresse: «Am Alten Markt 3b, 18055 Rostock»")]
    [InlineData("Ann Example\n«An der Mühle 14\n50674 Köln»")]
    [InlineData("«10115 Berlin, Invalidenstr. 44»")]
    [InlineData("«Avenue Louise 54, 1050 Bruxelles»")]
    [InlineData("domicilio: «C/ Mayor, 7, 41001 Sevilla»")]
    [InlineData("«Laan van Meerdervoort 120, 2517 AN Den Haag»")]
    [InlineData("Shop Ltd\n«901 N. Elm St., Suite 400, Dallas, Texas 75201-3344»")]
    [InlineData("«18 Maple Ave, Raleigh, North Carolina 27601»")]
    [InlineData("> Ann Example\n> «27 boulevard Saint-Michel 75005 Paris»\n> merci")]
    public void Streets_are_masked(string marked) => MarkedTextTests.Check(marked, html: false);

    [Theory]
    [InlineData("curl --user 'ann:«DJP9PFmRwFmC»' https://api.firma.de")]
    [InlineData("docker login -u ann -p «ote98YbQ5FEOXewd»")]
    [InlineData("Cookie: connect.sid=«s%3AYOfhMjg6kNaDNmePaL26xaPN2HrLzQHc.NeU8OZNSqhvnSwNcYsvacRzwoyLtoYxzn8V5DskpCk2»")]
    [InlineData("https://shop.firma.de/?sid=«HWx5qOE1Rck7LPY0So3eHGKfHtT9UtDz»")]
    [InlineData("Cookie: PHPSESSID=«k3v8q0m2n5b7x1z4c6a9s8d7f5»; theme=dark")]
    [InlineData("https://shop.firma.de/cart;jsessionid=«0A7BC93D21EF4455AA90B1C2D3E4F566»")]
    [InlineData("session id: «TXlmOYcOx4hnQnUnfWfyf3c1BzilGDOi»")]
    [InlineData("https://shop.firma.de/login?code=«03yHy04WgOQ7hdPvamZp2h54zwjRfU»&state=x")]
    [InlineData("<add key=\"ApiSecret\" value=\"«Ess6BobfLQYcIjhXGC45qea7»\" />")]
    [InlineData("ann:«$apr1$Tm62avpT$YFbJmShPFTZUXLHob3Zap3»")]
    [InlineData("root:«$6$U70wXmUYMFjxAoRz$JQNuOkVsGjLHryHgTwCn6ZbxbmJGTqKIeLYOR6iAmxtaEnsqvT1JsYBuIDLHICjOq0ofK3l1B1oXvIA57R2wRJ»:19700:0:99999:7:::")]
    [InlineData("bcrypt «$2y$10$Qm3vN8pYt1Zc7LrXw5KdUeV9bHs2JfAo6GiTnPq4RyWxEzCuMlB1k»")]
    [InlineData("PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: my key\nPublic-Lines: 1\nAAAAB3NzaC1yc2EAAAADAQABAAABAQC7\nPrivate-Lines: 2\n«vqhIuql6TuMby3x9M8S+vexxGVv07BAKrnrewcOCfuJdQyZPbhDsbgPXYuqJKQcO\nk9Qy3x9M8S+vexxGVv07BA==»\nPrivate-MAC: 5e2f")]
    [InlineData("pat «pat7qR93Zp1mwxWGx.4d791bdbd2b5ab8583eff6c341cb1576102d161633ff915411be7f0aaaa8a4b3»")]
    [InlineData("credentials: ann / «Tr0ub4dor&3»")]
    [InlineData("Passwort war bisher «Sommer2024»")]
    [InlineData("contraseña temporal «Madrid2024!»")]
    [InlineData("hasło brzmi «Kotek2024!»")]
    [InlineData("mdp = «Soleil2024»")]
    [InlineData("WPA2 key: «Zk39-ahsT-29xQ»")]
    [InlineData("PUK: «48213377»")]
    [InlineData("2FA secret key: «k7lz 4ztj 6qhw pr2k»")]
    [InlineData("my password is «qwErty_77»")]
    [InlineData("le mot de passe est \u201C«qwErty_77»\u201D")]
    [InlineData("Kennwort: «qwErty_77». Danke")]
    [InlineData("the passcode is «Blumen-2026»")]
    [InlineData("Ich habe das Passwort auf «Tr0ub4dor&3» geändert.")]
    [InlineData("code à usage unique : «109 021»")]
    [InlineData("código de un solo uso: «786184».")]
    [InlineData("kod jednorazowy: «619951»")]
    [InlineData("eenmalige code: «076945»")]
    [InlineData("código de uso único: «677257»")]
    [InlineData("código de acesso: «741969»")]
    [InlineData("Su código de verificación es «116 359»")]
    [InlineData("security code for your login: «755 333»")]
    [InlineData("votre code de sécurité est le «001 722».")]
    public void Secrets_are_masked(string marked) => MarkedTextTests.Check(marked, html: false);

    [Theory]
    [InlineData("Paket 0034 0434 1468 6261 8279 is lost")]
    [InlineData("AWB 020-12361161 booked on LH flight")]
    [InlineData("Mobile app 0.11.2 (71191)")]
    [InlineData("Mobile app 5.16.9 (16695) crashes")]
    [InlineData("The session: 2026-11-03T10:00 was recorded")]
    [InlineData("Our session on 2026-11-03 costs $6$ per head")]
    [InlineData("Am Dienstag 14 Uhr, Lieferung an die Adresse wie immer")]
    [InlineData("Am Montag 16, 10115 Teile geliefert")]
    [InlineData("Auf Seite 12, 4711 Zeichen, im Mai 2026, 10115 Stück")]
    [InlineData("a test case for the BP 100,000 Dth from the pool")]
    [InlineData("Type M: 0.5 kg, type F: 0 200 400")]
    [InlineData("Your password is now valid for 90 days")]
    [InlineData("Das Passwort ist jetzt wieder gültig seit 12.03.2026")]
    [InlineData("We sold 10115 Shirts, Modell Ringweg 44 and others")]
    [InlineData("https://shop.example/?code=SPRING2026&ref=mail")]
    [InlineData("The credentials: see the letter / page 12")]
    [InlineData("9 AM - 1 PM, 1 PM - 5 PM\n\nMuseum - 5401 Caroline Street")]
    [InlineData("at 10:12::44 the clock stopped")]
    [InlineData("Das Passwort auf Windows-10 PC geht nicht")]
    [InlineData("foo2001:db8::1 is a name")]
    [InlineData("The token keys used here were lost last week")]
    [InlineData("std::vector and foo::bar::baz fail at 10:30:15")]
    public void What_only_looks_like_it_stays(string text) => MarkedTextTests.Check(text, html: false);

    [Theory]
    [InlineData("<form><field name=\"DNI\">54362315K</field></form>", "54362315")]
    [InlineData("<form><field name=\"numero di passaporto\">YA4512973</field></form>", "YA4512973")]
    [InlineData("<form><field name=\"NHS no.\">6534783312</field></form>", "6534783312")]
    [InlineData("<form><field name=\"Date of birth\"><value>1985-03-12</value></field></form>", "1985-03-12")]
    [InlineData("<form><passport><number>YA4512973</number></passport></form>", "YA4512973")]
    [InlineData("<form><property key=\"ssn\" value=\"536904399\"/></form>", "536904399")]
    [InlineData("<form><birth name=\"x\"><dateOfBirth note=\"y\">1985-03-12</dateOfBirth></birth></form>", "1985-03-12")]
    public void Names_in_attributes_say_what_xml_holds(string xml, string value) => Assert.DoesNotContain(value, Masked("application/xml", "a.xml", xml), StringComparison.Ordinal);

    [Theory]
    [InlineData("{\"key\":\"password\",\"value\":\"Tr0ub4dor&3\"}", "Tr0ub4dor")]
    [InlineData("[{\n  \"name\": \"api_key\",\n  \"value\": \"Ess6BobfLQYcIjhXGC45qea7\"\n}]", "Ess6Bob")]
    public void Names_in_fields_say_what_json_holds(string json, string value) => Assert.DoesNotContain(value, Masked("application/json", "a.json", json), StringComparison.Ordinal);

    [Theory]
    [InlineData("BEGIN:VCALENDAR\r\nX-ALT-DESC;FMTTYPE=text/html:<p>4111<b>1111</b>11111111</p>\r\nEND:VCALENDAR\r\n", "1111</b>1111")]
    [InlineData("BEGIN:VCALENDAR\r\nX-ALT-DESC;FMTTYPE=text/html:<td>4111&nbsp\\;1111&nbsp\\;1111&nbsp\\;1111</td>\r\nEND:VCALENDAR\r\n", "4111")]
    [InlineData("BEGIN:VCALENDAR\r\nX-ALT-DESC;FMTTYPE=text/html:<a href=\"mailto:ann@firma.de\">x</a>\r\nEND:VCALENDAR\r\n", "ann@firma.de")]
    public void Html_in_calendars_is_read_as_html(string calendar, string value) => Assert.DoesNotContain(value, Masked("text/calendar", "a.ics", calendar), StringComparison.Ordinal);

    [Fact]
    public void What_a_program_writes_at_the_head_of_a_contact_card_speaks_against_nothing() =>
        Assert.DoesNotContain("5911247477089", Masked("text/vcard", "a.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\r\nNOTE:ID number 5911247477089\r\nEND:VCARD\r\n"), StringComparison.Ordinal);

    [Fact]
    public void Notes_of_telephones_are_read_as_cards_of_contacts_are() =>
        Assert.DoesNotContain("1111111111", Masked("text/x-vnote", "a.vnt", "BEGIN:VNOTE\r\nBODY;ENCODING=QUOTED-PRINTABLE:card=204111111111111111\r\nEND:VNOTE\r\n"), StringComparison.Ordinal);

    [Fact]
    public void Html_of_a_mail_masks_links_of_all_sorts_of_calls() =>
        Assert.DoesNotContain("90182001", Redact.Html("<a href=\"callto:+493090182001\">call</a>", RedactionPolicy.Default).Text, StringComparison.Ordinal);

    private static string Masked(string type, string name, string content) =>
        Encoding.UTF8.GetString(Redact.Attachment(type, Encoding.UTF8.GetBytes(content), RedactionPolicy.Default, name: name).Content);
}
