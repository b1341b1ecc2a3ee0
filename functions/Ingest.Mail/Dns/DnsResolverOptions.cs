using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Ingest.Mail.Dns;

/// <summary>Whom a <see cref="DnsResolver"/> asks, and how long it waits.</summary>
public sealed record DnsResolverOptions
{
    private const int MaxServers = 3;

    /// <summary>The recursive resolvers, the preferred first.</summary>
    public required IReadOnlyList<IPEndPoint> Servers { get; init; }

    /// <summary>How long one server has for one answer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often all servers are asked in turn.</summary>
    public int Rounds { get; init; } = 2;

    /// <summary>Answers that are remembered at most.</summary>
    public int CacheEntries { get; init; } = 10_000;

    /// <summary>The longest that an answer is remembered, whatever it says of itself: a key that was withdrawn must not live for days.</summary>
    public TimeSpan LongestCached { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The longest that "there is none" is remembered (RFC 2308 section 5).</summary>
    public TimeSpan LongestNegative { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>What the system uses: /etc/resolv.conf, else the network interfaces, else this machine.</summary>
    public static DnsResolverOptions FromSystem()
    {
        const string path = "/etc/resolv.conf";
        var options = File.Exists(path) ? FromResolvConf(File.ReadLines(path)) : new DnsResolverOptions { Servers = OfInterfaces() };
        return options.Servers.Count > 0 ? options : options with { Servers = [new IPEndPoint(IPAddress.Loopback, 53)] };
    }

    /// <summary>Reads nameserver, timeout and attempts from lines of resolv.conf(5); what is not understood is left out.</summary>
    public static DnsResolverOptions FromResolvConf(IEnumerable<string> lines)
    {
        var servers = new List<IPEndPoint>();
        var options = new DnsResolverOptions { Servers = servers };
        foreach (var line in lines)
        {
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var address, ..] && IPAddress.TryParse(address, out var server) && servers.Count < MaxServers)
                servers.Add(new IPEndPoint(server, 53));
            if (words is not ["options", ..])
                continue;
            options = options with
            {
                Patience = TimeSpan.FromSeconds(Option(words, "timeout:", 30) ?? (int)options.Patience.TotalSeconds),
                Rounds = Option(words, "attempts:", 5) ?? options.Rounds,
            };
        }
        return options;
    }

    private static int? Option(string[] words, string name, int most)
    {
        var word = Array.Find(words, word => word.StartsWith(name, StringComparison.Ordinal));
        return word is not null && int.TryParse(word.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 1, most) : null;
    }

    private static List<IPEndPoint> OfInterfaces() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(static network => network.OperationalStatus == OperationalStatus.Up)
            .SelectMany(static network => network.GetIPProperties().DnsAddresses)
            .Where(static address => address.AddressFamily == AddressFamily.InterNetwork || !address.IsIPv6SiteLocal)
            .Distinct().Take(MaxServers).Select(static address => new IPEndPoint(address, 53)),
    ];
}
