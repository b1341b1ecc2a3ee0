using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ingest.Mail.Wire;

/// <summary>From a name to a connected socket: the addresses are found once, those that are not allowed are left out, and one of the rest is connected to.</summary>
internal static class WireConnector
{
    private const int MostAddresses = 4;

    public static async Task<Socket> ConnectAsync(MailServer server, WireOptions options, CancellationToken cancel)
    {
        using CancellationTokenSource patience = new(options.ConnectTimeout, options.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            IPAddress[] all = await ResolveAsync(server.Host, options, either.Token);
            IPAddress[] allowed = [.. all.Where(options.MayConnect)];
            if (allowed.Length == 0) throw new WireException(all.Length == 0 ? WireFault.HostNotFound : WireFault.AddressNotAllowed);
            if (server.Tls == TlsMode.None) allowed = [.. allowed.Where(AddressRules.IsLoopback)];
            if (allowed.Length == 0) throw new WireException(WireFault.PlaintextRefused);
            return await ConnectToFirstAsync(allowed, server.Port, options, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new WireException(WireFault.Unreachable);
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, WireOptions options, CancellationToken cancel)
    {
        try
        {
            return await (options.Resolve ?? System.Net.Dns.GetHostAddressesAsync)(HostName.ToAscii(host), cancel);
        }
        catch (SocketException e)
        {
            throw new WireException(e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData ? WireFault.HostNotFound : WireFault.NameServerFailed);
        }
        catch (ArgumentException)
        {
            throw new WireException(WireFault.HostNotFound);
        }
    }

    private static async Task<Socket> ConnectToFirstAsync(IPAddress[] addresses, int port, WireOptions options, CancellationToken cancel)
    {
        WireFault fault = WireFault.Unreachable;
        // Each address has its share of the time, so that a dead one does not use up what the next one needs.
        TimeSpan share = options.ConnectTimeout / Math.Min(MostAddresses, addresses.Length);
        foreach (IPAddress address in addresses.Take(MostAddresses))
        {
            using CancellationTokenSource turn = new(share, options.Time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(turn.Token, cancel);
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), either.Token);
                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                if (e.SocketErrorCode == SocketError.ConnectionRefused) fault = WireFault.PortClosed;
            }
            catch (OperationCanceledException)
            {
                socket.Dispose();
                cancel.ThrowIfCancellationRequested();
            }
        }

        throw new WireException(fault);
    }
}

/// <summary>Host names as DNS and certificates write them.</summary>
internal static class HostName
{
    private static readonly IdnMapping Idn = new();

    /// <summary>The name in ASCII (RFC 5890) without spaces around it, an address unchanged; throws <see cref="ArgumentException"/> when it is no name.</summary>
    public static string ToAscii(string host) => IPAddress.TryParse(host, out _) ? host : Idn.GetAscii(host.Trim().TrimEnd('.'));
}
