using System.Globalization;
using System.Text.Json;
using Ingest.Mail.Mime;

namespace Ingest.Mail.Tests.Mime.Suites;

/// <summary>Values of header fields in the form of that suite's JSON, written as text so that they can be compared: theirs and ours.</summary>
internal static class StalwartFields
{
    private const int Many = 10_000;

    /// <summary>What the suite expects of a field, and how we read it; null where the suite holds nothing that we read.</summary>
    public static (string Expected, string Actual)? Compare(JsonElement expected, Header header)
    {
        if (expected.ValueKind == JsonValueKind.String)
            return ("", header.Is("Date") ? Date(DateReader.Read(header.Unfolded)) : header.Value);
        var form = expected.EnumerateObject().First();
        return form.Name switch
        {
            "Text" => Id(header) ? (form.Value.GetString()!, MessageIds.One(header.Unfolded, ParseLimits.Default) ?? "") : (Unfolded(form.Value), header.Value),
            "TextList" => (List(form.Value), Id(header) ? string.Join(" | ", MessageIds.Many(header.Unfolded, ParseLimits.Default)) : string.Join(" | ", header.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))),
            "Address" => (Addresses(form.Value).Replace("mailto:", "", StringComparison.Ordinal), Addresses(header)),
            "DateTime" => (Date(form.Value), Date(DateReader.Read(header.Unfolded))),
            "ContentType" => (Type(form.Value), Type(header)),
            "Received" => form.Value.TryGetProperty("date", out var date) && date.ValueKind == JsonValueKind.Object ? (Date(date), Date(header)) : null,
            _ => throw new InvalidOperationException(form.Name),
        };
    }

    /// <summary>Their text of fields that they leave folded, on one line.</summary>
    public static string Unfolded(JsonElement text) => System.Text.RegularExpressions.Regex.Replace(text.GetString()!, "[ \\t]*\r?\n[ \\t]*", " ").Trim();

    public static string Addresses(JsonElement expected) => string.Join(" | ", Mailboxes(expected));

    public static string Addresses(Header header) =>
        string.Join(" | ", AddressReader.Read(header.Unfolded, Many).Select(static a => $"{a.Name} <{a.Address}>"));

    public static string Date(JsonElement date)
    {
        int Number(string name) => date.GetProperty(name).GetInt32();
        var sign = date.GetProperty("tz_before_gmt").GetBoolean() && (Number("tz_hour") | Number("tz_minute")) != 0 ? '-' : '+';
        return string.Create(CultureInfo.InvariantCulture, $"{Number("year"):0000}-{Number("month"):00}-{Number("day"):00} {Number("hour"):00}:{Number("minute"):00}:{Number("second"):00} {sign}{Number("tz_hour"):00}:{Number("tz_minute"):00}");
    }

    /// <summary>The date of a Date or Received field, which there stands last.</summary>
    public static string Date(Header header) => Date(DateReader.Read(header.Unfolded.AsSpan(header.Unfolded.LastIndexOf(';') + 1)));

    public static string Date(DateTimeOffset? date) => date?.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture) ?? "";

    /// <summary>Type and parameters; the language of a parameter is not compared, as nothing here shows it.</summary>
    public static string Type(JsonElement type)
    {
        var value = type.GetProperty("c_type").GetString() + (type.TryGetProperty("c_subtype", out var sub) && sub.ValueKind == JsonValueKind.String ? "/" + sub.GetString() : "");
        if (!type.TryGetProperty("attributes", out var attributes) || attributes.ValueKind != JsonValueKind.Array)
            return value;
        var named = attributes.EnumerateArray().Select(static a => a.ValueKind == JsonValueKind.Array ? (Name: a[0].GetString()!, Value: a[1].GetString()!) : (Name: a.GetProperty("name").GetString()!, Value: a.GetProperty("value").GetString()!));
        return value + string.Concat(named.Where(static a => !a.Name.EndsWith("-language", StringComparison.Ordinal)).OrderBy(static a => a.Name, StringComparer.Ordinal).Select(static a => $"; {a.Name}={a.Value}"));
    }

    public static string Type(Header header)
    {
        var parsed = HeaderParameters.Parse(header.RawValue.Span, null, Many);
        return parsed.Value.TrimEnd('/') + string.Concat(parsed.Names.Order(StringComparer.Ordinal).Select(n => $"; {n}={parsed[n]}"));
    }

    public static string List(JsonElement list) => string.Join(" | ", list.EnumerateArray().Select(static i => i.GetString()));

    private static IEnumerable<string> Mailboxes(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
            return element.EnumerateArray().SelectMany(Mailboxes);
        if (element.ValueKind != JsonValueKind.Object)
            return [];
        return element.TryGetProperty("address", out var address)
            ? [$"{element.GetProperty("name").GetString()} <{address.GetString()}>"]
            : element.EnumerateObject().SelectMany(static p => Mailboxes(p.Value));
    }

    private static bool Id(Header header) => header.Is("Message-ID") || header.Is("Content-ID") || header.Is("References") || header.Is("In-Reply-To") || header.Is("Resent-Message-ID") || header.Is("Return-Path");
}
