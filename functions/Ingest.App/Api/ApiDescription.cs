using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Ingest.App.Api;

/// <summary>The OpenAPI 3.1 document, made from the table of routes and the very types that are read and written: it cannot say anything else than they do.</summary>
internal static class ApiDescription
{
    /// <summary>Where the document is; anyone may read it.</summary>
    public const string Path = "/api/openapi.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes the document.</summary>
    public static byte[] Write(IReadOnlyList<ApiRoute> routes)
    {
        JsonObject schemas = [], paths = [];
        foreach (ApiRoute route in routes)
        {
            string path = "/api" + route.Template;
            if (paths[path] is not JsonObject item) paths[path] = item = [];
            item[route.Method.ToLowerInvariant()] = Operation(route, schemas);
        }

        Named(AppJson.Default.Problem, schemas);
        JsonObject document = new()
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Ingest", ["version"] = "1",
                ["description"] = "Tickets made from mail. Every address needs a bearer token but this one. What a token may not see is answered as what never was. A known address asked with another method is answered with 405 and Allow.",
            },
            ["security"] = new JsonArray(new JsonObject { ["token"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas,
                ["securitySchemes"] = new JsonObject { ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "A token made with \"ingest token create\", or an Entra ID access token for this API." } },
            },
            ["x-problems"] = new JsonObject(Problems.All.Select(p => KeyValuePair.Create(p.Code, (JsonNode?)new JsonObject { ["status"] = p.Status, ["title"] = p.Title, ["fix"] = p.Detail }))),
        };
        return Encoding.UTF8.GetBytes(document.ToJsonString(Indented));
    }

    private static JsonObject Operation(ApiRoute route, JsonObject schemas)
    {
        JsonObject operation = new()
        {
            ["operationId"] = Id(route),
            ["summary"] = route.Summary,
            ["x-permission"] = route.Permission?.ToString() ?? "any",
        };
        JsonArray parameters = [.. route.Names.Select(name => (JsonNode)Parameter(name, "path", Meaning(name), required: true)), .. route.Query.Select(q => (JsonNode)Parameter(q.Name, "query", q.Means, values: q.Values))];
        if (route.TakesIdempotencyKey) parameters.Add((JsonNode)Parameter("Idempotency-Key", "header", "Your own id of this request, 1 to 200 visible ASCII characters: sent again, it has no second effect."));
        if (route.IsTagged) parameters.Add((JsonNode)Parameter("If-None-Match", "header", "The ETag you have: 304 when nothing has changed."));
        if (route.TakesIfMatch) parameters.Add((JsonNode)Parameter("If-Match", "header", "The ETag that you read: 412 when it has changed since."));
        if (parameters.Count > 0) operation["parameters"] = parameters;
        if (route.Request is { } request)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = true, ["description"] = $"At most {route.LargestBody / 1024} KiB.",
                ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = Named(request, schemas) } },
            };
        }

        operation["responses"] = Responses(route, schemas);
        return operation;
    }

    private static JsonObject Responses(ApiRoute route, JsonObject schemas)
    {
        JsonObject success = new() { ["description"] = "Done." };
        if (route.Response is { } response) success["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = Named(response, schemas) } };
        if (route.IsFile) success["content"] = new JsonObject { ["application/octet-stream"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string", ["format"] = "binary" } } };
        if (route.IsTagged) success["headers"] = new JsonObject { ["ETag"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" } } };
        JsonObject responses = new() { [Text(route.Success)] = success };
        if (route.AlsoSuccess is { } also)
        {
            JsonNode begun = success.DeepClone();
            begun["description"] = "Begun: it goes on by itself.";
            responses[Text(also)] = begun;
        }

        if (route.IsTagged) responses["304"] = new JsonObject { ["description"] = "Nothing has changed." };
        foreach (IGrouping<int, Problem> group in route.Refusals.GroupBy(p => p.Status).OrderBy(g => g.Key))
            responses[Text(group.Key)] = Refusal(string.Join(" ", group.Select(p => $"{p.Code}: {p.Title}.")), schemas);
        responses["default"] = Refusal("our-fault (500) or not-now (503).", schemas);
        return responses;
    }

    private static JsonObject Refusal(string description, JsonObject schemas) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject { ["application/problem+json"] = new JsonObject { ["schema"] = Named(AppJson.Default.Problem, schemas) } },
    };

    private static JsonObject Parameter(string name, string where, string means, bool required = false, IReadOnlyList<string>? values = null)
    {
        JsonObject schema = new() { ["type"] = "string" };
        if (values is not null) schema["enum"] = new JsonArray([.. values.Select(v => JsonValue.Create(v))]);
        return new JsonObject { ["name"] = name, ["in"] = where, ["required"] = required, ["description"] = means, ["schema"] = schema };
    }

    // A type's schema, once, by its name.
    private static JsonObject Named(JsonTypeInfo type, JsonObject schemas)
    {
        string name = type.Type.Name;
        if (!schemas.ContainsKey(name)) schemas[name] = type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });
        return new JsonObject { ["$ref"] = "#/components/schemas/" + name };
    }

    private static string Id(ApiRoute route) => route.Method.ToLowerInvariant() + string.Concat(route.Template.Split('/', StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part[0] == '{' ? "By" + char.ToUpperInvariant(part[1]) + part[2..^1] : char.ToUpperInvariant(part[0]) + part[1..]));

    private static string Meaning(string name) => name switch
    {
        "ticket" => "The ticket's id or display number.",
        "message" => "The message's key.",
        "index" => "The attachment's place in the message, from 0.",
        "inbox" => "The mailbox's id.",
        "person" => "The person's id.",
        "erasure" => "The erasure's id.",
        "bulk" => "The id of a decision on many.",
        "domain" => "A domain from which the mailbox sends.",
        _ => throw new InvalidOperationException($"Say what {name} means."),
    };

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
