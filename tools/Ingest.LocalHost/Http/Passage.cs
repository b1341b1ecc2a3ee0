using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Ingest.LocalHost.Http;

/// <summary>Passes a public request to a handler and the answer back: streamed (proxying) or buffered with the host's losses (forwarding).</summary>
internal static class Passage
{
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Proxy-Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade",
        "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "Expect",
        "traceparent", "tracestate", "Request-Id", "Correlation-Context", "baggage",
    };

    public static async Task ProxyAsync(HttpContext context, HttpClient client, string root, Guid id, CancellationToken cancel)
    {
        HttpRequest incoming = context.Request;
        using HttpRequestMessage request = new(new HttpMethod(incoming.Method), Target(root, incoming.Path, incoming.QueryString.Value));
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
            request.Content = new StreamContent(incoming.Body);
        // What the host says about itself and the client replaces what the client says; the handler's own address is the Host.
        CopyHeaders(incoming, request, header => header is "Host" or HostClients.VersionHeader or HostClients.InvocationHeader
            || header.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase));
        request.Headers.TryAddWithoutValidation(HostClients.VersionHeader, HostClients.HostVersion);
        request.Headers.TryAddWithoutValidation(HostClients.InvocationHeader, id.ToString());
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", context.Connection.RemoteIpAddress?.ToString());
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", incoming.Host.Value);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", incoming.Scheme);
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        CopyAnswer(answer, context.Response);
        await using Stream body = await answer.Content.ReadAsStreamAsync(cancel);
        await PumpAsync(body, context.Response, cancel);
    }

    public static async Task ForwardAsync(HttpContext context, HttpClient client, string root, Guid id, CancellationToken cancel)
    {
        HttpRequest incoming = context.Request;
        using HttpRequestMessage request = new(new HttpMethod(incoming.Method), Target(root, incoming.Path, Rebuilt(incoming.Query)));
        // Without a Content-Length the host drops the body.
        if (incoming.ContentLength > 0)
            request.Content = new StreamContent(incoming.Body);
        CopyHeaders(incoming, request, header => header is "User-Agent");
        request.Headers.TryAddWithoutValidation(HostClients.VersionHeader, HostClients.HostVersion);
        request.Headers.TryAddWithoutValidation(HostClients.InvocationHeader, id.ToString());
        request.Headers.TryAddWithoutValidation("User-Agent", $"{incoming.Headers.UserAgent} {HostClients.UserAgent}".TrimStart());
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancel);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancel);
        CopyAnswer(answer, context.Response);
        if (body.Length > 0)
            await context.Response.Body.WriteAsync(body, cancel);
    }

    private static Uri Target(string root, PathString path, string? query) =>
        // The path has been decoded, cleaned and judged; nothing may be cleaned again on the way.
        new(root.TrimEnd('/') + FunctionPath.Encode(path.Value ?? "/") + query?.Replace("#", "%23", StringComparison.Ordinal),
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private static string Rebuilt(IQueryCollection query) => query.Count == 0 ? "" : "?" + string.Join('&', query.Select(pair =>
        $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value.ToString())}"));

    private static void CopyHeaders(HttpRequest incoming, HttpRequestMessage request, Func<string, bool> replaced)
    {
        foreach ((string name, StringValues values) in incoming.Headers)
        {
            if (name.StartsWith(':') || HopByHop.Contains(name) || replaced(Spelled(name)))
                continue;
            // Content headers are refused by the first call and belong to the body, if one goes along.
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }
    }

    // Header names come in any case; the ones that are replaced are compared in one spelling.
    private static string Spelled(string name)
    {
        foreach (string known in (ReadOnlySpan<string>)["Host", "User-Agent", HostClients.VersionHeader, HostClients.InvocationHeader])
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
                return known;
        return name;
    }

    private static void CopyAnswer(HttpResponseMessage answer, HttpResponse response)
    {
        response.StatusCode = (int)answer.StatusCode;
        foreach ((string name, IEnumerable<string> values) in answer.Headers.NonValidated.Select(pair => (pair.Key, (IEnumerable<string>)pair.Value))
            .Concat(answer.Content.Headers.NonValidated.Select(pair => (pair.Key, (IEnumerable<string>)pair.Value))))
        {
            if (!HopByHop.Contains(name))
                response.Headers[name] = values.ToArray();
        }
        if (answer.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified)
            response.Headers.ContentLength = null;
    }

    private static async Task PumpAsync(Stream body, HttpResponse response, CancellationToken cancel)
    {
        byte[] buffer = new byte[16 * 1024];
        await response.StartAsync(cancel);
        for (int read = await body.ReadAsync(buffer, cancel); read > 0; read = await body.ReadAsync(buffer, cancel))
        {
            await response.Body.WriteAsync(buffer.AsMemory(0, read), cancel);
            // Each piece goes on at once: event streams live from it.
            await response.Body.FlushAsync(cancel);
        }
    }
}
