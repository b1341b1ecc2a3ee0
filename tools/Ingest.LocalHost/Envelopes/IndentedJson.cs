using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ingest.LocalHost.Envelopes;

/// <summary>JSON as the host writes it again: indented, numbers and ISO times in its own form, so exact bytes are lost.</summary>
internal static partial class IndentedJson
{
    public static string Write(JsonElement value)
    {
        StringBuilder json = new();
        Write(json, value, 0);
        return json.ToString();
    }

    /// <summary>A scalar as the text of a message.</summary>
    public static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        JsonValueKind.Null => "",
        _ => Number(value),
    };

    private static void Write(StringBuilder json, JsonElement value, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteAll(json, '{', '}', depth, value.EnumerateObject().Select(property => (Action)(() =>
                {
                    json.Append(JsonText.Quote(property.Name)).Append(": ");
                    Write(json, property.Value, depth + 1);
                })));
                break;
            case JsonValueKind.Array:
                WriteAll(json, '[', ']', depth, value.EnumerateArray().Select(item => (Action)(() => Write(json, item, depth + 1))));
                break;
            case JsonValueKind.String: json.Append(JsonText.Quote(Time(value.GetString()!))); break;
            case JsonValueKind.Number: json.Append(Number(value)); break;
            default: json.Append(value.GetRawText()); break;
        }
    }

    private static void WriteAll(StringBuilder json, char open, char close, int depth, IEnumerable<Action> items)
    {
        json.Append(open);
        bool any = false;
        foreach (Action write in items)
        {
            json.Append(any ? ",\n" : "\n").Append(' ', 2 * (depth + 1));
            any = true;
            write();
        }
        if (any)
            json.Append('\n').Append(' ', 2 * depth);
        json.Append(close);
    }

    private static string Number(JsonElement number)
    {
        string raw = number.GetRawText();
        if (raw.AsSpan().IndexOfAny(".eE") < 0)
            return raw;
        string text = number.GetDouble().ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny(".E") < 0 ? text + ".0" : text;
    }

    private static string Time(string text) => IsoTime().IsMatch(text)
        && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTime time)
            ? time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture)
            : text;

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:?\d\d)?$", RegexOptions.CultureInvariant)]
    private static partial Regex IsoTime();
}
