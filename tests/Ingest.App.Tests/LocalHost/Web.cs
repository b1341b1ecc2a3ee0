using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ingest.App.Tests.LocalHost;

/// <summary>HTTP as clients speak it, and as only attackers do.</summary>
internal static class Web
{
    public static HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false });

    /// <summary>Sends the bytes as they are and returns the status code; 0 when the connection just ended.</summary>
    public static async Task<int> RawAsync(Uri host, string request, CancellationToken cancel)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, host.Port, cancel);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancel);
        using StreamReader reader = new(stream, Encoding.Latin1);
        string? line = await reader.ReadLineAsync(cancel);
        return line is ['H', 'T', 'T', 'P', ..] ? int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
    }
}
