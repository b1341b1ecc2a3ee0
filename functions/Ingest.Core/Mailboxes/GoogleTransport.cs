using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Google.Apis.Http;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Mailboxes;

/// <summary>The connections to Google that all mailboxes of a process share; redirects are never followed, so a token goes only where it was sent.</summary>
public sealed class GoogleTransport : HttpClientFactory, IDisposable
{
    private static readonly TimeSpan LongestWaitToBelieve = TimeSpan.FromDays(1);

    private readonly HttpMessageHandler shared;

    /// <summary>Opens a pool of its own.</summary>
    public GoogleTransport()
        : this(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        })
    {
    }

    /// <summary>Sends through the given handler, which is disposed with this.</summary>
    public GoogleTransport(HttpMessageHandler handler) => shared = handler;

    /// <inheritdoc />
    public void Dispose() => shared.Dispose();

    /// <inheritdoc />
    protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => new KeptOpen(shared);

    /// <summary>Runs a call under a deadline; what the network does wrong becomes <see cref="NotNowException"/>, never an exception with text from outside.</summary>
    internal static async Task<T> CallAsync<T>(TimeSpan limit, TimeProvider time, Func<CancellationToken, Task<T>> call, CancellationToken cancel)
    {
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new NotNowException("google-timeout");
        }
        catch (HttpRequestException early) when (early.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError)
        {
            // Nothing of the request can have arrived: whoever sends something must know.
            throw new NotNowException("google-not-connected");
        }
        catch (Exception network) when (network is HttpRequestException or IOException)
        {
            throw new NotNowException("google-unreachable");
        }
        catch (Exception garbled) when (garbled is JsonException or Newtonsoft.Json.JsonException)
        {
            throw new NotNowException("google-unreadable");
        }
    }

    /// <summary>What a Retry-After header asks for, within reason.</summary>
    internal static TimeSpan? RetryAfter(HttpResponseHeaders headers, TimeProvider time) => headers.RetryAfter switch
    {
        { Delta: { } delta } => Believable(delta),
        { Date: { } date } => Believable(date - time.GetUtcNow()),
        _ => null,
    };

    /// <summary>A wait that lies in the future and within a day; else none.</summary>
    internal static TimeSpan? Believable(TimeSpan wait) => wait > TimeSpan.Zero && wait <= LongestWaitToBelieve ? wait : null;

    /// <summary>A client that goes must not take everybody's connections with it.</summary>
    private sealed class KeptOpen(HttpMessageHandler shared) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker invoker = new(shared, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            invoker.SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                invoker.Dispose();
            base.Dispose(disposing);
        }
    }
}
