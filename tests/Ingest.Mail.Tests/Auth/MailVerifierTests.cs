using System.Net;
using System.Text;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Wire;
using Xunit;

namespace Ingest.Mail.Tests.Auth;

public sealed class MailVerifierTests
{
    private static readonly SpfQuestion Envelope = new(IPAddress.Parse("192.0.2.1"), "h.example", "a@a.example");
    private static readonly byte[] Mail = new TestSigner().Sign("From: a@a.example\r\n\r\nx\r\n");

    [Fact]
    public async Task DNS_that_never_answers_ends_in_temporary_errors_in_time()
    {
        var clock = new ManualTime();
        var asked = 0;
        async ValueTask<DnsAnswer> Never(string name, DnsType type, CancellationToken cancel)
        {
            Interlocked.Increment(ref asked);
            await Task.Delay(Timeout.Infinite, cancel);
            return DnsAnswer.NxDomain;
        }
        var checking = new MailVerifier(Never, clock).CheckAsync(MailMessage.Parse(Mail), Envelope, TestContext.Current.CancellationToken);
        Assert.False(checking.IsCompleted);
        clock.Advance(MailVerifier.Longest);
        var verdict = await checking;
        Assert.Equal((AuthResult.TempError, AuthResult.TempError, AuthResult.TempError), (verdict.Spf?.Result, verdict.Dkim.Single().Result, verdict.Dmarc.Result));
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task Cancellation_passes_through()
    {
        using var stop = new CancellationTokenSource();
        async ValueTask<DnsAnswer> Never(string name, DnsType type, CancellationToken cancel)
        {
            await Task.Delay(Timeout.Infinite, cancel);
            return DnsAnswer.NxDomain;
        }
        var checking = new MailVerifier(Never, TimeProvider.System).CheckAsync(MailMessage.Parse(Mail), Envelope, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => checking);
    }

    [Theory]
    [InlineData("")]
    [InlineData("From: a@a.example")]
    [InlineData("\r\nFrom: a@a.example\r\n\r\nx")]
    [InlineData("From: a@a.example\r\n \r\nFrom: b@b.example\r\n\r\nx")]
    public async Task Any_mail_has_a_verdict_and_none_proves_itself(string mail)
    {
        var dns = DnsTable.Parse("""{ "_dmarc.a.example": { "TXT": ["v=DMARC1; p=reject"] } }"""u8.ToArray());
        var verdict = await new MailVerifier(dns.LookupAsync, TimeProvider.System).CheckAsync(MailMessage.Parse(Encoding.ASCII.GetBytes(mail)), (SpfQuestion?)null, TestContext.Current.CancellationToken);
        Assert.Null(verdict.Spf);
        Assert.NotEqual(AuthResult.Pass, verdict.Dmarc.Result);
    }
}
