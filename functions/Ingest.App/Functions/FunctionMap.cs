using Ingest.Core.Settings;
using Ingest.Core.Telemetry;
using Microsoft.AspNetCore.Http.Features;

namespace Ingest.App.Functions;

/// <summary>
/// The functions that the host calls by envelope, by the names of their folders. An envelope is taken only at the exact raw path that the host uses and
/// only as the host itself calls: a forwarded request carries the public host's name or X-Forwarded fields, so no spelling of a public route arrives here.
/// </summary>
public sealed class FunctionMap
{
    // Shorter than functionTimeout in host.json, at which the host would kill the process and with it everything else in flight.
    internal static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);
    private readonly Dictionary<string, Func<Invocation, CancellationToken, Task>> _bodies;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    /// <summary>The functions of a desk.</summary>
    public FunctionMap(Desk desk, ILogger<FunctionMap> logger)
    {
        _logger = logger;
        _time = desk.Time;
        _bodies = new(StringComparer.Ordinal)
        {
            ["/ScheduleSync"] = new ScheduleSyncFunction(desk, logger).RunAsync,
            ["/SyncMailbox"] = new SyncMailboxFunction(desk, logger).RunAsync,
            ["/IngestMail"] = new IngestMailFunction(desk, logger).RunAsync,
            ["/SendReply"] = new SendReplyFunction(desk, logger).RunAsync,
            ["/KeepHouse"] = new KeepHouseFunction(desk, logger).RunAsync,
        };
    }

    /// <summary>The names of the functions called by envelope.</summary>
    public IEnumerable<string> Names => _bodies.Keys.Select(path => path[1..]);

    private static bool IsFromHost(HttpContext http) =>
        http.Request.Host.Host == "127.0.0.1" && http.Request.Host.Port == http.Connection.LocalPort
        && !http.Request.Headers.Keys.Any(name => name.StartsWith("X-Forwarded", StringComparison.OrdinalIgnoreCase));

    /// <summary>Runs the function that this request names; false when it names none.</summary>
    public async Task<bool> TryRunAsync(HttpContext http)
    {
        string target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        if (http.Request.Method != HttpMethods.Post || !IsFromHost(http) || !_bodies.TryGetValue(target, out Func<Invocation, CancellationToken, Task>? body)) return false;
        using CancellationTokenSource deadline = new(Deadline, _time);
        try
        {
            if (await Invocation.ReadAsync(http.Request.Body, deadline.Token) is not { } call)
            {
                http.Response.StatusCode = StatusCodes.Status400BadRequest;
                return true;
            }

            await body(call, deadline.Token);
            // An empty answer would leave the host waiting for its timeout.
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync("{}", CancellationToken.None);
        }
        catch (Exception e)
        {
            Log.Fault(_logger, target[1..], "", "", "", 0, e.GetType().Name, Faults.Where(e));
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }

        return true;
    }
}
