using System.Net;
using System.Net.Sockets;
using System.Text;
using Ingest.Cli.Servers;
using Xunit;

namespace Ingest.App.Tests.Servers;

public sealed class MailServersTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_pairs_side_by_side_greet_deliver_and_are_gone_afterwards()
    {
        await using MailServers first = await MailServers.StartAsync(new MailServerOptions());
        await using MailServers second = await MailServers.StartAsync(new MailServerOptions { PostfixSettings = ["message_size_limit = 100000"] });

        await DeliverAsync(first.Ports, "SIZE 52428800");
        await DeliverAsync(second.Ports, "SIZE 100000");
        await WaitForMailAsync(first.Pair);
        await WaitForMailAsync(second.Pair);

        MailPorts ports = first.Ports;
        await first.DisposeAsync();
        foreach (int port in (int[])[ports.Imap, ports.Imaps, ports.Lmtp, ports.Sasl, ports.Smtp, ports.Submission, ports.Smtps])
            Assert.True(FreePort.IsFree(port));
    }

    [Fact]
    public async Task Mail_and_ports_survive_a_stop_and_a_start()
    {
        await using MailServers servers = await MailServers.StartAsync(new MailServerOptions());
        await DeliverAsync(servers.Ports, "SIZE");
        await WaitForMailAsync(servers.Pair);

        await servers.Pair.StopAsync();
        await servers.Pair.StartAgainAsync(Cancel);

        await DeliverAsync(servers.Ports, "SIZE");
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(servers.Pair.MaildirOf("alice@example.test"), "new")));
    }

    private static async Task DeliverAsync(MailPorts ports, string feature)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, ports.Smtp, Cancel);
        await using NetworkStream stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.StartsWith("220 mx.example.test", await reader.ReadLineAsync(Cancel), StringComparison.Ordinal);
        await stream.WriteAsync("EHLO tests\r\n"u8.ToArray(), Cancel);
        string features = "";
        for (string? line = ""; !line.StartsWith("250 ", StringComparison.Ordinal); features += line)
            line = await reader.ReadLineAsync(Cancel) ?? throw new IOException("Postfix hung up.");
        Assert.Contains(feature, features, StringComparison.Ordinal);
        foreach ((string line, string code) in ((string, string)[])[("MAIL FROM:<bob@example.test>", "250"), ("RCPT TO:<alice@example.test>", "250"), ("DATA", "354"), ("Subject: hello\r\n\r\nhello\r\n.", "250"), ("QUIT", "221")])
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), Cancel);
            Assert.StartsWith(code, await reader.ReadLineAsync(Cancel), StringComparison.Ordinal);
        }
    }

    private static async Task WaitForMailAsync(MailServerPair pair)
    {
        string arrived = Path.Combine(pair.MaildirOf("alice@example.test"), "new");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (!Directory.Exists(arrived) || Directory.GetFiles(arrived).Length == 0)
            await Task.Delay(50, patience.Token);
    }
}
