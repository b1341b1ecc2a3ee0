using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Ingest.Mail.Tests.Wire;
using Xunit;

namespace Ingest.Mail.Tests.Auth;

public sealed class SpfTests
{
    // Where the suites leave several results open or test another program's habits, and ours differs, it is said here why.
    private static readonly Dictionary<string, string> Differences = new()
    {
        ["pyspf-test.yml default-modifier"] = "\"default=\" was of a draft: RFC 7208 has no such modifier, so it is unknown and changes nothing (neutral).",
        ["pyspf-test.yml default-modifier-harsh"] = "pyspf's own result \"ambiguous\" is no result of RFC 7208.",
    };

    [Theory]
    [InlineData("rfc7208-tests.yml", 203)]
    [InlineData("rfc4408-tests.yml", 191)]
    [InlineData("pyspf-test.yml", 16)]
    public async Task The_openspf_suite_holds(string file, int count)
    {
        var wrong = new List<string>();
        var cases = SpfCase.Read(file).ToList();
        foreach (var test in cases)
        {
            var verdict = await CheckAsync(test.Zone.LookupAsync, test.Question);
            var result = verdict.Result.ToString().ToLowerInvariant();
            var explained = test.Explanation is null || verdict.Result != AuthResult.Fail || verdict.Explanation == (test.Explanation == "DEFAULT" ? "" : test.Explanation);
            var holds = test.Results.Contains(result) && explained;
            if (holds == Differences.ContainsKey($"{file} {test.Name}"))
                wrong.Add($"{test.Name}: {result} ({verdict.Problem}) \"{verdict.Explanation}\" for {string.Join(" or ", test.Results)} \"{test.Explanation}\"");
        }
        Assert.Empty(wrong);
        Assert.Equal(count, cases.Count);
    }

    [Fact]
    public async Task Lookups_are_counted_and_problems_named()
    {
        var zone = Table("""
            { "a.example": { "TXT": ["v=spf1 a mx include:b.example exists:%{i}.c.example -all exp=why.example"], "A": ["192.0.2.1"] },
              "b.example": { "TXT": ["v=spf1 ip4:192.0.2.7 -all"] }, "why.example": { "TXT": ["%{s} from %{c} to %{r} at %{t}"] } }
            """);
        var verdict = await CheckAsync(zone, new SpfQuestion(IPAddress.Parse("192.0.2.9"), "h.example", "x@a.example"));
        Assert.Equal((AuthResult.Fail, 4, 2, ""), (verdict.Result, verdict.Lookups, verdict.VoidLookups, verdict.Problem));
        Assert.Equal("x@a.example from 192.0.2.9 to unknown at 1800000000", verdict.Explanation);

        verdict = await CheckAsync(zone, new SpfQuestion(IPAddress.Parse("192.0.2.9"), "h.example", "x@nowhere.example"));
        Assert.Equal((AuthResult.None, "no SPF record"), (verdict.Result, verdict.Problem));
    }

    [Theory]
    [InlineData("a/32", "192.0.2.1", "pass")]
    [InlineData("a/24//64", "192.0.2.200", "pass")]
    [InlineData("a//64", "192.0.2.200", "none")]
    [InlineData("a/0", "198.51.100.1", "pass")]
    [InlineData("a/24/64", "192.0.2.1", "permerror")]
    [InlineData("a/33", "192.0.2.1", "permerror")]
    [InlineData("a/024", "192.0.2.1", "permerror")]
    [InlineData("a/", "192.0.2.1", "permerror")]
    [InlineData("ip4:192.0.2.0/25", "192.0.2.127", "pass")]
    [InlineData("ip4:192.0.2.0/25", "192.0.2.128", "none")]
    [InlineData("ip4:192.0.2.01", "192.0.2.1", "permerror")]
    [InlineData("ip4:192.0.2", "192.0.0.2", "permerror")]
    [InlineData("ip6:2001:db8::/33", "2001:db8:7fff::1", "pass")]
    [InlineData("ip6:2001:db8::/33", "2001:db8:8000::1", "none")]
    [InlineData("ip6:::ffff:192.0.2.1", "192.0.2.1", "none")]
    [InlineData("ip6:fe80::1%1", "fe80::1", "permerror")]
    [InlineData("include:%{d0}.example", "192.0.2.1", "permerror")]
    [InlineData("exists:%{dr", "192.0.2.1", "permerror")]
    [InlineData("+all=x", "192.0.2.1", "permerror")]
    public async Task Terms_are_read_to_the_letter(string term, string client, string result)
    {
        var zone = Table($$"""{ "a.example": { "TXT": ["v=spf1 {{term}}"], "A": ["192.0.2.1"] } }""");
        var verdict = await CheckAsync(zone, new SpfQuestion(IPAddress.Parse(client), "", "x@a.example"));
        Assert.Equal(result, verdict.Result == AuthResult.Neutral ? "none" : verdict.Result.ToString().ToLowerInvariant());
    }

    [Fact]
    public async Task A_domain_in_unicode_is_asked_in_ascii()
    {
        var zone = Table("""{ "xn--bcher-kva.example": { "TXT": ["v=spf1 +all"] } }""");
        var verdict = await CheckAsync(zone, new SpfQuestion(IPAddress.Loopback, "", "x@B\u00fccher.example"));
        Assert.Equal((AuthResult.Pass, "xn--bcher-kva.example"), (verdict.Result, verdict.Domain));
    }

    [Fact]
    public async Task A_check_that_takes_too_long_is_a_temporary_error_and_cancellation_is_none()
    {
        using var stop = new CancellationTokenSource();
        var clock = new ManualTime();
        async ValueTask<DnsAnswer> Never(string name, DnsType type, CancellationToken cancel)
        {
            clock.Advance(SpfVerifier.Longest);
            await Task.Delay(Timeout.Infinite, cancel);
            return DnsAnswer.NxDomain;
        }
        var question = new SpfQuestion(IPAddress.Loopback, "", "x@a.example");
        Assert.Equal(AuthResult.TempError, (await new SpfVerifier(Never, clock).CheckAsync(question, stop.Token)).Result);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new SpfVerifier(Never, clock).CheckAsync(question, stop.Token));
    }

    [Fact]
    public void Any_record_ends_in_a_result_within_its_limits()
    {
        var words = Gen.Elements("a", "mx", "ptr", ":", "/", "//", "24", " ", "include:a.example", "redirect=b.example", "exp=a.example", "exists:", "%{", "%{i}", "%{p}", "%{l1r-}", "%", "}", "d", "255", "ip4:192.0.2.0", "ip6::", "-", "+all", "?", "=", ".", "\u00e9", "\0", "v=spf1", "a.example", "%{h}", "%{S}");
        var record = Gen.ArrayOf(words).Select(static parts => string.Concat(parts));
        Prop.ForAll(record.ToArbitrary(), record.ToArbitrary(), static (one, other) =>
        {
            var asked = 0;
            ValueTask<DnsAnswer> Zone(string name, DnsType type, CancellationToken cancel)
            {
                asked++;
                return ValueTask.FromResult(type switch
                {
                    DnsType.Txt => new DnsAnswer(DnsStatus.Answer) { Texts = ["v=spf1 " + (name == "a.example" ? one : other)] },
                    DnsType.Mx => new DnsAnswer(DnsStatus.Answer) { Exchanges = [.. Enumerable.Range(0, 10).Select(static i => new MailExchange(i, $"mx{i}.example"))] },
                    DnsType.Ptr => new DnsAnswer(DnsStatus.Answer) { Names = [.. Enumerable.Range(0, 20).Select(static i => $"p{i}.example")] },
                    _ => new DnsAnswer(DnsStatus.Answer) { Addresses = [IPAddress.Parse("198.51.100.1")] },
                });
            }
            var verdict = new SpfVerifier(Zone, new FixedTime(0)).CheckAsync(new SpfQuestion(IPAddress.Parse("192.0.2.1"), one, other + "@a.example"), CancellationToken.None).GetAwaiter().GetResult();
            Assert.True(Enum.IsDefined(verdict.Result) && verdict.Lookups <= 10);
            Assert.InRange(asked, 0, 1 + 10 * 12 + 11 + 1);
        }).QuickCheckThrowOnFailure();
    }

    private static Task<SpfVerdict> CheckAsync(DnsLookup dns, SpfQuestion question) =>
        new SpfVerifier(dns, new FixedTime(1_800_000_000)).CheckAsync(question, TestContext.Current.CancellationToken);

    private static DnsLookup Table(string json) => DnsTable.Parse(Encoding.UTF8.GetBytes(json)).LookupAsync;
}
