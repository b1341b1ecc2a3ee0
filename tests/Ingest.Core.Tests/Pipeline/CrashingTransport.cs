using Azure.Core;
using Azure.Core.Pipeline;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>The way to the stores of a process that ends, as by kill -9, before or after its n-th request, or its n-th that writes; nothing that it asks after that arrives.</summary>
internal sealed class CrashingTransport(int crashAt, bool after, bool writesOnly = false) : HttpPipelineTransport
{
    private readonly HttpClientTransport _inner = HttpClientTransport.Shared;
    private int _requests;

    public int Requests => Volatile.Read(ref _requests);

    public override Request CreateRequest() => _inner.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("Nothing here is synchronous.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        if (writesOnly && message.Request.Method == RequestMethod.Get && Requests <= crashAt)
        {
            await _inner.ProcessAsync(message);
            return;
        }

        int request = Interlocked.Increment(ref _requests) - 1;
        if (request > crashAt || (request == crashAt && !after)) throw new ProcessEnded();
        await _inner.ProcessAsync(message);
        if (request == crashAt) throw new ProcessEnded();
    }

    /// <summary>True when this is how the end of the process looks from inside.</summary>
    public static bool IsTheEnd(Exception e) =>
        e is ProcessEnded || e.InnerException is ProcessEnded || (e as AggregateException)?.Flatten().InnerExceptions.Any(i => i is ProcessEnded) == true;

    /// <summary>Runs something until its end, or that of its process.</summary>
    public static async Task LiveAsync(Func<Task> life)
    {
        try
        {
            await life();
        }
        catch (Exception e) when (IsTheEnd(e))
        {
        }
    }

    private sealed class ProcessEnded : Exception;
}
