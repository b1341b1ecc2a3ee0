using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Ingest.LocalHost.Handlers;

/// <summary>A port for a handler, kept over its restarts.</summary>
/// <remarks>
/// Not from the ephemeral range: while the handler is down, an outgoing connection of any process could take the port,
/// and the readiness probe could connect to itself.
/// </remarks>
internal static class HandlerPort
{
    private const int First = 17_000;
    private const int Last = 31_999;
    private static readonly ConcurrentDictionary<int, bool> Taken = new();

    public static int Take()
    {
        for (int attempt = 0; attempt < 1_000; attempt++)
        {
            int port = RandomNumberGenerator.GetInt32(First, Last + 1);
            if (Taken.TryAdd(port, true) && IsFree(port))
                return port;
        }
        throw new LocalHostException($"No free port was found between {First} and {Last} on 127.0.0.1.");
    }

    public static void Return(int port) => Taken.TryRemove(port, out _);

    private static bool IsFree(int port)
    {
        using TcpListener probe = new(IPAddress.Loopback, port);
        try
        {
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            Return(port);
            return false;
        }
    }
}
