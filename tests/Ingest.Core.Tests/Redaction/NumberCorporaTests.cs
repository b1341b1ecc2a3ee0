using System.Text.Json;
using System.Text.RegularExpressions;
using Ingest.Core.Redaction;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Measures the numbers' detectors on published collections, beside plain regular expressions; the figures are in the test output.</summary>
public sealed partial class NumberCorporaTests(ITestOutputHelper output)
{
    private static readonly RedactionPolicy Everything = new() { Confidence = 0 };

    // Whose recogniser of the collection is which of our rules.
    private static readonly Dictionary<string, (FindingType Type, string Rule)> Recognisers = new()
    {
        ["aba_routing"] = (FindingType.BankAccount, "us.routing"), ["us_bank"] = (FindingType.BankAccount, "us.account"), ["credit_card"] = (FindingType.Card, "card"),
        ["us_ssn"] = (FindingType.NationalId, "us.ssn"), ["us_itin"] = (FindingType.NationalId, "us.itin"), ["us_npi"] = (FindingType.HealthNumber, "us.npi"), ["us_mbi"] = (FindingType.HealthNumber, "us.mbi"),
        ["us_passport"] = (FindingType.Passport, "us.passport"), ["us_driver_license"] = (FindingType.DrivingLicence, "us.driving-licence"), ["ca_sin"] = (FindingType.NationalId, "ca.sin"),
        ["uk_nhs"] = (FindingType.NationalId, "uk.nhs"), ["uk_nino"] = (FindingType.NationalId, "uk.nino"), ["uk_passport"] = (FindingType.Passport, "uk.passport"),
        ["uk_driving_licence"] = (FindingType.DrivingLicence, "uk.driving-licence"), ["au_abn"] = (FindingType.NationalId, "au.abn"), ["au_acn"] = (FindingType.NationalId, "au.acn"),
        ["au_medicare"] = (FindingType.NationalId, "au.medicare"), ["au_tfn"] = (FindingType.NationalId, "au.tfn"), ["de_bsnr"] = (FindingType.HealthNumber, "de.bsnr"),
        ["de_lanr"] = (FindingType.HealthNumber, "de.lanr"), ["de_health_insurance"] = (FindingType.HealthNumber, "de.kvnr"), ["de_fuehrerschein"] = (FindingType.DrivingLicence, "de.fuehrerschein"),
        ["de_id_card"] = (FindingType.NationalId, "de.personalausweis"), ["de_passport"] = (FindingType.Passport, "de.passport"), ["de_social_security"] = (FindingType.NationalId, "de.rvnr"),
        ["de_tax_id"] = (FindingType.NationalId, "de.steuer-id"), ["de_tax_number"] = (FindingType.NationalId, "de.steuernummer"), ["de_vat_id"] = (FindingType.NationalId, "de.ust-id"),
        ["es_nie"] = (FindingType.NationalId, "es.nie"), ["es_nif"] = (FindingType.NationalId, "es.nif"), ["es_passport"] = (FindingType.Passport, "es.passport"),
        ["fi_personal_identity_code"] = (FindingType.NationalId, "fi.hetu"), ["in_aadhaar"] = (FindingType.NationalId, "in.aadhaar"), ["in_gstin"] = (FindingType.NationalId, "in.gstin"),
        ["in_pan"] = (FindingType.NationalId, "in.pan"), ["in_passport"] = (FindingType.Passport, "in.passport"), ["in_voter"] = (FindingType.NationalId, "in.voter"),
        ["it_driver_license"] = (FindingType.DrivingLicence, "it.driving-licence"), ["it_fiscal_code"] = (FindingType.NationalId, "it.codice-fiscale"), ["it_vat_code"] = (FindingType.NationalId, "it.partita-iva"),
        ["kr_brn"] = (FindingType.NationalId, "kr.brn"), ["kr_driver_license"] = (FindingType.DrivingLicence, "kr.driving-licence"), ["kr_frn"] = (FindingType.NationalId, "kr.frn"),
        ["kr_passport"] = (FindingType.Passport, "kr.passport"), ["kr_rrn"] = (FindingType.NationalId, "kr.rrn"), ["ng_nin"] = (FindingType.NationalId, "ng.nin"), ["ph_tin"] = (FindingType.NationalId, "ph.tin"),
        ["pl_pesel"] = (FindingType.NationalId, "pl.pesel"), ["se_organisationsnummer"] = (FindingType.NationalId, "se.organisationsnummer"), ["se_personnummer"] = (FindingType.NationalId, "se.personnummer"),
        ["sg_fin"] = (FindingType.NationalId, "sg.nric"), ["sg_uen"] = (FindingType.NationalId, "sg.uen"), ["th_tnin"] = (FindingType.NationalId, "th.tnin"), ["tr_national_id"] = (FindingType.NationalId, "tr.kimlik-no"),
        ["za_id_number"] = (FindingType.NationalId, "za.id"),
    };

    [Fact]
    public void Account_numbers_of_countries_that_have_them_are_all_found_and_no_invalid_one()
    {
        int right = 0, unregistered = 0;
        foreach (JsonElement row in Lines("pii/ibans.jsonl"))
        {
            string iban = row.GetProperty("iban").GetString()!, country = row.GetProperty("country").GetString()!;
            int signs = iban.Count(char.IsAsciiLetterOrDigit);
            // Country codes of nobody, and one Austrian number that is two digits too long.
            bool wanted = row.GetProperty("mod97_ok").GetBoolean() && country is not ("AA" or "QQ" or "ZZ") && !(country == "AT" && signs != 20);
            unregistered += row.GetProperty("mod97_ok").GetBoolean() && !wanted ? 1 : 0;
            foreach (string text in (string[])[iban, $"pay to {iban.ToLowerInvariant()} now", string.Join('\n', iban.Chunk(9).Select(c => new string(c)))])
                Assert.True(Redact.Text(text, Everything).Findings.Any(f => f.Type == FindingType.Iban) == wanted, iban);
            right++;
        }
        output.WriteLine($"IBAN: {right} right, each written three ways; {unregistered} with a right remainder belong to no country or length and are none.");
    }

    [Fact]
    public void The_published_cases_of_recognisers_are_right_with_their_spans()
    {
        Dictionary<string, (int Right, int All)> byName = [];
        foreach (JsonElement row in Lines("pii/presidio_recognizer_cases.jsonl"))
        {
            string name = row.GetProperty("recognizer").GetString()!;
            if (!Recognisers.TryGetValue(name, out (FindingType Type, string Rule) ours))
                continue;
            bool hasSpans = row.TryGetProperty("expected_positions", out JsonElement positions);
            int? expected = row.TryGetProperty("expected_len", out JsonElement count) ? count.GetInt32() : hasSpans ? positions.GetArrayLength() : null;
            if (expected is null)
                continue;
            (int right, int all) = byName.GetValueOrDefault(name);
            bool good = IsRight(row.GetProperty("text").GetString()!, ours, expected.Value, hasSpans ? positions : null);
            byName[name] = (right + (good ? 1 : 0), all + 1);
            if (!good)
                output.WriteLine($"  not as expected: {name} “{row.GetProperty("text").GetString()}”");
        }
        foreach ((string name, (int right, int all)) in byName.OrderBy(n => n.Key, StringComparer.Ordinal))
            output.WriteLine($"{name,-28} {right,3} of {all}");
        (int rights, int total) = (byName.Values.Sum(n => n.Right), byName.Values.Sum(n => n.All));
        output.WriteLine($"in total {rights} of {total} ({100.0 * rights / total:F1} %)");
        Assert.True(rights >= 0.95 * total, $"{rights} of {total}");
    }

    [Fact]
    public void Numbers_in_synthetic_sentences_are_found_by_the_usual_policy_better_than_by_plain_expressions()
    {
        Dictionary<string, FindingType> sorts = new()
        {
            ["CREDIT_CARD"] = FindingType.Card, ["IBAN_CODE"] = FindingType.Iban, ["IBAN"] = FindingType.Iban, ["US_SSN"] = FindingType.NationalId, ["US_DRIVER_LICENSE"] = FindingType.DrivingLicence,
        };
        var ours = new Dictionary<FindingType, Score>();
        var plain = new Dictionary<FindingType, Score>();
        foreach (JsonElement row in Lines("pii/presidio_research_synth.jsonl"))
        {
            string text = row.GetProperty("text").GetString()!;
            List<(FindingType, int, int)> wanted = [.. row.GetProperty("spans").EnumerateArray().Where(s => sorts.ContainsKey(s.GetProperty("type").GetString()!))
                .Select(s => (sorts[s.GetProperty("type").GetString()!], s.GetProperty("start").GetInt32(), s.GetProperty("end").GetInt32()))];
            Count(ours, wanted, Redact.Text(text, RedactionPolicy.Default).Findings.Where(f => sorts.ContainsValue(f.Type)).Select(f => (f.Type, f.Start, f.Start + f.Length)));
            Count(plain, wanted, PlainExpressions(text));
        }
        foreach ((FindingType type, Score score) in ours)
            output.WriteLine($"{type,-16} ours {score}   plain expressions {plain.GetValueOrDefault(type)}");
        Assert.All(ours.Values, score => Assert.True(score.Found >= 0.95 * score.Wanted && score.Extra <= 0.05 * score.Wanted, score.ToString()));
    }

    [Fact]
    public void What_words_announce_is_found()
    {
        HashSet<string> others = ["IP_ADDRESS", "PHONE_NUMBER"];
        foreach (JsonElement row in Lines("pii/presidio_context_sentences.jsonl"))
        {
            string text = row.GetProperty("text").GetString()!;
            // "AA1B2**9ABA7" is masked already.
            if (!others.Contains(row.GetProperty("type").GetString()!) && !text.Contains("**", StringComparison.Ordinal))
                Assert.True(Redact.Text(text, RedactionPolicy.Default).Findings.Count == 1, text);
        }
    }

    [Fact]
    public void Wanted_mail_has_hardly_any_number_masked_by_accident()
    {
        Dictionary<string, int> ours = [], plain = [];
        int mails = 0;
        foreach ((_, byte[] bytes) in SharedData.Tar("spam/enron_ham.tar.gz").Concat(SharedData.Tar("spam/spamassassin_ham.tar.gz")))
        {
            mails++;
            MailMessage mail = MailMessage.Parse(bytes);
            foreach (Finding finding in Redact.Apply(mail, RedactionPolicy.Default).Findings.DistinctBy(f => (f.Place, f.Start)))
                ours[$"{finding.Type}"] = ours.GetValueOrDefault($"{finding.Type}") + 1;
            foreach ((FindingType type, _, _) in PlainExpressions(mail.Text ?? "").Concat(PlainExpressions(mail.Subject)))
                plain[$"{type}"] = plain.GetValueOrDefault($"{type}") + 1;
        }
        output.WriteLine($"{mails} mails");
        foreach (string type in ours.Keys.Union(plain.Keys).Order(StringComparer.Ordinal))
            output.WriteLine($"{type,-16} {ours.GetValueOrDefault(type),6}   plain expressions {plain.GetValueOrDefault(type)}");
        int strict = ours.GetValueOrDefault(nameof(FindingType.Card)) + ours.GetValueOrDefault(nameof(FindingType.NationalId));
        Assert.True(strict * 2000 <= mails, $"{strict} cards and national ids in {mails} mails");
    }

    private static bool IsRight(string text, (FindingType Type, string Rule) ours, int expected, JsonElement? positions)
    {
        // Only one country's numbers of one sort, so that numbers that look alike elsewhere do not stand over it.
        var policy = new RedactionPolicy
        {
            Confidence = 0,
            Countries = ours.Rule[2] == '.' ? [ours.Rule[..2]] : [],
            Types = Enum.GetValues<FindingType>().ToDictionary(t => t, t => new TypePolicy(t == ours.Type ? MaskStyle.Full : MaskStyle.None)),
        };
        List<Finding> found = [.. Redact.Text(text, policy).Findings.Where(f => expected > 0 || f.Rule.StartsWith(ours.Rule, StringComparison.Ordinal))];
        return found.Count == expected && (expected == 0 || positions is null
            || positions.Value.EnumerateArray().Zip(found).All(p => p.First[0].GetInt32() == p.Second.Start && p.First[1].GetInt32() == p.Second.Start + p.Second.Length));
    }

    // What one writes first: card and account shapes without check digits, and the dashed social security number.
    private static IEnumerable<(FindingType, int, int)> PlainExpressions(string text)
    {
        foreach (Match match in Iban().Matches(text))
            yield return (FindingType.Iban, match.Index, match.Index + match.Length);
        foreach (Match match in Card().Matches(text))
            yield return (FindingType.Card, match.Index, match.Index + match.Length);
        foreach (Match match in Ssn().Matches(text))
            yield return (FindingType.NationalId, match.Index, match.Index + match.Length);
        foreach (Match match in Licence().Matches(text))
            yield return (FindingType.DrivingLicence, match.Index, match.Index + match.Length);
    }

    private static void Count(Dictionary<FindingType, Score> scores, List<(FindingType, int, int)> wanted, IEnumerable<(FindingType, int, int)> found)
    {
        foreach ((FindingType type, int, int) span in wanted)
            scores[span.type] = scores.GetValueOrDefault(span.type) with { Wanted = scores.GetValueOrDefault(span.type).Wanted + 1 };
        foreach ((FindingType type, int, int) span in found)
            scores[span.type] = wanted.Contains(span)
                ? scores.GetValueOrDefault(span.type) with { Found = scores.GetValueOrDefault(span.type).Found + 1 }
                : scores.GetValueOrDefault(span.type) with { Extra = scores.GetValueOrDefault(span.type).Extra + 1 };
    }

    private static IEnumerable<JsonElement> Lines(string path) => File.ReadLines(SharedData.File(path)).Select(line => JsonDocument.Parse(line).RootElement);

    private readonly record struct Score(int Wanted, int Found, int Extra)
    {
        public override string ToString() => $"{Found} of {Wanted} found, {Extra} others";
    }

    [GeneratedRegex(@"\b[A-Z]{2}\d{2}[ ]?(?:[A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{1,4}\b", RegexOptions.IgnoreCase)]
    private static partial Regex Iban();

    [GeneratedRegex(@"\b(?:\d[ -]?){12,18}\d\b")]
    private static partial Regex Card();

    [GeneratedRegex(@"\b\d{3}-\d{2}-\d{4}\b")]
    private static partial Regex Ssn();

    [GeneratedRegex(@"\b[A-Z]\d{7,8}\b")]
    private static partial Regex Licence();
}
