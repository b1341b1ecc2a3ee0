using System.Net;
using System.Net.Sockets;

namespace Ingest.App.Tests.Servers;

/// <summary>A loopback port that somebody listens on.</summary>
internal sealed class TakenPort : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public TakenPort() => listener.Start();

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Dispose() => listener.Dispose();
}
