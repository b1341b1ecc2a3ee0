using System.Net;
using System.Net.Sockets;

namespace Ingest.Mail.Tests.Dns;

/// <summary>A name server on this machine that answers as the test says, by UDP and by TCP.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Task> running = [];
    private int questions;

    /// <param name="byUdp">The datagrams that answer one.</param>
    /// <param name="byTcp">The message that answers one.</param>
    public NameServer(Func<byte[], IEnumerable<byte[]>> byUdp, Func<byte[], byte[]>? byTcp = null)
    {
        udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint = (IPEndPoint)udp.LocalEndPoint!;
        running.Add(UdpAsync(byUdp));
        if (byTcp is null)
            return;
        tcp.Bind(EndPoint);
        tcp.Listen();
        running.Add(TcpAsync(byTcp));
    }

    public IPEndPoint EndPoint { get; }

    public int Questions => Volatile.Read(ref questions);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        udp.Dispose();
        tcp.Dispose();
        await Task.WhenAll(running);
        stop.Dispose();
    }

    private async Task UdpAsync(Func<byte[], IEnumerable<byte[]>> answer)
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var received = await udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stop.Token);
                Interlocked.Increment(ref questions);
                foreach (var datagram in answer(buffer[..received.ReceivedBytes]))
                    await udp.SendToAsync(datagram, SocketFlags.None, received.RemoteEndPoint, stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task TcpAsync(Func<byte[], byte[]> answer)
    {
        try
        {
            while (true)
            {
                using var client = await tcp.AcceptAsync(stop.Token);
                await using var stream = new NetworkStream(client);
                var length = new byte[2];
                await stream.ReadExactlyAsync(length, stop.Token);
                var question = new byte[length[0] << 8 | length[1]];
                await stream.ReadExactlyAsync(question, stop.Token);
                var message = answer(question);
                await stream.WriteAsync(new[] { (byte)(message.Length >> 8), (byte)message.Length }, stop.Token);
                await stream.WriteAsync(message, stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }
}
