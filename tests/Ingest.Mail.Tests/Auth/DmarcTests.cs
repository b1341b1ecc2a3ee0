using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Auth;

public sealed class DmarcTests
{
    // Differences of opinion, each with its reason; a difference that is gone fails the test too.
    private static readonly Dictionary<string, string> Differences = new()
    {
        ["Should return false for headerFrom array with multiple elements"] = "Several addresses in From, here of one domain: each domain is judged and the strictest end counts, as authheaders does; mailauth gives up.",
        ["test_authenticate_dmarc_bad"] = "\"v=DMARC1; p=none; reject\": RFC 9989 section 4.7 leaves out what is odd in a record and keeps the rest; authheaders calls the whole record broken.",
    };

    [Fact]
    public async Task The_cases_of_mailauth_hold()
    {
        using var document = JsonDocument.Parse(Read("auth/dmarc/mailauth_dmarc_cases.json"));
        var wrong = new List<string>();
        var count = 0;
        foreach (var section in new[] { "verify", "record_lookup", "rfc9989" })
        {
            foreach (var test in document.RootElement.GetProperty(section).EnumerateArray())
            {
                count++;
                var name = test.GetProperty("name").GetString()!;
                var from = section == "record_lookup" ? Strings(test.GetProperty("lookup_domain")) : Strings(test.GetProperty("header_from"));
                var verdict = await new DmarcVerifier(Zone(test)).CheckAsync(from.Select(static address => address[(address.IndexOf('@', StringComparison.Ordinal) + 1)..]), Spf(test), Dkim(test), TestContext.Current.CancellationToken);
                var off = test.GetProperty("expect").EnumerateObject().Where(expected => Found(verdict, expected.Name, expected.Value) is { } found && found != expected.Value.ToString()).ToList();
                if (off.Count > 0 != Differences.ContainsKey(name))
                    wrong.Add($"{name}: {string.Join(", ", off.Select(expected => $"{expected.Name} is {Found(verdict, expected.Name, expected.Value)}, not {expected.Value}"))}");
            }
        }
        Assert.Empty(wrong);
        Assert.Equal(75, count);
    }

    [Fact]
    public async Task The_cases_of_authheaders_hold()
    {
        var files = Corpus.Zip("auth/dmarc_authheaders.zip").ToDictionary(static file => file.Name, static file => file.Bytes);
        var records = JsonSerializer.Deserialize<Dictionary<string, string?>>(files["dns_txt.json"])!.Where(static record => record.Value?.Length > 0);
        var dns = DnsTable.Parse(JsonSerializer.SerializeToUtf8Bytes(records.ToDictionary(static record => record.Key, static record => new { TXT = new[] { record.Value } })));
        using var document = JsonDocument.Parse(files["cases.json"]);
        var wrong = new List<string>();
        foreach (var test in document.RootElement.EnumerateArray())
        {
            var name = test.GetProperty("test").GetString()!;
            Assert.True(AuthenticationResults.TryParse(Value(test.GetProperty("expected")), out var expected));
            var message = MailMessage.Parse(files[test.GetProperty("message").GetString()!]);
            var checksDkim = !test.TryGetProperty("check_dkim", out var check) || check.GetBoolean();
            var dkim = checksDkim ? await new DkimVerifier(dns.LookupAsync, TimeProvider.System).VerifyAsync(message.Raw, TestContext.Current.CancellationToken) : Before(test);
            var verdict = await new DmarcVerifier(dns.LookupAsync).CheckAsync(message.From.Select(static from => from.Domain), null, dkim, TestContext.Current.CancellationToken);
            var holds = expected.First("dkim") is not { } signed || dkim.Any(found => found.Result == signed.Result && found.Domain == signed["header.d"]);
            if (expected.First("dmarc") is { } judged)
            {
                holds &= judged.Result == verdict.Result && (judged.Result is AuthResult.None or AuthResult.PermError
                    || (judged["header.from"] == verdict.FromDomain && judged["policy.dmarc"].Equals(verdict.Policy.ToString(), StringComparison.OrdinalIgnoreCase)));
            }
            if (holds == Differences.ContainsKey(name))
                wrong.Add($"{name}: dmarc={verdict.Result} {verdict.FromDomain} {verdict.Policy}, dkim={string.Join(",", dkim.Select(static d => d.Result + d.Reason))} for {Value(test.GetProperty("expected"))}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(12, document.RootElement.GetArrayLength());
    }

    [Fact]
    public void A_record_is_read_with_what_was_taken_away_and_what_is_unknown_named()
    {
        var record = DmarcRecord.Parse("v=DMARC1;p=reject;sp=none;np=quarantine;pct=5;ri=9;psd=n;t=y;adkim=s;rua=mailto:a@b.example!10m,https://x.example,mailto:c@d.example;ruf=mailto:@;x=y;;junk")!;
        Assert.Equal((DomainPolicy.Reject, DomainPolicy.None, DomainPolicy.Quarantine), (record.Policy, record.SubdomainPolicy, record.NonexistentPolicy));
        Assert.Equal(["pct", "ri"], record.RemovedTags);
        Assert.Equal(["a@b.example", "c@d.example"], record.ReportTo);
        Assert.Empty(record.FailuresTo);
        Assert.Equal((true, false, true, false), (record.IsDkimStrict, record.IsSpfStrict, record.IsTest, record.IsPublicSuffix));
    }

    [Theory]
    [InlineData("{ \"_dmarc.example.com\": \"SERVFAIL\" }", "example.com", false, AuthResult.TempError)]
    [InlineData("{ \"_dmarc.example.com\": { \"TXT\": [\"v=DMARC1; p=reject\"] }, \"_dmarc.mail.example.com\": \"TIMEOUT\" }", "example.com", true, AuthResult.TempError)]
    [InlineData("{ \"_dmarc.example.com\": { \"TXT\": [\"v=DMARC1; p=reject; adkim=s\"] }, \"_dmarc.mail.example.com\": \"TIMEOUT\" }", "example.com", true, AuthResult.Fail)]
    public async Task DNS_trouble_is_never_a_failure_of_the_mail(string zone, string from, bool isSigned, AuthResult result)
    {
        DkimVerdict[] dkim = isSigned ? [new(AuthResult.Pass, DkimFault.None) { Domain = "mail.example.com" }] : [];
        var verdict = await new DmarcVerifier(DnsTable.Parse(Encoding.UTF8.GetBytes(zone)).LookupAsync).CheckAsync([from], null, dkim, TestContext.Current.CancellationToken);
        Assert.Equal(result, verdict.Result);
    }

    [Fact]
    public async Task What_could_not_be_checked_now_and_what_is_weak_is_told_apart()
    {
        var dns = DnsTable.Parse("""{ "_dmarc.example.com": { "TXT": ["v=DMARC1; p=reject"] } }"""u8.ToArray());
        async Task<AuthResult> JudgeAsync(SpfVerdict? spf, params DkimVerdict[] dkim) =>
            (await new DmarcVerifier(dns.LookupAsync).CheckAsync(["example.com"], spf, dkim, TestContext.Current.CancellationToken)).Result;

        Assert.Equal(AuthResult.TempError, await JudgeAsync(new SpfVerdict(AuthResult.TempError, "example.com")));
        Assert.Equal(AuthResult.Fail, await JudgeAsync(new SpfVerdict(AuthResult.TempError, "other.example")));
        Assert.Equal(AuthResult.TempError, await JudgeAsync(null, new DkimVerdict(AuthResult.TempError, DkimFault.DnsTrouble) { Domain = "example.com" }));
        Assert.Equal(AuthResult.Fail, await JudgeAsync(null, new DkimVerdict(AuthResult.Pass, DkimFault.None) { Domain = "example.com", IsWeak = true, UnsignedBytes = 9 }));
        Assert.Equal(AuthResult.Pass, await JudgeAsync(null, new DkimVerdict(AuthResult.Pass, DkimFault.None) { Domain = "example.com", IsWeak = true }));
        Assert.Equal(AuthResult.Fail, await JudgeAsync(new SpfVerdict(AuthResult.Pass, "notexample.com")));
    }

    [Fact]
    public async Task The_walk_asks_eight_times_at_most()
    {
        var asked = new List<string>();
        ValueTask<DnsAnswer> Note(string name, DnsType type, CancellationToken cancel)
        {
            asked.Add(name);
            return ValueTask.FromResult(DnsAnswer.NxDomain);
        }
        await new DmarcVerifier(Note).CheckAsync(["a.b.c.d.e.f.g.h.i.j.example.com"], null, [], TestContext.Current.CancellationToken);
        Assert.Equal(
            ["_dmarc.a.b.c.d.e.f.g.h.i.j.example.com", "_dmarc.f.g.h.i.j.example.com", "_dmarc.g.h.i.j.example.com", "_dmarc.h.i.j.example.com", "_dmarc.i.j.example.com", "_dmarc.j.example.com", "_dmarc.example.com", "_dmarc.com"],
            asked);
    }

    [Fact]
    public async Task A_mail_with_two_From_fields_is_never_proven()
    {
        var dns = DnsTable.Parse("""{ "_dmarc.example.com": { "TXT": ["v=DMARC1; p=none"] }, "example.com": { "TXT": ["v=spf1 +all"] } }"""u8.ToArray());
        var envelope = new SpfQuestion(System.Net.IPAddress.Loopback, "h", "a@example.com");
        async Task<DmarcVerdict> JudgeAsync(string mail) => (await new MailVerifier(dns.LookupAsync, TimeProvider.System)
            .CheckAsync(MailMessage.Parse(Encoding.ASCII.GetBytes(mail)), envelope, TestContext.Current.CancellationToken)).Dmarc;

        Assert.Equal(AuthResult.Pass, (await JudgeAsync("From: a@example.com\r\n\r\nx")).Result);
        Assert.Equal(AuthResult.PermError, (await JudgeAsync("From: a@example.com\r\nFrom: b@example.com\r\n\r\nx")).Result);
        Assert.Equal(AuthResult.PermError, (await JudgeAsync("From: nobody\r\n\r\nx")).Result);
    }

    [Fact]
    public void Any_record_and_any_domain_end_in_a_verdict()
    {
        var words = Gen.Elements("v=DMARC1", ";", "p=", "reject", "none", "sp=", "np=quarantine", "psd=y", "psd=n", "t=y", "rua=", "mailto:", "a@b", ",", "!", "=", " ", "\t", "adkim=s", "a", ".", "example.com", "\u00fc", "-");
        Prop.ForAll(Gen.ArrayOf(words).ToArbitrary(), Gen.ArrayOf(words).ToArbitrary(), static (record, domain) =>
        {
            ValueTask<DnsAnswer> Dns(string name, DnsType type, CancellationToken cancel) => ValueTask.FromResult(new DnsAnswer(DnsStatus.Answer) { Texts = ["v=DMARC1;" + string.Concat(record)] });
            var verdict = new DmarcVerifier(Dns).CheckAsync([string.Concat(domain) + ".example.com"], new SpfVerdict(AuthResult.Pass, "example.com"), [], CancellationToken.None).GetAwaiter().GetResult();
            Assert.True(Enum.IsDefined(verdict.Policy) && verdict.Disposition <= verdict.Policy);
        }).QuickCheckThrowOnFailure();
    }

    private static byte[] Read(string path)
    {
        if (Corpus.Folder is null)
            Assert.Skip("The DMARC cases of ../shared/data are not here.");
        return File.ReadAllBytes(Path.Combine(Corpus.Folder, path));
    }

    private static DnsLookup Zone(JsonElement test)
    {
        var table = DnsTable.Parse(Encoding.UTF8.GetBytes(test.GetProperty("dns").GetRawText()));
        var others = test.GetProperty("other_names").GetString() switch { "TIMEOUT" => DnsAnswer.TimeOut, "NODATA" => DnsAnswer.NoData, _ => DnsAnswer.NxDomain };
        return async (name, type, cancel) => await table.LookupAsync(name, type, cancel) is { Status: not DnsStatus.NxDomain } answer ? answer : others;
    }

    private static string[] Strings(JsonElement value) => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(static item => item.GetString()!)] : [value.GetString()!];

    private static SpfVerdict? Spf(JsonElement test) =>
        test.TryGetProperty("spf_pass_domains", out var domains) && domains.GetArrayLength() > 0 ? new SpfVerdict(AuthResult.Pass, domains[0].GetString()!) : null;

    private static List<DkimVerdict> Dkim(JsonElement test) =>
        test.TryGetProperty("dkim_pass_domains", out var domains) ? [.. domains.EnumerateArray().Select(static domain => new DkimVerdict(AuthResult.Pass, DkimFault.None) { Domain = domain.GetString()! })] : [];

    private static List<DkimVerdict> Before(JsonElement test)
    {
        if (!test.TryGetProperty("prev", out var value) || !AuthenticationResults.TryParse(Value(value), out var before))
            return [];
        return [.. before.Results.Select(static result => new DkimVerdict(result.Result, result.Result == AuthResult.Pass ? DkimFault.None : DkimFault.SignatureWrong) { Domain = result["header.d"] })];
    }

    private static string Value(JsonElement field) => field.GetString()!["Authentication-Results:".Length..];

    // What we found under the name that mailauth gives it.
    private static string? Found(DmarcVerdict verdict, string name, JsonElement expected) => name switch
    {
        "status.result" => verdict.Result.ToString().ToLowerInvariant(),
        "policy" => verdict.Policy.ToString().ToLowerInvariant(),
        "error" => verdict.Problem == "DNS failed" ? expected.ToString() : verdict.Problem,
        "domain" => verdict.OrganizationalDomain,
        "status.header.from" => verdict.FromDomain,
        "status.header.d" => verdict.RecordDomain,
        "alignment.dkim.strict" => verdict.Record!.IsDkimStrict.ToString(),
        "alignment.spf.strict" => verdict.Record!.IsSpfStrict.ToString(),
        "alignment.spf.result" => verdict.IsSpfAligned ? verdict.OrganizationalDomain : "",
        "record" => verdict.Record is null ? "" : verdict.Record.Text,
        "rr" => verdict.Record!.Text,
        "isOrgRecord" => (verdict.RecordDomain != verdict.FromDomain).ToString(),
        _ => verdict.Record!.Tags[name],
    };
}
