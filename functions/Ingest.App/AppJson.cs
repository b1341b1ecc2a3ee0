using System.Text.Json.Serialization;
using Ingest.App.Api;

namespace Ingest.App;

/// <summary>Serialisation without reflection, for a quick cold start. What is read must be exactly what is described.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(TicketPage))]
[JsonSerializable(typeof(TicketView))]
[JsonSerializable(typeof(TicketLine))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(MessageDetail))]
[JsonSerializable(typeof(Accepted))]
[JsonSerializable(typeof(Kept))]
[JsonSerializable(typeof(MailboxPage))]
[JsonSerializable(typeof(MailboxLine))]
[JsonSerializable(typeof(JournalPage))]
[JsonSerializable(typeof(JournalView))]
[JsonSerializable(typeof(BooksView))]
[JsonSerializable(typeof(KeptBackView))]
[JsonSerializable(typeof(PeoplePage))]
[JsonSerializable(typeof(PersonView))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ReplyBody))]
[JsonSerializable(typeof(NoteBody))]
[JsonSerializable(typeof(StateBody))]
[JsonSerializable(typeof(AssigneeBody))]
[JsonSerializable(typeof(SearchBody))]
[JsonSerializable(typeof(MailboxStateBody))]
[JsonSerializable(typeof(ResolveBody))]
[JsonSerializable(typeof(DeliveryView))]
[JsonSerializable(typeof(SettingsBody))]
[JsonSerializable(typeof(SettingsView))]
[JsonSerializable(typeof(SigningBody))]
[JsonSerializable(typeof(SigningPage))]
[JsonSerializable(typeof(SigningView))]
[JsonSerializable(typeof(OwnKeysBody))]
[JsonSerializable(typeof(KeysView))]
public sealed partial class AppJson : JsonSerializerContext;
