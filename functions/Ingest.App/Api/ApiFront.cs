using Ingest.App.Functions;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Settings;
using Ingest.Core.Telemetry;
using Microsoft.AspNetCore.Http.Features;

namespace Ingest.App.Api;

/// <summary>
/// The door of the API: who asks, which route, may they at all; then the route asks again for the inbox. What belongs to anyone else is "not found", in the same
/// words as what never was.
/// </summary>
public sealed class ApiFront
{
    private readonly Desk _desk;
    private readonly Admission _admission;
    private readonly ILogger _logger;
    private readonly Lazy<byte[]> _description;

    /// <summary>The API of a desk.</summary>
    public ApiFront(Desk desk, Admission admission, ILogger<ApiFront> logger)
    {
        (_desk, _admission, _logger) = (desk, admission, logger);
        Cursors cursors = new(desk.Keys);
        Routes =
        [
            .. new TicketRoutes(desk, cursors).All, .. new RedactionRoutes(desk).All, .. new MailboxRoutes(desk, cursors).All, .. new QuarantineRoutes(desk, cursors).All, .. new SettingsRoutes(desk).All, .. new PolicyRoutes(desk).All, .. new RedactionPolicyRoutes(desk).All, .. new PeopleRoutes(desk).All, .. new AuditRoutes(desk, cursors).All,
            .. new ErasureRoutes(desk, cursors).All, .. new SpamRoutes(desk).All, .. new KeyRoutes(desk).All,
        ];
        _description = new(() => ApiDescription.Write(Routes));
    }

    internal IReadOnlyList<ApiRoute> Routes { get; }

    /// <summary>Answers a request below /api.</summary>
    public async Task RunAsync(HttpContext http, PathString rest)
    {
        using RequestIntake intake = new(http, _admission);
        try
        {
            Answer answer = await AnswerAsync(http, rest.Value ?? "", intake);
            await answer.WriteAsync(http, intake.Cancel);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            // Our own deadline is a world too slow to answer, so only the caller's leaving counts as asked for.
            bool notNow = Faults.IsNotNow(e, http.RequestAborted), isDamaged = e is SealBrokenException;
            if (!notNow) Log.RequestFailed(_logger, http.Request.Method, "api", e.GetType().Name, Faults.Where(e));
            if (!http.Response.HasStarted) await ((Answer)(notNow ? Problems.NotNow : isDamaged ? Problems.Damaged : Problems.OurFault)).WriteAsync(http, http.RequestAborted);
        }
    }

    private async Task<Answer> AnswerAsync(HttpContext http, string rest, RequestIntake intake)
    {
        if ("/api" + rest == ApiDescription.Path && HttpMethods.IsGet(http.Request.Method)) return Answer.Raw(_description.Value);
        if (await WhoAsync(http, intake.Cancel) is not { } caller)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return Problems.NotSignedIn;
        }

        string[] path = rest.Split('/')[1..];
        (ApiRoute Route, Dictionary<string, string> Values)[] here = [.. Routes.Select(r => (r, r.Match(path)!)).Where(m => m.Item2 is not null)];
        // A word of the template goes before a name: /tickets/search is no ticket.
        here = [.. here.Where(m => m.Values.Count == here.Min(other => other.Values.Count))];
        if (here.Length == 0) return "/api" + rest == ApiDescription.Path ? WrongMethod(http, ["GET"]) : Problems.NotFound;
        if (here.FirstOrDefault(m => m.Route.Method == http.Request.Method) is not { Route: { } route } match) return WrongMethod(http, here.Select(m => m.Route.Method));
        if (route.Permission is { } permission && !caller.MayAnywhere(permission)) return Problems.NotAllowed;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = route.LargestBody;
        if (http.Request.ContentLength > route.LargestBody) return Problems.TooLarge;
        Arrival arrival = route.Request is null ? Arrival.Whole : await intake.ReceiveAsync(route.LargestBody);
        return arrival switch
        {
            Arrival.Whole => await RunAsync(new ApiCall(http, caller, match.Values, route, intake, new Trail(_desk, caller, intake.Cancel), intake.Cancel)),
            Arrival.TooLarge => Problems.TooLarge,
            Arrival.TooSlow => Problems.TooSlow,
            Arrival.Malformed => Problems.Invalid,
        };
    }

    // Nothing goes out that the audit log has not taken: a read is told here, when its answer is ready; a change tells it itself, before it is done.
    private static async Task<Answer> RunAsync(ApiCall call)
    {
        Answer answer = await call.Route.Run(call);
        if (call.Route.Audit is not { } action) return answer;
        if (answer.Status >= StatusCodes.Status300MultipleChoices)
        {
            if (answer.Status >= StatusCodes.Status400BadRequest) await call.Trail.TellFailedAsync();
            return answer;
        }

        if (call.Trail.IsTold) return answer;
        if (!ShowsOnly(action)) throw new InvalidOperationException("A route changed something that the audit log was not told.");
        await call.Trail.TellAsync(action, call.Route.AuditCode);
        return answer;
    }

    internal static bool ShowsOnly(AuditAction action) => action is AuditAction.ContentRead or AuditAction.Listed or AuditAction.Searched or AuditAction.AuditRead;

    private static Answer WrongMethod(HttpContext http, IEnumerable<string> methods)
    {
        http.Response.Headers.Allow = string.Join(", ", methods.Order(StringComparer.Ordinal));
        return Problems.WrongMethod;
    }

    private async Task<Caller?> WhoAsync(HttpContext http, CancellationToken cancel)
    {
        string header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return null;
        string token = header["Bearer ".Length..].Trim();
        if (token.StartsWith(ApiTokens.Prefix, StringComparison.Ordinal))
            return await _desk.Tokens.FindAsync(token, ClientAddress.Of(http.Request.Headers, _desk.Settings.ForwardedHops), cancel);
        return _desk.EntraTokens is { } entra ? await entra.FindAsync(new TenantContext(_desk.Settings.Tenant), token, cancel) : null;
    }
}
