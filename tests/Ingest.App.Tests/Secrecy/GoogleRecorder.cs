using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ingest.App.Tests.Secrecy;

/// <summary>Stands between the app and Google, passes everything on, and learns every secret that goes by: tokens, codes, verifiers, states.</summary>
internal sealed class GoogleRecorder : IAsyncDisposable
{
    private const int ShortestSecret = 12;
    private static readonly string[] InAnswers = ["access_token", "refresh_token", "id_token"], InForms = ["code", "code_verifier", "refresh_token"], InQueries = ["state"];

    private readonly ConcurrentDictionary<string, Canary> secrets = [];
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Uri google;
    private readonly WebApplication app;

    private GoogleRecorder(Uri google)
    {
        this.google = google;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.Run(PassAsync);
    }

    public string Address => app.Urls.Single();

    public IReadOnlyCollection<Canary> Secrets => [.. secrets.Values];

    public static async Task<GoogleRecorder> StartAsync(Uri google, CancellationToken cancel)
    {
        GoogleRecorder recorder = new(google);
        await recorder.app.StartAsync(cancel);
        return recorder;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        http.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        HttpRequest asked = context.Request;
        byte[] body = await ReadAsync(asked.Body, context.RequestAborted);
        Learn(asked, body);
        using HttpRequestMessage request = new(new HttpMethod(asked.Method), new Uri(google, asked.GetEncodedPathAndQuery()));
        if (body.Length > 0 || asked.ContentLength > 0) request.Content = new ByteArrayContent(body);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in asked.Headers.Where(header => header.Key is not ("Host" or "Content-Length" or "Connection")))
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value)) request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);

        using HttpResponseMessage answer = await http.SendAsync(request, context.RequestAborted);
        byte[] content = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        if (asked.Path.Value!.EndsWith("/token", StringComparison.Ordinal)) LearnAnswer(content);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach ((string name, IEnumerable<string> value) in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Content-Length")))
            context.Response.Headers[name] = value.ToArray();
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static async Task<byte[]> ReadAsync(Stream from, CancellationToken cancel)
    {
        using MemoryStream all = new();
        await from.CopyToAsync(all, cancel);
        return all.ToArray();
    }

    private void Learn(HttpRequest asked, byte[] body)
    {
        foreach (string name in InQueries) Keep(name, asked.Query[name]);
        if (asked.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token]) Keep("access_token", token);
        if (!asked.HasFormContentType) return;
        System.Collections.Specialized.NameValueCollection form = System.Web.HttpUtility.ParseQueryString(System.Text.Encoding.UTF8.GetString(body));
        foreach (string name in InForms) Keep(name, form[name]);
    }

    private void LearnAnswer(byte[] content)
    {
        using JsonDocument json = JsonDocument.Parse(content);
        foreach (string name in InAnswers)
            if (json.RootElement.TryGetProperty(name, out JsonElement value)) Keep(name, value.GetString());
    }

    private void Keep(string name, string? secret)
    {
        if (secret is { Length: >= ShortestSecret }) secrets.TryAdd(secret, new Canary(name, secret));
    }
}
