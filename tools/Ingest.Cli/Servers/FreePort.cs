using System.Net;
using System.Net.Sockets;

namespace Ingest.Cli.Servers;

/// <summary>Ports on the loopback address.</summary>
public static class FreePort
{
    // Below what systems hand out by themselves, for connections and for port 0: only another that picks here can come between.
    private const int First = 10_000, End = 32_000;

    /// <summary>A port nobody listened on a moment ago. Where a server can pick its own (port 0), let it: nobody can come between.</summary>
    public static int Pick()
    {
        while (true)
        {
            int port = Random.Shared.Next(First, End);
            if (IsFree(port))
                return port;
        }
    }

    /// <summary>True when nobody listens on the port.</summary>
    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Fails with a message a person can act on when somebody listens on the port already; 0 always passes.</summary>
    /// <param name="port">The port wanted.</param>
    /// <param name="who">Who wants it, as the subject of a sentence: <c>Azurite's blob service</c>.</param>
    /// <param name="option">The option that changes it: <c>--blob-port</c>.</param>
    /// <exception cref="ServerException">The port is taken.</exception>
    public static void Require(int port, string who, string option)
    {
        if (port != 0 && !IsFree(port))
            throw new ServerException($"Port {port} is taken, and {who} needs it. Stop what listens there, or choose another port with {option}.");
    }
}
