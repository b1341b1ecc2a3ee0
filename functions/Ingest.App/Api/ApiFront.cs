using Ingest.App.Functions;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
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
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    // Bodies are held in memory, decoded and encoded again: a few large ones at a time.
    private static readonly ByteGate Large = new(96 * 1024 * 1024);
    private const int WeighedFrom = 1024 * 1024, CopiesOfABody = 3;

    private readonly Desk _desk;
    private readonly ILogger _logger;
    private readonly Lazy<byte[]> _description;

    /// <summary>The API of a desk.</summary>
    public ApiFront(Desk desk, ILogger<ApiFront> logger)
    {
        (_desk, _logger) = (desk, logger);
        Cursors cursors = new(desk.Keys);
        Routes = [.. new TicketRoutes(desk, cursors).All, .. new MailboxRoutes(desk, cursors).All, .. new PeopleRoutes(desk).All];
        _description = new(() => ApiDescription.Write(Routes));
    }

    internal IReadOnlyList<ApiRoute> Routes { get; }

    /// <summary>Answers a request below /api.</summary>
    public async Task RunAsync(HttpContext http, PathString rest)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        deadline.CancelAfter(Deadline);
        try
        {
            Answer answer = await AnswerAsync(http, rest.Value ?? "", deadline.Token);
            await answer.WriteAsync(http, deadline.Token);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            // Our own deadline is a world too slow to answer, so only the caller's leaving counts as asked for.
            bool notNow = Faults.IsNotNow(e, http.RequestAborted);
            if (!notNow) Log.RequestFailed(_logger, http.Request.Method, "api", e.GetType().Name, Faults.Where(e));
            if (!http.Response.HasStarted) await ((Answer)(notNow ? Problems.NotNow : Problems.OurFault)).WriteAsync(http, http.RequestAborted);
        }
    }

    private async Task<Answer> AnswerAsync(HttpContext http, string rest, CancellationToken cancel)
    {
        if ("/api" + rest == ApiDescription.Path && HttpMethods.IsGet(http.Request.Method)) return Answer.Raw(_description.Value);
        if (await WhoAsync(http, cancel) is not { } caller)
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
        long length = http.Request.ContentLength ?? (route.LargestBody > WeighedFrom ? route.LargestBody : 0);
        using IDisposable? place = length > WeighedFrom ? await Large.EnterAsync(length * CopiesOfABody, cancel) : null;
        return await route.Run(new ApiCall(http, caller, match.Values, route, cancel));
    }

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
