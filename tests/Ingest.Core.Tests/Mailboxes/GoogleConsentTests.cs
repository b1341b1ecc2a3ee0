using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Web;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

public sealed class GoogleConsentTests : IAsyncDisposable
{
    private static readonly Uri Redirect = new("https://desk.example.com/connect/google");

    private readonly GmailDesk desk = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => desk.DisposeAsync();

    [Fact]
    public void The_consent_page_is_asked_for_least_scopes_offline_and_with_a_challenge()
    {
        using GoogleConsent consent = desk.Consent();
        string verifier = GoogleConsent.NewVerifier();
        Uri url = consent.BuildUrl("state-1", verifier, Redirect, "desk@example.com");
        System.Collections.Specialized.NameValueCollection query = HttpUtility.ParseQueryString(url.Query);

        Assert.Equal("https://accounts.google.com/o/oauth2/v2/auth", url.GetLeftPart(UriPartial.Path));
        Assert.Equal("https://www.googleapis.com/auth/gmail.modify openid email", query["scope"]);
        Assert.Equal(("offline", "consent", "code", "S256"), (query["access_type"], query["prompt"], query["response_type"], query["code_challenge_method"]));
        Assert.Equal(("state-1", "desk@example.com", GoogleTwin.Client, Redirect.OriginalString), (query["state"], query["login_hint"], query["client_id"], query["redirect_uri"]));
        Assert.Equal(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))), query["code_challenge"]);
        Assert.DoesNotContain(verifier, url.AbsoluteUri, StringComparison.Ordinal);
        Assert.Matches("^[A-Za-z0-9_-]{43}$", verifier);
    }

    [Fact]
    public async Task A_code_becomes_a_grant_whose_account_is_proven()
    {
        using GoogleConsent consent = desk.Consent();
        GoogleGrant grant = await consent.RedeemAsync("code-1", "verifier", Redirect, Cancel, pinnedSubject: "sub-1");

        Assert.Equal(("refresh-0", "sub-1", "desk@example.com"), (grant.RefreshToken, grant.Subject, grant.Email));
        Assert.Contains(GoogleConsent.MailScope, grant.Scopes);
        Assert.Equal("***", grant.ToString());
    }

    [Fact]
    public async Task A_consent_that_cannot_be_used_says_why()
    {
        using GoogleConsent consent = desk.Consent();
        Assert.Equal(ConsentFault.CodeRefused, await FaultAsync("code-2"));
        Assert.Equal(ConsentFault.WrongAccount, await FaultAsync("code-1", "sub-9"));
        desk.Google.GrantedScopes = "openid https://www.googleapis.com/auth/userinfo.email";
        Assert.Equal(ConsentFault.ScopesMissing, await FaultAsync("code-1"));
        desk.Google.GrantedScopes = GoogleConsent.MailScope;
        desk.Google.SendsIdToken = false;
        Assert.Equal(ConsentFault.IdentityUnverified, await FaultAsync("code-1"));
        Assert.Equal(0, desk.Google.Count("/revoke"));

        async Task<ConsentFault> FaultAsync(string code, string? pinned = null) =>
            (await Assert.ThrowsAsync<ConsentRefusedException>(() => consent.RedeemAsync(code, "verifier", Redirect, Cancel, pinned))).Fault;
    }

    [Fact]
    public async Task An_id_token_that_google_did_not_sign_or_that_is_old_proves_nothing()
    {
        desk.Google.IdTokenAlgorithm = SecurityAlgorithms.HmacSha256;
        using GoogleConsent consent = desk.Consent();
        ConsentRefusedException hmac = await Assert.ThrowsAsync<ConsentRefusedException>(() => consent.RedeemAsync("code-1", "verifier", Redirect, Cancel));
        desk.Google.IdTokenAlgorithm = SecurityAlgorithms.RsaSha256;
        using var transport = new GoogleTransport(desk.Google);
        var late = new FakeClock();
        late.Advance(TimeSpan.FromHours(2));
        using var lateConsent = new GoogleConsent(new GoogleClient(GoogleTwin.Client, GoogleTwin.Secret), GoogleEndpoints.Google, transport, late);
        ConsentRefusedException old = await Assert.ThrowsAsync<ConsentRefusedException>(() => lateConsent.RedeemAsync("code-1", "verifier", Redirect, Cancel));

        Assert.Equal(ConsentFault.IdentityUnverified, hmac.Fault);
        Assert.Equal(ConsentFault.IdentityUnverified, old.Fault);
    }

    [Fact]
    public async Task A_google_that_is_down_means_not_now()
    {
        using GoogleConsent consent = desk.Consent();
        desk.Google.Always = request => request.RequestUri!.AbsolutePath.EndsWith("/certs", StringComparison.Ordinal) ? GoogleTwin.Error(System.Net.HttpStatusCode.ServiceUnavailable, "") : null;
        NotNowException certs = await Assert.ThrowsAsync<NotNowException>(() => consent.RedeemAsync("code-1", "verifier", Redirect, Cancel));
        desk.Google.Always = _ => throw new HttpRequestException("secret");
        NotNowException revoke = await Assert.ThrowsAsync<NotNowException>(() => consent.RevokeAsync("refresh-0", Cancel));

        Assert.Equal(("google-certs-503", "google-unreachable"), (certs.ReasonCode, revoke.ReasonCode));
    }

    [Fact]
    public async Task A_grant_is_given_back_once_and_giving_it_back_again_is_no_error()
    {
        using GoogleConsent consent = desk.Consent();
        await consent.RevokeAsync("refresh-0", Cancel);
        await consent.RevokeAsync("refresh-0", Cancel);

        Assert.Equal(MailboxFault.GrantRevoked, (await Assert.ThrowsAsync<MailboxRefusedException>(() => desk.SyncAsync(Cancel))).Fault);
    }

    [Fact]
    public void A_credential_survives_its_bytes_and_never_shows_in_text()
    {
        var credential = new MailboxCredential(MailboxCredential.Google, "secret-token", "sub-1", "desk@example.com", ["a", "b"]);
        MailboxCredential read = MailboxCredential.FromJsonBytes(credential.ToJsonBytes());

        Assert.Equal((credential.Kind, credential.RefreshToken, credential.Subject, credential.Email), (read.Kind, read.RefreshToken, read.Subject, read.Email));
        Assert.Equal(credential.Scopes, read.Scopes);
        Assert.Equal("***", $"{credential}");
        Assert.Equal("***", $"{new GoogleClient("id", "secret")}");
        Assert.DoesNotContain("oops", Assert.Throws<FormatException>(() => MailboxCredential.FromJsonBytes("{\"oops\""u8)).ToString(), StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => MailboxCredential.FromJsonBytes("{}"u8));
        Assert.Throws<FormatException>(() => MailboxCredential.FromJsonBytes("null"u8));
    }

    [Theory]
    [InlineData("http://127.0.0.1:4002/", true)]
    [InlineData("http://[::1]:4002/", true)]
    [InlineData("https://localhost/", true)]
    [InlineData("http://10.0.0.1/", false)]
    [InlineData("https://localhost.example.com/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("https://accounts.google.com/", false)]
    public void A_stand_in_for_google_may_only_be_on_loopback(string root, bool allowed)
    {
        if (allowed)
            Assert.True(GoogleEndpoints.ForDevelopment(new Uri(root)).IsDevelopment);
        else
            Assert.Throws<ArgumentException>(() => GoogleEndpoints.ForDevelopment(new Uri(root)));
        Assert.False(GoogleEndpoints.Google.IsDevelopment);
    }
}
