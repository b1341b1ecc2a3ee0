using System.Net.Http.Headers;
using System.Text.Json;
using Google.Apis.Auth.OAuth2.Responses;
using Ingest.Core.Pipeline;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Ingest.Core.Mailboxes;

/// <summary>Who an account is.</summary>
internal readonly record struct GoogleAccount(string Subject, string Email);

/// <summary>Proves who consented: an id token signed RS256 by Google for us (OpenID Connect Core section 3.1.3.7); a stand-in is asked at userinfo instead.</summary>
internal sealed class GoogleIdentity(string clientId, GoogleEndpoints endpoints, HttpClient http, TimeProvider time)
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    public Task<GoogleAccount> ProveAsync(TokenResponse token, CancellationToken cancel) =>
        endpoints.IsDevelopment ? AskAsync(token.AccessToken, cancel) : VerifyAsync(token.IdToken, cancel);

    /// <summary>
    /// The subject in an id token that came straight from the token endpoint over TLS, or null: enough to see that the account is still the pinned one
    /// (section 3.1.3.7, rule 6).
    /// </summary>
    public static string? ReadSubject(string? idToken)
    {
        try
        {
            return idToken is null ? null : new JsonWebToken(idToken).Subject;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private async Task<GoogleAccount> VerifyAsync(string? idToken, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(idToken))
            throw new ConsentRefusedException(ConsentFault.IdentityUnverified);
        string keys = await GetAsync(endpoints.Certificates, null, "google-certs", cancel);
        TokenValidationResult result = await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(idToken, new TokenValidationParameters
        {
            IssuerSigningKeys = new JsonWebKeySet(keys).GetSigningKeys(),
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ValidIssuers = ["https://accounts.google.com", "accounts.google.com"],
            ValidAudience = clientId,
            LifetimeValidator = (notBefore, expires, _, _) => InTime(notBefore, expires),
        });
        return result.IsValid && result.SecurityToken is JsonWebToken proven && IsTrue(proven, "email_verified")
            ? Named(proven.Subject, proven.TryGetPayloadValue("email", out string? email) ? email : null)
            : throw new ConsentRefusedException(ConsentFault.IdentityUnverified);
    }

    private async Task<GoogleAccount> AskAsync(string accessToken, CancellationToken cancel)
    {
        string answer = await GetAsync(endpoints.UserInfo, accessToken, "google-userinfo", cancel);
        using JsonDocument json = JsonDocument.Parse(answer);
        return Named(Text(json, "sub"), Text(json, "email"));
    }

    private async Task<string> GetAsync(Uri address, string? accessToken, string code, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (accessToken is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        using HttpResponseMessage response = await http.SendAsync(request, cancel);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsStringAsync(cancel)
            : throw new NotNowException($"{code}-{(int)response.StatusCode}", GoogleTransport.RetryAfter(response.Headers, time));
    }

    private bool InTime(DateTime? notBefore, DateTime? expires)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + ClockSkew && (notBefore is not { } start || now > start - ClockSkew);
    }

    private static GoogleAccount Named(string? subject, string? email) =>
        string.IsNullOrEmpty(subject) || string.IsNullOrEmpty(email)
            ? throw new ConsentRefusedException(ConsentFault.IdentityUnverified)
            : new GoogleAccount(subject, email);

    private static string? Text(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool IsTrue(JsonWebToken token, string claim) =>
        token.TryGetPayloadValue(claim, out bool value) ? value : token.TryGetPayloadValue(claim, out string? text) && text == "true";
}
