using System.Net;
using System.Net.Sockets;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Tests.Wire;

/// <summary>A server on this machine that does with each connection what it is told to.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _conversations = [];
    private readonly Task _accepting;

    public LocalServer(Func<NetworkStream, CancellationToken, Task> serve)
    {
        _listener.Start();
        _accepting = AcceptAsync(serve);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => _conversations.Count;

    public MailServer Address(TlsMode tls = TlsMode.None, string host = "localhost") => new(host, Port, tls);

    public static WireOptions Options { get; } = new()
    {
        MayConnect = AddressRules.IsPublicOrLoopback,
        TrustedRoots = TestCertificates.Roots,
        Resolve = static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
    };

    /// <summary>For what must end in silence: short, since nothing will come.</summary>
    public static WireOptions Hasty { get; } = Options with { ReadTimeout = TimeSpan.FromMilliseconds(150), ConnectTimeout = TimeSpan.FromMilliseconds(300) };

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> serve)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                return;
            }

            _conversations.Add(ServeAsync(socket, serve));
        }
    }

    private async Task ServeAsync(Socket socket, Func<NetworkStream, CancellationToken, Task> serve)
    {
        await using NetworkStream stream = new(socket, ownsSocket: true);
        try
        {
            await serve(stream, _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or System.Security.Authentication.AuthenticationException)
        {
            // The other side left.
        }
    }

    /// <summary>What a conversation did wrong comes out here.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        await Task.WhenAll(_conversations);
        _stop.Dispose();
    }
}
