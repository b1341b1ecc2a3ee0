using System.Security.Cryptography;
using System.Text;
using Ingest.App.Tests.Servers;
using Ingest.Core.Mailboxes;
using Ingest.Mail.Auth;
using Ingest.Mail.Imap;
using Ingest.Mail.Mime;
using Ingest.Mail.Smtp;
using Ingest.Mail.Wire;
using Xunit;

namespace Ingest.App.Tests.Mail;

/// <summary>What a mailbox sends through a real Postfix, and what its form says of settings that are tried.</summary>
public sealed class SmtpMailboxTests(MailServers servers) : IClassFixture<MailServers>
{
    private const string Alice = "alice@example.test", Bob = "bob@example.test";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private WireOptions Wire => new() { MayConnect = AddressRules.IsPublicOrLoopback, TrustedRoots = servers.Roots };

    private ServerSettings Smtp => new() { Host = "localhost", Port = servers.Ports.Submission, Tls = TlsMode.StartTls, UserName = Bob };

    private ServerSettings Imap => new() { Host = "localhost", Port = servers.Ports.Imaps, Tls = TlsMode.Implicit, UserName = Bob };

    private SentFolder Sent => new(Imap, new ImapLogin(Bob, "secret"), Wire);

    [Fact]
    public async Task A_signed_mail_is_sent_and_arrives_as_it_was_signed()
    {
        using RSA rsa = RSA.Create(2048);
        using DkimKey key = DkimKey.FromPem(rsa.ExportPkcs8PrivateKeyPem());
        byte[] mail = DkimSigner.Sign(Mail("signed"), new DkimSignature { Domain = "example.test", Selector = "s1", Key = key });

        SendResult result = await new SmtpSender(Smtp, new SmtpLogin(Bob, "secret"), Sent, keepsAll: false, Wire).SendAsync(new OutgoingEnvelope(Bob, [Alice]), mail, Cancel);

        Assert.Equal((SendOutcome.Accepted, "2.0.0"), (result.Outcome, result.Code));
        byte[] arrived = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(await ArrivedAsync("signed")).ReplaceLineEndings("\r\n"));
        Assert.Equal(mail, arrived[^mail.Length..]);
    }

    [Fact]
    public async Task A_wrong_password_needs_a_person() => Assert.Equal(MailboxFault.PasswordRefused, (await Assert.ThrowsAsync<MailboxRefusedException>(
        () => new SmtpSender(Smtp, new SmtpLogin(Bob, "wrong"), Sent, keepsAll: false, Wire).SendAsync(new OutgoingEnvelope(Bob, [Alice]), Mail("never"), Cancel))).Fault);

    [Fact]
    public async Task Sent_tells_what_was_sent_and_what_was_not_only_where_the_server_keeps_copies()
    {
        SmtpLogin login = new(Bob, "secret");
        await using (ImapConnection imap = await ImapConnection.ConnectAsync(new MailServer("localhost", servers.Ports.Imaps, TlsMode.Implicit), Wire, Cancel))
        {
            await imap.SignInAsync(new ImapLogin(Bob, "secret"), Cancel);
            await imap.AppendAsync("Sent", Mail("kept"), TimeProvider.System.GetUtcNow(), Cancel);
        }

        SmtpSender ordinary = new(Smtp, login, Sent, keepsAll: false, Wire), keepsCopies = new(Smtp, login, Sent, keepsAll: true, Wire), alone = new(Smtp, login, sent: null, keepsAll: false, Wire);

        Assert.True(await ordinary.WasSentAsync("kept@example.test", Cancel));
        Assert.True(await keepsCopies.WasSentAsync("kept@example.test", Cancel));
        Assert.Null(await ordinary.WasSentAsync("other@example.test", Cancel));
        Assert.False(await keepsCopies.WasSentAsync("other@example.test", Cancel));
        Assert.Null(await alone.WasSentAsync("kept@example.test", Cancel));
    }

    [Fact]
    public async Task A_form_names_the_fix()
    {
        MailboxProbe probe = new(Wire);

        ProbeResult good = await probe.TrySmtpAsync(Smtp, "secret", Cancel);
        ProbeResult implicitTls = await probe.TrySmtpAsync(Smtp with { Port = servers.Ports.Smtps, Tls = TlsMode.Implicit }, "secret", Cancel);
        ProbeResult wrong = await probe.TrySmtpAsync(Smtp, "wrong", Cancel);
        ProbeResult mixedUp = await probe.TrySmtpAsync(Smtp with { Tls = TlsMode.Implicit }, "secret", Cancel);
        ProbeResult imap = await probe.TrySmtpAsync(Smtp with { Port = servers.Ports.Imap }, "secret", Cancel);
        ProbeResult untrusted = await new MailboxProbe(Wire with { TrustedRoots = null }).TrySmtpAsync(Smtp, "secret", Cancel);
        ProbeResult home = await new MailboxProbe(new WireOptions()).TrySmtpAsync(Smtp, "secret", Cancel);
        ProbeResult between = await probe.TrySmtpAsync(Smtp with { Port = 25 }, "secret", Cancel);

        Assert.Equal((true, "ok", "It works. Mail may have up to 52.4 MB."), (good.Ok, good.Code, good.Fix));
        Assert.True(implicitTls.Ok);
        Assert.Equal((false, "smtp-authentication-failed"), (wrong.Ok, wrong.Code));
        Assert.Contains("did not accept name and password", wrong.Fix, StringComparison.Ordinal);
        Assert.Equal("wire-tls-not-spoken", mixedUp.Code);
        Assert.Contains("STARTTLS for port 587", mixedUp.Fix, StringComparison.Ordinal);
        Assert.Equal("wire-malformed", imap.Code);
        Assert.Equal("wire-certificate-untrusted", untrusted.Code);
        Assert.Equal("wire-address-not-allowed", home.Code);
        Assert.Contains("587", between.Fix, StringComparison.Ordinal);
        Assert.All([wrong, mixedUp, imap, untrusted, home, between], result => Assert.EndsWith(".", result.Fix, StringComparison.Ordinal));
    }

    private static byte[] Mail(string id) => MessageWriter.Write(new OutgoingMail
    {
        From = new MailAddress("Bob", Bob),
        To = [new MailAddress("Alice", Alice)],
        Subject = id,
        Date = new DateTimeOffset(2026, 11, 2, 9, 5, 0, TimeSpan.Zero),
        MessageId = id + "@example.test",
        Text = "Grüße.\n",
    });

    private async Task<byte[]> ArrivedAsync(string id)
    {
        string folder = Path.Combine(servers.Pair.MaildirOf(Alice), "new");
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            foreach (string file in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
            {
                byte[] mail = await File.ReadAllBytesAsync(file, patience.Token);
                if (mail.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"<{id}@example.test>")) >= 0) return mail;
            }

            await Task.Delay(50, patience.Token);
        }
    }
}
