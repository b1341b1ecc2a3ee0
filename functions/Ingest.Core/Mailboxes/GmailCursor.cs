using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ingest.Core.Mailboxes;

/// <summary>What the source is doing.</summary>
internal enum GmailMode
{
    History = 1,
    BackFill = 2,
    Resync = 3,
}

/// <summary>The position.</summary>
/// <param name="Mode">What the source is doing.</param>
/// <param name="HistoryId">Changes up to here are known, or will be when the listing at hand is done.</param>
/// <param name="Good">Unix seconds: all that Gmail took before was listed, or will be when the listing at hand is done.</param>
/// <param name="PageToken">The next page of the listing at hand.</param>
/// <param name="Skip">Ids of that page that were listed already.</param>
/// <param name="After">Unix seconds from which a listing of the inbox begins; null for all.</param>
/// <param name="Restarts">How often a listing began anew because its page token was refused.</param>
internal sealed record GmailCursor(GmailMode Mode, string HistoryId, long Good, string? PageToken = null, int Skip = 0, long? After = null, int Restarts = 0)
{
    public SourceCursor Write() => new(JsonSerializer.Serialize(this, GmailCursorJson.Default.GmailCursor));

    public static GmailCursor? Read(SourceCursor cursor)
    {
        try
        {
            return JsonSerializer.Deserialize(cursor.Value, GmailCursorJson.Default.GmailCursor) is { HistoryId: not null, Mode: GmailMode.History or GmailMode.BackFill or GmailMode.Resync } read ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(GmailCursor))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
internal sealed partial class GmailCursorJson : JsonSerializerContext;
