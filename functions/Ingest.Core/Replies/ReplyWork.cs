using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;

namespace Ingest.Core.Replies;

/// <summary>A message on the queue of replies: ids and numbers only.</summary>
public sealed record ReplyWork
{
    /// <summary>The version that this code writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Schema version.</summary>
    [JsonPropertyName("v")] public int Version { get; init; } = CurrentVersion;
    /// <summary>Tenant id.</summary>
    [JsonPropertyName("t")] public required string TenantText { get; init; }
    /// <summary>Inbox id.</summary>
    [JsonPropertyName("i")] public required string InboxText { get; init; }
    /// <summary>Ticket id.</summary>
    [JsonPropertyName("g")] public required string TicketId { get; init; }
    /// <summary>The reply's message key.</summary>
    [JsonPropertyName("k")] public required string Key { get; init; }
    /// <summary>How often this work was put off.</summary>
    [JsonPropertyName("a")] public int Attempt { get; init; }
    /// <summary>When it was first queued, Unix milliseconds.</summary>
    [JsonPropertyName("f")] public long FirstSeenUnixMs { get; init; }

    /// <summary>Whose work it is.</summary>
    [JsonIgnore] public TenantContext Tenant => new(TenantId.Parse(TenantText));
    /// <summary>Which inbox it is sent from.</summary>
    [JsonIgnore] public InboxId Inbox => InboxId.Parse(InboxText);
    /// <summary>When it was first queued.</summary>
    [JsonIgnore] public DateTimeOffset FirstSeen => ReceivedAt.FromUnixMs(FirstSeenUnixMs);

    /// <summary>The bytes for the queue.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ReplyWorkJson.Default.ReplyWork);

    /// <summary>Reads a message; null when it is not one of ours.</summary>
    public static ReplyWork? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            ReplyWork? work = JsonSerializer.Deserialize(json, ReplyWorkJson.Default.ReplyWork);
            return work is { TenantText: not null, InboxText: not null, TicketId: not null, Key: { Length: >= 1 and <= 32 } key } && TenantId.TryParse(work.TenantText, out _)
                && InboxId.TryParse(work.InboxText, out _) && TicketStore.IsTicketId(work.TicketId) && key.All(char.IsAsciiLetterOrDigit) ? work : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Serialisation without reflection.</summary>
[JsonSerializable(typeof(ReplyWork))]
public sealed partial class ReplyWorkJson : JsonSerializerContext;
