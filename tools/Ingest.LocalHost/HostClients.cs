using System.Diagnostics;
using System.Globalization;

namespace Ingest.LocalHost;

/// <summary>The HTTP clients that speak to handlers: loopback only, no proxy, no cookies, no trace headers.</summary>
internal sealed class HostClients : IDisposable
{
    public const string HostVersion = "4.1037.0.0";
    public const string UserAgent = "Azure-Functions-Host/" + HostVersion;
    public const string VersionHeader = "X-Azure-Functions-HostVersion";
    public const string InvocationHeader = "X-Azure-Functions-InvocationId";

    public HostClients(TimeSpan? functionTimeout, bool forwarding)
    {
        TimeSpan limit = functionTimeout is { } timeout ? timeout + TimeSpan.FromMinutes(1) : Timeout.InfiniteTimeSpan;
        // With forwarding on, the host follows no redirects, in no mode.
        Invoke = Client(limit, followRedirects: !forwarding);
        Pass = Client(Timeout.InfiniteTimeSpan, followRedirects: false);
        Probe = Client(TimeSpan.FromMinutes(1), followRedirects: false);
    }

    public HttpClient Invoke { get; }
    public HttpClient Pass { get; }
    public HttpClient Probe { get; }

    public static string Root(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/");

    public void Dispose()
    {
        Invoke.Dispose();
        Pass.Dispose();
        Probe.Dispose();
    }

    private static HttpClient Client(TimeSpan limit, bool followRedirects) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = followRedirects,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
    })
    { Timeout = limit };
}
