using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Auth;
using Xunit;

namespace Ingest.Mail.Tests.Auth;

public sealed class ResultsWriterTests
{
    [Fact]
    public void A_verdict_is_written_as_other_programs_read_it()
    {
        var verdict = new MailVerdict(
            new SpfVerdict(AuthResult.SoftFail, "acme.example"),
            [new DkimVerdict(AuthResult.Pass, DkimFault.None) { Domain = "acme.example", Selector = "s1", Start = "AbC+/w==" }, new DkimVerdict(AuthResult.Fail, DkimFault.BodyChanged) { Domain = "list.example" }],
            new ArcVerdict(AuthResult.None, []),
            new DmarcVerdict(AuthResult.Pass, "acme.example"));
        Assert.Equal(
            "mx.example; spf=softfail smtp.mailfrom=acme.example; dkim=pass header.d=acme.example header.s=s1 header.b=\"AbC+/w==\"; dkim=fail reason=\"the body was changed\" header.d=list.example; arc=none; dmarc=pass header.from=acme.example",
            AuthenticationResults.Of("MX.example", verdict).Format());
        Assert.Equal("mx.example; none", new AuthenticationResults("mx.example", []).Format());
    }

    [Fact]
    public void Whatever_is_written_is_read_back_and_adds_no_result()
    {
        var text = Gen.ArrayOf(Gen.Elements("a", ";", " ", "\"", "\\", "(", ")", "=", "dmarc=pass", "\r\n", "@", ".", ",", "\u00e9", "/")).Select(static parts => string.Concat(parts));
        Prop.ForAll(text.ToArbitrary(), text.ToArbitrary(), static (reason, value) =>
        {
            var written = new AuthenticationResults("mx.example", [new MethodResult("dkim", AuthResult.Fail, "fail", reason, new Dictionary<string, string> { ["header.d"] = value })]).Format();
            Assert.DoesNotContain('\n', written);
            Assert.True(AuthenticationResults.TryParse(written, out var read));
            var result = Assert.Single(read.Results);
            Assert.Equal((Plain(reason), Plain(value)), (result.Reason, result["header.d"]));
        }).QuickCheckThrowOnFailure();

        static string Plain(string text) => text.Replace("\r\n", "", StringComparison.Ordinal);
    }
}
