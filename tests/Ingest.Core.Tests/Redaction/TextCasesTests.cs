using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>The published recognisers' cases of what stands in texts: addresses of mail, internet and streets, telephones, wallets.</summary>
public sealed class TextCasesTests(ITestOutputHelper output)
{
    private static readonly RedactionPolicy Everything = RedactionPolicy.Default with { Confidence = 0 };

    private static readonly Dictionary<string, Func<Finding, bool>> Recognisers = new()
    {
        ["email"] = found => found.Type == FindingType.Email,
        ["ip"] = found => found.Rule.StartsWith("ip.", StringComparison.Ordinal),
        ["mac"] = found => found.Rule == "mac",
        ["crypto"] = found => found.Type == FindingType.Wallet,
        ["phone"] = found => found.Type == FindingType.Phone,
        ["tr_phone_number"] = found => found.Rule is "tr.phone" or "phone.international",
        ["ph_mobile_number"] = found => found.Rule is "ph.phone" or "phone.international",
        ["uk_postcode"] = found => found.Rule == "gb.postcode",
        ["de_plz"] = found => found.Rule == "de.postcode",
    };

    [Fact]
    public void Nineteen_of_twenty_published_cases_are_found_at_the_right_places()
    {
        int right = 0, all = 0;
        foreach (IGrouping<string, PublishedCases.Case> cases in PublishedCases.Recognisers().Where(c => Recognisers.ContainsKey(c.Recogniser)).GroupBy(c => c.Recogniser))
        {
            List<PublishedCases.Case> wrong = [.. cases.Where(c => !IsRight(c))];
            output.WriteLine($"{cases.Key}: {cases.Count() - wrong.Count} of {cases.Count()}{string.Concat(wrong.Select(c => "\n  not: " + c.Text))}");
            (right, all) = (right + cases.Count() - wrong.Count, all + cases.Count());
        }
        output.WriteLine($"in all: {right} of {all}");
        Assert.InRange((double)right / all, 0.95, 1);
    }

    private static bool IsRight(PublishedCases.Case wanted)
    {
        List<Finding> found = [.. Redact.Text(wanted.Text, Everything).Findings.Where(Recognisers[wanted.Recogniser])];
        return found.Count == wanted.Count && (wanted.Places is null || found.Select(f => (f.Start, f.Start + f.Length)).SequenceEqual(wanted.Places));
    }
}
