using Azure.Core;
using Azure.Core.Pipeline;

namespace Ingest.Core.Tests.Retention;

/// <summary>The way to the stores of a process that is overtaken by something else before the first request of a kind.</summary>
internal sealed class MeanwhileTransport(Func<Request, bool> when, Func<Task> something) : HttpPipelineTransport
{
    private readonly HttpClientTransport _inner = HttpClientTransport.Shared;

    public bool Happened { get; private set; }

    public override Request CreateRequest() => _inner.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("Nothing here is synchronous.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        if (!Happened && when(message.Request))
        {
            Happened = true;
            await something();
        }

        await _inner.ProcessAsync(message);
    }
}
