using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>
/// Sends requests to one vault through Azure.Core's pipeline. Whatever goes wrong is a <see cref="NotNowException"/> with a code of ours; what the vault said about it
/// stays here.
/// </summary>
internal sealed class KeyVaultWire : IDisposable
{
    private const string ApiVersion = "7.6";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly HttpPipeline pipeline;
    private readonly VaultBrakes brakes;
    private readonly TimeProvider time;
    private readonly Action<VaultCall>? observe;

    public KeyVaultWire(VaultAddress vault, TokenCredential credential, KeyClientOptions options)
    {
        Vault = vault;
        (time, observe) = (options.Time, options.Observe);
        brakes = new VaultBrakes(time);
        options.RetryPolicy = new VaultRetry(options.Retry, time);
        HttpPipelineOptions build = new(options);
        build.PerRetryPolicies.Add(new VaultAnswer.Policy());
        build.PerRetryPolicies.Add(new VaultToken(credential, vault.Scope));
        pipeline = HttpPipelineBuilder.Build(build);
    }

    public VaultAddress Vault { get; }

    public TimeProvider Time => time;

    /// <summary>Sends and reads the JSON that is answered; <paramref name="read"/> returns null for what it cannot take. A 400 is the last argument's, when it is given.</summary>
    public async Task<T> SendAsync<T>(RequestMethod method, string path, string operation, string query, ReadOnlyMemory<byte>? body, Func<JsonElement, T?> read,
        CancellationToken cancel, Func<Exception>? onBadRequest = null)
        where T : class
    {
        string full = operation.Length == 0 ? path : $"{path}/{operation}";
        brakes.Check(full);
        long start = time.GetTimestamp();
        using VaultAnswer answer = new();
        using HttpMessage message = Create(method, full + "?api-version=" + ApiVersion + query, body, answer);
        string code = "";
        try
        {
            await TrySendAsync(message, cancel);
            return message.Response.Status switch
            {
                200 => Read(answer.Body, read),
                400 when onBadRequest is not null => throw onBadRequest(),
                _ => throw KeyVaultFailure.From(message.Response.Status, answer.Body, KeyVaultFailure.RetryAfterOf(message.Response, time)),
            };
        }
        catch (NotNowException e)
        {
            code = e.ReasonCode;
            Brake(full, message, e);
            throw;
        }
        finally
        {
            observe?.Invoke(new VaultCall(operation.Length == 0 ? method.Method : operation, path.Length > "/keys/".Length ? path["/keys/".Length..] : "", message.HasResponse ? message.Response.Status : 0, code,
                RequestIdOf(message), time.GetElapsedTime(start)));
        }
    }

    public void Dispose() => brakes.Dispose();

    private HttpMessage Create(RequestMethod method, string pathAndQuery, ReadOnlyMemory<byte>? body, VaultAnswer answer)
    {
        HttpMessage message = pipeline.CreateMessage();
        message.BufferResponse = false;
        message.SetProperty(typeof(VaultAnswer), answer);
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri($"https://{Vault.Host}{pathAndQuery}"));
        message.Request.Headers.Add("Accept", "application/json");
        if (body is { } json)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(json);
        }

        return message;
    }

    private async Task TrySendAsync(HttpMessage message, CancellationToken cancel)
    {
        using CancellationTokenSource deadline = new(Deadline, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        try
        {
            using IDisposable turn = await brakes.EnterAsync(both.Token);
            await pipeline.SendAsync(message, both.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new NotNowException("vault-unreachable");
        }
        catch (Azure.Identity.AuthenticationFailedException)
        {
            throw new NotNowException("vault-no-token");
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or IOException or HttpRequestException)
        {
            throw new NotNowException("vault-unreachable");
        }
    }

    private static T Read<T>(ReadOnlyMemory<byte> body, Func<JsonElement, T?> read)
        where T : class
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            return read(json.RootElement) ?? throw new NotNowException("vault-unreadable");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new NotNowException("vault-unreadable");
        }
    }

    // It comes from outside and goes into the log.
    private static string RequestIdOf(HttpMessage message) =>
        message.HasResponse && message.Response.Headers.TryGetValue("x-ms-request-id", out string? id) && id.Length <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? id : "";

    private void Brake(string path, HttpMessage message, NotNowException e)
    {
        if (!message.HasResponse)
            return;
        if (message.Response.Status is 403 or 404)
            brakes.Open(path, e.ReasonCode);
        if (message.Response.Status is 429 or 503 && e.RetryAfter is { } wait)
            brakes.Pause(wait);
    }
}
