using System.Text.Json;
using Ingest.Core.Pipeline;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Ingest.Core.Access;

/// <summary>
/// The one issuer that is believed: its metadata and keys, read from the address that its name prescribes (OpenID Connect Discovery section 4), kept for half a day
/// and read anew when a token names a key that is not among them.
/// </summary>
public sealed class OpenIdIssuer : IDisposable
{
    private const int LargestDocument = 256 * 1024, LargestToken = 16 * 1024;
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(10), KeepFor = TimeSpan.FromHours(12), Usable = TimeSpan.FromHours(24), AskAgainAfter = TimeSpan.FromMinutes(1), Rest = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);
    private static readonly JsonWebTokenHandler Tokens = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = LargestToken };

    private readonly string _issuer;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _gate = new(1);
    private Known? _known;
    private DateTimeOffset _asked = DateTimeOffset.MinValue, _failed = DateTimeOffset.MinValue;

    private sealed record Known(OpenIdConnectConfiguration Metadata, DateTimeOffset Read);

    /// <summary>Believes this issuer and no other; <paramref name="handler"/>, which tests give, is disposed with this.</summary>
    public OpenIdIssuer(string issuer, TimeProvider time, HttpMessageHandler? handler = null)
    {
        (_issuer, _time) = (issuer, time);
        // Redirects are never followed: a secret goes only where it was sent. A proxy named in the environment is somebody else.
        _http = new HttpClient(handler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(5), MaxResponseHeadersLength = 32,
        })
        { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestDocument };
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _http.Dispose();
        _gate.Dispose();
    }

    /// <summary>The issuer's metadata, at most half a day old, or a day when it cannot be asked; throws <see cref="NotNowException"/> when there is none.</summary>
    public async Task<OpenIdConnectConfiguration> MetadataAsync(CancellationToken cancel) =>
        _known is { } known && _time.GetUtcNow() - known.Read < KeepFor ? known.Metadata : await RefreshAsync(notNewerThan: _known, cancel);

    /// <summary>
    /// The token, when this issuer signed it (RS256) for this audience and it is valid now; null when not. No token's own word decides how it is verified.
    /// Throws <see cref="NotNowException"/> when the issuer's keys cannot be had.
    /// </summary>
    public async Task<JsonWebToken?> VerifyAsync(string? token, string audience, CancellationToken cancel)
    {
        if (token is not { Length: > 0 and <= LargestToken } || Read(token) is not { } unproven || unproven.Issuer != _issuer || unproven.Alg != SecurityAlgorithms.RsaSha256) return null;
        OpenIdConnectConfiguration metadata = await MetadataAsync(cancel);
        if (!metadata.SigningKeys.Any(key => key.KeyId == unproven.Kid))
        {
            // Keys are rotated; but who invents names of keys must not make us ask for each.
            if (_time.GetUtcNow() - _asked < AskAgainAfter) return null;
            metadata = await RefreshAsync(_known, cancel);
        }

        TokenValidationResult result = await Tokens.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = _issuer,
            ValidAudience = audience,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            IssuerSigningKeys = metadata.SigningKeys,
            TryAllIssuerSigningKeys = false,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            LifetimeValidator = (notBefore, expires, _, _) => InTime(notBefore, expires),
        });
        return result.IsValid ? (JsonWebToken)result.SecurityToken : null;
    }

    /// <summary>Sends a form to the issuer and returns status and body; throws <see cref="NotNowException"/> when there is no answer in time.</summary>
    internal async Task<(int Status, string Body)> PostAsync(string address, IEnumerable<KeyValuePair<string, string>> form, CancellationToken cancel) =>
        await CallAsync(async deadline =>
        {
            using FormUrlEncodedContent body = new(form);
            using HttpResponseMessage answer = await _http.PostAsync(Checked(address), body, deadline);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(deadline));
        }, cancel);

    private async Task<OpenIdConnectConfiguration> RefreshAsync(Known? notNewerThan, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            // Whoever waited here takes what the one before them brought.
            if (_known is { } now && now != notNewerThan) return now.Metadata;
            // While the issuer is away, one caller in a while waits for it; the others are told at once.
            if (_time.GetUtcNow() - _failed < Rest) return StillUsable() ?? throw new NotNowException("oidc-unreachable");
            _asked = _time.GetUtcNow();
            try
            {
                OpenIdConnectConfiguration metadata = await CallAsync(
                    deadline => OpenIdConnectConfigurationRetriever.GetAsync(_issuer + "/.well-known/openid-configuration", new Documents(this), deadline), cancel);
                if (metadata.Issuer != _issuer || metadata.SigningKeys.Count == 0) throw new NotNowException("oidc-metadata");
                _known = new Known(metadata, _time.GetUtcNow());
                return metadata;
            }
            catch (NotNowException)
            {
                _failed = _time.GetUtcNow();
                if (StillUsable() is { } old) return old;
                throw;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private OpenIdConnectConfiguration? StillUsable() => _known is { } old && _time.GetUtcNow() - old.Read < Usable ? old.Metadata : null;

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancel)
    {
        using CancellationTokenSource deadline = new(CallLimit, _time), either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new NotNowException("oidc-timeout");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new NotNowException("oidc-unreachable");
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or FormatException)
        {
            throw new NotNowException("oidc-unreadable");
        }
    }

    // What the metadata names must be as protected as the issuer itself: on https, or on this machine with it.
    private Uri Checked(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.IsLoopback && new Uri(_issuer).IsLoopback))
            ? uri
            : throw new NotNowException("oidc-metadata");

    private static JsonWebToken? Read(string token)
    {
        try
        {
            return new JsonWebToken(token);
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or JsonException)
        {
            return null;
        }
    }

    private bool InTime(DateTime? notBefore, DateTime? expires)
    {
        DateTime now = _time.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + ClockSkew && (notBefore is not { } start || now >= start - ClockSkew);
    }

    private sealed class Documents(OpenIdIssuer issuer) : IDocumentRetriever
    {
        public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
        {
            using HttpResponseMessage answer = await issuer._http.GetAsync(issuer.Checked(address), cancel);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(cancel) : throw new NotNowException("oidc-unreachable");
        }
    }
}
