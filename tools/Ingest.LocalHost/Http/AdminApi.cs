using System.Text;
using System.Text.Json;
using Ingest.LocalHost.Envelopes;
using Ingest.LocalHost.Script;
using Ingest.LocalHost.Timers;

namespace Ingest.LocalHost.Http;

/// <summary>POST /admin/functions/NAME with the master key: starts a function that HTTP does not trigger.</summary>
internal sealed class AdminApi(HostContext host, Rotation rotation, Keys keys)
{
    public const string Prefix = "/admin";

    public async Task<int> AnswerAsync(HttpContext context)
    {
        if (!keys.IsMaster(context.Request))
            return StatusCodes.Status401Unauthorized;
        if (context.Request.Path.Value!.Split('/') is not ["", _, "functions", { Length: > 0 } name] || Find(name) is not { } function)
            return StatusCodes.Status404NotFound;
        if (!HttpMethods.IsPost(context.Request.Method))
            return StatusCodes.Status405MethodNotAllowed;
        if (await InputAsync(context) is not { } input)
            return StatusCodes.Status400BadRequest;
        return function.Trigger is HttpTrigger ? StatusCodes.Status400BadRequest
            : Trigger(function.Name, input) ? StatusCodes.Status202Accepted
            : StatusCodes.Status503ServiceUnavailable;
    }

    /// <summary>False when there is no such function, it is an HTTP one, or none of its handlers runs.</summary>
    public bool Trigger(string name, string input)
    {
        if (Find(name) is not { } function || EnvelopeOf(function, input) is not { } envelope || rotation.Next(function) is not { } instance)
            return false;
        _ = RunAsync(instance, function, envelope);
        return true;
    }

    private static async Task RunAsync(HostInstance instance, Function function, Envelope envelope)
    {
        try
        {
            await instance.Invoker.InvokeAsync(function, envelope, dequeueCount: 0, instance.Aborted);
        }
        catch (OperationCanceledException)
        {
            // The host ended; nobody waits for the outcome.
        }
        catch (ObjectDisposedException)
        {
            // The same, a moment later.
        }
    }

    private Envelope? EnvelopeOf(Function function, string input) => function.Trigger switch
    {
        QueueTrigger queue => OfQueue(function, queue, input),
        TimerTrigger timer => TimerListener.Manual(host, function, timer),
        _ => null,
    };

    private Envelope OfQueue(Function function, QueueTrigger trigger, string input)
    {
        DateTimeOffset now = host.Clock.GetUtcNow();
        Envelope envelope = new();
        envelope.Data.Add((trigger.Name, trigger.Binary ? Encoding.UTF8.GetBytes(input) : input));
        envelope.Metadata["DequeueCount"] = 0L;
        envelope.Metadata["ExpirationTime"] = now.AddDays(7);
        envelope.Metadata["Id"] = Guid.NewGuid().ToString();
        envelope.Metadata["InsertionTime"] = now;
        envelope.Metadata["NextVisibleTime"] = now;
        envelope.Metadata["PopReceipt"] = "";
        envelope.AddSys(function.Name, now);
        if (!trigger.Binary)
            BodyProperties.Spill(input, envelope);
        return envelope;
    }

    private static async Task<string?> InputAsync(HttpContext context)
    {
        try
        {
            using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
            if (body.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            return body.RootElement.TryGetProperty("input", out JsonElement input) ? input.ToString() : "";
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private Function? Find(string name) => host.Script.Functions.Find(function => function.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
