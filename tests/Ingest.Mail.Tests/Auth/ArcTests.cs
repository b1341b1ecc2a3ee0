using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Ingest.Mail.Tests.Mime;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Ingest.Mail.Tests.Auth;

public sealed partial class ArcTests
{
    [Fact]
    public async Task The_validation_suite_holds()
    {
        var wrong = new List<string>();
        var cases = Suite().ToList();
        foreach (var (name, message, expected, dns) in cases)
        {
            var verdict = await new ArcVerifier(dns).VerifyAsync(message, TestContext.Current.CancellationToken);
            // The suite leaves the result open ("") where a seal says cv=fail: RFC 8617 section 5.2 step 3 makes that a failed chain.
            if (verdict.Result.ToString() != (expected.Length == 0 ? "Fail" : expected))
                wrong.Add($"{name}: {verdict.Result} ({verdict.Problem}), not {expected}");
        }
        Assert.Empty(wrong);
        Assert.Equal((171, 175), (cases.DistinctBy(static test => test.Name).Count(), cases.Count));
    }

    [Fact]
    public async Task What_a_chain_claims_is_believed_as_far_as_its_sealers_are_trusted()
    {
        var (_, message, _, dns) = Suite().First(static test => test.Name == "ams_as_diff_s_d");
        var verdict = await new ArcVerifier(dns).VerifyAsync(message, TestContext.Current.CancellationToken);
        Assert.Equal(AuthResult.Pass, verdict.Result);
        var sealer = verdict.Chain[^1].Domain;
        Assert.Equal(AuthResult.Pass, verdict.Believed([sealer])?.First("dmarc")?.Result);
        Assert.NotNull(verdict.Believed([sealer.ToUpperInvariant() + "."]));
        Assert.Null(verdict.Believed(["other.example"]));
        Assert.Null((verdict with { Result = AuthResult.Fail }).Believed([sealer]));

        var chain = new[] { "first.example", "bad.example", "list.example", "border.example" }
            .Select(static (domain, at) => new ArcSet(at + 1, domain, "s", at == 0 ? "none" : "pass", new AuthenticationResults(domain, [])) { CoversAll = true }).ToList();
        var longer = new ArcVerdict(AuthResult.Pass, chain);
        Assert.Equal("list.example", longer.Believed(["border.example", "list.example", "first.example"])?.AuthservId);
        Assert.Null(longer.Believed(["list.example"]));
        // Whoever does not sign From or the whole body leaves them to the next one who has the mail in hand.
        Assert.Null(new ArcVerdict(AuthResult.Pass, [.. chain.SkipLast(1), chain[^1] with { CoversAll = false }]).Believed(["border.example", "list.example"]));
    }

    [Fact]
    public async Task A_key_that_cannot_be_fetched_now_is_no_failure()
    {
        var (_, message, _, _) = Suite().First(static test => test.Name == "cv_pass_i1_1");
        var verdict = await new ArcVerifier((_, _, _) => ValueTask.FromResult(DnsAnswer.TimeOut)).VerifyAsync(message, TestContext.Current.CancellationToken);
        Assert.Equal(AuthResult.TempError, verdict.Result);
    }

    [Fact]
    public void Any_fields_end_in_a_verdict()
    {
        var fields = Gen.Elements("ARC-Seal: ", "ARC-Message-Signature: ", "ARC-Authentication-Results: ", "i=1;", " i=2;", "i=51", "; cv=none", "; cv=pass", "; a=rsa-sha256", "; d=a.example", "; s=s", "; b=AAAA", "; bh=AAAA", "; h=from", "\r\n", "\r\n ", "spf=pass", ";", "\r\n\r\n", "x");
        Prop.ForAll(Gen.ArrayOf(fields).ToArbitrary(), static parts =>
        {
            var message = Encoding.Latin1.GetBytes(string.Concat(parts));
            var verdict = new ArcVerifier((_, _, _) => ValueTask.FromResult(DnsAnswer.NxDomain)).VerifyAsync(message, CancellationToken.None).GetAwaiter().GetResult();
            Assert.True(verdict.Result is AuthResult.None or AuthResult.Fail);
        }).QuickCheckThrowOnFailure();
    }

    private static IEnumerable<(string Name, byte[] Message, string Expected, DnsLookup Dns)> Suite()
    {
        if (Corpus.Folder is null)
            Assert.Skip("The ARC suite of ../shared/data is not here.");
        var yaml = new YamlStream();
        // Empty lines at the start of a text may be indented deeper than the text, which this reader does not take.
        var text = EmptyStart().Replace(File.ReadAllText(Path.Combine(Corpus.Folder, "auth", "arc", "arc-draft-validation-tests.yml")), static match => match.Value.Replace(" ", "", StringComparison.Ordinal));
        // Four names come twice, which this reader does not take either.
        var number = 0;
        yaml.Load(new StringReader(TestName().Replace(text, match => $"{match.Value[..^1]}#{++number}:")));
        foreach (var document in yaml.Documents)
        {
            var root = (YamlMappingNode)document.RootNode;
            var records = ((YamlMappingNode)root["txt-records"]).ToDictionary(static record => record.Key.ToString(), static record => new { TXT = new[] { record.Value.ToString() } });
            DnsLookup dns = DnsTable.Parse(JsonSerializer.SerializeToUtf8Bytes(records)).LookupAsync;
            foreach (var (name, test) in (YamlMappingNode)root["tests"])
                yield return (name.ToString().Split('#')[0], Encoding.UTF8.GetBytes(test["message"].ToString()), test["cv"].ToString(), dns);
        }
    }

    [GeneratedRegex(@"(?<=\|\s*\n)( +\n)+")]
    private static partial Regex EmptyStart();

    [GeneratedRegex(@"^  \w+:(?=\s*$)", RegexOptions.Multiline)]
    private static partial Regex TestName();
}
