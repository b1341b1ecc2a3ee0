using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Screening;
using Ingest.Core.Threading;

namespace Ingest.Core.Pipeline;

/// <summary>The names of the work queues.</summary>
public static class Queues
{
    /// <summary>One message per mailbox that is due.</summary>
    public const string MailboxSync = "mailbox-sync";

    /// <summary>One message per listed mail.</summary>
    public const string MailIngest = "mail-ingest";

    /// <summary>One message per reply that is to be sent.</summary>
    public const string ReplySend = "reply-send";

    /// <summary>What the host moves a message to when its handler failed too often.</summary>
    public static string PoisonOf(string queue) => queue + "-poison";

    /// <summary>Every queue that this app reads.</summary>
    public static IReadOnlyList<string> All { get; } = [MailboxSync, MailIngest, ReplySend];
}

/// <summary>
/// A message on a work queue: ids and numbers only. <see cref="Version"/> grows when a field's meaning changes; a handler that meets a newer
/// version defers it, so that an old instance cannot spoil the work of a new one.
/// </summary>
public sealed record Work
{
    /// <summary>The version that this code understands.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Schema version.</summary>
    [JsonPropertyName("v")] public int Version { get; init; } = 1;

    /// <summary>Tenant id.</summary>
    [JsonPropertyName("t")] public required string TenantText { get; init; }

    /// <summary>Inbox id.</summary>
    [JsonPropertyName("i")] public required string InboxText { get; init; }

    /// <summary>Pack id; empty for a sync.</summary>
    [JsonPropertyName("p")] public string Pack { get; init; } = "";

    /// <summary>Message key; empty for a sync.</summary>
    [JsonPropertyName("k")] public string MessageKey { get; init; } = "";

    /// <summary>Offset of the sealed raw mail in the pack's blob.</summary>
    [JsonPropertyName("o")] public long Offset { get; init; }

    /// <summary>Length of the sealed raw mail; -1 when there is none.</summary>
    [JsonPropertyName("l")] public long Length { get; init; }

    /// <summary>When the provider received the mail, Unix milliseconds.</summary>
    [JsonPropertyName("r")] public long ReceivedUnixMs { get; init; }

    /// <summary>How often this work was put off because the world was not ready.</summary>
    [JsonPropertyName("a")] public int Attempt { get; init; }

    /// <summary>How often it was put off because a mail that it refers to was on its way in another worker.</summary>
    [JsonPropertyName("w")] public int Waits { get; init; }

    /// <summary>How often it was put off because DNS did not answer.</summary>
    [JsonPropertyName("d")] public int DnsWaits { get; init; }

    /// <summary>When this work was first queued, Unix milliseconds; 0 when never put off.</summary>
    [JsonPropertyName("f")] public long FirstSeenUnixMs { get; init; }

    /// <summary>True when a person let this mail in: it becomes a ticket whatever the filter says.</summary>
    [JsonPropertyName("x")] public bool Released { get; init; }

    /// <summary>When that person did, Unix milliseconds; 0 when none did.</summary>
    [JsonPropertyName("y"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public long ReleasedUnixMs { get; init; }

    /// <summary>The random id of who did; empty for the command line and for none.</summary>
    [JsonPropertyName("b"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public string? ReleasedBy { get; init; }

    /// <summary>The decision on many kept-back mails that this is part of, or with no message key: that is to be gone on with. Empty for all else.</summary>
    [JsonPropertyName("j"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public string? Bulk { get; init; }

    /// <summary>Whose work it is; throws <see cref="FormatException"/> when the id is not one of ours.</summary>
    [JsonIgnore] public TenantContext Tenant => new(TenantId.Parse(TenantText));

    /// <summary>Which inbox; throws <see cref="FormatException"/> when the id is not one of ours.</summary>
    [JsonIgnore] public InboxId Inbox => InboxId.Parse(InboxText);

    /// <summary>When the provider received the mail.</summary>
    [JsonIgnore] public DateTimeOffset Received => ReceivedAt.FromUnixMs(ReceivedUnixMs);

    /// <summary>When a person let it in; null when none did.</summary>
    [JsonIgnore] public DateTimeOffset? ReleasedAt => Released && ReleasedUnixMs > 0 ? ReceivedAt.FromUnixMs(ReleasedUnixMs) : null;

    /// <summary>A sync of one mailbox.</summary>
    public static Work Sync(TenantContext tenant, InboxId inbox) => new() { TenantText = tenant.Tenant.Value, InboxText = inbox.Value };

    /// <summary>A decision on many kept-back mails that is to be gone on with; instances of before there were such put it off.</summary>
    public static Work OfBulk(TenantContext tenant, InboxId inbox, string bulk) => new() { Version = 2, TenantText = tenant.Tenant.Value, InboxText = inbox.Value, Bulk = bulk };

    /// <summary>The same work once more, later, since the world was not ready; what it waits for is counted by kind, as each has a patience of its own.</summary>
    public Work PutOff(string reasonCode, DateTimeOffset now) => this with
    {
        Attempt = Attempt + 1,
        Waits = Waits + (reasonCode == FindThread.InFlight ? 1 : 0),
        DnsWaits = DnsWaits + (reasonCode == Authenticate.DnsTrouble ? 1 : 0),
        FirstSeenUnixMs = FirstSeenUnixMs > 0 ? FirstSeenUnixMs : now.ToUnixTimeMilliseconds(),
    };

    /// <summary>The bytes for the queue.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, WorkJson.Default.Work);

    /// <summary>
    /// True when this names a mail in a pack: nothing that fails here may become part of a key or a path, and taking it in would fail every time.
    /// </summary>
    [JsonIgnore]
    public bool NamesMail =>
        MessageKey is { Length: >= 1 and <= 32 } && MessageKey.All(char.IsAsciiLetterOrDigit)
        && Pack is { Length: >= 1 and <= 64 } && Pack.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
        && Offset >= 0 && Length is >= -1 and <= int.MaxValue && Attempt >= 0
        && ReceivedUnixMs >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && ReceivedUnixMs <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        && ReleasedUnixMs >= 0 && ReleasedUnixMs <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() && (Bulk is null or "" || BulkDecision.IsId(Bulk));

    /// <summary>True when this goes on with a decision on many kept-back mails.</summary>
    [JsonIgnore] public bool NamesBulk => MessageKey is "" or null && Bulk is { } id && BulkDecision.IsId(id);

    /// <summary>The version that a message says it has, whatever else is in it; 0 when it says none.</summary>
    public static int VersionOf(ReadOnlySpan<byte> json)
    {
        try
        {
            Utf8JsonReader reader = new(json);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("v", out JsonElement v)
                && v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out int version) ? version : 0;
        }
        catch (JsonException)
        {
            return 0;
        }
    }

    /// <summary>Reads a message; null when it is not one of ours.</summary>
    public static Work? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            Work? work = JsonSerializer.Deserialize(json, WorkJson.Default.Work);
            return work is { TenantText: not null, InboxText: not null } && TenantId.TryParse(work.TenantText, out _) && InboxId.TryParse(work.InboxText, out _) ? work : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Serialisation without reflection, for a quick cold start.</summary>
[JsonSerializable(typeof(Work))]
public sealed partial class WorkJson : JsonSerializerContext;
