using System.Net;
using System.Net.Sockets;
using System.Text;
using Ingest.Core.Mailboxes;
using Ingest.Mail.Smtp;
using Ingest.Mail.Wire;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

/// <summary>What a sender makes of servers that behave badly; that it sends to good ones is tested against Postfix.</summary>
public sealed class SmtpSenderTests
{
    private static readonly OutgoingEnvelope Kim = new("desk@example.com", ["kim@customer.example", "lee@customer.example"]);
    private static readonly byte[] Mail = "From: desk@example.com\r\nSubject: x\r\n\r\nhello\r\n"u8.ToArray();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failure_18_a_server_that_takes_the_mail_and_drops_the_line_leaves_a_doubt_and_one_delivery()
    {
        await using Server server = new(command => command == "." ? null : Polite(command));

        SendResult result = await Sender(server).SendAsync(Kim, Mail, Cancel);

        Assert.Equal((SendOutcome.Uncertain, "wire-dropped"), (result.Outcome, result.Code));
        Assert.Equal(1, server.Taken);
        Assert.Null(await Sender(server).WasSentAsync("1@example.com", Cancel));
    }

    [Theory]
    [InlineData("MAIL", "451 4.3.0 later", SendOutcome.TemporarilyRefused, "4.3.0")]
    [InlineData("MAIL", "421 4.3.2 bye", SendOutcome.NotSent, "4.3.2")]
    [InlineData("RCPT", "552 5.2.2 mailbox full", SendOutcome.PermanentlyRefused, "5.2.2")]
    [InlineData("RCPT", "452 4.2.2 mailbox full", SendOutcome.TemporarilyRefused, "4.2.2")]
    [InlineData("DATA", null, SendOutcome.NotSent, "wire-dropped")]
    [InlineData(".", "421 4.3.2 bye", SendOutcome.TemporarilyRefused, "4.3.2")]
    [InlineData(".", "554 5.7.1 spam", SendOutcome.PermanentlyRefused, "5.7.1")]
    [InlineData("EHLO", "421 4.7.0 too many", SendOutcome.NotSent, "smtp-limit")]
    [InlineData("AUTH", "454 4.7.0 later", SendOutcome.NotSent, "smtp-unavailable")]
    public async Task Each_answer_is_what_is_known(string at, string? answer, SendOutcome outcome, string code)
    {
        await using Server server = new(command => command.StartsWith(at, StringComparison.Ordinal) ? answer : Polite(command));

        SendResult result = await Sender(server).SendAsync(Kim, Mail, Cancel);

        Assert.Equal((outcome, code), (result.Outcome, result.Code));
    }

    [Fact]
    public async Task One_refused_recipient_is_named_and_the_others_are_served()
    {
        await using Server server = new(command => command.Contains("lee@", StringComparison.Ordinal) ? "550 5.1.1 nobody" : Polite(command));

        SendResult result = await Sender(server).SendAsync(Kim, Mail, Cancel);

        Assert.Equal(SendOutcome.Accepted, result.Outcome);
        Assert.Equal([1], result.RefusedRecipients);
    }

    [Theory]
    [InlineData("535 5.7.8 no", MailboxFault.PasswordRefused)]
    [InlineData("534 5.7.9 Application-specific password required", MailboxFault.PasswordRefused)]
    [InlineData("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", MailboxFault.NoPermission)]
    public async Task A_sign_in_that_is_refused_needs_a_person(string answer, MailboxFault fault)
    {
        await using Server server = new(command => command.StartsWith("AUTH", StringComparison.Ordinal) ? answer : Polite(command));

        Assert.Equal(fault, (await Assert.ThrowsAsync<MailboxRefusedException>(() => Sender(server).SendAsync(Kim, Mail, Cancel))).Fault);
    }

    [Fact]
    public async Task Giving_up_is_an_outcome()
    {
        foreach ((string at, SendOutcome outcome) in ((string, SendOutcome)[])[("AUTH", SendOutcome.NotSent), ("DATA", SendOutcome.NotSent), (".", SendOutcome.Uncertain)])
        {
            using CancellationTokenSource giveUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            await using Server server = new(command =>
            {
                if (!command.StartsWith(at, StringComparison.Ordinal)) return Polite(command);
                giveUp.Cancel();
                return "";
            });

            Assert.Equal(outcome, (await Sender(server).SendAsync(Kim, Mail, giveUp.Token)).Outcome);
        }
    }

    [Fact]
    public async Task Nobody_there_is_not_sent()
    {
        Server server = new(Polite);
        await server.DisposeAsync();

        SendResult result = await Sender(server).SendAsync(Kim, Mail, Cancel);

        Assert.Equal((SendOutcome.NotSent, "wire-port-closed"), (result.Outcome, result.Code));
    }

    [Theory]
    [InlineData("smtp.gmail.com", "ann@acme.example", "imap.gmail.com", "Ann@acme.example", true)]
    [InlineData("smtp.gmail.com", "ann@acme.example", "imap.gmail.com", "bob@acme.example", false)]
    [InlineData("smtp.gmail.com", "ann@acme.example", "imap.acme.example", "ann@acme.example", false)]
    [InlineData("smtp.acme.example", "ann@acme.example", "imap.gmail.com", "ann@acme.example", false)]
    [InlineData("smtp.office365.com", "ann@acme.example", "outlook.office365.com", "ann@acme.example", false)]
    [InlineData("smtp.notgmail.com", "ann@acme.example", "imap.notgmail.com", "ann@acme.example", false)]
    public void Only_the_same_account_at_a_provider_that_keeps_copies_disproves_a_delivery(string smtp, string user, string imap, string imapUser, bool keeps) => Assert.Equal(keeps, SmtpSender.KeepsAll(
        new ServerSettings { Host = smtp, Port = 465, Tls = TlsMode.Implicit }, user, new ServerSettings { Host = imap, Port = 993, Tls = TlsMode.Implicit, UserName = imapUser }));

    private static SmtpSender Sender(Server server) => new(
        new ServerSettings { Host = "127.0.0.1", Port = server.Port, Tls = TlsMode.None }, new SmtpLogin("ann", "secret"), sent: null, keepsAll: false, new WireOptions { MayConnect = AddressRules.IsPublicOrLoopback });

    private static string Polite(string command) => command switch
    {
        "DATA" => "354 go",
        _ when command.StartsWith("EHLO", StringComparison.Ordinal) => "250-x\r\n250-PIPELINING\r\n250 AUTH PLAIN",
        _ when command.StartsWith("AUTH", StringComparison.Ordinal) => "235 in",
        _ => "250 2.0.0 ok",
    };

    /// <summary>Answers each command as it is told: null hangs up, "" says nothing. A message counts as taken when its dot was heard.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly Task serving;

        public Server(Func<string, string?> answer)
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
            serving = ServeAsync(answer);
        }

        public int Port { get; }

        public int Taken { get; private set; }

        public async ValueTask DisposeAsync()
        {
            listener.Stop();
            await serving;
        }

        private async Task ServeAsync(Func<string, string?> answer)
        {
            try
            {
                while (true)
                {
                    using Socket socket = await listener.AcceptSocketAsync();
                    await TalkAsync(new NetworkStream(socket), answer);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Stopped.
            }
        }

        private async Task TalkAsync(NetworkStream stream, Func<string, string?> answer)
        {
            using StreamReader reader = new(stream, Encoding.Latin1);
            try
            {
                await SayAsync("220 x");
                bool inData = false;
                while (await reader.ReadLineAsync() is { } line)
                {
                    if (inData && line != ".") continue;
                    if (inData) Taken++;
                    inData = false;
                    if (answer(line) is not { } said) return;
                    inData = said.StartsWith("354", StringComparison.Ordinal);
                    if (said.Length > 0) await SayAsync(said);
                    if (said.StartsWith("421", StringComparison.Ordinal)) return;
                }
            }
            catch (IOException)
            {
                // The other side left.
            }

            Task SayAsync(string text) => stream.WriteAsync(Encoding.Latin1.GetBytes(text + "\r\n")).AsTask();
        }
    }
}
