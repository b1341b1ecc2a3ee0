using System.Net;
using System.Text.Json;
using Xunit;
using Host = Ingest.LocalHost.LocalHost;

namespace Ingest.App.Tests.LocalHost;

/// <summary>What the outside must not reach: envelopes, guarded functions, the admin door.</summary>
public sealed class HttpSafetyTests
{
    private const string Both = """{ "enableForwardingHttpRequest": true, "enableProxyingHttpRequest": true }""";
    private const string ForwardingOnly = """{ "enableForwardingHttpRequest": true }""";
    private const string Sleeper = """{ "type": "timerTrigger", "name": "timer", "schedule": "0 0 0 29 2 *", "useMonitor": false }""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Root NewRoot(string handler = Both) => new Root()
        .Function("IngestMail", Sleeper)
        .Http("HttpApi", "api/{*rest}")
        .HostFile(customHandler: handler);

    private static readonly string[] Spellings =
    [
        "/IngestMail",
        "/ingestmail",
        "//IngestMail",
        "/./IngestMail",
        "/IngestMail/",
        "/IngestMail;x",
        "/%49ngestMail",
        "/api/../IngestMail",
        "/api//../IngestMail",
        "/api/../../IngestMail",
        "/api/x/../../IngestMail",
        "/api/%2e%2e/IngestMail",
        "/api/%2E./IngestMail",
        "/api/%252e%252e/IngestMail",
        "/api/%25252e%25252e/IngestMail",
        "/api/..%2fIngestMail",
        "/API/..%2fIngestMail",
        "/api/..%252fIngestMail",
        "/api/%2e%2e%2fIngestMail",
        "/api/..%5cIngestMail",
        "/api/..;/IngestMail",
        "/api/.;/../IngestMail",
        "/api;/../IngestMail",
        "/api/%2e%2e%3b/IngestMail",
        "/api/../IngestMail?x=/api/",
        "/api?/../IngestMail",
        "/api#/../IngestMail",
        "\\IngestMail",
        "/api/\\..\\IngestMail",
        "http://127.0.0.1/IngestMail",
        "http://127.0.0.1/api/../IngestMail",
        "http://127.0.0.1/api/%2e%2e/IngestMail",
        "http://127.0.0.1/api/%252e%252e/IngestMail",
        "http://127.0.0.1//IngestMail",
        "http://elsewhere/IngestMail",
        "IngestMail",
        "*",
    ];

    [Theory]
    [InlineData(Both)]
    [InlineData(ForwardingOnly)]
    public async Task No_spelling_of_a_path_reaches_a_function_from_outside(string handler)
    {
        await using Root root = NewRoot(handler).Http("HttpAny", "{first}/{*rest}");
        Host host = await root.StartAsync();
        const string Forged = """{"Data":{"item":"b2s="},"Metadata":{}}""";
        foreach (string target in Spellings)
        {
            string request = $"POST {target} HTTP/1.1\r\nHost: {host.Address.Authority}\r\nUser-Agent: Azure-Functions-Host/4.1037.0.0\r\n"
                + "X-Azure-Functions-HostVersion: 4.1037.0.0\r\nX-Azure-Functions-InvocationId: 7f1b5f8e-6f0d-4b8b-8f6f-0d6f0e4b7a11\r\n"
                + $"Content-Type: application/json; charset=utf-8\r\nContent-Length: {Forged.Length}\r\nConnection: close\r\n\r\n{Forged}";
            int status = await Web.RawAsync(host.Address, request, Cancel);
            Assert.True(status is 0 or 200 or 400 or 404 or 405, $"{target} was answered {status}");
        }

        // Whatever arrived at all must be read by any server as something other than the function's own address.
        foreach (JsonElement seen in root.Requests())
        {
            string path = seen.GetProperty("url").GetString()!.Split('?')[0];
            for (int i = 0; i < 4; i++, path = Uri.UnescapeDataString(path))
            {
                string read = new Uri("http://handler" + path.Replace('\\', '/')).AbsolutePath.TrimStart('/').Split('/', ';')[0];
                Assert.NotEqual("ingestmail", read.ToLowerInvariant());
            }
        }
        Assert.DoesNotContain("IngestMail", host.Invocations.Keys);
        // The door itself stands open: an honest path arrives.
        Assert.Equal(200, await Web.RawAsync(host.Address, $"POST /api/IngestMail HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", Cancel));
    }

    [Fact]
    public async Task A_smuggled_second_request_is_judged_like_any_other()
    {
        await using Root root = NewRoot();
        Host host = await root.StartAsync();
        const string Inner = "POST /IngestMail HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
        string request = $"POST /api/x HTTP/1.1\r\nHost: {host.Address.Authority}\r\nContent-Length: {Inner.Length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Inner}";

        await Web.RawAsync(host.Address, request, Cancel);
        await Web.RawAsync(host.Address, $"GET /api/x HTTP/1.1\r\nHost: a\r\nX: y\r\n\tPOST /IngestMail HTTP/1.1\r\nConnection: close\r\n\r\n", Cancel);
        await root.WaitForAsync(() => root.Host.Invocations.Values.All(count => count.Started == count.Succeeded + count.Failed), "quiet");

        Assert.DoesNotContain(root.Requests(), seen => seen.GetProperty("url").GetString()!.Contains("IngestMail", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_route_that_begins_with_a_function_name_is_not_served()
    {
        await using Root root = NewRoot().Http("Sly", "ingestMAIL/{*rest}").Function("Named",
            """{ "type": "httpTrigger", "name": "req", "authLevel": "anonymous" }, { "type": "http", "direction": "out", "name": "res" }""");
        Host host = await root.StartAsync();
        using HttpClient client = Web.Client();

        foreach (string path in (string[])["IngestMail/x", "Named"])
            Assert.Equal(HttpStatusCode.NotFound, (await client.PostAsync(new Uri(host.Address, path), new StringContent("{}"), Cancel)).StatusCode);

        Assert.Contains(root.Lines, line => line.Text.StartsWith("Sly is not served", StringComparison.Ordinal));
        Assert.Contains(root.Lines, line => line.Text.StartsWith("Named is not served", StringComparison.Ordinal));
        Assert.Empty(root.Requests());
    }

    [Fact]
    public async Task Keys_open_what_they_should()
    {
        await using Root root = new Root().HostFile(customHandler: Both)
            .Http("AnOpen", "open").Http("AGuarded", "guarded", level: "function").Http("AMaster", "master", level: "admin");
        Host host = await root.StartAsync(options => options with
        {
            MasterKey = "m",
            HostKeys = ["h"],
            FunctionKeys = new Dictionary<string, string> { ["AGuarded"] = "g", ["AMaster"] = "x" },
        });
        using HttpClient client = Web.Client();
        async Task<int> Status(string path, string? header = null)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(host.Address, path));
            if (header is not null)
                request.Headers.Add("x-functions-key", header);
            using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
            return (int)answer.StatusCode;
        }

        Assert.Equal(200, await Status("open"));
        Assert.Equal(401, await Status("guarded"));
        Assert.Equal(200, await Status("guarded?code=g"));
        Assert.Equal(200, await Status("guarded", "h"));
        Assert.Equal(200, await Status("guarded", "m"));
        Assert.Equal(401, await Status("guarded?code=g", "wrong"));
        Assert.Equal(401, await Status("master", "x"));
        Assert.Equal(401, await Status("master?code=h"));
        Assert.Equal(200, await Status("master?code=m"));
    }

    [Fact]
    public async Task The_admin_door_starts_functions_for_the_master_key_only()
    {
        await using Root root = NewRoot();
        Host host = await root.StartAsync(options => options with { MasterKey = "m" });
        using HttpClient client = Web.Client();
        async Task<int> Post(string path, string? key, string body = """{"input":""}""")
        {
            using HttpRequestMessage request = new(HttpMethod.Post, new Uri(host.Address, path)) { Content = new StringContent(body) };
            if (key is not null)
                request.Headers.Add("x-functions-key", key);
            using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
            return (int)answer.StatusCode;
        }

        Assert.Equal(401, await Post("admin/functions/IngestMail", null));
        Assert.Equal(401, await Post("admin/functions/IngestMail", "wrong"));
        Assert.Equal(404, await Post("admin/functions/Nobody", "m"));
        Assert.Equal(404, await Post("admin/host/status", "m"));
        Assert.Equal(400, await Post("admin/functions/HttpApi", "m"));
        Assert.Equal(400, await Post("admin/functions/IngestMail", "m", "no json"));
        Assert.Empty(root.Requests());
        Assert.Equal(202, await Post("admin/functions/ingestmail", "m"));
        await root.WaitForCallsAsync("IngestMail", 1);
    }
}
