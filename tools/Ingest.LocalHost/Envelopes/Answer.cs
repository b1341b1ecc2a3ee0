using System.Text.Json;

namespace Ingest.LocalHost.Envelopes;

internal enum AnswerKind
{
    Ok,
    /// <summary>A 2xx without a result object: the host goes on waiting.</summary>
    Hang,
    Failure,
}

/// <summary>What a handler's answer to an envelope means; <paramref name="Fault"/> never quotes the body.</summary>
internal sealed record Answer(AnswerKind Kind, string Fault, JsonElement Outputs, JsonElement ReturnValue, IReadOnlyList<string> Logs)
{
    private static readonly Answer Hanging = new(AnswerKind.Hang, "the answer was 2xx without a JSON object", default, default, []);

    public static Answer Read(int status, string? mediaType, byte[] body)
    {
        if (status is < 200 or > 299)
            return Failed($"the handler answered {status}");
        if (body.Length == 0)
            return Hanging;
        if (!IsJson(mediaType))
            return Failed("the answer's Content-Type is not JSON");
        if (body.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0)
            return Hanging;
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, Script.Json.Lenient);
            return document.RootElement.ValueKind switch
            {
                JsonValueKind.Null => Hanging,
                JsonValueKind.Object => FromObject(document.RootElement.Clone()),
                _ => Failed("the answer is no JSON object"),
            };
        }
        catch (JsonException)
        {
            return Failed("the answer is not valid JSON");
        }
    }

    private static Answer FromObject(JsonElement root)
    {
        JsonElement outputs = default, returned = default, logs = default;
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (property.Name.Equals("Outputs", StringComparison.OrdinalIgnoreCase))
                outputs = property.Value;
            else if (property.Name.Equals("ReturnValue", StringComparison.OrdinalIgnoreCase))
                returned = property.Value;
            else if (property.Name.Equals("Logs", StringComparison.OrdinalIgnoreCase))
                logs = property.Value;
        }
        if (outputs.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object))
            return Failed("Outputs is no object");
        if (logs.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Array))
            return Failed("Logs is no array");
        return new Answer(AnswerKind.Ok, "", outputs, returned, logs.ValueKind == JsonValueKind.Array
            ? [.. logs.EnumerateArray().Select(line => line.ToString())]
            : []);
    }

    /// <summary>The value of a binding by its exact name; without a $return binding an object ReturnValue wins over Outputs.</summary>
    public JsonElement? Output(string name, bool hasReturnBinding)
    {
        if (name == "$return")
            return Given(ReturnValue);
        if (!hasReturnBinding && ReturnValue.ValueKind == JsonValueKind.Object && ReturnValue.TryGetProperty(name, out JsonElement merged))
            return Given(merged);
        return Outputs.ValueKind == JsonValueKind.Object && Outputs.TryGetProperty(name, out JsonElement value) ? Given(value) : null;
    }

    private static JsonElement? Given(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : value;

    private static bool IsJson(string? mediaType) =>
        "application/json".Equals(mediaType, StringComparison.OrdinalIgnoreCase) || "text/json".Equals(mediaType, StringComparison.OrdinalIgnoreCase);

    private static Answer Failed(string fault) => new(AnswerKind.Failure, fault, default, default, []);
}
