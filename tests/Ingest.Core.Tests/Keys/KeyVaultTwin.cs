using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Core.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Ingest.Core.Tests.Keys;

/// <summary>
/// Azure Key Vault as far as keys go: https with a certificate of its own on a free loopback port, every vault's real host name, real keys in memory, rights by
/// identity, faults on demand. Its transport leads all connections here; nothing else trusts the certificate.
/// </summary>
internal sealed class KeyVaultTwin : IAsyncDisposable
{
    public const string Host = "ingest-test.vault.azure.net";

    private readonly ConcurrentDictionary<string, List<TwinKey>> keys = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> denied = new();
    private readonly X509Certificate2 certificate = NewCertificate();
    private readonly WebApplication app;
    private readonly TimeProvider time;
    private int versions;

    private KeyVaultTwin(TimeProvider time)
    {
        this.time = time;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate })));
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    /// <summary>Asked first, in order, once each; null lets the request through.</summary>
    public ConcurrentQueue<TwinFault?> Faults { get; } = new();

    /// <summary>Asked for each request, by its path; null lets it through.</summary>
    public Func<string, TwinFault?> Always { get; set; } = _ => null;

    /// <summary>Every request as "POST /keys/name/version/unwrapkey identity".</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>Every host that a connection was opened to.</summary>
    public ConcurrentQueue<string> Connected { get; } = new();

    /// <summary>Changes answers on their way out.</summary>
    public Func<string, JsonObject, JsonObject> Rewrite { get; set; } = (_, answer) => answer;

    /// <summary>Tokens that are no longer taken.</summary>
    public ConcurrentDictionary<string, bool> Expired { get; } = new();

    public int Count(string part) => Log.Count(line => line.Contains(part, StringComparison.OrdinalIgnoreCase));

    public static async Task<KeyVaultTwin> StartAsync(TimeProvider time, CancellationToken cancel)
    {
        KeyVaultTwin twin = new(time);
        await twin.app.StartAsync(cancel);
        return twin;
    }

    /// <summary>The keys that a deployment makes.</summary>
    public KeyVaultTwin WithOurKeys()
    {
        AddRsa("kek-data", 2048, "wrapKey", "unwrapKey");
        AddRsa("kek-credential", 2048, "wrapKey", "unwrapKey");
        AddEc("seal", "sign");
        return this;
    }

    public TwinKey AddRsa(string name, int bits, params string[] operations) => Add(Host, name, new TwinKey { Rsa = RSA.Create(bits), Operations = operations });

    public TwinKey AddRsaIn(string host, string name, int bits, params string[] operations) => Add(host, name, new TwinKey { Rsa = RSA.Create(bits), Operations = operations });

    public TwinKey AddEc(string name, params string[] operations) => Add(Host, name, new TwinKey { Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256), Operations = operations });

    public TwinKey Add(string host, string name, TwinKey key)
    {
        key.Version = Interlocked.Increment(ref versions).ToString("x32", CultureInfo.InvariantCulture);
        key.Kid = $"https://{host}/keys/{name}/{key.Version}";
        key.Created = time.GetUtcNow();
        List<TwinKey> all = keys.GetOrAdd($"{host}/{name}", _ => []);
        lock (all) all.Add(key);
        return key;
    }

    public TwinKey Newest(string name, string host = Host) => keys[$"{host}/{name}"][^1];

    public void Delete(string name, string host = Host) => keys[$"{host}/{name}"].ForEach(key => key.Deleted = true);

    public void Recover(string name, string host = Host) => keys[$"{host}/{name}"].ForEach(key => key.Deleted = false);

    public bool Has(string name, string host = Host) => keys.TryGetValue($"{host}/{name}", out List<TwinKey>? all) && !all[^1].Deleted;

    public IEnumerable<string> Names => keys.Keys;

    /// <summary>Takes a right of an identity away: an operation such as "unwrapkey" or "get" on a key of any version.</summary>
    public void Deny(string identity, string name, string operation) => denied[$"{identity} {name} {operation}"] = true;

    public void Allow(string identity, string name, string operation) => denied.TryRemove($"{identity} {name} {operation}", out _);

    /// <summary>A transport that finds every host here. One per client, as Azure.Core disposes it.</summary>
    public HttpPipelineTransport Transport()
    {
        int port = new Uri(app.Urls.First()).Port;
        X509ChainPolicy trust = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(certificate);
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust },
            ConnectCallback = async (context, cancel) =>
            {
                Connected.Enqueue(context.DnsEndPoint.Host);
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new HttpClientTransport(new HttpClient(handler));
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
        certificate.Dispose();
        foreach (TwinKey key in keys.Values.SelectMany(all => all))
            key.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        string path = http.Request.Path.Value!, token = http.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
        string identity = token.Split('.')[0];
        Log.Enqueue($"{http.Request.Method} {path} {identity}");
        bool scripted = Faults.TryDequeue(out TwinFault? fault);
        fault = scripted && fault is not null ? fault : Always(path);
        if (fault is not null && await fault.AnswerAsync(http))
            return;
        if (token.Length == 0 || Expired.ContainsKey(token))
            await RefuseAsync(http, 401, "Unauthorized", null);
        else if (http.Request.Query["api-version"] != "7.6")
            await RefuseAsync(http, 400, "BadParameter", null);
        else
            await ServeAsync(http, path, identity);
    }

    private async Task ServeAsync(HttpContext http, string path, string identity)
    {
        string[] parts = path.Trim('/').Split('/');
        string host = http.Request.Host.Host, method = http.Request.Method, name = parts.ElementAtOrDefault(1) ?? "";
        JsonElement body = http.Request.ContentLength > 0 ? (await JsonDocument.ParseAsync(http.Request.Body)).RootElement : default;
        string operation = method switch { "GET" => "get", "DELETE" => "delete", _ => parts[^1].ToLowerInvariant() };
        if (denied.ContainsKey($"{identity} {name} {operation}"))
            await RefuseAsync(http, 403, "Forbidden", "ForbiddenByRbac");
        else if (method == "GET" && parts.Length == 1)
            await SendAsync(http, path, ListOf(host, http.Request.Query));
        else if (method == "POST" && operation == "create")
            await SendAsync(http, path, Create(host, name, body));
        else if (!keys.TryGetValue($"{host}/{name}", out List<TwinKey>? all) || all.TrueForAll(key => key.Deleted))
            await RefuseAsync(http, 404, "KeyNotFound", null);
        else if (method == "DELETE")
        {
            all.ForEach(key => key.Deleted = true);
            await SendAsync(http, path, all[^1].Bundle());
        }
        else if (method == "GET" && parts.Length == 3 && parts[2] == "versions")
            await SendAsync(http, path, Page(host, name, all, http.Request.Query));
        else if ((parts.Length > 2 && parts[2] != operation ? all.Find(key => key.Version == parts[2]) : all[^1]) is not { } found)
            await RefuseAsync(http, 404, "KeyNotFound", null);
        else if (method == "GET")
            await SendAsync(http, path, found.Bundle());
        else if (!found.Enabled)
            await RefuseAsync(http, 403, "Forbidden", "KeyDisabled");
        else
            await OperateAsync(http, path, operation, found, body);
    }

    private JsonObject Create(string host, string name, JsonElement body) => Add(host, name, new TwinKey
    {
        Rsa = RSA.Create(body.GetProperty("key_size").GetInt32()),
        Operations = [.. body.GetProperty("key_ops").EnumerateArray().Select(op => op.GetString()!)],
    }).Bundle();

    private async Task OperateAsync(HttpContext http, string path, string operation, TwinKey key, JsonElement body)
    {
        byte[] value = Base64Url.DecodeFromChars(body.GetProperty("value").GetString()), result;
        bool mayUse = key.Operations.Any(op => op.Equals(operation, StringComparison.OrdinalIgnoreCase));
        bool inTime = operation == "unwrapkey" || ((key.NotBefore is not { } from || from <= time.GetUtcNow()) && (key.ExpiresOn is not { } until || until > time.GetUtcNow()));
        if (!mayUse || !inTime)
        {
            await RefuseAsync(http, 403, "Forbidden", "KeyOperationForbidden");
            return;
        }

        try
        {
            result = (operation, body.GetProperty("alg").GetString()) switch
            {
                ("unwrapkey", "RSA-OAEP-256") => key.Rsa!.Decrypt(value, RSAEncryptionPadding.OaepSHA256),
                ("wrapkey", "RSA-OAEP-256") => key.Rsa!.Encrypt(value, RSAEncryptionPadding.OaepSHA256),
                ("sign", "ES256") when value.Length == 32 => key.Ec!.SignHash(value, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
                ("sign", "RS256") when value.Length == 32 => key.Rsa!.SignHash(value, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                _ => throw new CryptographicException(),
            };
        }
        catch (CryptographicException)
        {
            await RefuseAsync(http, 400, "BadParameter", null);
            return;
        }

        await SendAsync(http, path, new JsonObject { ["kid"] = key.Kid, ["value"] = Base64Url.EncodeToString(result) });
    }

    private static JsonObject Page(string host, string name, List<TwinKey> all, IQueryCollection query)
    {
        int size = int.Parse(query["maxresults"].FirstOrDefault() ?? "25", CultureInfo.InvariantCulture), from = int.Parse(query["$skiptoken"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture);
        JsonArray versions = [.. all.Skip(from).Take(size).Select(key => (JsonNode)new JsonObject { ["kid"] = key.Kid, ["attributes"] = key.Attributes() })];
        string? next = from + size < all.Count ? $"https://{host}:443/keys/{name}/versions?api-version=7.6&$skiptoken={from + size}&maxresults={size}" : null;
        return new JsonObject { ["value"] = versions, ["nextLink"] = next };
    }

    // Deleted keys are in a list of their own.
    private JsonObject ListOf(string host, IQueryCollection query)
    {
        string[] names = [.. keys.Keys.Where(name => name.StartsWith(host + "/", StringComparison.OrdinalIgnoreCase) && !keys[name][^1].Deleted).Select(name => name[(host.Length + 1)..]).Order(StringComparer.Ordinal)];
        int size = int.Parse(query["maxresults"].FirstOrDefault() ?? "25", CultureInfo.InvariantCulture), from = int.Parse(query["$skiptoken"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture);
        JsonArray page = [.. names.Skip(from).Take(size).Select(name => (JsonNode)new JsonObject { ["kid"] = $"https://{host}/keys/{name}", ["attributes"] = keys[$"{host}/{name}"][^1].Attributes() })];
        string? next = from + size < names.Length ? $"https://{host}:443/keys?api-version=7.6&$skiptoken={from + size}&maxresults={size}" : null;
        return new JsonObject { ["value"] = page, ["nextLink"] = next };
    }

    private Task SendAsync(HttpContext http, string path, JsonObject answer)
    {
        http.Response.Headers["x-ms-request-id"] = "twin-request";
        return http.Response.WriteAsJsonAsync(Rewrite(path, answer));
    }

    public static async Task RefuseAsync(HttpContext http, int status, string code, string? inner)
    {
        http.Response.StatusCode = status;
        if (status == 401)
            http.Response.Headers.WWWAuthenticate = "Bearer authorization=\"https://login.elsewhere.example/t\", resource=\"https://elsewhere.example\"";
        JsonObject error = new() { ["code"] = code, ["message"] = "(words of the vault)", ["innererror"] = inner is null ? null : new JsonObject { ["code"] = inner } };
        await http.Response.WriteAsJsonAsync(new JsonObject { ["error"] = error });
    }

    private static X509Certificate2 NewCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=key vault twin", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        foreach (string suffix in (string[])["vault.azure.net", "managedhsm.azure.net", "vault.azure.cn", "vault.usgovcloudapi.net"])
            names.AddDnsName("*." + suffix);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(120));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
