using System.Diagnostics.CodeAnalysis;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Ingest.Core.Tests.Store;

/// <summary>An answer made up by a test.</summary>
public sealed class FakeResponse(int status, string body, params (string Name, string Value)[] headers) : Response
{
    public override int Status => status;

    public override string ReasonPhrase => "";

    public override Stream? ContentStream { get; set; } = new MemoryStream(Encoding.UTF8.GetBytes(body));

    public override string ClientRequestId { get; set; } = "test";

    public override void Dispose() => ContentStream?.Dispose();

    protected override bool ContainsHeader(string name) => TryGetHeader(name, out _);

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => headers.Select(h => new HttpHeader(h.Name, h.Value));

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        value = headers.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
        return value is not null;
    }

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        values = TryGetHeader(name, out string? value) ? [value] : null;
        return values is not null;
    }
}

/// <summary>Answers every request from the test's own function and keeps the requests' method, address and headers.</summary>
public sealed class FakeTransport(Func<Request, Response> answer) : HttpPipelineTransport
{
    private readonly HttpClientTransport requests = HttpClientTransport.Shared;

    public List<(string Method, Uri Uri, Dictionary<string, string> Headers)> Sent { get; } = [];

    public override Request CreateRequest() => requests.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("Nothing here is synchronous.");

    public override ValueTask ProcessAsync(HttpMessage message)
    {
        Request request = message.Request;
        Sent.Add((request.Method.Method, request.Uri.ToUri(), request.Headers.ToDictionary(h => h.Name, h => h.Value, StringComparer.OrdinalIgnoreCase)));
        message.Response = answer(request);
        return ValueTask.CompletedTask;
    }
}
