using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ingest.LocalHost.Envelopes;

/// <summary>The spill: top-level properties of a JSON body that land in the metadata and hide the built-in ones.</summary>
internal static partial class BodyProperties
{
    public static void Spill(string body, Envelope envelope)
    {
        if (!LooksLikeJson(body.AsSpan().Trim()))
            return;
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return;
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
                if (property.Value.ValueKind != JsonValueKind.Array)
                    envelope.Metadata[property.Name] = Value(property.Value);
        }
        catch (JsonException)
        {
            // A body that is no JSON spills nothing.
        }
    }

    private static object Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => new RawJson(Compact(value)),
        JsonValueKind.String => AsText(value.GetString()!),
        JsonValueKind.Number => NumberText(value),
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        _ => "",
    };

    // The host's JSON reader takes what looks like a time for a time, moves it to UTC and writes it in the invariant culture.
    private static string AsText(string text) =>
        IsoTime().IsMatch(text) && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out DateTime time)
            ? time.ToString("MM/dd/yyyy HH:mm:ss", CultureInfo.InvariantCulture)
            : text;

    private static string NumberText(JsonElement number) => number.GetRawText() is var raw && raw.AsSpan().IndexOfAny(".eE") < 0
        ? raw
        : number.GetDouble().ToString("R", CultureInfo.InvariantCulture);

    private static string Compact(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(',', value.EnumerateObject().Select(p => JsonText.Quote(p.Name) + ":" + Compact(p.Value))) + "}",
        JsonValueKind.Array => "[" + string.Join(',', value.EnumerateArray().Select(Compact)) + "]",
        JsonValueKind.String => JsonText.Quote(value.GetString()!),
        _ => value.GetRawText(),
    };

    private static bool LooksLikeJson(ReadOnlySpan<char> text) => text.StartsWith("{") && text.EndsWith("}");

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:?\d\d)?$", RegexOptions.CultureInvariant)]
    private static partial Regex IsoTime();
}
