using Azure.Core;
using Azure.Core.Pipeline;

namespace Ingest.Core.Tests.Store;

/// <summary>What happens to one request on the wire.</summary>
public enum Fault
{
    None,
    /// <summary>The connection breaks before the service sees the request.</summary>
    BeforeSend,
    /// <summary>The service does what is asked, its reply is lost.</summary>
    AfterSend,
    /// <summary>The service says that it is busy and does nothing.</summary>
    Busy,
}

/// <summary>Carries requests over the real transport and breaks those the test picks; counts every try.</summary>
public sealed class FaultTransport(Func<int, Request, Fault> pick) : HttpPipelineTransport
{
    private readonly HttpClientTransport inner = HttpClientTransport.Shared;
    private int tries;

    /// <summary>Breaks the first tries in this order, lets the rest through.</summary>
    public FaultTransport(params Fault[] faults)
        : this((index, _) => index < faults.Length ? faults[index] : Fault.None)
    {
    }

    public int Tries => Volatile.Read(ref tries);

    public override Request CreateRequest() => inner.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("Nothing here is synchronous.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        switch (pick(Interlocked.Increment(ref tries) - 1, message.Request))
        {
            case Fault.BeforeSend:
                throw new IOException("The test broke the connection before the request.");
            case Fault.AfterSend:
                await inner.ProcessAsync(message);
                message.Response.Dispose();
                throw new IOException("The test broke the connection before the reply.");
            case Fault.Busy:
                message.Response = new FakeResponse(503, "");
                break;
            case Fault.None:
                await inner.ProcessAsync(message);
                break;
        }
    }
}

/// <summary>Takes every request and never answers.</summary>
public sealed class SilentTransport : HttpPipelineTransport
{
    private int tries;

    public int Tries => Volatile.Read(ref tries);

    public override Request CreateRequest() => HttpClientTransport.Shared.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("Nothing here is synchronous.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        Interlocked.Increment(ref tries);
        await Task.Delay(Timeout.InfiniteTimeSpan, message.CancellationToken);
    }
}
