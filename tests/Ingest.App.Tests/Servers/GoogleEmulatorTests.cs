using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Ingest.Cli.Servers;
using Xunit;

namespace Ingest.App.Tests.Servers;

public sealed class GoogleEmulatorTests : IAsyncLifetime
{
    private const string Support = "support@acme.example";

    // Latin-1 and lone line ends: what a text path would spoil.
    private static readonly byte[] Odd = Encoding.Latin1.GetBytes("From: a@customer.example\r\nTo: support@acme.example\r\nSubject: odd\r\nDate: Mon, 02 Nov 2026 10:00:00 +0100\r\n\r\ncaf\xe9 \x80\xff\n\r\n\rend");

    private readonly TempFolder folder = new();
    private GoogleEmulator google = null!;
    private GoogleCaller app = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllBytesAsync(folder.File("01-odd.eml"), Odd, Cancel);
        google = await GoogleEmulator.StartAsync(
            new GoogleEmulatorOptions { SeedFolder = folder.Path, RedirectUris = [GoogleCaller.Callback], DataFile = folder.File("google.ndjson") }, Cancel);
        app = new GoogleCaller(google);
        await app.SignInAsync(Support, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        app.Dispose();
        await google.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_seeded_mail_is_read_byte_for_byte()
    {
        string id = Assert.Single(await app.IdsAsync(Cancel));

        Assert.Equal(1, google.Imported);
        Assert.Equal(Odd, await app.RawAsync(id, Cancel));
        JsonElement minimal = await app.GetAsync($"messages/{id}?format=minimal", Cancel);
        Assert.Equal("1793610000000", minimal.GetProperty("internalDate").GetString());
    }

    [Fact]
    public async Task History_lists_what_came_since_in_order()
    {
        string start = (await app.GetAsync("profile", Cancel)).GetProperty("historyId").GetString()!;
        string watch = (await app.PostAsync("watch", new { topicName = "projects/p/topics/t", labelIds = (string[])["INBOX"] }, Cancel)).GetProperty("historyId").GetString()!;
        var expected = new List<string>();
        for (int i = 0; i < 20; i++)
            expected.Add((await google.ImportAsync(Support, Odd, Cancel)).Id);

        Assert.Equal(start, watch);
        Assert.Equal(expected, await app.IdsAddedSinceAsync(start, Cancel));
        Assert.Equal(20, expected.Distinct().Count());
    }

    [Fact]
    public async Task Labels_change_and_history_tells()
    {
        string id = Assert.Single(await app.IdsAsync(Cancel));
        string start = (await app.GetAsync("profile", Cancel)).GetProperty("historyId").GetString()!;

        JsonElement changed = await app.PostAsync($"messages/{id}/modify", new { removeLabelIds = (string[])["UNREAD"] }, Cancel);

        Assert.Equal("INBOX", Assert.Single(changed.GetProperty("labelIds").EnumerateArray().ToArray()).GetString());
        JsonElement entry = Assert.Single((await app.GetAsync($"history?startHistoryId={start}", Cancel)).GetProperty("history").EnumerateArray().ToArray());
        Assert.Equal("UNREAD", entry.GetProperty("labelsRemoved")[0].GetProperty("labelIds")[0].GetString());
    }

    [Fact]
    public async Task Ids_history_and_grants_survive_a_kill()
    {
        string added = (await google.ImportAsync(Support, Odd, Cancel)).Id;
        string[] before = await app.IdsAsync(Cancel);
        JsonElement profile = await app.GetAsync("profile", Cancel);

        await google.KillAsync(Cancel);
        await google.StartAgainAsync(Cancel);

        Assert.Equal(0, google.Imported);
        using HttpResponseMessage refused = await app.SendAsync("profile", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        await app.RefreshAsync(Cancel);
        Assert.Equal(before, await app.IdsAsync(Cancel));
        Assert.Equal(profile.GetRawText(), (await app.GetAsync("profile", Cancel)).GetRawText());
        Assert.Equal(Odd, await app.RawAsync(added, Cancel));
    }

    [Fact]
    public async Task A_revoked_grant_refreshes_no_more()
    {
        await app.RefreshAsync(Cancel);
        await google.RevokeAsync(Support, Cancel);

        Assert.Equal("invalid_grant", await app.RefreshErrorAsync(Cancel));
        using HttpResponseMessage refused = await app.SendAsync("profile", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task The_app_itself_can_revoke_with_either_token()
    {
        string access = app.Http.DefaultRequestHeaders.Authorization!.Parameter!;
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("token", access)]);
        using HttpResponseMessage revoked = await app.Http.PostAsync(new Uri($"{google.BaseUrl}/oauth2/revoke"), form, Cancel);

        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        Assert.Equal("invalid_grant", await app.RefreshErrorAsync(Cancel));
    }

    [Fact]
    public async Task Scripted_faults_strike_as_often_as_ordered()
    {
        await google.FaultAsync(new GoogleFault("/profile", 429) { Times = 2, RetryAfter = 7 }, Cancel);
        await google.FaultAsync(new GoogleFault("/oauth2/token", 400) { Reason = "invalid_grant" }, Cancel);

        using HttpResponseMessage first = await app.SendAsync("profile", Cancel);
        using HttpResponseMessage second = await app.SendAsync("profile", Cancel);
        using HttpResponseMessage third = await app.SendAsync("profile", Cancel);

        Assert.Equal([HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], [first.StatusCode, second.StatusCode, third.StatusCode]);
        Assert.Equal(TimeSpan.FromSeconds(7), first.Headers.RetryAfter?.Delta);
        Assert.Equal("invalid_grant", await app.RefreshErrorAsync(Cancel));
        Assert.Null(await app.RefreshErrorAsync(Cancel));
    }

    [Fact]
    public async Task An_answer_can_be_lost_after_the_mail_was_sent()
    {
        await google.FaultAsync(new GoogleFault("/messages/send") { Drop = GoogleDrop.After }, Cancel);

        await Assert.ThrowsAsync<HttpRequestException>(
            () => app.PostAsync("messages/send", new { raw = System.Buffers.Text.Base64Url.EncodeToString(Odd) }, Cancel));

        JsonElement sent = await app.GetAsync("messages?labelIds=SENT", Cancel);
        Assert.Equal(1, sent.GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task Old_history_can_be_forgotten()
    {
        string start = (await app.GetAsync("profile", Cancel)).GetProperty("historyId").GetString()!;
        await google.ImportAsync(Support, Odd, Cancel);
        await google.ExpireHistoryAsync(Cancel);

        using HttpResponseMessage gone = await app.SendAsync($"history?startHistoryId={start}", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        string now = (await app.GetAsync("profile", Cancel)).GetProperty("historyId").GetString()!;
        Assert.Empty(await app.IdsAddedSinceAsync(now, Cancel));
    }

    [Theory]
    [InlineData("upload/gmail/v1/users/me/messages/send?uploadType=media", "message/rfc822")]
    [InlineData("upload/gmail/v1/users/me/messages/send?uploadType=multipart", "multipart/related; boundary=\"b-1\"")]
    public async Task Uploads_keep_every_byte(string path, string type)
    {
        byte[] body = type.StartsWith("multipart", StringComparison.Ordinal)
            ? [.. "--b-1\r\nContent-Type: application/json\r\n\r\n{\"threadId\":\"1234567890abcdef\"}\r\n--b-1\r\nContent-Type: message/rfc822\r\n\r\n"u8, .. Odd, .. "\r\n--b-1--\r\n"u8]
            : Odd;
        using var content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        using HttpResponseMessage answer = await app.Http.PostAsync(new Uri($"{google.BaseUrl}/{path}"), content, Cancel);
        answer.EnsureSuccessStatusCode();
        JsonElement sent = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;

        Assert.Equal(Odd, await app.RawAsync(sent.GetProperty("id").GetString()!, Cancel));
        Assert.Equal(type.StartsWith("multipart", StringComparison.Ordinal), sent.GetProperty("threadId").GetString() == "1234567890abcdef");
    }

    [Fact]
    public async Task A_taken_port_is_named_with_the_option_that_changes_it()
    {
        using var taken = new TakenPort();

        ServerException e = await Assert.ThrowsAsync<ServerException>(
            () => GoogleEmulator.StartAsync(new GoogleEmulatorOptions { Port = taken.Port }, Cancel));

        Assert.Contains($"Port {taken.Port} is taken", e.Message, StringComparison.Ordinal);
        Assert.Contains("--google-port", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consent_to_an_unknown_client_or_user_is_refused()
    {
        var unknown = new Uri($"{google.BaseUrl}/o/oauth2/v2/auth?client_id=nobody&redirect_uri=http://127.0.0.1/&response_type=code");
        await Assert.ThrowsAsync<ServerException>(() => GoogleEmulator.ConsentAsync(app.Http, unknown, Support, Cancel));
        await Assert.ThrowsAsync<ServerException>(() => app.SignInAsync("stranger@acme.example", Cancel));
    }
}
