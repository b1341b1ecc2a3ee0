using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

public sealed class NumberTests
{
    private static readonly RedactionPolicy All = new() { Confidence = 0 };

    private static IReadOnlyList<Finding> Find(string text, RedactionPolicy? policy = null) => Redact.Text(text, policy ?? RedactionPolicy.Default).Findings;

    [Theory]
    [InlineData("us.ssn", "My SSN is «078-05-1121».")]
    [InlineData("us.ssn", "ssn «078051121»")]
    [InlineData("us.ssn", "here it is: «219-09-1234»")]
    [InlineData("us.itin", "my itin is «911-70-1234»")]
    [InlineData("us.npi", "NPI: «1234567893»")]
    [InlineData("us.mbi", "Patient «1EG4-TE5-MK73»")]
    [InlineData("us.routing", "routing number is: «101205681»")]
    [InlineData("us.account", "my banking account number is «912803456»")]
    [InlineData("us.passport", "mypassportnumberis«912803456»")]
    [InlineData("us.driving-licence", "my driver license is «H12234567»")]
    [InlineData("ca.sin", "social insurance number «435-418-165»")]
    [InlineData("uk.nino", "NI number «AB 12 34 56 C»")]
    [InlineData("uk.nhs", "NHS no. «943 476 5919»")]
    [InlineData("uk.sort-code", "sort code «12-34-56»")]
    [InlineData("uk.account", "sort code and number «12-34-56 12345678»")]
    [InlineData("uk.driving-licence", "Licence: «MORGA607054SM9IJ»")]
    [InlineData("fr.nir", "«1 84 12 76 451 089 46»")]
    [InlineData("de.steuer-id", "Steuer-ID: «86 095 742 719»")]
    [InlineData("de.ust-id", "USt-IdNr.: «DE136695976»")]
    [InlineData("de.rvnr", "Sozialversicherungsnummer «15070649C103»")]
    [InlineData("de.kvnr", "Krankenkasse, KVNR: «A123456780»")]
    [InlineData("de.passport", "Reisepass «C01234565»")]
    [InlineData("ch.ahv", "«756.9217.0769.85»")]
    [InlineData("at.svnr", "SVNR «1237 010180»")]
    [InlineData("es.nif", "DNI «54362315K»")]
    [InlineData("es.nie", "«X2482300W»")]
    [InlineData("pt.nif", "contribuinte «501 964 843»")]
    [InlineData("it.codice-fiscale", "«RCCMNL83S18D969H»")]
    [InlineData("it.partita-iva", "Partita IVA «00743110157»")]
    [InlineData("nl.bsn", "BSN «111222333»")]
    [InlineData("be.register", "«85.07.30-033.28»")]
    [InlineData("se.personnummer", "personnummer «880320-0016»")]
    [InlineData("no.fodselsnummer", "fødselsnummer «151086 95088»")]
    [InlineData("dk.cpr", "CPR «211062-5629»")]
    [InlineData("fi.hetu", "«131052-308T»")]
    [InlineData("pl.pesel", "PESEL «44051401359»")]
    [InlineData("pl.nip", "NIP «856-734-62-15»")]
    [InlineData("cz.rodne-cislo", "rodné číslo «710319/2745»")]
    [InlineData("ro.cnp", "CNP «1630615123457»")]
    [InlineData("bg.egn", "ЕГН «7523169263»")]
    [InlineData("hr.oib", "OIB «33392005961»")]
    [InlineData("ee.isikukood", "isikukood «36805280109»")]
    [InlineData("ru.snils", "СНИЛС «112-233-445 95»")]
    [InlineData("tr.kimlik-no", "TC Kimlik No: «10000000146»")]
    [InlineData("br.cpf", "«390.533.447-05»")]
    [InlineData("br.cnpj", "«16.727.230/0001-97»")]
    [InlineData("mx.curp", "«BOXW310820HNERXN09»")]
    [InlineData("cl.rut", "«12.531.909-2»")]
    [InlineData("ar.cuit", "CUIT «20-05536168-2»")]
    [InlineData("mx.clabe", "CLABE «032180000118359719»")]
    [InlineData("ar.cbu", "CBU «2850590940090418135201»")]
    [InlineData("in.aadhaar", "Aadhaar «2341 2341 2346»")]
    [InlineData("in.pan", "PAN «ACUPA7085R»")]
    [InlineData("in.voter", "voter id «KSD1287349»")]
    [InlineData("cn.resident-id", "«11010519491231002X»")]
    [InlineData("jp.my-number", "マイナンバー «6214 9832 0257»")]
    [InlineData("kr.rrn", "«971013-9019902»", false)]
    [InlineData("kr.brn", "사업자 «116-82-00276»")]
    [InlineData("sg.nric", "NRIC «S0000001I»")]
    [InlineData("th.tnin", "เลขประจำตัวประชาชน: «3456789012347»")]
    [InlineData("za.id", "RSA ID: «8001015009087»")]
    [InlineData("ph.tin", "my tin is «000-123-456-000»")]
    [InlineData("au.tfn", "TFN «123 456 782»")]
    [InlineData("au.medicare", "Medicare «2123 45670 1»")]
    [InlineData("au.abn", "«51 824 753 556»")]
    [InlineData("nz.ird", "IRD «49-091-850»")]
    [InlineData("passport", "Passport no. «P4789023X»")]
    [InlineData("health.patient", "Patient ID «AHC-0933289» was mixed up")]
    [InlineData("health.insurance", "insurance policy #«88291-LK»")]
    [InlineData("date-of-birth", "DOB: «12/03/1980»")]
    [InlineData("date-of-birth", "né le «1er avril 1970»")]
    [InlineData("date-of-birth", "born on «March 12, 1980»")]
    [InlineData("date-of-birth", "geboren am «3. Mai 1961»")]
    [InlineData("card.expiry", "4111 1111 1111 1111 «12/27»")]
    [InlineData("card.expiry", "Karte 4111111111111111, gültig bis «03/2028»")]
    [InlineData("card.expiry", "4111111111111111 exp «Dec 2027»")]
    [InlineData("card.code", "4111 1111 1111 1111 12/27 «123»")]
    [InlineData("card.code", "Prüfnummer: «456»")]
    [InlineData("card.code", "kod CVV «987»")]
    [InlineData("card.code", "Visa 4556737586899855 exp 12/27 CVV2: «654»")]
    [InlineData("card.code", "CVC2 «654»")]
    [InlineData("card.code", "CVC2/CVV2: «654»")]
    [InlineData("card.code", "cvv2=«654»")]
    [InlineData("card.code", "CVV2 is «654»")]
    [InlineData("card.code", "4556737586899855 Expiry 12/27 Code «654»")]
    [InlineData("card.code", "Code: «654» card 4556737586899855")]
    [InlineData("card.code", "4556737586899855|12|2027|«654»|John Smith")]
    [InlineData("card.code", "4556737586899855 - 12/27 - «654»")]
    [InlineData("card.code", "4556737586899855;1227;«987»")]
    [InlineData("card.code", "4556737586899855:12:27:«123»")]
    [InlineData("card.code", "4556737586899855 1227 «123»")]
    [InlineData("card.code", "4556737586899855 exp 12 27 sec «123»")]
    [InlineData("card.code", "4556737586899855 KPN «123»")]
    [InlineData("card.code", "last three digits on the back «654»")]
    [InlineData("card.code", "card security number «654»")]
    [InlineData("card.code", "the code on the back: «987»")]
    [InlineData("card.expiry", "4556737586899855|«12|2027»|654")]
    [InlineData("card.expiry", "4556737586899855;«1227»;987")]
    [InlineData("card.expiry", "4556737586899855 exp «12 27»")]
    [InlineData("card.expiry", "expires «09/2026» visa")]
    [InlineData("card.expiry", "valid thru «12/27»")]
    [InlineData("card.expiry", "exp «1227»")]
    [InlineData("us.ssn", "SSN «536/90/4399»")]
    [InlineData("us.ssn", "SSN «5 3 6 9 0 4 3 9 9»")]
    [InlineData("date-of-birth", "DOB «12 03 1985»")]
    [InlineData("date-of-birth", "DOB «850312»")]
    [InlineData("date-of-birth", "生年月日 «1985年3月12日»")]
    [InlineData("de.iban", "IBAN«DE89370400440532013000»BICCOBADEFF")]
    [InlineData("de.iban", "«DE89370400440532013000»BIC COBADEFF")]
    [InlineData("de.iban", "«D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0»")]
    [InlineData("de.kvnr", "Versicherungsnummer «A123456780»")]
    public void Numbers_are_found_where_they_stand(string rule, string marked, bool found = true)
    {
        int start = marked.IndexOf('«'), end = marked.IndexOf('»') - 1;
        string text = marked.Replace("«", "").Replace("»", "");
        bool there = Find(text).Any(f => f.Rule == rule && f.Start == start && f.Start + f.Length == end);
        Assert.True(there == found, $"{rule} in “{text}”: {string.Join(", ", Find(text))}");
    }

    [Theory]
    [InlineData("SSN 000-12-3456")]
    [InlineData("SSN 666-12-3456")]
    [InlineData("SSN 123-00-4567")]
    [InlineData("SIN 435-418-166")]
    [InlineData("NINO QQ 12 34 56 C")]
    [InlineData("NHS 943 476 5918")]
    [InlineData("CPF 390.533.447-06")]
    [InlineData("DNI 54362315A")]
    [InlineData("codice fiscale RCCMNL83S18D969A")]
    [InlineData("BSN 111222334")]
    [InlineData("PESEL 44051401358")]
    [InlineData("OIB 33392005962")]
    [InlineData("HETU 131052-308U")]
    [InlineData("Aadhaar 2341 2341 2347")]
    [InlineData("TC Kimlik No: 10000000145")]
    [InlineData("TFN 123 456 783")]
    public void A_wrong_check_digit_or_an_impossible_number_is_found_by_no_rule_of_its_country(string text) =>
        Assert.DoesNotContain(Find(text), f => f.Rule.Length > 3 && f.Rule[2] == '.' && f.Type == FindingType.NationalId);

    [Theory]
    [InlineData("Order number 123456789 will arrive on 12/03/2024.")]
    [InlineData("Call 713-853-3465 or +1 415 555 0132.")]
    [InlineData("The meeting is at 10:30 on 2024-11-22, room 4711.")]
    [InlineData("Version 10.0.26100 build 20240901")]
    [InlineData("Invoice 2024-000123 over 1.234.567,89 EUR")]
    [InlineData("https://example.org/a?mrn=44735856&cid=573")]
    [InlineData("The offer expires 12/25.")]
    [InlineData("11-01-01\t\t27728\t24844")]
    [InlineData("We sold 123456789 pieces")]
    [InlineData("IMEI 490154203237518")]
    [InlineData("IMEI-Nummer: 490154203237518")]
    [InlineData("5000 0000 0000 0009 units")]
    [InlineData("Security code of conduct 2024")]
    [InlineData("My licence number 12345678 for Photoshop")]
    [InlineData("driver license error 123456")]
    [InlineData("Passport 2024001 event")]
    [InlineData("policy number 123456789")]
    [InlineData("Versicherungsnummer 123456789 Haftpflicht")]
    [InlineData("AWS account 123456789012")]
    [InlineData("customer account ACC-0012345")]
    [InlineData("Your bank account details, N1000/N2000 printers")]
    [InlineData("Account 2024-000123")]
    [InlineData("sort by 10-20-30")]
    [InlineData("aba 3 times 123456780")]
    [InlineData("bsn 5 items 123456782")]
    [InlineData("tin can 123456789")]
    [InlineData("The event was born on 12 March 2020")]
    [InlineData("geboren wurde die Idee am 12.03.2020")]
    [InlineData("Termin geb. 12.03.2024")]
    [InlineData("ES81 0081 5515 2900 0157 5764")]
    [InlineData("DE89 3704 0044 0532 0130 01")]
    [InlineData("Error code 123 in order 12/25")]
    public void Other_numbers_stay(string text) => Assert.DoesNotContain(Find(text), f => f.Type is not (FindingType.Phone or FindingType.Email or FindingType.IpAddress));

    [Fact]
    public void At_no_confidence_asked_every_well_formed_number_is_told()
    {
        Assert.Contains(Find("078051121", All), f => f is { Type: FindingType.NationalId, Start: 0, Length: 9 });
        Assert.Empty(Find("078051121"));
        Assert.Contains(Find("945456787654", All), f => f.Type == FindingType.BankAccount);
    }

    [Fact]
    public void A_country_that_is_not_chosen_is_not_looked_at()
    {
        const string Text = "SSN 078-05-1121, BSN 111222333";
        Assert.Equal(["nl.bsn"], Find(Text, new RedactionPolicy { Countries = ["nl"] }).Select(f => f.Rule));
    }

    [Theory]
    [InlineData("DE89370400440532013000")]
    [InlineData("DE89 3704 0044 0532 0130 00")]
    [InlineData("de89-3704-0044-0532-0130-00")]
    [InlineData("DE89 3704 0044\n0532 0130 00")]
    [InlineData("ＤＥ８９ ３７０４ ００４４ ０５３２ ０１３０ ００")]
    [InlineData("DE89\u200B3704\u00AD0044 0532 0130 00")]
    [InlineData("DE8937O4OO44O532O13OOO")]
    [InlineData("ⒹⒺ89370400440532013000")]
    public void An_account_number_is_found_however_it_is_written(string text) =>
        Assert.Contains(Find("pay to " + text + " please"), f => f.Rule == "de.iban" && f.Start == 7 && f.Length == text.Length);

    [Theory]
    [InlineData("⁴①¹¹1111₁₁₁₁1111")]
    [InlineData("4\uFE0F\u20E31\uFE0F\u20E311111111111111")]
    [InlineData("4111\u202E111111111111")]
    [InlineData("4\u03361\u03361\u03361111111111111")]
    [InlineData("4111\U000E00311111\uFE0F11111111")]
    [InlineData("411l 11I1 1111 1111")]
    public void Look_alike_and_framed_digits_are_digits(string text) => Assert.Contains(Find(text), f => f.Type == FindingType.Card && f.Start == 0);

    [Fact]
    public void Strangers_among_latin_letters_hide_no_word_and_words_of_their_own_script_stay()
    {
        Assert.Contains(Find("my p\u0430ssp\u043Ert is X1234567"), f => f.Type == FindingType.Passport);
        Assert.Contains(Find("паспорт 123456789"), f => f.Type == FindingType.Passport);
    }

    [Fact]
    public void What_was_masked_is_left_alone_when_read_again()
    {
        var random = new Random(11);
        string[] pieces = ["SSN ", "078-05-1121 ", "passport ", "X1234567 ", "4111 1111 1111 1111 ", "12/27 ", "123 ", "cvv ", "exp ", "DE89370400440532013000 ", "account number ", "12345678 ", "phone ", "DOB ",
            "12/03/1980 ", "order ", "\n", "912803456 ", "PESEL 44051401359, ", "- ", "(", "id ", "March ", "7, ", "1980 ", "tax ", "390.533.447-05 ", "sort code 12-34-56 "];
        FindingType[] ours = [FindingType.Card, FindingType.CardCode, FindingType.CardExpiry, FindingType.Iban, FindingType.BankAccount, FindingType.NationalId, FindingType.Passport, FindingType.DrivingLicence,
            FindingType.DateOfBirth, FindingType.HealthNumber];
        var policy = new RedactionPolicy { Types = Enum.GetValues<FindingType>().ToDictionary(t => t, t => ours.Contains(t) ? TypePolicy.Usual(t) : new TypePolicy(MaskStyle.None)) };
        for (int round = 0; round < 3000; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(2, 14)).Select(_ => pieces[random.Next(pieces.Length)]));
            string once = Redact.Text(text, policy).Text;
            Assert.Equal(once, Redact.Text(once, policy).Text);
        }
    }

    [Fact]
    public void Any_text_ends_without_an_error()
    {
        var random = new Random(7);
        const string Letters = "0123456789 -./\n\t\vABXZabz#:,()[]•*@|$пф여é\uD83D\uDE00\u200B²Ⅷ";
        for (int round = 0; round < 2000; round++)
        {
            string text = string.Create(random.Next(300), random, static (span, r) =>
            {
                for (int i = 0; i < span.Length; i++)
                    span[i] = r.Next(8) == 0 ? (char)r.Next(char.MaxValue) : Letters[r.Next(Letters.Length)];
            });
            foreach (Finding finding in Find(text, All))
                Assert.InRange(finding.Start + finding.Length, 1, text.Length);
        }
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1 ")]
    [InlineData("1-")]
    [InlineData("12 ssn ")]
    [InlineData("A1")]
    [InlineData("DE89 ")]
    [InlineData("DE")]
    [InlineData("1\n")]
    [InlineData("078051121 ")]
    [InlineData("4111 1111 1111 1111 ")]
    [InlineData("4OlI")]
    [InlineData("passport ")]
    [InlineData("а1")]
    public void Long_texts_of_one_sort_end(string piece) => Assert.NotNull(Redact.Text(string.Concat(Enumerable.Repeat(piece, 300_000 / piece.Length)), RedactionPolicy.Default).Text);

    [Fact]
    public async Task A_clean_line_costs_no_memory()
    {
        const string Line = "Hello Ann, the 3 boxes of order 48213-A arrived on 12 March at 10:30, thanks! Call 713-853-3465 if the account is open.";
        var policy = new RedactionPolicy { Types = new Dictionary<FindingType, TypePolicy> { [FindingType.Phone] = new(MaskStyle.None) } };
        Assert.Empty(Find(Line, policy));
        Assert.Equal(0, await MemoryCost.Least(() => Redact.Text(Line, policy), TestContext.Current.CancellationToken));
    }
}
