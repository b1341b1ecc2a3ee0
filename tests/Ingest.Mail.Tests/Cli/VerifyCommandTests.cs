using System.Net;
using System.Text;
using System.Text.Json;
using Ingest.Cli.Commands;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Ingest.Mail.Tests.Auth;
using Xunit;

namespace Ingest.Mail.Tests.Cli;

public sealed class VerifyCommandTests
{
    [Fact]
    public async Task A_proven_mail_comes_out_with_all_that_proves_it()
    {
        var signer = new TestSigner();
        var table = DnsTable.Parse("""{ "a.example": { "TXT": ["v=spf1 ip4:192.0.2.1 -all"] }, "_dmarc.a.example": { "TXT": ["v=DMARC1; p=reject; pct=50"] } }"""u8.ToArray());
        async ValueTask<DnsAnswer> Dns(string name, DnsType type, CancellationToken cancel) =>
            name == "s._domainkey.a.example" ? await signer.LookupAsync(name, type, cancel) : await table.LookupAsync(name, type, cancel);
        var envelope = new SpfQuestion(IPAddress.Parse("192.0.2.1"), "mail.a.example", "bounce@a.example");

        var line = await RunAsync(Dns, envelope, signer.Sign("From: Ann <ann@A.example>\r\n\r\nhello\r\n"));
        Assert.Equal(["file", "spf", "dkim", "arc", "dmarc", "from"], line.EnumerateObject().Select(static property => property.Name));
        Assert.Equal("""{"result":"pass","explanation":null,"lookups":0,"voidLookups":0,"domain":"a.example","reason":""}""", line.GetProperty("spf").GetRawText());
        Assert.Equal("""[{"domain":"a.example","selector":"s","result":"pass","reason":"","algorithm":"rsa-sha256","weak":false}]""", line.GetProperty("dkim").GetRawText());
        Assert.Equal("""{"result":"none","chain":[],"reason":""}""", line.GetProperty("arc").GetRawText());
        Assert.Equal("""{"result":"pass","policy":"reject","disposition":"none","aligned":["spf","dkim"],"reason":"","ignoredTags":["pct"]}""", line.GetProperty("dmarc").GetRawText());
        Assert.Equal("a.example", line.GetProperty("from").GetString());
    }

    [Fact]
    public async Task A_forged_mail_fails_and_an_unknown_envelope_is_none()
    {
        var table = DnsTable.Parse("""{ "_dmarc.a.example": { "TXT": ["v=DMARC1; p=reject"] } }"""u8.ToArray());
        var line = await RunAsync(table.LookupAsync, null, Encoding.ASCII.GetBytes("From: ann@a.example\n\nhello\n"));
        Assert.Equal("""{"result":"none"}""", line.GetProperty("spf").GetRawText());
        Assert.Equal("""{"result":"fail","policy":"reject","disposition":"reject","aligned":[],"reason":"","ignoredTags":[]}""", line.GetProperty("dmarc").GetRawText());
    }

    [Fact]
    public async Task SPF_alone_is_one_line()
    {
        var table = DnsTable.Parse("""{ "a.example": { "TXT": ["v=spf1 mx -all exp=why.a.example"] }, "why.a.example": { "TXT": ["not %{i}"] } }"""u8.ToArray());
        using var output = new MemoryStream();
        var code = await VerifyCommand.SpfAsync(new SpfQuestion(IPAddress.Loopback, "h", "x@a.example"), table.LookupAsync, TimeProvider.System, output, TestContext.Current.CancellationToken);
        Assert.Equal(0, code);
        Assert.Equal("""{"result":"fail","explanation":"not 127.0.0.1","lookups":1,"voidLookups":1,"domain":"a.example","reason":""}""" + "\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    private static async Task<JsonElement> RunAsync(DnsLookup dns, SpfQuestion? envelope, byte[] mail)
    {
        using var output = new MemoryStream();
        Assert.Equal(0, await VerifyCommand.RunAsync(["-"], new MailVerifier(dns, TimeProvider.System), envelope, new MemoryStream(mail), output, TestContext.Current.CancellationToken));
        return JsonDocument.Parse(output.ToArray()).RootElement;
    }
}
