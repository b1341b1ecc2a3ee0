using System.Text.RegularExpressions;
using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Written sentences with numbers and addresses in them, at the default policy, beside what plain regular expressions find.</summary>
public sealed partial class SynthTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, FindingType> Types = new()
    {
        ["CREDIT_CARD"] = FindingType.Card, ["IBAN_CODE"] = FindingType.Iban, ["IBAN"] = FindingType.Iban, ["PHONE_NUMBER"] = FindingType.Phone, ["PHONE"] = FindingType.Phone, ["EMAIL_ADDRESS"] = FindingType.Email,
        ["EMAIL"] = FindingType.Email, ["IP_ADDRESS"] = FindingType.IpAddress, ["US_SSN"] = FindingType.NationalId, ["SSN"] = FindingType.NationalId, ["PASSWORD"] = FindingType.Secret,
    };

    // What anybody would write: no checks, no words beside.
    private static readonly (FindingType Type, Regex Form)[] Baseline =
    [
        (FindingType.Card, PlainCard()), (FindingType.Iban, PlainIban()), (FindingType.Email, PlainEmail()), (FindingType.IpAddress, PlainIp()), (FindingType.NationalId, PlainSsn()), (FindingType.Phone, PlainPhone()),
    ];

    private sealed class Tally
    {
        public int Wanted, Found, Wrong;

        public double Recall => Wanted == 0 ? 1 : (double)Found / Wanted;

        public double Precision => Found + Wrong == 0 ? 1 : (double)Found / (Found + Wrong);

        public override string ToString() => $"{Found} of {Wanted} ({Recall:P1}), wrong {Wrong} (precision {Precision:P1})";
    }

    [Fact]
    public void Numbers_and_addresses_are_found_in_sentences_and_little_else()
    {
        Dictionary<FindingType, Tally> ours = Measure("pii/presidio_research_synth.jsonl", Ours), plain = Measure("pii/presidio_research_synth.jsonl", Plain);
        foreach (FindingType type in ours.Keys)
            output.WriteLine($"{type}: {ours[type]}; plain expressions {plain[type]}");
        Tally total = Sum(ours.Values);
        output.WriteLine($"in all: {total}; plain expressions {Sum(plain.Values)}");
        Assert.InRange(ours[FindingType.Phone].Recall, 0.85, 1);
        Assert.InRange(ours[FindingType.Email].Recall, 0.95, 1);
        Assert.InRange(ours[FindingType.IpAddress].Recall, 0.95, 1);
        Assert.InRange(total.Recall, 0.95, 1);
        Assert.InRange(total.Precision, 0.95, 1);
    }

    [Fact]
    public void Reports_of_leaks_keep_no_password_address_or_telephone()
    {
        Dictionary<FindingType, Tally> ours = Measure("pii/nannigalaxy_pii_nano_en.jsonl", Ours);
        foreach ((FindingType type, Tally tally) in ours)
            output.WriteLine($"{type}: {tally}");
        Assert.InRange(ours[FindingType.Email].Recall, 0.9, 1);
        Assert.Equal(1, ours[FindingType.Phone].Recall);
        Assert.InRange(ours[FindingType.Secret].Recall, 0.9, 1);
    }

    private static Dictionary<FindingType, Tally> Measure(string file, Func<string, List<(FindingType Type, int Start, int End)>> find)
    {
        Dictionary<FindingType, Tally> tallies = [];
        foreach ((string text, IReadOnlyList<PublishedCases.Span> spans) in PublishedCases.Sentences(file))
        {
            List<(FindingType Type, int Start, int End)> wanted = [.. spans.Where(s => Types.ContainsKey(s.Type)).Select(s => (Types[s.Type], s.Start, s.End))];
            List<(FindingType Type, int Start, int End)> found = find(text);
            foreach ((FindingType type, int start, int end) in wanted)
            {
                Tally tally = Of(tallies, type);
                tally.Wanted++;
                // Quotation marks around a value are not the value.
                (int from, int to) = text[start] == '\'' ? (start + 1, end - 1) : (start, end);
                tally.Found += found.Exists(f => f.Type == type && f.Start <= from && f.End >= to) ? 1 : 0;
            }
            foreach ((FindingType type, int start, int end) in found)
                Of(tallies, type).Wrong += wanted.Exists(w => w.Type == type && w.Start < end && w.End > start) ? 0 : 1;
        }
        return tallies;
    }

    private static Tally Of(Dictionary<FindingType, Tally> tallies, FindingType type) => tallies.TryGetValue(type, out Tally? tally) ? tally : tallies[type] = new Tally();

    private static Tally Sum(IEnumerable<Tally> tallies) => tallies.Aggregate(new Tally(), (sum, t) => new Tally { Wanted = sum.Wanted + t.Wanted, Found = sum.Found + t.Found, Wrong = sum.Wrong + t.Wrong });

    private static List<(FindingType, int, int)> Ours(string text) =>
        [.. Redact.Text(text, RedactionPolicy.Default).Findings.Where(f => Types.ContainsValue(f.Type)).Select(f => (f.Type, f.Start, f.Start + f.Length))];

    private static List<(FindingType, int, int)> Plain(string text) =>
        [.. Baseline.SelectMany(form => form.Form.Matches(text).Select(match => (form.Type, match.Index, match.Index + match.Length)))];

    [GeneratedRegex(@"\b(?:\d[ -]?){13,19}\b")]
    private static partial Regex PlainCard();

    [GeneratedRegex(@"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")]
    private static partial Regex PlainIban();

    [GeneratedRegex(@"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b")]
    private static partial Regex PlainEmail();

    [GeneratedRegex(@"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\b")]
    private static partial Regex PlainIp();

    [GeneratedRegex(@"\b\d{3}-\d{2}-\d{4}\b")]
    private static partial Regex PlainSsn();

    [GeneratedRegex(@"(?:\+?\d{1,3}[ .-]?)?\(?\d{2,4}\)?[ .-]?\d{3,4}[ .-]?\d{3,4}\b")]
    private static partial Regex PlainPhone();
}
