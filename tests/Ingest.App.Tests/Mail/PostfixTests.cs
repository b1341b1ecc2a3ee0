using System.Security.Cryptography;
using System.Text;
using Ingest.App.Tests.Servers;
using Ingest.Cli.Servers;
using Ingest.Mail.Mime;
using Ingest.Mail.Smtp;
using Ingest.Mail.Wire;
using Xunit;

namespace Ingest.App.Tests.Mail;

/// <summary>The SMTP client against a real Postfix, which delivers to a real Dovecot.</summary>
public sealed class PostfixTests(MailServers servers) : IClassFixture<MailServers>
{
    private const string Alice = "alice@example.test", Bob = "bob@example.test";
    private static readonly SmtpLogin Login = new(Bob, "secret");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private WireOptions Options => new() { MayConnect = AddressRules.IsPublicOrLoopback, TrustedRoots = servers.Roots };

    private MailServer Submission => new("localhost", servers.Ports.Submission, TlsMode.StartTls);

    [Theory]
    [InlineData(TlsMode.StartTls)]
    [InlineData(TlsMode.Implicit)]
    public async Task A_mail_arrives_byte_for_byte(TlsMode tls)
    {
        byte[] mail = Mail($"arrives-{tls}", text: "Grüße,\n.\n..\n.dot\nFrom here\n");
        await using SmtpClient smtp = await SignedInAsync(tls == TlsMode.StartTls ? Submission : Submission with { Port = servers.Ports.Smtps, Tls = tls });

        SmtpResult result = await smtp.SendAsync(new SmtpEnvelope(Bob, [Alice]), mail, Cancel);
        await smtp.QuitAsync(Cancel);

        Assert.Equal((SmtpOutcome.Accepted, "2.0.0"), (result.Outcome, result.Code));
        byte[] arrived = await ArrivedAsync($"arrives-{tls}");
        Assert.Equal(mail, arrived[^mail.Length..]);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_as_such()
    {
        await using SmtpClient smtp = await SmtpClient.ConnectAsync(Submission, Options, Cancel);

        SmtpRefusedException refused = await Assert.ThrowsAsync<SmtpRefusedException>(() => smtp.AuthenticateAsync(Login with { Secret = "wrong" }, Cancel));

        Assert.Equal(SmtpRefusal.AuthenticationFailed, refused.Reason);
        await smtp.AuthenticateAsync(Login, Cancel);
    }

    [Fact]
    public async Task Without_signing_in_nothing_is_taken()
    {
        await using SmtpClient smtp = await SmtpClient.ConnectAsync(Submission, Options, Cancel);

        SmtpResult result = await smtp.SendAsync(new SmtpEnvelope(Bob, [Alice]), Mail("never"), Cancel);

        Assert.Equal(SmtpOutcome.PermanentlyRefused, result.Outcome);
        Assert.False(smtp.IsOver);
    }

    [Fact]
    public async Task A_foreign_recipient_and_a_local_one_are_taken_together_and_the_connection_is_used_again()
    {
        await using SmtpClient smtp = await SignedInAsync(Submission);

        SmtpResult both = await smtp.SendAsync(new SmtpEnvelope(Bob, ["someone@far.example", Alice]), Mail("both"), Cancel);
        SmtpResult again = await smtp.SendAsync(new SmtpEnvelope("", [Alice]), Mail("again"), Cancel);

        Assert.Equal((SmtpOutcome.Accepted, SmtpOutcome.Accepted), (both.Outcome, again.Outcome));
        await ArrivedAsync("both");
        Assert.Contains("Return-Path: <>", Encoding.Latin1.GetString(await ArrivedAsync("again")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_recipient_is_named_and_the_other_one_gets_it()
    {
        await using MailServers strict = await MailServers.StartAsync(new MailServerOptions { PostfixSettings = ["virtual_mailbox_maps = inline:{alice@example.test=x}", "smtpd_reject_unlisted_recipient = yes"] });
        await using SmtpClient smtp = await SmtpClient.ConnectAsync(new MailServer("localhost", strict.Ports.Submission, TlsMode.StartTls), Options with { TrustedRoots = strict.Roots }, Cancel);
        await smtp.AuthenticateAsync(Login, Cancel);

        SmtpResult result = await smtp.SendAsync(new SmtpEnvelope(Bob, ["nobody@example.test", Alice]), Mail("partly"), Cancel);
        SmtpResult none = await smtp.SendAsync(new SmtpEnvelope(Bob, ["nobody@example.test"]), Mail("none"), Cancel);

        Assert.Equal((SmtpOutcome.PartlyAccepted, "2.0.0"), (result.Outcome, result.Code));
        Assert.Equal([(0, "5.1.1")], result.Refused);
        Assert.Equal((SmtpOutcome.PermanentlyRefused, "5.1.1"), (none.Outcome, none.Code));
        await ArrivedAsync("partly", strict);
    }

    [Fact]
    public async Task What_is_too_large_is_refused_before_it_is_sent()
    {
        await using MailServers small = await MailServers.StartAsync(new MailServerOptions { PostfixSettings = ["message_size_limit = 20000"] });
        await using SmtpClient smtp = await SmtpClient.ConnectAsync(new MailServer("localhost", small.Ports.Submission, TlsMode.StartTls), Options with { TrustedRoots = small.Roots }, Cancel);
        await smtp.AuthenticateAsync(Login, Cancel);

        SmtpResult large = await smtp.SendAsync(new SmtpEnvelope(Bob, [Alice]), Mail("large", attachment: 30_000), Cancel);
        SmtpResult fitting = await smtp.SendAsync(new SmtpEnvelope(Bob, [Alice]), Mail("fitting", attachment: 10_000), Cancel);

        Assert.Equal(20_000, smtp.LargestMessage);
        Assert.Equal((SmtpOutcome.PermanentlyRefused, "smtp-too-large"), (large.Outcome, large.Code));
        Assert.Equal(SmtpOutcome.Accepted, fitting.Outcome);
    }

    [Fact]
    public async Task An_address_in_unicode_needs_smtputf8_and_postfix_has_it()
    {
        byte[] mail = MessageWriter.Write(Outgoing("unicode") with { To = [new MailAddress("Jörg", "jörg@bücher.example")], Cc = [new MailAddress("", Alice)] });
        await using SmtpClient smtp = await SignedInAsync(Submission);

        SmtpResult result = await smtp.SendAsync(new SmtpEnvelope(Bob, ["jörg@bücher.example"]), mail, Cancel);

        Assert.Equal(SmtpOutcome.Accepted, result.Outcome);
    }

    [Fact]
    public async Task A_server_without_smtputf8_is_not_sent_such_an_address()
    {
        await using MailServers old = await MailServers.StartAsync(new MailServerOptions { PostfixSettings = ["smtputf8_enable = no"] });
        await using SmtpClient smtp = await SmtpClient.ConnectAsync(new MailServer("localhost", old.Ports.Submission, TlsMode.StartTls), Options with { TrustedRoots = old.Roots }, Cancel);
        await smtp.AuthenticateAsync(Login, Cancel);

        SmtpResult local = await smtp.SendAsync(new SmtpEnvelope(Bob, ["jörg@b.example"]), Mail("x"), Cancel);
        SmtpResult domain = await smtp.SendAsync(new SmtpEnvelope(Bob, ["joerg@bücher.example"]), Mail("x"), Cancel);

        Assert.Equal((SmtpOutcome.PermanentlyRefused, "smtp-no-smtputf8"), (local.Outcome, local.Code));
        Assert.Equal(SmtpOutcome.Accepted, domain.Outcome);
    }

    [Fact]
    public async Task An_attachment_of_26_MB_arrives_whole()
    {
        byte[] mail = Mail("big", attachment: 26 * 1024 * 1024);
        await using SmtpClient smtp = await SignedInAsync(Submission);

        SmtpResult result = await smtp.SendAsync(new SmtpEnvelope(Bob, [Alice]), mail, Cancel);

        Assert.Equal(SmtpOutcome.Accepted, result.Outcome);
        Assert.Equal(SHA256.HashData(mail), SHA256.HashData((await ArrivedAsync("big")).AsSpan()[^mail.Length..]));
    }

    [Fact]
    public async Task A_certificate_nobody_vouches_for_and_a_server_that_is_gone_are_told_apart()
    {
        MailServer gone = new("localhost", FreePort.Pick(), TlsMode.StartTls);

        WireException untrusted = await Assert.ThrowsAsync<WireException>(() => SmtpClient.ConnectAsync(Submission, Options with { TrustedRoots = null }, Cancel));
        WireException closed = await Assert.ThrowsAsync<WireException>(() => SmtpClient.ConnectAsync(gone, Options, Cancel));

        Assert.Equal((WireFault.CertificateUntrusted, WireFault.PortClosed), (untrusted.Fault, closed.Fault));
    }

    private static OutgoingMail Outgoing(string id) => new()
    {
        From = new MailAddress("Bob", Bob),
        To = [new MailAddress("Alice", Alice)],
        Subject = id,
        Date = new DateTimeOffset(2026, 11, 2, 9, 5, 0, TimeSpan.Zero),
        MessageId = id + "@example.test",
        Text = "Hello.\n",
    };

    private static byte[] Mail(string id, string text = "Hello.\n", int attachment = 0)
    {
        byte[] content = new byte[attachment];
        new Random(attachment).NextBytes(content);
        return MessageWriter.Write(Outgoing(id) with { Text = text, Attachments = attachment == 0 ? [] : [new OutgoingAttachment("a.bin", "", content)] });
    }

    private async Task<SmtpClient> SignedInAsync(MailServer server)
    {
        SmtpClient smtp = await SmtpClient.ConnectAsync(server, Options, Cancel);
        await smtp.AuthenticateAsync(Login, Cancel);
        return smtp;
    }

    // The mail in alice's mailbox with CRLF, as Dovecot stores it with LF.
    private async Task<byte[]> ArrivedAsync(string id, MailServers? at = null)
    {
        string folder = Path.Combine((at ?? servers).Pair.MaildirOf(Alice), "new");
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            foreach (string file in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
            {
                byte[] mail = await File.ReadAllBytesAsync(file, patience.Token);
                if (mail.AsSpan(0, Math.Min(mail.Length, 4000)).IndexOf(Encoding.ASCII.GetBytes($"<{id}@example.test>")) >= 0)
                    return Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(mail).ReplaceLineEndings("\r\n"));
            }

            await Task.Delay(50, patience.Token);
        }
    }
}
