using System.Globalization;
using System.Net;
using Google.Apis.Util;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Mailboxes;

/// <summary>Which of the mail that was there before the connection is taken.</summary>
public readonly record struct BackFill
{
    private BackFill(int? days) => Days = days;

    /// <summary>Days back; 0 for none, null for all.</summary>
    public int? Days { get; }

    /// <summary>Only what arrives from now on.</summary>
    public static BackFill FromNow { get; } = new(0);

    /// <summary>All that is in the inbox.</summary>
    public static BackFill All { get; } = new(null);

    /// <summary>The last so many days: 1 to 36,500.</summary>
    public static BackFill LastDays(int days) => days is > 0 and <= 36_500 ? new(days) : throw new ArgumentOutOfRangeException(nameof(days));
}

/// <summary>
/// A Gmail inbox. The cursor is a history id, which knows of every change since: it is remembered before the back-fill begins, so that what arrives meanwhile
/// comes next. When Gmail has forgotten it (404, after about a week), a bounded resync lists the inbox from a day before the last good time on; that is no
/// failure of the mailbox. Whatever was listed before is known downstream by its id, so listing twice is harmless and happens rather than leaving out.
/// </summary>
public sealed class GmailSource : IMailSource
{
    private const string Me = "me";
    private const string Inbox = "INBOX";
    private const int LargestPage = 500;

    /// <summary>A page token may be refused once or twice in a long listing; more often is not progress.</summary>
    private const int MaxRestarts = 5;

    private static readonly TimeSpan ResyncMargin = TimeSpan.FromDays(1);

    private readonly GmailService gmail;
    private readonly BackFill since;
    private readonly TimeProvider time;
    private readonly GoogleAccess access;

    /// <summary>Reads the inbox of the account that the access belongs to; <paramref name="since"/> counts at the first connection only.</summary>
    public GmailSource(GoogleAccess access, BackFill since, GoogleEndpoints endpoints, GoogleTransport transport, TimeProvider time)
    {
        gmail = new GmailService(access, endpoints, transport, time);
        (this.access, this.since, this.time) = (access, since, time);
    }

    /// <summary>The API that the source reads with, for what else the mailbox's owner wants of it.</summary>
    public GmailService Gmail => gmail;

    /// <inheritdoc />
    public async Task<ListedPage> ListAsync(SourceCursor? cursor, int max, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        GmailCursor? at = cursor is null ? null : GmailCursor.Read(cursor) ?? throw new FormatException("Not a Gmail cursor.");
        try
        {
            return at switch
            {
                null => await ConnectAsync(max, cancel),
                { Mode: GmailMode.History } => await ListHistoryOrResyncAsync(at, cursor!, max, cancel),
                _ => await ListInboxAsync(at, max, resynced: false, cancel),
            };
        }
        catch (GmailRefusedException refused)
        {
            // "Mail service not enabled" is said so: an account without a mailbox. What else is refused here is no property of the mailbox that we know.
            throw refused.Reason == "failedPrecondition" ? new MailboxRefusedException(MailboxFault.NoPermission) : new NotNowException(refused.Code);
        }
    }

    /// <inheritdoc />
    public async Task<FetchedMail> FetchAsync(ListedId id, CancellationToken cancel)
    {
        try
        {
            RawMessage mail = await gmail.Users.Messages.GetRaw(Me, id.ProviderId).CallAsync(FetchedMail.MaxRawBytes, cancel);
            if (mail.TooLarge)
                return FetchedMail.Refused;
            // An answer without the bytes is not a property of the mail until Gmail says so.
            ReadOnlyMemory<byte> raw = mail.Raw ?? throw new NotNowException("gmail-no-raw");
            DateTimeOffset received = mail.InternalDate is { } date ? ReceivedAt.FromUnixMs(date) : id.Received ?? time.GetUtcNow();
            return new FetchedMail(FetchKind.Fetched, raw, received);
        }
        catch (GmailRefusedException refused)
        {
            // Only what is said of this mail decides its fate: a failed precondition may be the whole account's.
            return refused switch
            {
                { Status: HttpStatusCode.NotFound or HttpStatusCode.Gone } => FetchedMail.Vanished,
                { Status: HttpStatusCode.RequestEntityTooLarge } or { Status: HttpStatusCode.BadRequest, Reason: "invalidArgument" } => FetchedMail.Refused,
                _ => throw new NotNowException(refused.Code),
            };
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        gmail.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ListedPage> ConnectAsync(int max, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        string newest = await NewestHistoryAsync(cancel);
        long? after = since.Days is { } days ? now.AddDays(-days).ToUnixTimeSeconds() : null;
        var start = new GmailCursor(GmailMode.History, newest, Good: now.ToUnixTimeSeconds());
        return since == BackFill.FromNow
            ? new ListedPage([], start.Write(), More: false)
            : await ListInboxAsync(start with { Mode = GmailMode.BackFill, After = after }, max, resynced: false, cancel);
    }

    private async Task<ListedPage> ListHistoryOrResyncAsync(GmailCursor at, SourceCursor cursor, int max, CancellationToken cancel)
    {
        try
        {
            return await ListHistoryAsync(at, cursor, max, cancel);
        }
        catch (GmailRefusedException forgotten) when (forgotten.Status == HttpStatusCode.NotFound)
        {
            return await ResyncAsync(at, max, cancel);
        }
    }

    private async Task<ListedPage> ResyncAsync(GmailCursor lost, int max, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        string newest = await NewestHistoryAsync(cancel);
        long after = lost.Good - (long)ResyncMargin.TotalSeconds;
        return await ListInboxAsync(new GmailCursor(GmailMode.Resync, newest, Good: now.ToUnixTimeSeconds(), After: after), max, resynced: true, cancel);
    }

    /// <summary>A page of the inbox, newest page first; after the last one, history goes on from the id that was remembered before.</summary>
    private async Task<ListedPage> ListInboxAsync(GmailCursor at, int max, bool resynced, CancellationToken cancel)
    {
        UsersResource.ListRequest list = gmail.Users.Messages.List(Me);
        list.LabelIds = new Repeatable<string>([Inbox]);
        list.Q = at.After is { } after ? string.Create(CultureInfo.InvariantCulture, $"after:{after}") : null;
        list.PageToken = at.PageToken;
        list.MaxResults = Math.Min(max, LargestPage);
        list.Fields = "messages/id,nextPageToken";
        ListMessagesResponse page;
        try
        {
            page = await list.CallAsync(cancel);
        }
        catch (GmailRefusedException refused) when (at.PageToken is not null && refused.Status == HttpStatusCode.BadRequest)
        {
            return await ListInboxAsync(Restarted(at), max, resynced, cancel);
        }

        List<ListedId> ids = [.. (page.Messages ?? []).Where(m => m.Id is not null).Select(m => new ListedId(m.Id!)).Reverse()];
        bool more = !string.IsNullOrEmpty(page.NextPageToken) && page.NextPageToken != at.PageToken;
        GmailCursor next = more
            ? at with { PageToken = page.NextPageToken }
            : new GmailCursor(GmailMode.History, at.HistoryId, at.Good);
        return new ListedPage(ids, next.Write(), More: true, resynced);
    }

    private async Task<ListedPage> ListHistoryAsync(GmailCursor at, SourceCursor cursor, int max, CancellationToken cancel)
    {
        DateTimeOffset asked = time.GetUtcNow();
        UsersResource.HistoryListRequest list = gmail.Users.History.List(Me);
        list.StartHistoryId = at.HistoryId;
        list.Fields = "history(id,messagesAdded,labelsAdded,labelsRemoved),historyId,nextPageToken";
        list.HistoryTypes = new Repeatable<string>(["messageAdded", "labelAdded", "labelRemoved"]);
        list.PageToken = at.PageToken;
        list.MaxResults = Math.Min(max, LargestPage);
        ListHistoryResponse page;
        try
        {
            page = await list.CallAsync(cancel);
        }
        catch (GmailRefusedException refused) when (at.PageToken is not null && refused.Status == HttpStatusCode.BadRequest)
        {
            return await ListHistoryAsync(Restarted(at), cursor, max, cancel);
        }

        List<ListedId> found = GmailHistory.IntoInbox(page.History ?? [], at.HistoryId);
        List<ListedId> ids = [.. found.Skip(at.Skip).Take(max)];
        if (at.Skip + ids.Count < found.Count)
            return new ListedPage(ids, (at with { Skip = at.Skip + ids.Count }).Write(), More: true);
        // A token that comes back unchanged would list the same page for ever.
        if (!string.IsNullOrEmpty(page.NextPageToken) && page.NextPageToken != at.PageToken)
            return new ListedPage(ids, (at with { PageToken = page.NextPageToken, Skip = 0 }).Write(), More: true);
        if (page.HistoryId is null || page.HistoryId == at.HistoryId)
            return new ListedPage(ids, at.PageToken is null && at.Skip == 0 ? cursor : new GmailCursor(GmailMode.History, at.HistoryId, at.Good).Write(), More: false);
        return new ListedPage(ids, new GmailCursor(GmailMode.History, page.HistoryId, asked.ToUnixTimeSeconds()).Write(), More: false);
    }

    private static GmailCursor Restarted(GmailCursor at) => at.Restarts < MaxRestarts
        ? at with { PageToken = null, Skip = 0, Restarts = at.Restarts + 1 }
        : throw new NotNowException("gmail-page-token");

    /// <summary>The mailbox's newest history id, and that it is the mailbox we think it is.</summary>
    private async Task<string> NewestHistoryAsync(CancellationToken cancel)
    {
        try
        {
            Profile profile = await gmail.Users.GetProfile(Me).CallAsync(cancel);
            // An account may be given another address; the address decides only where no id token came with the access.
            if (!access.IsPinned && profile.EmailAddress is { } address && !address.Equals(access.Email, StringComparison.OrdinalIgnoreCase))
                throw new MailboxRefusedException(MailboxFault.IdentityChanged);
            return profile.HistoryId ?? throw new NotNowException("gmail-no-history-id");
        }
        catch (GmailRefusedException refused) when (refused.Status == HttpStatusCode.NotFound)
        {
            return await NewestHistoryOfMailAsync(cancel);
        }
    }

    /// <summary>Stand-ins have no profile: what follows the newest mail's history id ends in the newest of all.</summary>
    private async Task<string> NewestHistoryOfMailAsync(CancellationToken cancel)
    {
        UsersResource.ListRequest list = gmail.Users.Messages.List(Me);
        list.MaxResults = 1;
        string start = (await list.CallAsync(cancel)).Messages is [{ Id: { } id }, ..]
            ? (await gmail.Users.Messages.Get(Me, id).CallAsync(cancel)).HistoryId ?? "0"
            : "0";
        UsersResource.HistoryListRequest history = gmail.Users.History.List(Me);
        history.StartHistoryId = start;
        history.MaxResults = 1;
        return (await history.CallAsync(cancel)).HistoryId ?? start;
    }
}
