using Azure.Core;
using Azure.Core.Pipeline;

namespace Ingest.Core.Tests.Retention;

/// <summary>The way to the stores of a process that is overtaken by something else before its n-th request.</summary>
internal sealed class InterruptedTransport(int at, Func<Task> something) : HttpPipelineTransport
{
    private readonly HttpClientTransport _inner = HttpClientTransport.Shared;
    private int _requests;

    public int Requests => Volatile.Read(ref _requests);
    public bool Interrupted => Requests > at;

    public override Request CreateRequest() => _inner.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("Nothing here is synchronous.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        if (Interlocked.Increment(ref _requests) - 1 == at) await something();
        await _inner.ProcessAsync(message);
    }
}
