using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Ingest.Core.Access;

/// <summary>How a sign-in ended.</summary>
public enum SignInEnd
{
    /// <summary>A session is open.</summary>
    SignedIn = 1,
    /// <summary>It was not begun in this browser, was ended before, or is too old.</summary>
    NotAskedFor = 2,
    /// <summary>The directory or the person broke it off.</summary>
    BrokenOff = 3,
    /// <summary>The directory's answer proves nobody.</summary>
    NotProven = 4,
    /// <summary>The directory proves who it is, and they are none of this tenant's people, or disabled.</summary>
    NotInvited = 5,
}

/// <summary>What came of a sign-in.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Cookie">What the session's cookie holds, when signed in.</param>
/// <param name="ReturnTo">The path that the person was on their way to.</param>
/// <param name="Identity">Whom the directory proved, when it did.</param>
/// <param name="Person">The person's id, when signed in.</param>
public sealed record SignInResult(SignInEnd End, string Cookie = "", string ReturnTo = "", Identity? Identity = null, string Person = "")
{
    /// <summary>How it ended, and nothing of the cookie.</summary>
    public override string ToString() => End.ToString();
}

/// <summary>
/// Signs people in by the authorization code flow of OpenID Connect (Core section 3.1) with PKCE (RFC 7636). State, nonce and verifier are made here, good once, for ten
/// minutes and only in the browser that began; the id token is verified whatever the connection it came over.
/// </summary>
public sealed class SignIn(SignInSettings settings, OpenIdIssuer issuer, Flows flows, People people, Sessions sessions, Uri baseUrl,
    Func<CancellationToken, ValueTask<string>>? clientAssertion)
{
    /// <summary>The path to which the directory sends the browser back.</summary>
    public const string CallbackPath = "/console/sign-in/callback";

    private string CallbackUrl => new Uri(baseUrl, CallbackPath).AbsoluteUri;

    /// <summary>A fresh secret for the browser that begins; it goes into a cookie.</summary>
    public static string NewBrowser() => Secrets.New();

    /// <summary>Begins a sign-in for the browser that holds this secret and returns the directory's page.</summary>
    public async Task<Uri> BeginAsync(TenantContext tenant, string browser, string returnTo, CancellationToken cancel)
    {
        string authorization = (await issuer.MetadataAsync(cancel)).AuthorizationEndpoint;
        string verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)), nonce = Secrets.New();
        SignInDocument document = new(verifier, nonce, returnTo);
        string state = await flows.BeginAsync(tenant, FlowKind.SignIn, browser, JsonSerializer.Serialize(document, AccessJson.Default.SignInDocument), cancel);
        (string, string)[] query =
        [
            ("client_id", settings.ClientId!), ("response_type", "code"), ("response_mode", "query"), ("redirect_uri", CallbackUrl), ("scope", "openid profile email"),
            ("state", state), ("nonce", nonce), ("code_challenge", Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))),
            ("code_challenge_method", "S256"), ("prompt", "select_account"),
        ];
        return new Uri(authorization + (authorization.Contains('?', StringComparison.Ordinal) ? '&' : '?')
            + string.Join('&', query.Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2)}")));
    }

    /// <summary>
    /// Ends a sign-in with what the directory sent the browser back with. Throws <see cref="NotNowException"/> when the directory cannot be asked; the sign-in
    /// is used up all the same.
    /// </summary>
    public async Task<SignInResult> EndAsync(TenantContext tenant, string? browser, string state, string code, CancellationToken cancel)
    {
        if (browser is null || await flows.EndAsync(tenant, FlowKind.SignIn, browser, state, cancel) is not { } payload) return new SignInResult(SignInEnd.NotAskedFor);
        SignInDocument flow = JsonSerializer.Deserialize(payload, AccessJson.Default.SignInDocument)!;
        if (code.Length == 0) return new SignInResult(SignInEnd.BrokenOff, ReturnTo: flow.ReturnTo);
        string? idToken = await RedeemAsync(code, flow.Verifier, cancel);
        if (await issuer.VerifyAsync(idToken, settings.ClientId!, cancel) is not { } proven || IdentityOf(proven, settings.Directory) is not { } identity || !IsForUs(proven, flow.Nonce))
            return new SignInResult(SignInEnd.NotProven, ReturnTo: flow.ReturnTo);
        string name = Claim(proven, "name"), email = Claim(proven, "email") is { Length: > 0 } mail ? mail : Claim(proven, "preferred_username");
        if (await people.SignInAsync(tenant, identity, name, email, settings.FirstOwner, cancel) is not { } person)
            return new SignInResult(SignInEnd.NotInvited, ReturnTo: flow.ReturnTo, Identity: identity);
        return new SignInResult(SignInEnd.SignedIn, await sessions.OpenAsync(tenant, person.Id, cancel), flow.ReturnTo, identity, person.Id);
    }

    // Null when the directory does not take the code; whatever else goes wrong there may go right later.
    private async Task<string?> RedeemAsync(string code, string verifier, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> form =
        [
            new("grant_type", "authorization_code"), new("code", code), new("redirect_uri", CallbackUrl), new("client_id", settings.ClientId!), new("code_verifier", verifier),
        ];
        if (settings.ClientSecret is { } secret) form.Add(new("client_secret", secret.Reveal()));
        else if (clientAssertion is not null)
        {
            form.Add(new("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
            form.Add(new("client_assertion", await clientAssertion(cancel)));
        }

        (int status, string body) = await issuer.PostAsync((await issuer.MetadataAsync(cancel)).TokenEndpoint, form, cancel);
        (string? token, string? error) = Answer(body);
        if (status == 200) return token;
        if (status == 400 && error == "invalid_grant") return null;
        string fault = error is "invalid_client" or "unauthorized_client" ? "oidc-client-refused" : $"oidc-token-{status}";
        throw new NotNowException(fault);
    }

    private static (string? IdToken, string? Error) Answer(string body)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            string? Text(string name) => json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out JsonElement value)
                && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            return (Text("id_token"), Text("error"));
        }
        catch (JsonException)
        {
            return default;
        }
    }

    // Section 3.1.3.7: the nonce is the one that was sent, and where the token names its party, it is this one.
    private bool IsForUs(JsonWebToken token, string nonce) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Claim(token, "nonce")), Encoding.UTF8.GetBytes(nonce))
        && Claim(token, "azp") is var party && (party.Length == 0 ? token.Audiences.Count() == 1 : party == settings.ClientId);

    /// <summary>Who a verified token is about; null unless it is of this directory and names an object in it.</summary>
    internal static Identity? IdentityOf(JsonWebToken token, Guid directory) =>
        Guid.TryParseExact(Claim(token, "tid"), "D", out Guid tid) && tid == directory && Guid.TryParseExact(Claim(token, "oid"), "D", out Guid oid) && oid != Guid.Empty
            ? new Identity(tid, oid)
            : null;

    internal static string Claim(JsonWebToken token, string name) => token.TryGetPayloadValue(name, out object? value) && value is string text ? text : "";
}

/// <summary>What a sign-in must remember on its way through the directory's pages.</summary>
internal sealed record SignInDocument(string Verifier, string Nonce, string ReturnTo);
