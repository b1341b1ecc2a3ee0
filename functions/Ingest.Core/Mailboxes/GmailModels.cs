using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Google.Apis;

namespace Ingest.Core.Mailboxes;

/// <summary>A page of ids.</summary>
public sealed record ListMessagesResponse(IReadOnlyList<Message>? Messages, string? NextPageToken);

/// <summary>A mail as Gmail's answers name it; most answers fill a few members only. The history id is opaque text.</summary>
public sealed record Message(string? Id, string? ThreadId, IReadOnlyList<string>? LabelIds, string? HistoryId, string? InternalDate, long? SizeEstimate);

/// <summary>A page of a mailbox's history, oldest first, and the mailbox's newest history id.</summary>
public sealed record ListHistoryResponse(IReadOnlyList<History>? History, string? HistoryId, string? NextPageToken);

/// <summary>One change of a mailbox.</summary>
public sealed record History(
    string? Id, IReadOnlyList<HistoryMessageAdded>? MessagesAdded, IReadOnlyList<HistoryLabelChanged>? LabelsAdded, IReadOnlyList<HistoryLabelChanged>? LabelsRemoved);

/// <summary>A mail came into the mailbox.</summary>
public sealed record HistoryMessageAdded(Message? Message);

/// <summary>Labels were put on a mail or taken off it.</summary>
public sealed record HistoryLabelChanged(Message? Message, IReadOnlyList<string>? LabelIds);

/// <summary>Whose mailbox it is, and its newest history id.</summary>
public sealed record Profile(string? EmailAddress, string? HistoryId, long? MessagesTotal);

/// <summary>A label.</summary>
public sealed record Label(string? Id, string? Name);

/// <summary>All labels.</summary>
public sealed record ListLabelsResponse(IReadOnlyList<Label>? Labels);

/// <summary>Labels to put on a mail and to take off.</summary>
public sealed record ModifyMessageRequest(IReadOnlyList<string> AddLabelIds, IReadOnlyList<string> RemoveLabelIds);

/// <summary>Asks for pushes to a Pub/Sub topic for the given labels.</summary>
public sealed record WatchRequest(string TopicName, IReadOnlyList<string> LabelIds, string LabelFilterBehavior = "INCLUDE");

/// <summary>The history id that pushes start from, and when they end, in Unix milliseconds.</summary>
public sealed record WatchResponse(string? HistoryId, string? Expiration);

/// <summary>An answer without content.</summary>
public sealed record NoContent;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowReadingFromString, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ListMessagesResponse))]
[JsonSerializable(typeof(ListHistoryResponse))]
[JsonSerializable(typeof(Profile))]
[JsonSerializable(typeof(ListLabelsResponse))]
[JsonSerializable(typeof(ModifyMessageRequest))]
[JsonSerializable(typeof(WatchRequest))]
[JsonSerializable(typeof(WatchResponse))]
[JsonSerializable(typeof(NoContent))]
[JsonSerializable(typeof(GmailFault))]
internal sealed partial class GmailJson : JsonSerializerContext;

/// <summary>Google.Apis' serializer over System.Text.Json's generated code, so that no call pays for reflection.</summary>
internal sealed class GmailSerializer : ISerializer
{
    public string Format => "json";

    public void Serialize(object obj, Stream target) => JsonSerializer.Serialize(target, obj, TypeOf(obj.GetType()));

    public string Serialize(object obj) => JsonSerializer.Serialize(obj, TypeOf(obj.GetType()));

    public T Deserialize<T>(string input) => (T)Deserialize(input, typeof(T));

    public object Deserialize(string input, Type type) => JsonSerializer.Deserialize(input, TypeOf(type))!;

    public T Deserialize<T>(Stream input) => (T)JsonSerializer.Deserialize(input, TypeOf(typeof(T)))!;

    internal static JsonTypeInfo TypeOf(Type type) => GmailJson.Default.GetTypeInfo(type) ?? throw new NotSupportedException();
}
