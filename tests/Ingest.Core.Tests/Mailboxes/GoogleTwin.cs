using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Ingest.Core.Tests.Mailboxes;

public enum Rotation
{
    Never,
    /// <summary>A new refresh token with each refresh; the old one dies when the new access token is first used.</summary>
    UntilUsed,
    /// <summary>A new refresh token with each refresh; the old one dies at once.</summary>
    AtOnce,
}

/// <summary>Google as far as a mailbox sees it, in memory, with faults on demand. Answers on Google's own addresses.</summary>
internal sealed class GoogleTwin : HttpMessageHandler
{
    public const string Client = "client-1";
    public const string Secret = "secret-1";

    private readonly RSA key = RSA.Create(2048);
    private readonly TimeProvider time;
    private readonly HashSet<string> refreshTokens = ["refresh-0"];
    private readonly HashSet<string> accessTokens = [];
    private readonly Dictionary<string, string> diesOnUse = [];
    private readonly List<TwinMail> mails = [];
    private readonly List<JsonObject> history = [];
    private long historyId = 1000;
    private int drawn;

    public GoogleTwin(TimeProvider time) => this.time = time;

    public string Subject { get; set; } = "sub-1";

    public string Email { get; set; } = "desk@example.com";

    public string GrantedScopes { get; set; } = "openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/gmail.modify";

    public bool SendsIdToken { get; set; } = true;

    public string IdTokenAlgorithm { get; set; } = SecurityAlgorithms.RsaSha256;

    public Rotation Rotation { get; set; }

    /// <summary>History at or before this id is forgotten.</summary>
    public long OldestHistory { get; set; }

    public int PageSize { get; set; } = 500;

    /// <summary>Asked first, in order, once each; null lets the request through.</summary>
    public Queue<Func<HttpRequestMessage, HttpResponseMessage?>> Faults { get; } = new();

    /// <summary>Asked for each request; null lets it through.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Always { get; set; } = _ => null;

    public List<string> Log { get; } = [];

    public int Count(string part) => Log.Count(line => line.Contains(part, StringComparison.Ordinal));

    public long BytesSent { get; private set; }

    /// <summary>What was sent, oldest first.</summary>
    public IReadOnlyList<byte[]> Sent => [.. mails.Where(mail => mail.Labels.Contains("SENT")).Select(mail => mail.Raw)];

    public void RevokeAll() => refreshTokens.Clear();

    public void ForgetAccessTokens() => accessTokens.Clear();

    public string Deliver(string raw, params string[] labels) => Deliver(Encoding.Latin1.GetBytes(raw), labels);

    public string Deliver(byte[] raw, params string[] labels)
    {
        var mail = new TwinMail($"m{mails.Count + 1}", raw, [.. labels.Length == 0 ? ["INBOX", "UNREAD"] : labels], time.GetUtcNow());
        mails.Add(mail);
        Record("messagesAdded", new JsonObject { ["message"] = Reference(mail) });
        return mail.Id;
    }

    public void Relabel(string id, string? add, string? remove)
    {
        TwinMail mail = mails.Single(m => m.Id == id);
        if (add is not null)
            mail.Labels.Add(add);
        if (remove is not null)
            mail.Labels.Remove(remove);
        if (add is not null)
            Record("labelsAdded", new JsonObject { ["message"] = Reference(mail), ["labelIds"] = new JsonArray(add) });
        if (remove is not null)
            Record("labelsRemoved", new JsonObject { ["message"] = Reference(mail), ["labelIds"] = new JsonArray(remove) });
    }

    public void Delete(string id) => mails.RemoveAll(m => m.Id == id);

    /// <summary>Something moves that is none of our business.</summary>
    public void Stir() => historyId++;

    public void ForgetHistory() => OldestHistory = historyId + 1;

    public static HttpResponseMessage Error(HttpStatusCode status, string reason, string message = "no") => new(status)
    {
        Content = Json(new JsonObject
        {
            ["error"] = new JsonObject { ["code"] = (int)status, ["message"] = message, ["errors"] = new JsonArray(new JsonObject { ["reason"] = reason, ["domain"] = "global" }) },
        }),
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Log.Add($"{request.Method} {request.RequestUri!.PathAndQuery}");
        HttpResponseMessage response = (Faults.TryDequeue(out Func<HttpRequestMessage, HttpResponseMessage?>? fault) ? fault(request) : null)
            ?? Always(request) ?? await AnswerAsync(request, cancellationToken);
        response.RequestMessage = request;
        BytesSent += response.Content.Headers.ContentLength ?? 0;
        return response;
    }

    protected override void Dispose(bool disposing)
    {
        key.Dispose();
        base.Dispose(disposing);
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        Uri address = request.RequestUri!;
        System.Collections.Specialized.NameValueCollection query = HttpUtility.ParseQueryString(address.Query);
        switch (address.Host + address.AbsolutePath)
        {
            case "oauth2.googleapis.com/token":
                return Token(HttpUtility.ParseQueryString(await request.Content!.ReadAsStringAsync(cancel)));
            case "oauth2.googleapis.com/revoke":
                string token = HttpUtility.ParseQueryString(await request.Content!.ReadAsStringAsync(cancel))["token"]!;
                return refreshTokens.Remove(token) ? Ok([]) : new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = Json(new JsonObject { ["error"] = "invalid_token" }) };
            case "www.googleapis.com/oauth2/v3/certs":
                return Ok(Keys());
        }

        string bearer = request.Headers.Authorization?.Parameter ?? "";
        if (address.Host != "gmail.googleapis.com" || !accessTokens.Contains(bearer))
            return Error(HttpStatusCode.Unauthorized, "authError");
        if (diesOnUse.Remove(bearer, out string? old))
            refreshTokens.Remove(old);
        if (address.AbsolutePath == "/upload/gmail/v1/users/me/messages/send")
        {
            if (request.Content!.Headers.ContentType?.MediaType != "message/rfc822" || query["uploadType"] != "media")
                return Error(HttpStatusCode.BadRequest, "badRequest");
            return Ok(new JsonObject { ["id"] = Deliver(await request.Content.ReadAsByteArrayAsync(cancel), "SENT") });
        }

        return address.AbsolutePath["/gmail/v1/users/me/".Length..].Split('/') switch
        {
            ["profile"] => Ok(new JsonObject { ["emailAddress"] = Email, ["historyId"] = historyId.ToString(CultureInfo.InvariantCulture) }),
            ["messages"] => List(query),
            ["messages", string id] => Get(id),
            ["history"] => History(query),
            _ => Error(HttpStatusCode.NotFound, "notFound"),
        };
    }

    private HttpResponseMessage Token(System.Collections.Specialized.NameValueCollection form)
    {
        if (form["client_secret"] != Secret)
            return Refuse(HttpStatusCode.Unauthorized, "invalid_client");
        string refresh = form["refresh_token"] ?? "";
        if (form["grant_type"] == "refresh_token" ? !refreshTokens.Contains(refresh) : form["code"] != "code-1")
            return Refuse(HttpStatusCode.BadRequest, "invalid_grant");
        string access = $"access-{++drawn}";
        accessTokens.Add(access);
        var answer = new JsonObject { ["access_token"] = access, ["expires_in"] = 3599, ["token_type"] = "Bearer", ["scope"] = GrantedScopes };
        if (SendsIdToken)
            answer["id_token"] = IdToken();
        if (form["grant_type"] == "authorization_code")
            answer["refresh_token"] = "refresh-0";
        else if (Rotation != Rotation.Never)
            answer["refresh_token"] = Rotate(refresh, access);
        return Ok(answer);
    }

    private string Rotate(string old, string access)
    {
        string next = $"refresh-{drawn}";
        refreshTokens.Add(next);
        if (Rotation == Rotation.AtOnce)
            refreshTokens.Remove(old);
        else
            diesOnUse[access] = old;
        return next;
    }

    private string IdToken()
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        SecurityKey signer = IdTokenAlgorithm == SecurityAlgorithms.RsaSha256
            ? new RsaSecurityKey(key) { KeyId = "k1" }
            : new SymmetricSecurityKey(new byte[32]) { KeyId = "k1" };
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "https://accounts.google.com",
            Audience = Client,
            IssuedAt = now,
            Expires = now.AddHours(1),
            Claims = new Dictionary<string, object> { ["sub"] = Subject, ["email"] = Email, ["email_verified"] = true },
            SigningCredentials = new SigningCredentials(signer, IdTokenAlgorithm),
        });
    }

    private JsonObject Keys()
    {
        RSAParameters parameters = key.ExportParameters(false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "RSA", ["alg"] = "RS256", ["use"] = "sig", ["kid"] = "k1",
                ["n"] = Base64UrlEncoder.Encode(parameters.Modulus), ["e"] = Base64UrlEncoder.Encode(parameters.Exponent),
            }),
        };
    }

    private HttpResponseMessage List(System.Collections.Specialized.NameValueCollection query)
    {
        string q = query["q"] ?? "";
        long after = q.StartsWith("after:", StringComparison.Ordinal) ? long.Parse(q["after:".Length..], CultureInfo.InvariantCulture) : 0;
        string id = q.StartsWith("rfc822msgid:", StringComparison.Ordinal) ? $"Message-ID: <{q["rfc822msgid:".Length..]}>\r\n" : "";
        string[] labels = query.GetValues("labelIds") ?? [];
        TwinMail[] found = [.. mails.Where(m => labels.All(m.Labels.Contains) && m.Received.ToUnixTimeSeconds() >= after && Encoding.Latin1.GetString(m.Raw).Contains(id, StringComparison.Ordinal))
            .OrderByDescending(m => m.Received).ThenByDescending(m => m.Id)];
        return Page(query, "messages", [.. found.Select(m => new JsonObject { ["id"] = m.Id, ["threadId"] = m.Id })]);
    }

    private HttpResponseMessage History(System.Collections.Specialized.NameValueCollection query)
    {
        long start = long.Parse(query["startHistoryId"]!, CultureInfo.InvariantCulture);
        if (start < OldestHistory)
            return Error(HttpStatusCode.NotFound, "notFound");
        JsonObject[] found = [.. history.Where(h => long.Parse((string)h["id"]!, CultureInfo.InvariantCulture) > start).Select(h => (JsonObject)h.DeepClone())];
        return Page(query, "history", found, historyId.ToString(CultureInfo.InvariantCulture));
    }

    private HttpResponseMessage Page(System.Collections.Specialized.NameValueCollection query, string name, JsonObject[] all, string? newest = null)
    {
        int offset = query["pageToken"] is { } token ? int.Parse(token, CultureInfo.InvariantCulture) : 0;
        int size = Math.Min(PageSize, int.Parse(query["maxResults"] ?? "100", CultureInfo.InvariantCulture));
        var page = new JsonObject { [name] = new JsonArray([.. all.Skip(offset).Take(size)]) };
        if (newest is not null)
            page["historyId"] = newest;
        if (offset + size < all.Length)
            page["nextPageToken"] = (offset + size).ToString(CultureInfo.InvariantCulture);
        return Ok(page);
    }

    private HttpResponseMessage Get(string id)
    {
        if (mails.SingleOrDefault(m => m.Id == id) is not { } mail)
            return Error(HttpStatusCode.NotFound, "notFound");
        JsonObject answer = Reference(mail);
        answer["internalDate"] = mail.Received.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        answer["sizeEstimate"] = mail.Raw.Length;
        answer["raw"] = Convert.ToBase64String(mail.Raw).Replace('+', '-').Replace('/', '_');
        return Ok(answer);
    }

    private void Record(string kind, JsonObject change) =>
        history.Add(new JsonObject { ["id"] = (++historyId).ToString(CultureInfo.InvariantCulture), [kind] = new JsonArray(change) });

    private static JsonObject Reference(TwinMail mail) => new()
    {
        ["id"] = mail.Id, ["threadId"] = mail.Id, ["labelIds"] = new JsonArray([.. mail.Labels.Select(l => JsonValue.Create(l))]),
    };

    private static HttpResponseMessage Refuse(HttpStatusCode status, string error) =>
        new(status) { Content = Json(new JsonObject { ["error"] = error, ["error_description"] = "desk@example.com is not welcome" }) };

    private static HttpResponseMessage Ok(JsonObject body) => new(HttpStatusCode.OK) { Content = Json(body) };

    private static StringContent Json(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    private sealed record TwinMail(string Id, byte[] Raw, List<string> Labels, DateTimeOffset Received);
}
