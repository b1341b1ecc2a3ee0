using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ingest.Mail.Wire;
using Xunit;

namespace Ingest.Mail.Tests.Wire;

public sealed class WireConnectionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task SayAsync(Stream stream, string text, CancellationToken cancel) => stream.WriteAsync(Encoding.Latin1.GetBytes(text), cancel).AsTask();

    private static async Task ServeTlsAsync(NetworkStream stream, X509Certificate2 certificate, string text, CancellationToken cancel)
    {
        await using SslStream tls = new(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancel);
        await SayAsync(tls, text, cancel);
        await tls.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, cancel);
    }

    private static async Task<WireFault> FaultAsync(LocalServer server, TlsMode tls, WireOptions? options = null, string host = "localhost")
    {
        WireException refused = await Assert.ThrowsAsync<WireException>(async () =>
        {
            await using WireConnection wire = await WireConnection.ConnectAsync(server.Address(tls, host), options ?? LocalServer.Options, Cancel);
            await wire.ReadLineAsync(1000, Cancel);
        });
        Assert.Matches("^wire-[a-z-]+$", refused.Code);
        return refused.Fault;
    }

    [Fact]
    public async Task Lines_and_exact_reads_come_as_they_were_sent()
    {
        byte[] large = new byte[300_000];
        new Random(1).NextBytes(large);
        await using LocalServer server = new(async (stream, cancel) =>
        {
            await SayAsync(stream, "one\r\ntwo\nthree\r\r\n\r\n", cancel);
            await stream.WriteAsync(large, cancel);
            await SayAsync(stream, "end\r\n" + new string('x', 200_000) + "\r\nrest", cancel);
        });
        await using WireConnection wire = await WireConnection.ConnectAsync(server.Address(), LocalServer.Options, Cancel);
        foreach (string line in (string[])["one", "two", "three\r", ""]) Assert.Equal(line, await LineAsync(wire));
        byte[] got = new byte[large.Length - 1000];
        await wire.ReadExactAsync(got, Cancel);
        Assert.Equal(large[..^1000], got);
        await wire.SkipAsync(1000, Cancel);
        Assert.Equal("end", await LineAsync(wire));
        Assert.Equal(200_000, (await LineAsync(wire)).Length);
        Assert.Equal(4, await wire.ReadSomeAsync(new byte[10], Cancel));
        Assert.Equal(WireFault.Dropped, (await Assert.ThrowsAsync<WireException>(() => LineAsync(wire))).Fault);
        Assert.True(wire.IsBroken);
    }

    private static async Task<string> LineAsync(WireConnection wire) => Encoding.Latin1.GetString((await wire.ReadLineAsync(250_000, Cancel)).Span);

    [Theory]
    [InlineData(100, 101)]
    [InlineData(100_000, 1_000_000)]
    public async Task A_line_beyond_its_limit_ends_the_connection(int limit, int length)
    {
        await using LocalServer server = new((stream, cancel) => SayAsync(stream, new string('x', length) + "\r\n", cancel));
        await using WireConnection wire = await WireConnection.ConnectAsync(server.Address(), LocalServer.Options, Cancel);
        Assert.Equal(WireFault.LineTooLong, (await Assert.ThrowsAsync<WireException>(() => wire.ReadLineAsync(limit, Cancel).AsTask())).Fault);
        Assert.Equal(WireFault.Dropped, (await Assert.ThrowsAsync<WireException>(() => wire.ReadLineAsync(limit, Cancel).AsTask())).Fault);
    }

    [Fact]
    public async Task Tls_with_a_good_certificate_is_encrypted()
    {
        await using LocalServer server = new((stream, cancel) => ServeTlsAsync(stream, TestCertificates.ForLocalhost, "hello\r\n", cancel));
        await using WireConnection wire = await WireConnection.ConnectAsync(server.Address(TlsMode.Implicit), LocalServer.Options, Cancel);
        Assert.True(wire.IsEncrypted);
        Assert.Equal("hello", await LineAsync(wire));
    }

    [Theory]
    [InlineData("self-signed", WireFault.CertificateUntrusted)]
    [InlineData("unknown authority", WireFault.CertificateUntrusted)]
    [InlineData("expired", WireFault.CertificateExpired)]
    [InlineData("not yet", WireFault.CertificateExpired)]
    [InlineData("other host", WireFault.CertificateWrongHost)]
    public async Task Failure_31_a_certificate_that_is_not_the_hosts_own_is_refused_and_told_apart(string kind, WireFault expected)
    {
        X509Certificate2 certificate = kind switch
        {
            "self-signed" => TestCertificates.Make("localhost", -1, 30, selfSigned: true),
            "expired" => TestCertificates.Make("localhost", -30, -1),
            "not yet" => TestCertificates.Make("localhost", 1, 30),
            "other host" => TestCertificates.Make("mail.example.net", -1, 30),
            _ => TestCertificates.ForLocalhost,
        };
        WireOptions options = kind == "unknown authority" ? LocalServer.Options with { TrustedRoots = null } : LocalServer.Options;
        await using LocalServer server = new((stream, cancel) => ServeTlsAsync(stream, certificate, "hello\r\n", cancel));
        Assert.Equal(expected, await FaultAsync(server, TlsMode.Implicit, options));
    }

    [Fact]
    public async Task The_certificate_is_for_the_name_and_not_for_the_address_that_the_name_has()
    {
        await using LocalServer server = new((stream, cancel) => ServeTlsAsync(stream, TestCertificates.ForLocalhost, "hello\r\n", cancel));
        Assert.Equal(WireFault.CertificateWrongHost, await FaultAsync(server, TlsMode.Implicit, host: "mail.example.net"));
    }

    [Fact]
    public async Task Old_tls_is_refused()
    {
        await using LocalServer server = new(async (stream, cancel) =>
        {
            // What a server says that knows nothing later than TLS 1.0: a fatal alert, protocol_version.
            await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, cancel);
            await stream.WriteAsync(new byte[] { 0x15, 3, 1, 0, 2, 2, 70 }, cancel);
        });
        Assert.Equal(WireFault.TlsFailed, await FaultAsync(server, TlsMode.Implicit));
    }

    [Theory]
    [InlineData("* OK ready\r\n")]
    [InlineData("220 ready\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    public async Task A_port_that_speaks_plaintext_is_told_apart_from_bad_tls(string greeting)
    {
        await using LocalServer server = new(async (stream, cancel) =>
        {
            await SayAsync(stream, greeting, cancel);
            await stream.ReadAtLeastAsync(new byte[1000], 1, throwOnEndOfStream: false, cancel);
        });
        Assert.Equal(WireFault.TlsNotSpoken, await FaultAsync(server, TlsMode.Implicit));
    }

    [Fact]
    public async Task Failure_31_what_was_said_in_plaintext_does_not_count_after_the_upgrade()
    {
        await using LocalServer server = new(async (stream, cancel) =>
        {
            await SayAsync(stream, "OK begin TLS\r\nOK you are signed in\r\n", cancel);
            await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, cancel);
        });
        await using WireConnection wire = await WireConnection.ConnectAsync(server.Address(TlsMode.StartTls), LocalServer.Options, Cancel);
        await wire.ReadLineAsync(1000, Cancel);
        Assert.Equal(WireFault.PlaintextInjected, (await Assert.ThrowsAsync<WireException>(() => wire.UpgradeAsync(Cancel))).Fault);
        await Assert.ThrowsAsync<WireException>(() => wire.ReadLineAsync(1000, Cancel).AsTask());
    }

    [Fact]
    public async Task A_secret_is_not_sent_before_the_upgrade()
    {
        await using LocalServer server = new((stream, cancel) => SayAsync(stream, "hello\r\n", cancel));
        await using WireConnection wire = await WireConnection.ConnectAsync(server.Address(TlsMode.StartTls), LocalServer.Options, Cancel);
        Assert.Equal(WireFault.PlaintextRefused, (await Assert.ThrowsAsync<WireException>(() => wire.WriteSecretAsync("password"u8.ToArray(), Cancel).AsTask())).Fault);
    }

    [Fact]
    public async Task Plaintext_leaves_this_machine_never()
    {
        // Port 9 of a documentation address: the refusal must come before any packet.
        WireOptions options = LocalServer.Options with { MayConnect = static _ => true, Resolve = static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("203.0.113.7")]) };
        WireException refused = await Assert.ThrowsAsync<WireException>(() => WireConnection.ConnectAsync(new MailServer("mail.example.net", 9, TlsMode.None), options, Cancel));
        Assert.Equal(WireFault.PlaintextRefused, refused.Fault);
    }

    [Fact]
    public async Task Failure_22_silence_ends_at_the_deadline_wherever_it_begins()
    {
        await using LocalServer silent = new((_, cancel) => Task.Delay(Timeout.Infinite, cancel));
        Assert.Equal(WireFault.Silent, await FaultAsync(silent, TlsMode.None, LocalServer.Hasty));
        Assert.Equal(WireFault.Silent, await FaultAsync(silent, TlsMode.Implicit, LocalServer.Hasty));

        await using LocalServer halfway = new(async (stream, cancel) =>
        {
            await SayAsync(stream, "half a li", cancel);
            await Task.Delay(Timeout.Infinite, cancel);
        });
        Assert.Equal(WireFault.Silent, await FaultAsync(halfway, TlsMode.None, LocalServer.Hasty));
    }

    [Fact]
    public async Task A_byte_now_and_then_is_silence_too()
    {
        await using LocalServer dripping = new(async (stream, cancel) =>
        {
            while (true)
            {
                await SayAsync(stream, "x", cancel);
                await Task.Delay(20, cancel);
            }
        });
        Assert.Equal(WireFault.Silent, await FaultAsync(dripping, TlsMode.None, LocalServer.Hasty));
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_ends_a_write_at_the_deadline()
    {
        await using LocalServer deaf = new((_, cancel) => Task.Delay(Timeout.Infinite, cancel));
        await using WireConnection wire = await WireConnection.ConnectAsync(deaf.Address(), LocalServer.Hasty, Cancel);
        byte[] much = new byte[1024 * 1024];
        WireException fault = await Assert.ThrowsAsync<WireException>(async () =>
        {
            for (int i = 0; i < 1000; i++) await wire.WriteAsync(much, Cancel);
        });
        Assert.Equal(WireFault.Silent, fault.Fault);
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_no_fault_of_the_server()
    {
        await using LocalServer silent = new((_, cancel) => Task.Delay(Timeout.Infinite, cancel));
        await using WireConnection wire = await WireConnection.ConnectAsync(silent.Address(), LocalServer.Options, Cancel);
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wire.ReadLineAsync(100, soon.Token).AsTask());
        Assert.True(wire.IsBroken);
    }

    [Fact]
    public async Task A_closed_port_and_an_unknown_host_are_told_apart()
    {
        int port;
        await using (LocalServer gone = new((_, _) => Task.CompletedTask)) port = gone.Port;
        WireOptions resolving = LocalServer.Options with { Resolve = null };
        Assert.Equal(WireFault.PortClosed, (await Assert.ThrowsAsync<WireException>(() => WireConnection.ConnectAsync(new MailServer("localhost", port, TlsMode.None), LocalServer.Options, Cancel))).Fault);
        WireOptions unknown = LocalServer.Options with { Resolve = static (_, _) => throw new SocketException((int)SocketError.HostNotFound) };
        Assert.Equal(WireFault.HostNotFound, (await Assert.ThrowsAsync<WireException>(() => WireConnection.ConnectAsync(new MailServer("no.example", port, TlsMode.None), unknown, Cancel))).Fault);
        Assert.Equal(WireFault.HostNotFound, (await Assert.ThrowsAsync<WireException>(() => WireConnection.ConnectAsync(new MailServer("a..b", port, TlsMode.None), resolving, Cancel))).Fault);
    }

    [Fact]
    public async Task A_name_that_leads_into_the_private_network_is_refused_without_a_connection()
    {
        await using LocalServer server = new((_, _) => Task.CompletedTask);
        Assert.Equal(WireFault.AddressNotAllowed, await FaultAsync(server, TlsMode.Implicit, LocalServer.Options with { MayConnect = AddressRules.IsPublic }));
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task The_name_is_resolved_once_so_that_it_cannot_lead_elsewhere_after_the_check()
    {
        await using LocalServer server = new((stream, cancel) => SayAsync(stream, "hello\r\n", cancel));
        int resolved = 0;
        List<IPAddress> asked = [];
        WireOptions options = LocalServer.Options with
        {
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(resolved++ == 0 ? "127.0.0.1" : "10.0.0.1")]),
            MayConnect = address =>
            {
                asked.Add(address);
                return AddressRules.IsPublicOrLoopback(address);
            },
        };
        await using WireConnection wire = await WireConnection.ConnectAsync(server.Address(), options, Cancel);
        Assert.Equal("hello", await LineAsync(wire));
        Assert.Equal((1, 1), (resolved, asked.Count));
    }

    [Fact]
    public async Task A_dead_address_does_not_keep_from_the_next()
    {
        await using LocalServer server = new((stream, cancel) => SayAsync(stream, "hello\r\n", cancel));
        // Nothing listens on 127.0.0.2 at this port.
        WireOptions options = LocalServer.Options with { Resolve = static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]) };
        await using WireConnection wire = await WireConnection.ConnectAsync(server.Address(), options, Cancel);
        Assert.Equal("hello", await LineAsync(wire));
    }

    [Fact]
    public async Task The_trace_shows_lines_and_masks_secrets()
    {
        List<string> trace = [];
        await using LocalServer server = new(async (stream, cancel) =>
        {
            await SayAsync(stream, "hello\r\nAAAAA\r\n", cancel);
            await stream.ReadAtLeastAsync(new byte[100], 1, throwOnEndOfStream: false, cancel);
        });
        await using WireConnection wire = await WireConnection.ConnectAsync(server.Address(), LocalServer.Options with { Trace = trace.Add }, Cancel);
        await wire.ReadLineAsync(100, Cancel);
        await wire.WriteAsync("LOGIN "u8.ToArray(), Cancel);
        await wire.WriteSecretAsync("ann secret"u8.ToArray(), Cancel);
        await wire.WriteAsync("\r\n"u8.ToArray(), Cancel);
        await wire.FlushAsync(Cancel);
        await wire.ReadExactAsync(new byte[7], Cancel);
        Assert.Equal(["S: hello", "C: LOGIN ***", "S: <7 bytes>"], trace);
    }
}
