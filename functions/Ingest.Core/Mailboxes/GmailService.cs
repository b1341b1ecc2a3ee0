using Google.Apis.Discovery;
using Google.Apis.Http;
using Google.Apis.Requests;
using Google.Apis.Services;
using Google.Apis.Util;

namespace Ingest.Core.Mailboxes;

/// <summary>
/// The part of the Gmail API that a desk needs, on Google.Apis' plumbing and in the words of Google.Apis.Gmail.v1. Each call has a deadline and ends in an answer,
/// <see cref="GmailRefusedException"/> (this request), <see cref="MailboxRefusedException"/> (this mailbox) or <see cref="Pipeline.NotNowException"/> (this moment).
/// </summary>
public sealed class GmailService : BaseClientService
{
    /// <summary>Opens the API for one mailbox; the access is the caller's to dispose.</summary>
    public GmailService(GoogleAccess access, GoogleEndpoints endpoints, GoogleTransport transport, TimeProvider time)
        : base(new Initializer
        {
            ApplicationName = "Ingest",
            HttpClientInitializer = access,
            HttpClientFactory = transport,
            DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
            Serializer = new GmailSerializer(),
        })
    {
        BaseUri = endpoints.Gmail.AbsoluteUri;
        Time = time;
        Users = new UsersResource(this);
    }

    /// <inheritdoc />
    public override string Name => "gmail";

    /// <inheritdoc />
    public override string BaseUri { get; }

    /// <inheritdoc />
    public override string BasePath => "";

    /// <inheritdoc />
    public override IList<string> Features => [];

    /// <summary>All resources: the user "me" is the mailbox.</summary>
    public UsersResource Users { get; }

    internal TimeProvider Time { get; }
}

/// <summary>One call of the Gmail API.</summary>
public abstract class GmailRequest<T> : ClientServiceRequest<T>
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(60);

    private readonly GmailService service;
    private readonly object? body;

    private protected GmailRequest(GmailService service, string method, string httpMethod, string path, object? body = null)
        : base(service)
    {
        (this.service, this.body) = (service, body);
        (MethodName, HttpMethod, RestPath) = (method, httpMethod, path);
        InitParameters();
    }

    /// <inheritdoc />
    public override string MethodName { get; }

    /// <inheritdoc />
    public override string HttpMethod { get; }

    /// <inheritdoc />
    public override string RestPath { get; }

    /// <summary>Which members of the answer are wanted; null for all.</summary>
    [RequestParameter("fields", RequestParameterType.Query)]
    public string? Fields { get; set; }

    /// <summary>Sends the request and reads the answer.</summary>
    public Task<T> CallAsync(CancellationToken cancel) => CallAsync(Limit, ReadAsync, cancel);

    private protected virtual TimeSpan Limit => CallLimit;

    /// <summary>What is sent instead of a body in JSON.</summary>
    private protected virtual HttpContent? Content => null;

    /// <inheritdoc />
    protected override object? GetBody() => body;

    /// <inheritdoc />
    protected sealed override void InitParameters()
    {
        base.InitParameters();
        foreach (System.Reflection.PropertyInfo property in GetType().GetProperties())
        {
            if (Attribute.GetCustomAttribute(property, typeof(RequestParameterAttribute)) is RequestParameterAttribute parameter)
                RequestParameters.TryAdd(parameter.Name, new Parameter { Name = parameter.Name, ParameterType = parameter.Type == RequestParameterType.Path ? "path" : "query" });
        }
    }

    private protected async Task<TAnswer> CallAsync<TAnswer>(TimeSpan limit, Func<HttpResponseMessage, CancellationToken, Task<TAnswer>> read, CancellationToken cancel) =>
        await GoogleTransport.CallAsync(limit, service.Time, async deadline =>
        {
            // Bodies of requests are small and are sent as they are; answers come gzipped.
            using HttpRequestMessage request = CreateRequest(overrideGZipEnabled: false);
            if (Content is { } content)
                request.Content = content;
            using HttpResponseMessage response = await service.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline);
            return response.IsSuccessStatusCode ? await read(response, deadline) : throw await GmailErrors.ReadAsync(response, service.Time, deadline);
        }, cancel);

    private static async Task<T> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        if (typeof(T) == typeof(NoContent))
            return (T)(object)new NoContent();
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancel);
        return (T)(await System.Text.Json.JsonSerializer.DeserializeAsync(stream, GmailSerializer.TypeOf(typeof(T)), cancel) ?? throw new System.Text.Json.JsonException());
    }
}

/// <summary>users: the mailbox and what is in it.</summary>
public sealed class UsersResource(GmailService service)
{
    /// <summary>users.messages</summary>
    public MessagesResource Messages { get; } = new(service);

    /// <summary>users.history</summary>
    public HistoryResource History { get; } = new(service);

    /// <summary>users.labels</summary>
    public LabelsResource Labels { get; } = new(service);

    /// <summary>users.getProfile (1 quota unit): whose mailbox it is.</summary>
    public UserRequest<Profile> GetProfile(string userId) => new(service, "getProfile", HttpConsts.Get, "profile", userId);

    /// <summary>users.watch: pushes for at most seven days; to be renewed daily.</summary>
    public UserRequest<WatchResponse> Watch(WatchRequest body, string userId) => new(service, "watch", HttpConsts.Post, "watch", userId, body);

    /// <summary>users.stop: no more pushes.</summary>
    public UserRequest<NoContent> Stop(string userId) => new(service, "stop", HttpConsts.Post, "stop", userId);

    /// <summary>A call on a user that takes no parameters.</summary>
    public class UserRequest<T>(GmailService service, string method, string httpMethod, string path, string userId, object? body = null)
        : GmailRequest<T>(service, method, httpMethod, "gmail/v1/users/{userId}/" + path, body)
    {
        /// <summary>The mailbox; "me" is the token's own.</summary>
        [RequestParameter("userId", RequestParameterType.Path)]
        public string UserId => userId;
    }

    /// <summary>users.messages</summary>
    public sealed class MessagesResource(GmailService service)
    {
        /// <summary>users.messages.list (5 units): newest first.</summary>
        public ListRequest List(string userId) => new(service, userId);

        /// <summary>users.messages.get with format=minimal (20 units; 5 in projects from before May 2026).</summary>
        public GetRequest Get(string userId, string id) => new(service, userId, id) { Format = "minimal" };

        /// <summary>users.messages.get with format=raw: the mail's bytes, read as a stream.</summary>
        public GetRawRequest GetRaw(string userId, string id) => new(service, userId, id);

        /// <summary>users.messages.modify (5 units): puts labels on and takes them off.</summary>
        public OnMessage<Message> Modify(ModifyMessageRequest body, string userId, string id) => new(service, "modify", HttpConsts.Post, "/modify", userId, id, body);

        /// <summary>users.messages.send (100 units). Gmail may have sent it although the answer was lost: look in Sent before sending again.</summary>
        public SendRequest Send(ReadOnlyMemory<byte> message, string userId) => new(service, userId, message);
    }

    /// <summary>A call on one mail.</summary>
    public class OnMessage<T>(GmailService service, string method, string httpMethod, string path, string userId, string id, object? body = null)
        : UserRequest<T>(service, "messages." + method, httpMethod, "messages/{id}" + path, userId, body)
    {
        /// <summary>The mail.</summary>
        [RequestParameter("id", RequestParameterType.Path)]
        public string Id => id;
    }

    /// <summary>users.messages.send, the message as its bytes: as text in JSON it would take three times the memory.</summary>
    public sealed class SendRequest : GmailRequest<Message>
    {
        // Up to 35 MB go up; the function's own deadline is longer.
        private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(150);

        private readonly ReadOnlyMemory<byte> message;

        internal SendRequest(GmailService service, string userId, ReadOnlyMemory<byte> message)
            : base(service, "messages.send", HttpConsts.Post, "upload/gmail/v1/users/{userId}/messages/send") => (UserId, this.message) = (userId, message);

        /// <summary>The mailbox; "me" is the token's own.</summary>
        [RequestParameter("userId", RequestParameterType.Path)]
        public string UserId { get; }

        /// <summary>How it is uploaded.</summary>
        [RequestParameter("uploadType", RequestParameterType.Query)]
        public string UploadType { get; } = "media";

        private protected override TimeSpan Limit => SendLimit;

        private protected override HttpContent Content => new ReadOnlyMemoryContent(message) { Headers = { ContentType = new("message/rfc822") } };
    }

    /// <summary>users.messages.list</summary>
    public sealed class ListRequest(GmailService service, string userId) : UserRequest<ListMessagesResponse>(service, "messages.list", HttpConsts.Get, "messages", userId)
    {
        /// <summary>Mail that has all these labels.</summary>
        [RequestParameter("labelIds", RequestParameterType.Query)]
        public Repeatable<string>? LabelIds { get; set; }

        /// <summary>A search as in Gmail's search box.</summary>
        [RequestParameter("q", RequestParameterType.Query)]
        public string? Q { get; set; }

        /// <summary>Where the last page ended.</summary>
        [RequestParameter("pageToken", RequestParameterType.Query)]
        public string? PageToken { get; set; }

        /// <summary>At most so many, up to 500.</summary>
        [RequestParameter("maxResults", RequestParameterType.Query)]
        public long? MaxResults { get; set; }
    }

    /// <summary>users.messages.get</summary>
    public class GetRequest(GmailService service, string userId, string id) : OnMessage<Message>(service, "get", HttpConsts.Get, "", userId, id)
    {
        /// <summary>minimal or raw.</summary>
        [RequestParameter("format", RequestParameterType.Query)]
        public string? Format { get; set; }
    }

    /// <summary>users.messages.get for the bytes.</summary>
    public sealed class GetRawRequest : GetRequest
    {
        // Well within a function's deadline: a mail that never comes must be told from a moment that is bad, in the same run.
        private static readonly TimeSpan RawLimit = TimeSpan.FromSeconds(90);

        internal GetRawRequest(GmailService service, string userId, string id)
            : base(service, userId, id) => (Format, Fields) = ("raw", "id,internalDate,sizeEstimate,raw");

        /// <summary>Reads the mail, decoding while it comes in; stops above <paramref name="maxBytes"/>.</summary>
        public Task<RawMessage> CallAsync(int maxBytes, CancellationToken cancel) => CallAsync(RawLimit, async (response, deadline) =>
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(deadline);
            return await new GmailRawReader(stream, maxBytes).ReadAsync(deadline);
        }, cancel);
    }

    /// <summary>users.history</summary>
    public sealed class HistoryResource(GmailService service)
    {
        /// <summary>users.history.list (2 units): changes after a history id, oldest first; 404 when Gmail no longer knows it.</summary>
        public HistoryListRequest List(string userId) => new(service, userId);
    }

    /// <summary>users.history.list</summary>
    public sealed class HistoryListRequest(GmailService service, string userId) : UserRequest<ListHistoryResponse>(service, "history.list", HttpConsts.Get, "history", userId)
    {
        /// <summary>Changes after this one.</summary>
        [RequestParameter("startHistoryId", RequestParameterType.Query)]
        public string? StartHistoryId { get; set; }

        /// <summary>Of messageAdded, messageDeleted, labelAdded and labelRemoved.</summary>
        [RequestParameter("historyTypes", RequestParameterType.Query)]
        public Repeatable<string>? HistoryTypes { get; set; }

        /// <summary>Where the last page ended.</summary>
        [RequestParameter("pageToken", RequestParameterType.Query)]
        public string? PageToken { get; set; }

        /// <summary>At most so many changes, up to 500.</summary>
        [RequestParameter("maxResults", RequestParameterType.Query)]
        public long? MaxResults { get; set; }
    }

    /// <summary>users.labels</summary>
    public sealed class LabelsResource(GmailService service)
    {
        /// <summary>users.labels.list (1 unit).</summary>
        public UserRequest<ListLabelsResponse> List(string userId) => new(service, "labels.list", HttpConsts.Get, "labels", userId);
    }
}
