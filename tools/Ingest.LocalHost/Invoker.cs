using System.Net;
using System.Net.Http.Headers;
using Ingest.LocalHost.Envelopes;
using Ingest.LocalHost.Handlers;
using Ingest.LocalHost.Queues;
using Ingest.LocalHost.Script;

namespace Ingest.LocalHost;

/// <summary>How an envelope invocation ended, with the answer when it succeeded.</summary>
internal readonly record struct InvocationEnd(InvocationOutcome Outcome, Answer? Answer);

/// <summary>Calls functions on one handler: readiness, the function timeout with its kill, and what an answer means.</summary>
internal sealed class Invoker(HostContext host, Handler handler, int index)
{
    public int Index => index;

    /// <summary>An invocation waited too long for the handler: the host has to stop.</summary>
    public event Action? GaveUpWaiting;

    /// <summary>Sent after a good answer, before the invocation counts as succeeded.</summary>
    public Func<Function, Answer, Envelope, CancellationToken, Task>? SendOutputs { get; set; }

    /// <summary>One envelope invocation; ends in an outcome whatever the handler does, and throws only when aborted.</summary>
    public async Task<InvocationEnd> InvokeAsync(Function function, Envelope envelope, long dequeueCount, CancellationToken abort)
    {
        Invocation invocation = new(Guid.NewGuid(), function.Name, index, dequeueCount);
        Answer? answer = null;
        InvocationOutcome outcome = await GuardAsync(invocation, async cancel =>
        {
            answer = await PostAsync(function, envelope, invocation.Id, cancel);
            if (answer.Kind == AnswerKind.Hang)
            {
                host.Warn($"{function.Name}: {answer.Fault}; the invocation hangs until the function timeout");
                await Task.Delay(Timeout.InfiniteTimeSpan, host.Clock, cancel);
            }
            if (answer.Kind == AnswerKind.Failure)
                throw new InvocationFailedException(answer.Fault);
            foreach (string line in answer.Logs)
                host.Report(new HostLine(HostLineKind.FunctionLog, function.Name, line));
            if (SendOutputs is { } send)
                await send(function, answer, envelope, cancel);
        }, abort);
        return new InvocationEnd(outcome, outcome == InvocationOutcome.Succeeded ? answer : null);
    }

    /// <summary>Runs <paramref name="call"/> as an invocation: waits for the handler, counts, and kills the handler when the function timeout passes.</summary>
    public async Task<InvocationOutcome> GuardAsync(Invocation invocation, Func<CancellationToken, Task> call, CancellationToken abort)
    {
        host.Ledger.Begin(invocation);
        InvocationOutcome outcome = InvocationOutcome.Failed;
        try
        {
            outcome = await RunAsync(invocation, call, abort);
        }
        finally
        {
            host.Ledger.End(invocation, outcome);
        }
        return outcome;
    }

    private async Task<InvocationOutcome> RunAsync(Invocation invocation, Func<CancellationToken, Task> call, CancellationToken abort)
    {
        try
        {
            if (!await handler.IsInitializedAsync(4 * host.InitializationTimeout, abort))
            {
                GaveUpWaiting?.Invoke();
                return InvocationOutcome.Failed;
            }
        }
        catch (InvocationFailedException)
        {
            return InvocationOutcome.Failed;
        }
        int start = handler.Starts;
        CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(abort);
        Task running = call(end.Token);
        try
        {
            await running.WaitAsync(host.FunctionTimeout ?? Timeout.InfiniteTimeSpan, host.Clock, abort);
            end.Dispose();
            return InvocationOutcome.Succeeded;
        }
        catch (TimeoutException)
        {
            host.Fail($"{invocation.Function}: timed out after {host.FunctionTimeout}");
            _ = KillAfterGraceAsync(running, end, start);
            return InvocationOutcome.TimedOut;
        }
        catch (Exception fault) when (!abort.IsCancellationRequested
            && (fault is InvocationFailedException or Azure.RequestFailedException || QueueStorage.IsPassing(fault)))
        {
            host.Fail($"{invocation.Function}: {Describe(fault)}");
            end.Dispose();
            return InvocationOutcome.Failed;
        }
    }

    // The invocation has failed already; what it may still do is end by itself, which spares the others in this handler.
    private async Task KillAfterGraceAsync(Task running, CancellationTokenSource end, int start)
    {
        using (end)
        {
            Task first = await Task.WhenAny(running, Task.Delay(host.Options.TimeoutGrace, host.Clock, end.Token));
            if (first != running)
                handler.Restart(start);
            await end.CancelAsync();
            await running.ContinueWith(task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task<Answer> PostAsync(Function function, Envelope envelope, Guid id, CancellationToken cancel)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, HostClients.Root(handler.Port) + function.Name)
        {
            Content = new ChunkedJson(envelope.ToUtf8()),
        };
        request.Headers.Add(HostClients.VersionHeader, HostClients.HostVersion);
        request.Headers.Add(HostClients.InvocationHeader, id.ToString());
        request.Headers.UserAgent.ParseAdd(HostClients.UserAgent);
        request.Headers.TransferEncodingChunked = true;
        using HttpResponseMessage response = await host.Clients.Invoke.SendAsync(request, cancel);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancel);
        return Answer.Read((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, body);
    }

    private static string Describe(Exception fault) => fault switch
    {
        InvocationFailedException => fault.Message,
        Azure.RequestFailedException storage => $"an output could not be sent (storage answered {storage.Status})",
        AggregateException => "an output could not be sent (storage does not answer)",
        _ => "the connection to the handler broke",
    };

    /// <summary>The body of an envelope: its length is not told.</summary>
    private sealed class ChunkedJson : HttpContent
    {
        private readonly byte[] json;

        public ChunkedJson(byte[] json)
        {
            this.json = json;
            Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(json).AsTask();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            stream.WriteAsync(json, cancellationToken).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

/// <summary>The invocation failed by the handler's own answer.</summary>
internal sealed class InvocationFailedException(string message) : Exception(message);
