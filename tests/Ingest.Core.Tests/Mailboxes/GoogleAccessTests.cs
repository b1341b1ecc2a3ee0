using System.Net;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

public sealed class GoogleAccessTests : IAsyncDisposable
{
    private readonly GmailDesk desk = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => desk.DisposeAsync();

    [Fact]
    public async Task One_token_serves_until_shortly_before_it_expires()
    {
        string first = await desk.Access.GetAccessTokenAsync(Cancel);
        desk.Clock.Advance(TimeSpan.FromMinutes(53));
        string same = await desk.Access.GetAccessTokenAsync(Cancel);
        desk.Clock.Advance(TimeSpan.FromMinutes(2));
        string next = await desk.Access.GetAccessTokenAsync(Cancel);

        Assert.Equal(first, same);
        Assert.NotEqual(first, next);
        Assert.Equal(2, desk.Google.Count("/token"));
    }

    [Fact]
    public async Task Many_callers_at_once_cause_one_refresh()
    {
        string[] tokens = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => desk.Access.GetAccessTokenAsync(Cancel)));

        Assert.Single(tokens.Distinct());
        Assert.Equal(1, desk.Google.Count("/token"));
    }

    [Fact]
    public async Task A_token_refused_in_mid_run_is_replaced_in_that_run()
    {
        desk.Google.Deliver("a");
        await desk.SyncAsync(Cancel);
        desk.Google.ForgetAccessTokens();
        desk.Google.Deliver("b");

        Assert.Equal(["m2"], await desk.SyncAsync(Cancel));
        Assert.Equal(2, desk.Google.Count("/token"));
    }

    [Fact]
    public async Task A_fresh_token_that_is_refused_too_means_not_now_after_one_more_try()
    {
        desk.Google.Always = request => request.RequestUri!.Host == "gmail.googleapis.com" ? GoogleTwin.Error(HttpStatusCode.Unauthorized, "authError") : null;
        NotNowException notNow = await Assert.ThrowsAsync<NotNowException>(() => desk.SyncAsync(Cancel));

        Assert.Equal("gmail-401", notNow.ReasonCode);
        Assert.Equal(2, desk.Google.Count("/token"));
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.BadRequest)]
    public async Task An_error_without_a_word_means_not_now(HttpStatusCode status)
    {
        desk.Google.Always = request => request.RequestUri!.AbsolutePath == "/token" ? new HttpResponseMessage(status) : null;

        NotNowException notNow = await Assert.ThrowsAsync<NotNowException>(() => desk.SyncAsync(Cancel));

        Assert.StartsWith("google-token", notNow.ReasonCode, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_grant_is_known_at_the_next_refresh()
    {
        await desk.SyncAsync(Cancel);
        desk.Google.RevokeAll();
        desk.Google.ForgetAccessTokens();
        MailboxRefusedException refused = await Assert.ThrowsAsync<MailboxRefusedException>(() => desk.SyncAsync(Cancel));

        Assert.Equal(MailboxFault.GrantRevoked, refused.Fault);
        Assert.DoesNotContain("example.com", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_account_behind_the_token_is_refused_before_any_mail_is_read()
    {
        desk.Google.Deliver("a");
        desk.Google.Subject = "sub-2";
        MailboxRefusedException refused = await Assert.ThrowsAsync<MailboxRefusedException>(() => desk.SyncAsync(Cancel));

        Assert.Equal(MailboxFault.IdentityChanged, refused.Fault);
        Assert.Equal(0, desk.Google.Count("/gmail/"));
    }

    [Fact]
    public async Task Without_an_id_token_the_address_of_the_mailbox_decides()
    {
        desk.Google.SendsIdToken = false;
        desk.Google.Email = "other@example.com";

        Assert.Equal(MailboxFault.IdentityChanged, (await Assert.ThrowsAsync<MailboxRefusedException>(() => desk.SyncAsync(Cancel))).Fault);
    }

    [Fact]
    public async Task An_account_that_was_given_another_address_stays_connected()
    {
        desk.Google.Email = "renamed@example.com";
        desk.Google.Deliver("a");

        Assert.Equal(["m1"], await desk.SyncAsync(Cancel));
    }

    [Theory]
    [InlineData(Rotation.UntilUsed)]
    [InlineData(Rotation.AtOnce)]
    public async Task Failure_28_two_hundred_rotated_tokens_are_each_saved_before_use(Rotation rotation)
    {
        desk.Google.Rotation = rotation;
        List<string> saved = [];
        desk.Save = (token, _) =>
        {
            saved.Add(token);
            return Task.CompletedTask;
        };
        for (int at = 0; at < 200; at++)
        {
            desk.Google.ForgetAccessTokens();
            await desk.SyncAsync(Cancel);
            desk.Clock.Advance(TimeSpan.FromHours(2));
            if (at % 10 == 0)
                desk.Restart();
        }

        Assert.InRange(saved.Distinct().Count(), 200, 400);
        Assert.Equal(saved[^1], desk.StoredToken);
    }

    [Fact]
    public async Task Failure_28_a_crash_between_reply_and_save_costs_nothing_while_the_new_token_is_unused()
    {
        desk.Google.Rotation = Rotation.UntilUsed;
        for (int at = 0; at < 20; at++)
        {
            int used = desk.Google.Count("/gmail/");
            desk.Save = (_, _) => throw new InvalidOperationException("killed");
            await Assert.ThrowsAsync<InvalidOperationException>(() => desk.SyncAsync(Cancel));
            Assert.Equal(used, desk.Google.Count("/gmail/"));
            desk.Restart();
            desk.Save = (_, _) => Task.CompletedTask;
            await desk.SyncAsync(Cancel);
            desk.Restart();
        }
    }

    [Fact]
    public async Task Failure_28_a_save_that_fails_is_made_up_for_even_when_the_old_token_died_at_once()
    {
        desk.Google.Rotation = Rotation.AtOnce;
        desk.Save = (_, _) => throw new NotNowException("storage-busy");
        await Assert.ThrowsAsync<NotNowException>(() => desk.SyncAsync(Cancel));
        await Assert.ThrowsAsync<NotNowException>(() => desk.SyncAsync(Cancel));
        int usedUnsaved = desk.Google.Count("/gmail/");
        desk.Save = (_, _) => Task.CompletedTask;
        await desk.SyncAsync(Cancel);

        Assert.Equal(0, usedUnsaved);
        Assert.Equal(1, desk.Google.Count("/token"));
        Assert.Equal("refresh-1", desk.StoredToken);
    }

    [Fact]
    public async Task A_wrong_client_secret_is_no_fault_of_the_mailbox()
    {
        using var transport = new GoogleTransport(desk.Google);
        using var access = new GoogleAccess(
            () => new GoogleConsent(new GoogleClient(GoogleTwin.Client, "stale"), GoogleEndpoints.Google, transport, desk.Clock),
            new MailboxCredential(MailboxCredential.Google, "refresh-0", "sub-1", "desk@example.com", []), (_, _) => Task.CompletedTask, desk.Clock);
        NotNowException notNow = await Assert.ThrowsAsync<NotNowException>(() => access.GetAccessTokenAsync(Cancel));

        Assert.Equal("google-client-refused", notNow.ReasonCode);
    }

    [Fact]
    public async Task A_token_server_that_is_down_means_not_now()
    {
        desk.Google.Faults.Enqueue(_ => new HttpResponseMessage(HttpStatusCode.BadGateway) { Content = new StringContent("<html>secret") });
        desk.Google.Faults.Enqueue(_ => throw new HttpRequestException("secret"));
        desk.Google.Faults.Enqueue(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>secret") });
        foreach (string code in new[] { "google-token-502", "google-unreachable", "google-token-200" })
        {
            NotNowException notNow = await Assert.ThrowsAsync<NotNowException>(() => desk.SyncAsync(Cancel));
            Assert.Equal(code, notNow.ReasonCode);
            Assert.DoesNotContain("secret", notNow.ToString(), StringComparison.Ordinal);
        }
    }
}
