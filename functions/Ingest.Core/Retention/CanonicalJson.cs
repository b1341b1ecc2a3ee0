using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ingest.Core.Retention;

/// <summary>
/// The canonical form of JSON (RFC 8785) of documents whose numbers are whole and below 2^53: names sorted by UTF-16 code unit, no spaces, and no escapes but those that
/// JSON demands. Throws <see cref="FormatException"/> on other numbers.
/// </summary>
internal static class CanonicalJson
{
    private const long LargestExact = 1L << 53;

    public static byte[] Write(JsonElement element)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(json, element);
        return bytes.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (JsonProperty property in element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    json.WritePropertyName(property.Name);
                    Write(json, property.Value);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (JsonElement item in element.EnumerateArray()) Write(json, item);
                json.WriteEndArray();
                break;
            case JsonValueKind.Number:
                json.WriteNumberValue(element.TryGetInt64(out long number) && Math.Abs(number) < LargestExact ? number : throw new FormatException("A number is not whole."));
                break;
            case JsonValueKind.String or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined:
                element.WriteTo(json);
                break;
        }
    }
}
