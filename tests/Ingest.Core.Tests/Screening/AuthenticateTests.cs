using System.Text;
using System.Text.Json;
using Ingest.Core.Screening;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Screening;

public sealed class AuthenticateTests
{
    private const string GmailPass = "mx.google.com;\r\n       dkim=pass header.i=@example.com header.s=s1 header.b=abc;\r\n"
        + "       spf=pass (google.com: domain of ada@example.com designates 192.0.2.1 as permitted sender) smtp.mailfrom=ada@example.com;\r\n"
        + "       dmarc=pass (p=REJECT sp=NONE dis=NONE) header.from=example.com";

    private static AuthVerdict Verdict(string fields, string from = "From: Ada <ada@example.com>") =>
        Authenticate.FromProvider(MailMessage.Parse(Encoding.UTF8.GetBytes($"{fields}\r\n{from}\r\nTo: b@c.example\r\n\r\nhello\r\n")), ["mx.google.com"]);

    private static AuthVerdict Results(string value, string from = "From: Ada <ada@example.com>") => Verdict("Authentication-Results: " + value, from);

    [Fact]
    public void The_providers_dmarc_pass_authenticates_the_author()
    {
        AuthVerdict verdict = Results(GmailPass);
        Assert.Equal(
            new AuthVerdict(AuthResult.Pass, AuthResult.Pass, AuthResult.Pass, "example.com", true, "example.com", AuthCode.DmarcPass) { Checker = AuthChecker.Provider, IsWhole = true, SpfDomain = "example.com", Policy = DmarcPolicy.Reject },
            verdict);
    }

    [Fact]
    public void A_field_of_anyone_else_counts_as_not_checked()
    {
        AuthVerdict verdict = Results(GmailPass.Replace("mx.google.com", "mx.evil.example", StringComparison.Ordinal));
        Assert.Equal((false, AuthResult.None, AuthCode.NoTrustedField), (verdict.Authenticated, verdict.Dmarc, verdict.Reason));
        Assert.Equal(AuthCode.NoTrustedField, Verdict("X-Nothing: 1").Reason);
    }

    [Fact]
    public void A_field_below_the_topmost_came_with_the_mail_and_is_not_believed()
    {
        AuthVerdict verdict = Verdict("Authentication-Results: mx.other.example; spf=none\r\nAuthentication-Results: " + GmailPass);
        Assert.Equal((false, AuthCode.NoTrustedField), (verdict.Authenticated, verdict.Reason));
        verdict = Verdict("Authentication-Results: mx.google.com; dmarc=fail header.from=example.com\r\nAuthentication-Results: " + GmailPass);
        Assert.Equal((false, AuthCode.DmarcFail), (verdict.Authenticated, verdict.Reason));
    }

    [Theory]
    [InlineData("From: Ada <ada@example.com>, Eve <eve@example.com>")]
    [InlineData("From: Ada <ada@example.com>\r\nFrom: Eve <eve@evil.example>")]
    public void Several_authors_are_never_authenticated(string from)
    {
        AuthVerdict verdict = Results(GmailPass, from);
        Assert.Equal((false, AuthCode.SeveralFrom, ""), (verdict.Authenticated, verdict.Reason, verdict.FromDomain));
    }

    [Theory]
    [InlineData("X-From: x")]
    [InlineData("From: nobody")]
    [InlineData("From:")]
    public void Without_an_author_nobody_is_authenticated(string from) => Assert.Equal(AuthCode.NoFrom, Results(GmailPass, from).Reason);

    [Theory]
    [InlineData("mx.google.com; dkim=pass header.d=example.com", AuthCode.AlignedDkim)]
    [InlineData("mx.google.com; dkim=pass header.i=@mail.example.com", AuthCode.AlignedDkim)]
    [InlineData("mx.google.com; dkim=fail header.d=example.com; dkim=pass header.d=example.com; dmarc=none", AuthCode.AlignedDkim)]
    [InlineData("mx.google.com; spf=pass smtp.mailfrom=bounce@mail.example.com", AuthCode.AlignedSpf)]
    [InlineData("mx.google.com; spf=pass smtp.mailfrom=example.com; dmarc=bestguesspass", AuthCode.AlignedSpf)]
    [InlineData("MX.GOOGLE.COM 1; spf = pass smtp.mailfrom = \"ada@example.com\"", AuthCode.AlignedSpf)]
    public void Without_dmarc_an_aligned_pass_authenticates(string value, AuthCode reason)
    {
        AuthVerdict verdict = Results(value);
        Assert.Equal((true, reason), (verdict.Authenticated, verdict.Reason));
    }

    [Theory]
    [InlineData("mx.google.com; dkim=pass header.d=evil.example", AuthCode.NotAligned)]
    [InlineData("mx.google.com; dkim=pass header.d=com", AuthCode.NotAligned)]
    [InlineData("mx.google.com; dkim=pass header.d=badexample.com", AuthCode.NotAligned)]
    [InlineData("mx.google.com; dkim=pass", AuthCode.NotAligned)]
    [InlineData("mx.google.com; spf=pass smtp.helo=example.com", AuthCode.NotAligned)]
    [InlineData("mx.google.com; spf=softfail smtp.mailfrom=example.com", AuthCode.NotAligned)]
    [InlineData("mx.google.com; spf=fail (spf=pass) smtp.mailfrom=example.com", AuthCode.NotAligned)]
    [InlineData("mx.google.com; spf=none reason=\"x; dmarc=pass\"", AuthCode.NotAligned)]
    [InlineData("mx.google.com; spf=none (x; dmarc=pass header.from=example.com; dkim=pass header.d=example.com", AuthCode.NotAligned)]
    [InlineData("mx.google.com; dkim=pass header.d=example.com; dmarc=fail header.from=example.com", AuthCode.DmarcFail)]
    [InlineData("mx.google.com; dmarc=pass header.from=other.example", AuthCode.FromMismatch)]
    [InlineData("mx.google.com; spf=none smtp.mailfrom=x;dmarc=pass@evil.example; dmarc=fail header.from=example.com", AuthCode.Unreadable)]
    [InlineData("mx.google.com; spf=none smtp.mailfrom==?us-ascii?q?x=3Bdmarc=3Dpass?=", AuthCode.NotAligned)]
    [InlineData("mx.google.com; dmarc=temperror header.from=example.com", AuthCode.TempError)]
    [InlineData("mx.google.com; none", AuthCode.Unreadable)]
    [InlineData("mx.google.com", AuthCode.Unreadable)]
    [InlineData("dmarc=pass header.from=example.com", AuthCode.NoTrustedField)]
    [InlineData("(mx.google.com) mx.evil.example; dmarc=pass", AuthCode.NoTrustedField)]
    [InlineData("mx.google.com.evil.example; dmarc=pass", AuthCode.NoTrustedField)]
    [InlineData("", AuthCode.NoTrustedField)]
    public void Anything_else_authenticates_nobody(string value, AuthCode reason)
    {
        AuthVerdict verdict = Results(value);
        Assert.Equal((false, reason), (verdict.Authenticated, verdict.Reason));
    }

    [Fact]
    public void Published_fields_are_read_without_fail_and_their_host_is_found()
    {
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllText(SharedData.File("auth/authres/authentication_results_cases.json")));
        JsonElement list = cases.RootElement.ValueKind == JsonValueKind.Array ? cases.RootElement : cases.RootElement.EnumerateObject().First(p => p.Value.ValueKind == JsonValueKind.Array).Value;
        Assert.True(list.GetArrayLength() > 50);
        foreach (JsonElement test in list.EnumerateArray())
            if (test.TryGetProperty("header", out JsonElement header))
                _ = Results(header.GetString()!);
    }

    [Fact]
    public void Addresses_are_ours_in_any_spelling()
    {
        var own = new OwnAddresses(["Support@Shop.example", "help.desk@gmail.com", "info@bücher.example"]);
        foreach (string address in (string[])["support@shop.example", "SUPPORT+r.abc@SHOP.EXAMPLE", "support@shop.example.", "<support@shop.example>",
            "helpdesk@gmail.com", "h.e.l.p.desk+x@googlemail.com", "info@xn--bcher-kva.example", "INFO@BÜCHER.example", "\"support\"@shop.example"])
            Assert.True(own.Contains(address), address);
        foreach (string address in (string[])["supports@shop.example", "support@shop.example.evil", "sup.port@shop.example", "+support@shop.example", "", "@", "support"])
            Assert.False(own.Contains(address), address);
    }
}
