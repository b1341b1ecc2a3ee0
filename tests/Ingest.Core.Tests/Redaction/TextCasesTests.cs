using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>The published recognisers' cases of what stands in texts: addresses of mail, internet and streets, telephones, wallets.</summary>
public sealed class TextCasesTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, (FindingType Type, Func<Finding, bool> Is)> Recognisers = new()
    {
        ["email"] = (FindingType.Email, _ => true),
        ["ip"] = (FindingType.IpAddress, found => found.Rule.StartsWith("ip.", StringComparison.Ordinal)),
        ["mac"] = (FindingType.IpAddress, found => found.Rule == "mac"),
        ["crypto"] = (FindingType.Wallet, _ => true),
        ["phone"] = (FindingType.Phone, _ => true),
        ["tr_phone_number"] = (FindingType.Phone, found => found.Rule is "tr.phone" or "phone.international"),
        ["ph_mobile_number"] = (FindingType.Phone, found => found.Rule is "ph.phone" or "phone.international"),
        ["uk_postcode"] = (FindingType.PostalAddress, found => found.Rule == "gb.postcode"),
        ["de_plz"] = (FindingType.PostalAddress, found => found.Rule == "de.postcode"),
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
        (FindingType type, Func<Finding, bool> isMeant) = Recognisers[wanted.Recogniser];
        // One recogniser at a time, as the cases were written for.
        RedactionPolicy only = RedactionPolicy.Default with { Confidence = 0, Types = Enum.GetValues<FindingType>().ToDictionary(t => t, t => new TypePolicy(t == type ? MaskStyle.Label : MaskStyle.None)) };
        List<Finding> found = [.. Redact.Text(wanted.Text, only).Findings.Where(isMeant)];
        return found.Count == wanted.Count && (wanted.Places is null || found.Select(f => (f.Start, f.Start + f.Length)).SequenceEqual(wanted.Places));
    }
}
