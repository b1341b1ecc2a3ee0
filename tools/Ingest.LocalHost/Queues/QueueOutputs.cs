using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ingest.LocalHost.Envelopes;
using Ingest.LocalHost.Script;

namespace Ingest.LocalHost.Queues;

/// <summary>Sends what an answer holds for queue out bindings, after the answer and in parallel over the bindings, as the host does.</summary>
internal sealed partial class QueueOutputs(QueueStorage storage, Action<string> wakeQueue)
{
    public Task SendAsync(Function function, Answer answer, Envelope envelope, CancellationToken cancel)
    {
        bool hasReturn = function.QueueOutputs.Any(output => output.Name == "$return") || function.HttpOutput == "$return";
        return Task.WhenAll(function.QueueOutputs
            .Select(output => (output, value: answer.Output(output.Name, hasReturn)))
            .Where(pair => pair.value is not null)
            .Select(pair => SendAsync(pair.output, pair.value!.Value, envelope, cancel)));
    }

    private async Task SendAsync(QueueOutput output, JsonElement value, Envelope envelope, CancellationToken cancel)
    {
        string queue = QueueName(output.Queue, envelope);
        foreach (byte[] body in Messages(value, output.Binary))
        {
            await QueueStorage.SendAsync(storage.Client(output.Connection, queue), storage.Encode(body), cancel);
            wakeQueue(queue);
        }
    }

    /// <summary>The messages a value stands for: base64 first, then JSON text, then arrays by element, then text.</summary>
    public static IEnumerable<byte[]> Messages(JsonElement value, bool binary)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            string text = value.GetString()!;
            if (!binary && FromBase64(text) is { } bytes)
                return [bytes];
            if (AsJson(text) is { } parsed)
                return Messages(parsed, binary: true);
        }
        return value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select(Body)
            : [Body(value)];
    }

    private static byte[] Body(JsonElement value) => Encoding.UTF8.GetBytes(
        value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? IndentedJson.Write(value) : IndentedJson.Text(value));

    private static byte[]? FromBase64(string text)
    {
        byte[] buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text, buffer, out int length) ? buffer[..length] : null;
    }

    private static JsonElement? AsJson(string text)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        if (!(trimmed.StartsWith("{") && trimmed.EndsWith("}")) && !(trimmed.StartsWith("[") && trimmed.EndsWith("]")))
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string QueueName(string template, Envelope envelope) => Expression().Replace(template, match =>
        envelope.Metadata.TryGetValue(match.Groups[1].Value, out object? value) && value is string or long
            ? $"{value}"
            : throw new InvocationFailedException($"an out binding names {{{match.Groups[1].Value}}}, which the trigger does not give")).ToLowerInvariant();

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Expression();
}
