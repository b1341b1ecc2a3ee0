using System.Text.Json;

namespace Ingest.Mail.Mime;

/// <summary>
/// Reads the delivery notices that Amazon SES sends as JSON through a topic: bounces and deliveries by recipient, and complaints. The text is small and
/// its shape is fixed; anything else is no such notice.
/// </summary>
internal static class ServiceNotice
{
    private const int MaxText = 256 * 1024;

    /// <summary>What the notice is about, null when the text is none.</summary>
    public static MailKind? Kind(string? text)
    {
        using var json = Document(text);
        return json is null ? null : Type(json.RootElement) switch
        {
            "Bounce" or "Delivery" or "DeliveryDelay" => MailKind.Bounce,
            "Complaint" => MailKind.Report,
            _ => null,
        };
    }

    /// <summary>The recipients of a bounce or delivery; empty when the text is none.</summary>
    public static List<BounceRecipient> Read(string? text, ParseLimits limits)
    {
        using var json = Document(text);
        if (json is null)
            return [];
        var root = json.RootElement;
        var id = OriginalId(root, limits);
        var recipients = new List<BounceRecipient>();
        if (Type(root) == "Delivery" && Member(root, "delivery") is { } delivery)
        {
            var answer = Text(delivery, "smtpResponse");
            foreach (var address in Items(delivery, "recipients"))
                Add(recipients, limits, new BounceRecipient("delivered", BounceStatus.Find(answer).Enhanced is { Length: > 0 } status ? status : "2.0.0", Text(address), id) { Reason = BounceReason.Delivered });
            return recipients;
        }
        if (Member(root, "bounce") is not { } bounce)
            return recipients;
        foreach (var one in Items(bounce, "bouncedRecipients"))
        {
            var told = Text(one, "diagnosticCode");
            var (enhanced, reply) = BounceStatus.Find(told);
            var status = BounceStatus.Better(BounceStatus.Declared(Text(one, "status")), enhanced);
            var reason = BounceReasons.OfWords(told) is var said and not BounceReason.Undefined ? said : BounceReasons.OfStatus(status);
            if (status.Length == 0)
                status = BounceReasons.Status(Text(bounce, "bounceType") == "Transient" ? '4' : reply > 0 ? (char)('0' + reply / 100) : '5', reason);
            Add(recipients, limits, new BounceRecipient(Text(one, "action") is { Length: > 0 } action ? action.ToLowerInvariant() : "failed", status, Text(one, "emailAddress"), id) { Reason = reason });
        }
        return recipients;
    }

    private static void Add(List<BounceRecipient> recipients, ParseLimits limits, BounceRecipient recipient)
    {
        if (recipients.Count < limits.MaxBounceRecipients && recipient.Recipient.Length > 0)
            recipients.Add(recipient);
    }

    private static JsonDocument? Document(string? text)
    {
        var start = text.AsSpan().TrimStart();
        if (start.Length is 0 or > MaxText || start[0] != '{' || !start.Contains("\"notificationType\"", StringComparison.Ordinal) && !start.Contains("\"eventType\"", StringComparison.Ordinal))
            return null;
        var end = start.LastIndexOf('}');
        // Servers broke the one long line with a line break and a blank, inside strings too.
        try
        {
            return end < 0 ? null : JsonDocument.Parse(start[..(end + 1)].ToString().Replace("\r", "", StringComparison.Ordinal).Replace("\n ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Type(JsonElement root) => Text(root, "notificationType") is { Length: > 0 } type ? type : Text(root, "eventType");

    private static string? OriginalId(JsonElement root, ParseLimits limits)
    {
        if (Member(root, "mail") is not { } mail)
            return null;
        foreach (var header in Items(mail, "headers"))
        {
            if (Text(header, "name").Equals("Message-ID", StringComparison.OrdinalIgnoreCase))
                return MessageIds.One(Text(header, "value"), limits);
        }
        return null;
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    private static string Text(JsonElement element, string name) => Member(element, name) is { } member ? Text(member) : "";

    // Escapes may stand for half a character, which no string can hold.
    private static string Text(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? HeaderText.Clean(element.GetString()!) : "";
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : default;
}
