using System.Text.Json.Serialization;
using Ingest.App.Api;

namespace Ingest.App;

/// <summary>Serialisation without reflection, for a quick cold start.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(TicketPage))]
[JsonSerializable(typeof(TicketView))]
[JsonSerializable(typeof(MailboxPage))]
[JsonSerializable(typeof(JournalView))]
[JsonSerializable(typeof(BooksView))]
[JsonSerializable(typeof(Problem))]
public sealed partial class AppJson : JsonSerializerContext;
