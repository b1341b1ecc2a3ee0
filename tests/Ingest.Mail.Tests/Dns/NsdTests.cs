using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Ingest.Mail.Dns;
using Xunit;

namespace Ingest.Mail.Tests.Dns;

/// <summary>The resolver against a real name server (Debian's nsd) with zones written here.</summary>
public sealed class NsdTests : IAsyncLifetime
{
    private const string Program = "/usr/sbin/nsd";
    private readonly string folder = Directory.CreateTempSubdirectory("ingest-nsd-").FullName;
    private Process? server;
    private DnsResolver resolver = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program))
            Assert.Skip("nsd is not here. Install it with: sudo apt-get install nsd");
        var port = FreePort();
        var long1 = string.Join(' ', Enumerable.Range(0, 8).Select(static i => $"\"{new string((char)('a' + i), 250)}\""));
        await File.WriteAllTextAsync(Path.Combine(folder, "a.zone"), $"""
            $ORIGIN a.example.
            $TTL 300
            @ IN SOA ns.a.example. admin.a.example. 1 3600 600 86400 120
            @ IN NS ns.a.example.
            ns IN A 127.0.0.1
            @ IN TXT "v=spf1 " "mx -all"
            @ IN TXT "second; \"quoted\""
            @ IN MX 20 mx2.a.example.
            @ IN MX 10 MX1.A.example.
            nomail IN MX 0 .
            mx1 IN A 192.0.2.1
            mx1 IN A 192.0.2.2
            mx1 IN AAAA 2001:db8::1
            long IN TXT {long1}
            long IN TXT "end"
            in IN CNAME mx1.a.example.
            chain IN CNAME in.a.example.
            out IN CNAME host.b.example.
            gone IN CNAME nowhere.b.example.
            loop IN CNAME loop2.a.example.
            loop2 IN CNAME loop.b.example.
            1.2.0.192.in-addr IN PTR mx1.a.example.
            *.wild IN TXT "wild"
            under.empty IN A 192.0.2.9
            """, Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "b.zone"), """
            $ORIGIN b.example.
            $TTL 300
            @ IN SOA ns.b.example. admin.b.example. 1 3600 600 86400 120
            @ IN NS ns.b.example.
            ns IN A 127.0.0.1
            host IN A 192.0.2.3
            loop IN CNAME loop.a.example.
            """, Cancel);
        var config = Path.Combine(folder, "nsd.conf");
        await File.WriteAllTextAsync(config, $"""
            server:
                ip-address: 127.0.0.1@{port}
                server-count: 1
                username: ""
                chroot: ""
                zonesdir: "{folder}"
                database: ""
                pidfile: "{folder}/nsd.pid"
                xfrdfile: "{folder}/xfrd.state"
                xfrdir: "{folder}"
                zonelistfile: "{folder}/zone.list"
                logfile: "{folder}/nsd.log"
            remote-control:
                control-enable: no
            zone:
                name: a.example
                zonefile: a.zone
            zone:
                name: b.example
                zonefile: b.zone
            zone:
                name: lost.example
                zonefile: lost.zone
            """, Cancel);
        server = Process.Start(new ProcessStartInfo(Program, ["-d", "-c", config]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        resolver = new DnsResolver(new DnsResolverOptions { Servers = [new IPEndPoint(IPAddress.Loopback, port)], Patience = TimeSpan.FromSeconds(20) }, TimeProvider.System);
        await UntilAsync(port);
    }

    [Fact]
    public async Task All_types_come_as_the_zone_has_them()
    {
        Assert.Equal(["second; \"quoted\"", "v=spf1 mx -all"], (await AskAsync("a.example", DnsType.Txt)).Texts.Order(StringComparer.Ordinal));
        Assert.Equal([new MailExchange(10, "mx1.a.example"), new MailExchange(20, "mx2.a.example")], (await AskAsync("A.EXAMPLE.", DnsType.Mx)).Exchanges);
        Assert.Equal([new MailExchange(0, "")], (await AskAsync("nomail.a.example", DnsType.Mx)).Exchanges);
        Assert.Equal(["192.0.2.1", "192.0.2.2"], (await AskAsync("mx1.a.example", DnsType.A)).Addresses.Select(static address => address.ToString()).Order());
        Assert.Equal([IPAddress.Parse("2001:db8::1")], (await AskAsync("mx1.a.example", DnsType.Aaaa)).Addresses);
        Assert.Equal(["mx1.a.example"], (await AskAsync("1.2.0.192.in-addr.a.example", DnsType.Ptr)).Names);
        Assert.Equal(["wild"], (await AskAsync("x.y.wild.a.example", DnsType.Txt)).Texts);
        Assert.Equal(TimeSpan.FromSeconds(300), (await AskAsync("mx1.a.example", DnsType.A)).TimeToLive);
    }

    [Fact]
    public async Task What_does_not_fit_a_datagram_comes_by_TCP()
    {
        var texts = (await AskAsync("long.a.example", DnsType.Txt)).Texts;
        Assert.Equal(2, texts.Count);
        Assert.Contains(texts, static text => text.Length == 2000 && text.StartsWith("aaa", StringComparison.Ordinal) && text.EndsWith("hhh", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Aliases_are_followed_within_the_zone_and_out_of_it()
    {
        Assert.Equal(2, (await AskAsync("chain.a.example", DnsType.A)).Addresses.Count);
        Assert.Equal([IPAddress.Parse("192.0.2.3")], (await AskAsync("out.a.example", DnsType.A)).Addresses);
        Assert.Equal(["in.a.example"], (await AskAsync("chain.a.example", DnsType.Cname)).Names);
        Assert.Equal(DnsStatus.NoData, (await AskAsync("chain.a.example", DnsType.Txt)).Status);
        Assert.Equal(DnsStatus.NxDomain, (await AskAsync("gone.a.example", DnsType.A)).Status);
        Assert.Equal(DnsStatus.ServFail, (await AskAsync("loop.a.example", DnsType.A)).Status);
    }

    [Fact]
    public async Task Kinds_of_nothing_are_told_apart_and_remembered_as_the_zone_says()
    {
        var none = await AskAsync("none.a.example", DnsType.A);
        Assert.Equal((DnsStatus.NxDomain, TimeSpan.FromSeconds(120)), (none.Status, none.TimeToLive));
        var empty = await AskAsync("mx1.a.example", DnsType.Txt);
        Assert.Equal((DnsStatus.NoData, TimeSpan.FromSeconds(120)), (empty.Status, empty.TimeToLive));
        Assert.Equal(DnsStatus.NoData, (await AskAsync("empty.a.example", DnsType.A)).Status);
        Assert.Equal(DnsStatus.ServFail, (await AskAsync("x.lost.example", DnsType.A)).Status);
        Assert.Equal(DnsStatus.ServFail, (await AskAsync("www.elsewhere.example", DnsType.A)).Status);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(CancellationToken.None);
            server.Dispose();
        }
        Directory.Delete(folder, recursive: true);
    }

    private ValueTask<DnsAnswer> AskAsync(string name, DnsType type) => resolver.LookupAsync(name, type, Cancel);

    // A question of its own until there is an answer: the server is up when it says so.
    private static async Task UntilAsync(int port)
    {
        var probe = new DnsResolver(new DnsResolverOptions { Servers = [new IPEndPoint(IPAddress.Loopback, port)], Patience = TimeSpan.FromMilliseconds(200), Rounds = 1, CacheEntries = 0 }, TimeProvider.System);
        for (var i = 0; i < 300; i++)
        {
            if ((await probe.LookupAsync("host.b.example", DnsType.A, Cancel)).Status == DnsStatus.Answer)
                return;
            await Task.Delay(50, Cancel);
        }
        Assert.Fail("nsd does not answer.");
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
