using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Flows;
using Google.Apis.Auth.OAuth2.Requests;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;
using Google.Apis.Util.Store;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Mailboxes;

/// <summary>Our registration at Google.</summary>
/// <param name="ClientId">The public id.</param>
/// <param name="ClientSecret">The secret.</param>
public sealed record GoogleClient(string ClientId, string ClientSecret)
{
    /// <inheritdoc />
    public override string ToString() => "***";
}

/// <summary>What a consent gave us.</summary>
/// <param name="RefreshToken">The lasting token.</param>
/// <param name="Scopes">What was granted, as Google spells it.</param>
/// <param name="Subject">The account's lasting id, proven.</param>
/// <param name="Email">The account's address, proven.</param>
public sealed record GoogleGrant(string RefreshToken, IReadOnlyList<string> Scopes, string Subject, string Email)
{
    /// <summary>The grant as a credential to seal.</summary>
    public MailboxCredential ToCredential() => new(MailboxCredential.Google, RefreshToken, Subject, Email, Scopes);

    /// <inheritdoc />
    public override string ToString() => "***";
}

/// <summary>
/// Google's consent (OAuth 2.0 authorization code flow, RFC 6749, with PKCE, RFC 7636). Made per use, so that a rotated client secret is never stale.
/// </summary>
public sealed class GoogleConsent : IDisposable
{
    /// <summary>Read, label and send: the least that lets a desk fetch mail, mark it, and answer. It cannot delete for good, nor change settings.</summary>
    public const string MailScope = "https://www.googleapis.com/auth/gmail.modify";

    /// <summary>The mail scope, and who consented.</summary>
    public static readonly IReadOnlyList<string> Scopes = [MailScope, "openid", "email"];

    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);

    private readonly GoogleEndpoints endpoints;
    private readonly TimeProvider time;
    private readonly ConfigurableHttpClient http;
    private readonly PkceGoogleAuthorizationCodeFlow flow;
    private readonly GoogleIdentity identity;
    private readonly GoogleClient client;

    /// <summary>Speaks for the given registration.</summary>
    public GoogleConsent(GoogleClient client, GoogleEndpoints endpoints, GoogleTransport transport, TimeProvider time)
    {
        (this.client, this.endpoints, this.time) = (client, endpoints, time);
        flow = new PkceGoogleAuthorizationCodeFlow(new FlowInitializer(endpoints)
        {
            ClientSecrets = new ClientSecrets { ClientId = client.ClientId, ClientSecret = client.ClientSecret },
            Scopes = Scopes,
            HttpClientFactory = transport,
            DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
            DataStore = new NullDataStore(),
        });
        http = flow.HttpClient;
        http.MessageHandler.FollowRedirect = false;
        identity = new GoogleIdentity(client.ClientId, endpoints, http, time);
    }

    /// <summary>A fresh PKCE verifier: 43 characters, 256 random bits (RFC 7636 section 4.1).</summary>
    public static string NewVerifier() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The consent page's address for one attempt; only the verifier's SHA-256 is in it.</summary>
    public Uri BuildUrl(string state, string codeVerifier, Uri redirectUri, string? loginHint = null) =>
        new GoogleAuthorizationCodeRequestUrl(endpoints.Authorization)
        {
            ClientId = client.ClientId,
            RedirectUri = redirectUri.OriginalString,
            Scope = string.Join(' ', Scopes),
            State = state,
            AccessType = "offline",
            Prompt = "consent",
            LoginHint = loginHint,
            CodeChallenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(codeVerifier))),
            CodeChallengeMethod = "S256",
        }.Build();

    /// <summary>
    /// Turns a code into a grant whose identity is proven and, when pinned, the same as before. Throws <see cref="ConsentRefusedException"/> for a consent
    /// that cannot be used and <see cref="NotNowException"/> when Google cannot be asked. A grant of the wrong account is not revoked: revoking
    /// takes the account's whole grant to us, which another mailbox may live on.
    /// </summary>
    public async Task<GoogleGrant> RedeemAsync(string code, string codeVerifier, Uri redirectUri, CancellationToken cancel, string? pinnedSubject = null)
    {
        TokenResponse token;
        try
        {
            token = await GoogleTransport.CallAsync(
                CallLimit, time, deadline => flow.ExchangeCodeForTokenAsync("me", code, codeVerifier, redirectUri.OriginalString, deadline), cancel);
        }
        catch (NullReferenceException)
        {
            throw WithoutBody();
        }
        catch (TokenResponseException refused)
        {
            throw IsGrantRefused(refused) ? new ConsentRefusedException(ConsentFault.CodeRefused) : NotNow(refused);
        }

        // RFC 6749 section 5.1: no scope in the answer means the scopes asked for.
        string[] scopes = (token.Scope ?? string.Join(' ', Scopes)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!scopes.Contains(MailScope))
            throw new ConsentRefusedException(ConsentFault.ScopesMissing);
        if (string.IsNullOrEmpty(token.RefreshToken))
            throw new ConsentRefusedException(ConsentFault.NoRefreshToken);
        GoogleAccount account = await GoogleTransport.CallAsync(CallLimit, time, deadline => identity.ProveAsync(token, deadline), cancel);
        if (pinnedSubject is not null && account.Subject != pinnedSubject)
            throw new ConsentRefusedException(ConsentFault.WrongAccount);
        return new GoogleGrant(token.RefreshToken, scopes, account.Subject, account.Email);
    }

    /// <summary>
    /// Gives the grant back; one that is already gone counts as given back. Google takes the account's whole grant to this client: call it only when no other
    /// mailbox is connected to the same account.
    /// </summary>
    public async Task RevokeAsync(string refreshToken, CancellationToken cancel)
    {
        using var body = new FormUrlEncodedContent([new("token", refreshToken)]);
        using HttpResponseMessage response = await GoogleTransport.CallAsync(CallLimit, time, deadline => http.PostAsync(endpoints.Revocation, body, deadline), cancel);
        // RFC 7009 section 2.2: an unknown token is success; Google says 400 invalid_token instead.
        if (!response.IsSuccessStatusCode && (int)response.StatusCode != 400)
            throw new NotNowException($"google-revoke-{(int)response.StatusCode}", GoogleTransport.RetryAfter(response.Headers, time));
    }

    /// <summary>A fresh access token; the answer names a new refresh token when Google rotated it.</summary>
    internal async Task<TokenResponse> RefreshAsync(string refreshToken, CancellationToken cancel)
    {
        try
        {
            return await GoogleTransport.CallAsync(
                CallLimit, time, deadline => flow.FetchTokenAsync("me", new RefreshTokenRequest { RefreshToken = refreshToken }, deadline), cancel);
        }
        catch (NullReferenceException)
        {
            throw WithoutBody();
        }
        catch (TokenResponseException refused)
        {
            throw IsGrantRefused(refused) ? new MailboxRefusedException(MailboxFault.GrantRevoked) : NotNow(refused);
        }
    }

    /// <inheritdoc />
    public void Dispose() => flow.Dispose();

    // The client library falls over an error answer that has no body, as a front of Google's that is not ready sends it.
    private static NotNowException WithoutBody() => new("google-token-empty");

    private static bool IsGrantRefused(TokenResponseException refused) => refused.Error?.Error == "invalid_grant";

    /// <summary>A wrong client secret is our fault and no property of the mailbox: it waits with all others, and the alarm rings.</summary>
    private static NotNowException NotNow(TokenResponseException refused) => new(refused.Error?.Error switch
    {
        "invalid_client" or "unauthorized_client" => "google-client-refused",
        _ => $"google-token-{(int)(refused.StatusCode ?? 0)}",
    });

    private sealed class FlowInitializer(GoogleEndpoints endpoints) : GoogleAuthorizationCodeFlow.Initializer(
        endpoints.Authorization.AbsoluteUri, endpoints.Token.AbsoluteUri, endpoints.Revocation.AbsoluteUri);
}
