using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ingest.LocalHost.Script;

/// <summary>Reads the host's JSON files the way its configuration system does: names in any case, scalars as text.</summary>
internal static class Json
{
    public static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static string KeyOf(JsonObject node, string name)
    {
        foreach ((string key, _) in node)
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return key;
        return name;
    }

    public static JsonNode? Property(JsonObject node, string name) => node[KeyOf(node, name)];

    public static JsonObject? Object(JsonObject node, string name) => Property(node, name) as JsonObject;

    public static JsonObject Added(JsonObject node, string name)
    {
        JsonObject added = [];
        node[KeyOf(node, name)] = added;
        return added;
    }

    public static string? Text(JsonObject node, string name) => Property(node, name) switch
    {
        JsonValue value => value.ToString(),
        _ => null,
    };

    public static IEnumerable<string> Texts(JsonObject node, string name) =>
        (Property(node, name) as JsonArray ?? []).Select(item => item!.ToString());

    public static bool Flag(JsonObject node, string name, bool normal) =>
        Text(node, name) is { } text ? bool.Parse(text) : normal;

    public static TimeSpan Span(string text) => TimeSpan.Parse(text, CultureInfo.InvariantCulture);
}
