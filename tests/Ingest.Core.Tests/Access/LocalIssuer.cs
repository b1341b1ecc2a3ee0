using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ingest.Core.Tests.Access;

/// <summary>How a token is signed.</summary>
public enum Signing
{
    Right,
    AlgNone,
    NoSignature,
    HmacWithPublicKey,
    UnknownKey,
    AnotherKeyUnderTheSameName,
    NoKeyName,
    Rs384,
    TamperedPayload,
}

/// <summary>A directory of our own on a free port of this machine: discovery, keys, the page that sends browsers back with a code, and the token endpoint.</summary>
public sealed class LocalIssuer : IAsyncDisposable
{
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<string, IQueryCollection> codes = new();
    private WebApplication app = null!;
    private RSA key = RSA.Create(2048);
    private string keyName = "key-1";

    private LocalIssuer(TimeProvider time) => this.time = time;

    public static Guid Directory { get; } = Guid.Parse("11111111-2222-3333-4444-555555555555");
    public string Origin { get; private set; } = "";
    public string Issuer => $"{Origin}/{Directory:D}/v2.0";
    public string ClientId { get; } = "99999999-8888-7777-6666-555555555555";
    public string ClientSecret { get; } = "the client's secret of these tests";
    public string? ClientAssertion { get; set; }

    /// <summary>Who presses "sign in".</summary>
    public Guid User { get; set; } = Guid.NewGuid();
    public string Name { get; set; } = "Ann Agent";
    public string Email { get; set; } = "ann@acme.example";

    /// <summary>Changes an id token before it is signed.</summary>
    public Action<JsonObject> Twist { get; set; } = _ => { };
    public Signing Signing { get; set; }

    /// <summary>When set, answers everything with this status.</summary>
    public int? Down { get; set; }
    public string? NamedIssuer { get; set; }
    public int MetadataReads { get; private set; }
    public int CodesRedeemed { get; private set; }

    public static async Task<LocalIssuer> StartAsync(CancellationToken cancel, TimeProvider? time = null)
    {
        LocalIssuer issuer = new(time ?? TimeProvider.System);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        issuer.app = builder.Build();
        issuer.app.Run(issuer.AnswerAsync);
        await issuer.app.StartAsync(cancel);
        issuer.Origin = issuer.app.Urls.Single();
        return issuer;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        key.Dispose();
    }

    /// <summary>A new key takes the old one's place.</summary>
    public void RotateKeys()
    {
        key = RSA.Create(2048);
        keyName = "key-" + Guid.NewGuid().ToString("N");
    }

    /// <summary>The claims of an access token that an application got for a person.</summary>
    public JsonObject AccessClaims(string audience) => new()
    {
        ["iss"] = Issuer, ["aud"] = audience, ["tid"] = Directory.ToString("D"), ["oid"] = User.ToString("D"), ["sub"] = "pairwise-" + User.ToString("N"), ["scp"] = "Ingest.Access",
        ["ver"] = "2.0", ["nbf"] = Now, ["iat"] = Now, ["exp"] = Now + 3600,
    };

    public long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public string Sign(JsonObject claims, Signing signing = Signing.Right)
    {
        string algorithm = signing switch { Signing.AlgNone => "none", Signing.HmacWithPublicKey => "HS256", Signing.Rs384 => "RS384", _ => "RS256" };
        JsonObject header = new() { ["typ"] = "JWT", ["alg"] = algorithm };
        if (signing != Signing.NoKeyName) header["kid"] = signing == Signing.UnknownKey ? "key-that-never-was" : keyName;
        string signed = $"{Encode(header.ToJsonString())}.{Encode(claims.ToJsonString())}";
        byte[] bytes = Encoding.ASCII.GetBytes(signed);
        using RSA other = RSA.Create(2048);
        byte[] signature = signing switch
        {
            Signing.AlgNone or Signing.NoSignature => [],
            Signing.HmacWithPublicKey => HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.ExportSubjectPublicKeyInfoPem()), bytes),
            Signing.UnknownKey or Signing.AnotherKeyUnderTheSameName => other.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            Signing.Rs384 => key.SignData(bytes, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
            _ => key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        if (signing == Signing.TamperedPayload)
        {
            JsonObject changed = JsonNode.Parse(claims.ToJsonString())!.AsObject();
            changed["name"] = "Somebody Else";
            signed = $"{Encode(header.ToJsonString())}.{Encode(changed.ToJsonString())}";
        }

        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private async Task AnswerAsync(HttpContext http)
    {
        if (Down is { } status)
        {
            http.Response.StatusCode = status;
            return;
        }

        string root = "/" + Directory.ToString("D");
        string path = http.Request.Path.Value!;
        if (path == $"{root}/v2.0/.well-known/openid-configuration") await WriteAsync(http, Metadata(root));
        else if (path == root + "/keys") await WriteAsync(http, Keys());
        else if (path == root + "/authorize") Authorize(http);
        else if (path == root + "/token" && HttpMethods.IsPost(http.Request.Method)) await TokenAsync(http);
        else http.Response.StatusCode = 404;
    }

    private JsonObject Metadata(string root)
    {
        MetadataReads++;
        return new JsonObject
        {
            ["issuer"] = NamedIssuer ?? Issuer, ["authorization_endpoint"] = Origin + root + "/authorize", ["token_endpoint"] = Origin + root + "/token",
            ["jwks_uri"] = Origin + root + "/keys", ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
        };
    }

    private JsonObject Keys()
    {
        RSAParameters open = key.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "RSA", ["use"] = "sig", ["kid"] = keyName, ["n"] = Base64Url.EncodeToString(open.Modulus!), ["e"] = Base64Url.EncodeToString(open.Exponent!),
            }),
        };
    }

    private void Authorize(HttpContext http)
    {
        IQueryCollection query = http.Request.Query;
        string code = Guid.NewGuid().ToString("N");
        codes[code] = query;
        http.Response.StatusCode = 302;
        http.Response.Headers.Location = $"{query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(query["state"].ToString())}&session_state=x";
    }

    private async Task TokenAsync(HttpContext http)
    {
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        bool known = form["client_id"] == ClientId && (ClientAssertion is { } assertion
            ? form["client_assertion"] == assertion && form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            : form["client_secret"] == ClientSecret);
        if (!known)
        {
            http.Response.StatusCode = 401;
            await WriteAsync(http, new JsonObject { ["error"] = "invalid_client" });
            return;
        }

        string challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (!codes.TryRemove(form["code"].ToString(), out IQueryCollection? asked) || asked["code_challenge"] != challenge || asked["code_challenge_method"] != "S256"
            || asked["redirect_uri"] != form["redirect_uri"] || asked["client_id"] != form["client_id"] || form["grant_type"] != "authorization_code")
        {
            http.Response.StatusCode = 400;
            await WriteAsync(http, new JsonObject { ["error"] = "invalid_grant" });
            return;
        }

        CodesRedeemed++;
        // Several browsers may be signed in as several people at once.
        Guid user = Guid.TryParse(asked["test_user"], out Guid named) ? named : User;
        JsonObject claims = new()
        {
            ["iss"] = Issuer, ["aud"] = ClientId, ["tid"] = Directory.ToString("D"), ["oid"] = user.ToString("D"), ["sub"] = "pairwise-" + user.ToString("N"), ["name"] = Name,
            ["email"] = Email, ["nonce"] = asked["nonce"].ToString(), ["nbf"] = Now, ["iat"] = Now, ["exp"] = Now + 3600, ["ver"] = "2.0",
        };
        Twist(claims);
        await WriteAsync(http, new JsonObject { ["token_type"] = "Bearer", ["id_token"] = Sign(claims, Signing), ["access_token"] = "unused", ["expires_in"] = 3600 });
    }

    private static Task WriteAsync(HttpContext http, JsonNode json)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json.ToJsonString(JsonSerializerOptions.Default), http.RequestAborted);
    }
}
