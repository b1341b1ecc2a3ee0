using System.Globalization;
using System.Text;

namespace Ingest.LocalHost.Envelopes;

/// <summary>JSON that goes into the envelope as it stands.</summary>
internal sealed record RawJson(string Text);

/// <summary>What one POST to a function carries. Keys of the metadata are one whatever their case, and the first spelling stays.</summary>
internal sealed class Envelope
{
    public List<(string Name, object? Value)> Data { get; } = [];
    public OrderedDictionary<string, object?> Metadata { get; } = new(StringComparer.OrdinalIgnoreCase);

    public byte[] ToUtf8()
    {
        StringBuilder json = new("{\"Data\":{");
        AppendAll(json, Data.Select(pair => (pair.Name, Encode(pair.Value))));
        json.Append("},\"Metadata\":{");
        AppendAll(json, Metadata
            .Where(pair => pair.Value is not null && !pair.Key.EndsWith("trigger", StringComparison.OrdinalIgnoreCase))
            .Select(pair => (pair.Key, Encode(pair.Value))));
        return Encoding.UTF8.GetBytes(json.Append("}}").ToString());
    }

    /// <summary>Adds sys, which every invocation has.</summary>
    public void AddSys(string function, DateTimeOffset now) => Metadata["sys"] = new RawJson(
        $$"""{"MethodName":{{JsonText.Quote(function)}},"UtcNow":"{{now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture)}}","RandGuid":"{{Guid.NewGuid()}}"}""");

    // Strings and numbers are encoded twice, bytes and times once, objects not at all: the host's own mixture.
    private static string Encode(object? value) => value switch
    {
        null => "\"null\"",
        RawJson raw => raw.Text,
        byte[] bytes => $"\"{Convert.ToBase64String(bytes)}\"",
        DateTimeOffset time => $"\"{time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture)}\"",
        string text => JsonText.Quote(JsonText.Quote(text)),
        Guid id => JsonText.Quote(JsonText.Quote(id.ToString())),
        bool flag => flag ? "\"true\"" : "\"false\"",
        IFormattable number => JsonText.Quote(number.ToString(null, CultureInfo.InvariantCulture)),
        _ => throw new NotSupportedException($"a {value.GetType().Name} has no form in the envelope"),
    };

    private static void AppendAll(StringBuilder json, IEnumerable<(string Name, string Json)> values)
    {
        bool first = true;
        foreach ((string name, string value) in values)
        {
            if (!first)
                json.Append(',');
            first = false;
            json.Append(JsonText.Quote(name)).Append(':').Append(value);
        }
    }
}
