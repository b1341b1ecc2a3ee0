using System.Net;
using System.Net.Http.Headers;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

public sealed class GmailSourceTests : IAsyncDisposable
{
    private readonly GmailDesk desk = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => desk.DisposeAsync();

    [Fact]
    public async Task All_old_mail_and_then_what_arrives_is_listed_and_read_byte_for_byte()
    {
        desk.Google.PageSize = 3;
        for (int at = 1; at <= 10; at++)
            desk.Google.Deliver($"Subject: {at}\r\n\r\n\xFF body\r\n");
        List<string> old = await desk.SyncAsync(Cancel);
        desk.Google.Deliver("Subject: new\r\n\r\n");
        List<string> fresh = await desk.SyncAsync(Cancel);

        Assert.Equal(10, old.Distinct().Count());
        Assert.Equal(["m11"], fresh);
        Assert.Equal("Subject: 3\r\n\r\n\xFF body\r\n", desk.Texts["m3"]);
    }

    [Fact]
    public async Task Mail_that_arrives_during_the_back_fill_is_not_missed()
    {
        desk.Max = 2;
        for (int at = 0; at < 5; at++)
            desk.Google.Deliver("old");
        await using GmailSource source = desk.Source();
        ListedPage first = await source.ListAsync(null, 2, Cancel);
        desk.Google.Deliver("meanwhile");
        desk.Cursor = first.Next;
        List<string> rest = await desk.SyncAsync(Cancel);

        Assert.Equal(["m1", "m2", "m3", "m4", "m5", "m6"], first.Ids.Select(i => i.ProviderId).Concat(rest).Distinct().Order());
    }

    [Fact]
    public async Task From_now_leaves_old_mail_alone()
    {
        desk.Since = BackFill.FromNow;
        desk.Google.Deliver("old");
        List<string> first = await desk.SyncAsync(Cancel);
        desk.Google.Deliver("new");

        Assert.Empty(first);
        Assert.Equal(["m2"], await desk.SyncAsync(Cancel));
    }

    [Fact]
    public async Task The_last_days_only_are_filled_back()
    {
        desk.Since = BackFill.LastDays(7);
        desk.Google.Deliver("old");
        desk.Clock.Advance(TimeSpan.FromDays(10));
        desk.Google.Deliver("recent");
        desk.Clock.Advance(TimeSpan.FromDays(6));

        Assert.Equal(["m2"], await desk.SyncAsync(Cancel));
    }

    [Fact]
    public async Task Sent_drafts_spam_and_trash_are_not_listed_until_they_are_in_the_inbox()
    {
        await desk.SyncAsync(Cancel);
        desk.Google.Deliver("sent", "SENT");
        desk.Google.Deliver("draft", "DRAFT");
        string spam = desk.Google.Deliver("spam", "SPAM");
        desk.Google.Deliver("trash", "INBOX", "TRASH");
        string toSelf = desk.Google.Deliver("to self", "SENT", "INBOX");
        desk.Google.Deliver("filtered", "Label_1");
        List<string> first = await desk.SyncAsync(Cancel);
        desk.Google.Relabel(spam, "INBOX", "SPAM");

        Assert.Equal([toSelf], first);
        Assert.Equal([spam], await desk.SyncAsync(Cancel));
    }

    [Fact]
    public async Task Failure_09_a_mail_read_or_archived_by_a_colleague_between_two_polls_is_listed()
    {
        await desk.SyncAsync(Cancel);
        string read = desk.Google.Deliver("read");
        desk.Google.Relabel(read, null, "UNREAD");
        string archived = desk.Google.Deliver("archived", "UNREAD");
        desk.Google.Relabel(archived, null, "INBOX");

        Assert.Equal([read, archived], await desk.SyncAsync(Cancel));
    }

    [Fact]
    public async Task A_change_that_holds_many_mails_is_cut_into_pages_without_loss()
    {
        desk.Since = BackFill.FromNow;
        await desk.SyncAsync(Cancel);
        for (int at = 0; at < 25; at++)
            desk.Google.Deliver("x");
        string added = string.Join(',', Enumerable.Range(1, 25).Select(at => "{\"message\":{\"id\":\"m" + at + "\",\"labelIds\":[\"INBOX\"]}}"));
        string all = "{\"history\":[{\"id\":\"1999\",\"messagesAdded\":[" + added + "]}],\"historyId\":\"2000\"}";
        desk.Google.Always = request => request.RequestUri!.AbsolutePath.EndsWith("/history", StringComparison.Ordinal) && !request.RequestUri.Query.Contains("=2000", StringComparison.Ordinal)
            ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(all) }
            : null;
        desk.Max = 10;
        List<string> ids = await desk.SyncAsync(Cancel);

        Assert.Equal(25, ids.Count);
        Assert.Equal(25, ids.Distinct().Count());
        Assert.Contains("\"2000\"", desk.Cursor!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Paged_history_is_read_to_its_end()
    {
        desk.Since = BackFill.FromNow;
        await desk.SyncAsync(Cancel);
        for (int at = 0; at < 23; at++)
            desk.Google.Deliver("x");
        desk.Google.PageSize = 5;

        Assert.Equal(Enumerable.Range(1, 23).Select(at => $"m{at}"), await desk.SyncAsync(Cancel));
    }

    [Fact]
    public async Task Failure_10_expired_history_is_a_bounded_resync_and_no_alarm()
    {
        desk.Google.Deliver("long ago");
        await desk.SyncAsync(Cancel);
        desk.Clock.Advance(TimeSpan.FromDays(20));
        desk.Google.Deliver("before the outage");
        await desk.SyncAsync(Cancel);
        for (int day = 0; day < 14; day++)
        {
            desk.Clock.Advance(TimeSpan.FromDays(1));
            desk.Google.Deliver($"day {day}");
        }

        desk.Google.ForgetHistory();
        desk.Google.Deliver("just now");
        List<string> ids = await desk.SyncAsync(Cancel);
        List<string> idle = await desk.SyncAsync(Cancel);

        Assert.True(desk.Resynced);
        Assert.Equal(Enumerable.Range(2, 16).Select(at => $"m{at}").Order(), ids.Order());
        Assert.Empty(idle);
    }

    [Fact]
    public async Task Failure_10_an_outage_longer_than_history_during_the_back_fill_loses_nothing()
    {
        desk.Max = 2;
        for (int at = 0; at < 6; at++)
            desk.Google.Deliver("old");
        await using GmailSource source = desk.Source();
        ListedPage first = await source.ListAsync(null, 2, Cancel);
        desk.Cursor = first.Next;
        desk.Clock.Advance(TimeSpan.FromDays(12));
        desk.Google.Deliver("during the outage");
        desk.Google.ForgetHistory();
        desk.Google.Stir();
        desk.Google.Stir();
        List<string> rest = await desk.SyncAsync(Cancel);

        Assert.Equal(["m1", "m2", "m3", "m4", "m5", "m6", "m7"], first.Ids.Select(i => i.ProviderId).Concat(rest).Distinct().Order());
    }

    [Fact]
    public async Task Failure_10_a_history_that_repeats_itself_does_not_loop()
    {
        desk.Since = BackFill.FromNow;
        await desk.SyncAsync(Cancel);
        desk.Google.Deliver("x");
        HttpResponseMessage Same(HttpRequestMessage request) => new(HttpStatusCode.OK)
        {
            Content = new StringContent("""{"history":[{"id":"1001","messagesAdded":[{"message":{"id":"m1","labelIds":["INBOX"]}}]}],"historyId":"1001","nextPageToken":"again"}"""),
        };
        desk.Google.Always = request => request.RequestUri!.AbsolutePath.EndsWith("/history", StringComparison.Ordinal) ? Same(request) : null;
        List<string> ids = await desk.SyncAsync(Cancel, maxPages: 10);

        Assert.Equal(["m1"], ids.Distinct());
        Assert.Contains("\"1001\"", desk.Cursor!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_page_token_starts_the_listing_again_and_not_for_ever()
    {
        desk.Google.PageSize = 2;
        for (int at = 0; at < 5; at++)
            desk.Google.Deliver("x");
        bool once = true;
        desk.Google.Always = request => request.RequestUri!.Query.Contains("pageToken=2", StringComparison.Ordinal) && once ? Refuse() : null;
        HttpResponseMessage Refuse()
        {
            once = false;
            return GoogleTwin.Error(HttpStatusCode.BadRequest, "invalidArgument");
        }

        List<string> ids = await desk.SyncAsync(Cancel);
        desk.Cursor = null;
        desk.Google.Always = request => request.RequestUri!.Query.Contains("pageToken", StringComparison.Ordinal) ? GoogleTwin.Error(HttpStatusCode.BadRequest, "invalidArgument") : null;
        NotNowException notNow = await Assert.ThrowsAsync<NotNowException>(() => desk.SyncAsync(Cancel, maxPages: 20));

        Assert.Equal(5, ids.Distinct().Count());
        Assert.Equal("gmail-page-token", notNow.ReasonCode);
    }

    [Fact]
    public async Task Failure_26_idle_polls_read_no_bodies_and_change_nothing()
    {
        byte[] mail = new byte[300_000];
        Random.Shared.NextBytes(mail);
        desk.Google.Deliver(mail);
        await desk.SyncAsync(Cancel);
        SourceCursor? before = desk.Cursor;
        long sent = desk.Google.BytesSent;
        for (int poll = 0; poll < 100; poll++)
            Assert.Empty(await desk.SyncAsync(Cancel));

        Assert.Equal(before, desk.Cursor);
        Assert.Equal(1, desk.Google.Count("format=raw"));
        // The wire carries the first download gzipped, which undoes base64's third: see GoogleTransportTests.
        Assert.InRange(desk.Google.BytesSent - sent, 0, mail.Length / 10);
    }

    [Fact]
    public async Task Changes_that_are_not_mail_move_the_cursor_and_list_nothing()
    {
        await desk.SyncAsync(Cancel);
        SourceCursor? before = desk.Cursor;
        desk.Google.Stir();

        Assert.Empty(await desk.SyncAsync(Cancel));
        Assert.NotEqual(before, desk.Cursor);
        Assert.InRange(desk.Cursor!.Value.Length, 1, 200);
    }

    [Fact]
    public async Task A_mail_that_is_gone_has_vanished_and_one_that_is_refused_stops_nobody()
    {
        desk.Google.Deliver("a");
        string odd = desk.Google.Deliver("b");
        string gone = desk.Google.Deliver("c");
        desk.Google.Always = request => request.RequestUri!.AbsolutePath.EndsWith("/" + odd, StringComparison.Ordinal) ? GoogleTwin.Error(HttpStatusCode.BadRequest, "invalidArgument") : null;
        await using GmailSource source = desk.Source();
        ListedPage page = await source.ListAsync(null, 10, Cancel);
        desk.Google.Delete(gone);
        List<FetchKind> kinds = [];
        foreach (ListedId id in page.Ids)
            kinds.Add((await source.FetchAsync(id, Cancel)).Kind);

        Assert.Equal([FetchKind.Fetched, FetchKind.Refused, FetchKind.Vanished], kinds);
    }

    [Fact]
    public async Task An_account_that_is_switched_off_condemns_no_mail()
    {
        desk.Google.Always = request => request.RequestUri!.Host == "gmail.googleapis.com" ? GoogleTwin.Error(HttpStatusCode.BadRequest, "failedPrecondition") : null;
        await using GmailSource source = desk.Source();

        Assert.Equal("gmail-400-failedprecondition", (await Assert.ThrowsAsync<NotNowException>(() => source.FetchAsync(new ListedId("m1"), Cancel))).ReasonCode);
    }

    [Theory]
    [InlineData(403, "userRateLimitExceeded", "gmail-quota")]
    [InlineData(403, "rateLimitExceeded", "gmail-quota")]
    [InlineData(429, "rateLimitExceeded", "gmail-quota")]
    [InlineData(429, "", "gmail-quota")]
    [InlineData(403, "accessNotConfigured", "gmail-api-disabled")]
    [InlineData(403, "SERVICE_DISABLED", "gmail-api-disabled")]
    [InlineData(403, "somethingNew", "gmail-403")]
    [InlineData(500, "backendError", "gmail-500")]
    [InlineData(503, "", "gmail-503")]
    [InlineData(302, "", "gmail-302")]
    public async Task Quota_and_outages_mean_not_now(int status, string reason, string code)
    {
        desk.Google.Always = request => request.RequestUri!.Host == "gmail.googleapis.com" ? GoogleTwin.Error((HttpStatusCode)status, reason, "secret@example.com") : null;
        NotNowException list = await Assert.ThrowsAsync<NotNowException>(() => desk.SyncAsync(Cancel));
        await using GmailSource source = desk.Source();
        NotNowException fetch = await Assert.ThrowsAsync<NotNowException>(() => source.FetchAsync(new ListedId("m1"), Cancel));

        Assert.Equal(code, list.ReasonCode);
        Assert.Equal(code, fetch.ReasonCode);
        Assert.DoesNotContain("secret", list.ToString() + fetch, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "domainPolicy", MailboxFault.ApiDisabled)]
    [InlineData(403, "insufficientPermissions", MailboxFault.NoPermission)]
    [InlineData(400, "failedPrecondition", MailboxFault.NoPermission)]
    public async Task A_mailbox_that_is_shut_says_why(int status, string reason, MailboxFault fault)
    {
        desk.Google.Always = request => request.RequestUri!.Host == "gmail.googleapis.com" ? GoogleTwin.Error((HttpStatusCode)status, reason) : null;

        Assert.Equal(fault, (await Assert.ThrowsAsync<MailboxRefusedException>(() => desk.SyncAsync(Cancel))).Fault);
    }

    [Fact]
    public async Task The_wait_that_google_asks_for_is_passed_on()
    {
        HttpResponseMessage header = GoogleTwin.Error(HttpStatusCode.TooManyRequests, "rateLimitExceeded");
        header.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(42));
        HttpResponseMessage text = GoogleTwin.Error(HttpStatusCode.Forbidden, "userRateLimitExceeded", "User-rate limit exceeded.  Retry after 2026-03-01T12:01:30.500Z");
        await desk.Access.GetAccessTokenAsync(Cancel);
        desk.Google.Faults.Enqueue(_ => header);
        desk.Google.Faults.Enqueue(_ => text);

        Assert.Equal(TimeSpan.FromSeconds(42), (await Assert.ThrowsAsync<NotNowException>(() => desk.SyncAsync(Cancel))).RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(90.5), (await Assert.ThrowsAsync<NotNowException>(() => desk.SyncAsync(Cancel))).RetryAfter);
    }

    [Fact]
    public async Task A_lost_connection_and_garbage_mean_not_now_without_their_text()
    {
        await desk.Access.GetAccessTokenAsync(Cancel);
        desk.Google.Faults.Enqueue(_ => throw new HttpRequestException("secret"));
        desk.Google.Faults.Enqueue(_ => throw new IOException("secret"));
        desk.Google.Faults.Enqueue(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>secret") });
        foreach (string code in new[] { "google-unreachable", "google-unreachable", "google-unreadable" })
        {
            NotNowException notNow = await Assert.ThrowsAsync<NotNowException>(() => desk.SyncAsync(Cancel));
            Assert.Equal(code, notNow.ReasonCode);
            Assert.DoesNotContain("secret", notNow.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cancelling_is_not_an_outage()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => desk.SyncAsync(stop.Token));
    }
}
