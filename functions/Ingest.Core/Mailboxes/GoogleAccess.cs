using System.Net;
using System.Net.Http.Headers;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;

namespace Ingest.Core.Mailboxes;

/// <summary>
/// One mailbox's access to Google: draws access tokens, one refresh at a time, a few minutes before they expire. Keep one per mailbox and process.
/// A refresh token that Google rotates is handed to be saved before the new access token is used; when saving fails, the answer is kept and saved on the next
/// call, so a fault between reply and save costs nothing. Throws <see cref="MailboxRefusedException"/> when the grant is gone or another account's.
/// </summary>
public sealed class GoogleAccess : IConfigurableHttpClientInitializer, IHttpExecuteInterceptor, IHttpUnsuccessfulResponseHandler, IDisposable
{
    /// <summary>Long enough that a token drawn now lives through the longest call.</summary>
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(6);

    private readonly SemaphoreSlim oneAtATime = new(1, 1);
    private readonly Func<GoogleConsent> consent;
    private readonly Func<string, CancellationToken, Task> saveRotated;
    private readonly TimeProvider time;
    private readonly string subject;
    private string refreshToken;
    private string? unsaved;
    private (string Token, DateTimeOffset RenewAt)? access;

    /// <summary>Opens a mailbox with its credential; <paramref name="consent"/> is asked at each refresh, so that a new client secret counts at once.</summary>
    public GoogleAccess(Func<GoogleConsent> consent, MailboxCredential credential, Func<string, CancellationToken, Task> saveRotated, TimeProvider time)
    {
        (this.consent, this.saveRotated, this.time) = (consent, saveRotated, time);
        (subject, refreshToken, Email) = (credential.Subject, credential.RefreshToken, credential.Email);
    }

    /// <summary>The account's address at consent.</summary>
    internal string Email { get; }

    /// <summary>True once a refresh has shown that the account is the pinned one.</summary>
    internal bool IsPinned { get; private set; }

    /// <summary>A token that is good for some minutes at least.</summary>
    public async Task<string> GetAccessTokenAsync(CancellationToken cancel)
    {
        await oneAtATime.WaitAsync(cancel);
        try
        {
            await SaveRotatedAsync(cancel);
            if (access is not { } current || current.RenewAt <= time.GetUtcNow())
                current = await RefreshAsync(cancel);
            return current.Token;
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <summary>Forgets a token that Google no longer takes; another that was drawn meanwhile stays.</summary>
    internal async Task ForgetAsync(string token, CancellationToken cancel)
    {
        await oneAtATime.WaitAsync(cancel);
        if (access?.Token == token)
            access = null;
        oneAtATime.Release();
    }

    /// <inheritdoc />
    public void Initialize(ConfigurableHttpClient httpClient)
    {
        httpClient.MessageHandler.FollowRedirect = false;
        httpClient.MessageHandler.Credential = this;
        httpClient.MessageHandler.AddUnsuccessfulResponseHandler(this);
    }

    /// <inheritdoc />
    public async Task InterceptAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await GetAccessTokenAsync(cancellationToken));

    /// <inheritdoc />
    public async Task<bool> HandleResponseAsync(HandleUnsuccessfulResponseArgs args)
    {
        // Once: a token drawn a moment ago that is refused again is not mended by drawing more.
        if (args.Response.StatusCode != HttpStatusCode.Unauthorized || args.CurrentFailedTry > 1 || args.Request.Headers.Authorization?.Parameter is not { } token)
            return false;
        await ForgetAsync(token, args.CancellationToken);
        return args.SupportsRetry;
    }

    /// <inheritdoc />
    public void Dispose() => oneAtATime.Dispose();

    private async Task<(string Token, DateTimeOffset RenewAt)> RefreshAsync(CancellationToken cancel)
    {
        DateTimeOffset asked = time.GetUtcNow();
        using GoogleConsent google = consent();
        TokenResponse answer = await google.RefreshAsync(refreshToken, cancel);
        string? account = GoogleIdentity.ReadSubject(answer.IdToken);
        if (account is not null && account != subject)
            throw new MailboxRefusedException(MailboxFault.IdentityChanged);
        IsPinned = account is not null;
        if (!string.IsNullOrEmpty(answer.RefreshToken) && answer.RefreshToken != refreshToken)
            refreshToken = unsaved = answer.RefreshToken;
        var life = TimeSpan.FromSeconds(answer.ExpiresInSeconds ?? 3600);
        (string, DateTimeOffset) drawn = (answer.AccessToken, asked + (life > RenewBefore * 2 ? life - RenewBefore : life / 2));
        access = drawn;
        await SaveRotatedAsync(cancel);
        return drawn;
    }

    private async Task SaveRotatedAsync(CancellationToken cancel)
    {
        if (unsaved is not { } rotated)
            return;
        await saveRotated(rotated, cancel);
        unsaved = null;
    }
}
