using System.Globalization;
using System.Text.Json;

namespace Ingest.App.Functions;

/// <summary>
/// One call of the Functions host: the trigger's bytes and the facts that count. The wire form is the custom handler contract: metadata strings and
/// numbers are JSON within JSON strings; a queue message with dataType "binary" is plain base64.
/// </summary>
/// <param name="Item">The queue message's bytes; empty for a timer.</param>
/// <param name="MessageId">The queue message's id; empty for a timer.</param>
/// <param name="DequeueCount">How often it was delivered, this time included; 1 for a timer.</param>
public sealed record Invocation(ReadOnlyMemory<byte> Item, string MessageId, long DequeueCount)
{
    /// <summary>How often the host delivers a message before it gives it up: maxDequeueCount in host.json.</summary>
    public const int MostDeliveries = 10;

    /// <summary>True when a failure now would send the message to the poison queue.</summary>
    public bool IsLastDelivery => DequeueCount >= MostDeliveries;

    /// <summary>Reads an envelope; null when it is not one.</summary>
    public static async Task<Invocation?> ReadAsync(Stream body, CancellationToken cancel)
    {
        try
        {
            using JsonDocument envelope = await JsonDocument.ParseAsync(body, cancellationToken: cancel);
            JsonElement root = envelope.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("Data", out JsonElement data) || data.ValueKind != JsonValueKind.Object) return null;
            byte[] item = data.TryGetProperty("item", out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetBytesFromBase64() : [];
            root.TryGetProperty("Metadata", out JsonElement metadata);
            string deliveries = Text(metadata, "DequeueCount");
            return new Invocation(item, Text(metadata, "Id"), long.TryParse(deliveries, NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : 1);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    private static string Text(JsonElement metadata, string name)
    {
        if (metadata.ValueKind != JsonValueKind.Object || !metadata.TryGetProperty(name, out JsonElement value) || value.ValueKind != JsonValueKind.String) return "";
        string text = value.GetString()!;
        if (text.Length < 2 || text[0] != '"') return text;
        try
        {
            return JsonSerializer.Deserialize(text, AppJson.Default.String) ?? "";
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
