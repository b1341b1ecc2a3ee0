using System.Text.Json.Serialization.Metadata;
using Ingest.Core.Access;
using Ingest.Core.Audit;

namespace Ingest.App.Api;

/// <summary>One request to a route.</summary>
/// <param name="Http">The request.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Values">What stands in the path, by the names of the template.</param>
/// <param name="Route">The route.</param>
/// <param name="Intake">Its room in memory.</param>
/// <param name="Trail">What the audit log is told of it.</param>
/// <param name="Cancel">When to stop.</param>
internal sealed record ApiCall(HttpContext Http, Caller Caller, IReadOnlyDictionary<string, string> Values, ApiRoute Route, RequestIntake Intake, Trail Trail, CancellationToken Cancel)
{
    public TenantContext Tenant => Caller.Tenant;

    /// <summary>A value of the path.</summary>
    public string this[string name] => Values[name];

    /// <summary>A parameter of the query; null when it is not there or empty.</summary>
    public string? Query(string name) => Http.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    /// <summary>True when the caller may do what this route does, in that inbox.</summary>
    public bool May(InboxId inbox) => Route.Permission is { } permission ? Caller.May(permission, inbox) : Caller.Knows(inbox);
}

/// <summary>A parameter of a query.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Means">What it says.</param>
/// <param name="Values">What it may be; null for any text.</param>
internal sealed record QueryParameter(string Name, string Means, IReadOnlyList<string>? Values = null);

/// <summary>An address of the API, with everything that the description says of it: the table of routes is the description.</summary>
/// <param name="Method">GET, POST, PUT, PATCH or DELETE.</param>
/// <param name="Template">The path below /api; names in braces stand for one segment.</param>
/// <param name="Permission">What it asks for; null when any permission in the inbox will do.</param>
/// <param name="Summary">What it does, in one sentence.</param>
/// <param name="Run">Does it.</param>
internal sealed record ApiRoute(string Method, string Template, Permission? Permission, string Summary, Func<ApiCall, Task<Answer>> Run)
{
    /// <summary>What the audit log calls it; null only when it neither shows what people wrote nor changes anything.</summary>
    public AuditAction? Audit { get; init; }
    /// <summary>A word that says more.</summary>
    public string AuditCode { get; init; } = "";
    /// <summary>The usual limit of a body, in bytes.</summary>
    public const int SmallBody = 64 * 1024;

    public IReadOnlyList<QueryParameter> Query { get; init; } = [];
    public JsonTypeInfo? Request { get; init; }
    public JsonTypeInfo? Response { get; init; }
    public int Success { get; init; } = StatusCodes.Status200OK;
    /// <summary>Another status of success, with the same answer: 202 where it may not be finished yet.</summary>
    public int? AlsoSuccess { get; init; }
    public int LargestBody { get; init; } = SmallBody;
    /// <summary>True when it answers with a file.</summary>
    public bool IsFile { get; init; }
    /// <summary>True when it answers with an ETag and takes If-None-Match.</summary>
    public bool IsTagged { get; init; }
    /// <summary>True when it takes If-Match.</summary>
    public bool TakesIfMatch { get; init; }
    /// <summary>True when it takes an Idempotency-Key.</summary>
    public bool TakesIdempotencyKey { get; init; }
    /// <summary>Problems beyond those that follow from all else.</summary>
    public IReadOnlyList<Problem> More { get; init; } = [];

    private readonly string[] _segments = Template.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The names in the path.</summary>
    public IEnumerable<string> Names => _segments.Where(s => s[0] == '{').Select(s => s[1..^1]);

    /// <summary>Every problem that it may answer with, but for those of the world and of ours.</summary>
    public IEnumerable<Problem> Refusals
    {
        get
        {
            List<Problem> all = [Problems.NotSignedIn];
            if (Permission is not null) all.Add(Problems.NotAllowed);
            if (Names.Any()) all.Add(Problems.NotFound);
            if (Request is not null) all.AddRange([Problems.BodyMissing, Problems.Invalid, Problems.TooSlow, Problems.TooLarge, Problems.WrongType]);
            if (TakesIdempotencyKey) all.Add(Problems.InvalidKey);
            if (TakesIfMatch) all.Add(Problems.Changed);
            return all.Concat(More).Distinct();
        }
    }

    /// <summary>The values of a path that is this route's; null when it is not.</summary>
    public Dictionary<string, string>? Match(string[] path)
    {
        if (path.Length != _segments.Length) return null;
        Dictionary<string, string> values = [];
        for (int i = 0; i < path.Length; i++)
        {
            if (_segments[i][0] == '{') values[_segments[i][1..^1]] = path[i];
            else if (_segments[i] != path[i]) return null;
        }

        return values;
    }
}
