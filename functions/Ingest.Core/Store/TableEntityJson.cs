using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Azure;

namespace Ingest.Core.Store;

/// <summary>A row in the OData JSON the table service speaks (minimal metadata): types that JSON cannot tell apart carry an annotation.</summary>
internal static class TableEntityJson
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static void Write(System.Buffers.IBufferWriter<byte> output, TableEntity entity)
    {
        TableRules.CheckEntity(entity);
        using Utf8JsonWriter json = new(output, WriterOptions);
        json.WriteStartObject();
        json.WriteString("PartitionKey", entity.PartitionKey);
        json.WriteString("RowKey", entity.RowKey);
        foreach ((string name, object value) in entity)
            WriteProperty(json, name, value);
        json.WriteEndObject();
    }

    public static TableEntity Read(JsonElement row)
    {
        TableEntity entity = new(row.GetProperty("PartitionKey").GetString()!, row.GetProperty("RowKey").GetString()!);
        foreach (JsonProperty property in row.EnumerateObject())
        {
            switch (property.Name)
            {
                case "PartitionKey" or "RowKey":
                    break;
                case "odata.etag":
                    entity.ETag = new ETag(property.Value.GetString()!);
                    break;
                case "Timestamp":
                    entity.Timestamp = ReadTime(property.Value.GetString()!);
                    break;
                default:
                    if (!property.Name.Contains('.', StringComparison.Ordinal) && ReadValue(property.Value, TypeOf(row, property.Name)) is { } value)
                        entity.Restore(property.Name, value);
                    break;
            }
        }
        return entity;
    }

    private static string? TypeOf(JsonElement row, string property) =>
        row.TryGetProperty(property + "@odata.type", out JsonElement type) ? type.GetString() : null;

    private static void WriteProperty(Utf8JsonWriter json, string name, object value)
    {
        string? type = value switch
        {
            long => "Edm.Int64",
            double => "Edm.Double",
            byte[] => "Edm.Binary",
            DateTimeOffset => "Edm.DateTime",
            Guid => "Edm.Guid",
            _ => null,
        };
        if (type is not null)
            json.WriteString(name + "@odata.type", type);
        switch (value)
        {
            case string text: json.WriteString(name, text); break;
            case int number: json.WriteNumber(name, number); break;
            case bool truth: json.WriteBoolean(name, truth); break;
            case long number: json.WriteString(name, number.ToString(CultureInfo.InvariantCulture)); break;
            case double number when double.IsFinite(number): json.WriteNumber(name, number); break;
            case double number: json.WriteString(name, NotFinite(number)); break;
            case byte[] bytes: json.WriteBase64String(name, bytes); break;
            case DateTimeOffset time: json.WriteString(name, WriteTime(time)); break;
            case Guid id: json.WriteString(name, id); break;
            default: throw new InvalidOperationException($"Property '{name}' holds a {value.GetType().Name}.");
        }
    }

    private static object? ReadValue(JsonElement value, string? type) => type switch
    {
        "Edm.Int64" => long.Parse(value.GetString()!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        "Edm.Int32" => value.GetInt32(),
        "Edm.Double" => ReadDouble(value),
        "Edm.Binary" => value.GetBytesFromBase64(),
        "Edm.DateTime" => ReadTime(value.GetString()!),
        "Edm.Guid" => value.GetGuid(),
        _ => value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => value.TryGetInt32(out int number) ? (object)number : value.GetDouble(),
            _ => null,
        },
    };

    private static double ReadDouble(JsonElement value) => value.ValueKind == JsonValueKind.Number
        ? value.GetDouble()
        : value.GetString() switch
        {
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            "NaN" => double.NaN,
            string text => double.Parse(text, CultureInfo.InvariantCulture),
            null => double.NaN,
        };

    private static string NotFinite(double number) =>
        double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";

    /// <summary>Seven digits: the service keeps 100 ns, which is a tick.</summary>
    public static string WriteTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset ReadTime(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
