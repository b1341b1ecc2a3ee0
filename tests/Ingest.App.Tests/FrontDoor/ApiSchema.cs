using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>As much of JSON Schema as the API's description uses; anything else in a schema is a failure.</summary>
internal static class ApiSchema
{
    private static readonly HashSet<string> Known = ["type", "properties", "required", "items", "enum", "description", "format", "default", "additionalProperties", "pattern"];

    /// <summary>What in a value is not as the schema says, as paths.</summary>
    public static IEnumerable<string> Faults(JsonNode? value, JsonObject schema, string at = "$")
    {
        foreach (string word in schema.Select(p => p.Key).Where(word => !Known.Contains(word))) yield return $"{at}: the schema uses {word}, which this test does not know.";
        if (schema["type"] is { } type && !Types(type).Contains(TypeOf(value)) && !(TypeOf(value) == "integer" && Types(type).Contains("number")))
            yield return $"{at} is a {TypeOf(value)}, not {type.ToJsonString()}.";
        if (schema["enum"] is JsonArray words && !words.Any(w => JsonNode.DeepEquals(w, value))) yield return $"{at} is none of the words.";
        if (value is JsonObject fields)
        {
            JsonObject properties = schema["properties"] as JsonObject ?? [];
            foreach (string name in (schema["required"] as JsonArray ?? []).Select(n => n!.GetValue<string>()).Where(n => !fields.ContainsKey(n))) yield return $"{at}.{name} is missing.";
            foreach ((string name, JsonNode? inner) in fields)
            {
                if (properties[name] is not JsonObject described) yield return $"{at}.{name} is not described.";
                else foreach (string fault in Faults(inner, described, $"{at}.{name}")) yield return fault;
            }
        }

        if (value is JsonArray list && schema["items"] is JsonObject items)
            foreach (string fault in list.SelectMany((inner, i) => Faults(inner, items, $"{at}[{i}]"))) yield return fault;
    }

    private static IEnumerable<string> Types(JsonNode type) => type is JsonArray several ? several.Select(t => t!.GetValue<string>()) : [type.GetValue<string>()];

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value!.ToJsonString().Contains('.', StringComparison.Ordinal) ? "number" : "integer",
        JsonValueKind.String => "string",
        JsonValueKind.Array => "array",
        _ => "object",
    };
}
