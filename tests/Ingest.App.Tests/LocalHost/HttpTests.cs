using System.Net;
using System.Text;
using System.Text.Json;
using Ingest.LocalHost;
using Ingest.LocalHost.Handlers;
using Xunit;
using Host = Ingest.LocalHost.LocalHost;

namespace Ingest.App.Tests.LocalHost;

public sealed class HttpTests
{
    private const string Both = """{ "enableForwardingHttpRequest": true, "enableProxyingHttpRequest": true }""";
    private const string ForwardingOnly = """{ "enableForwardingHttpRequest": true }""";
    private const string Sleeper = """{ "type": "timerTrigger", "name": "timer", "schedule": "0 0 0 29 2 *", "useMonitor": false }""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Root NewRoot(string handler = Both) => new Root()
        .Function("IngestMail", Sleeper)
        .Http("HttpApi", "api/{*rest}")
        .HostFile(customHandler: handler);

    [Fact]
    public async Task Proxying_passes_path_query_headers_and_body_and_answers_as_the_handler_did()
    {
        await using Root root = NewRoot();
        Host host = await root.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Put, new Uri(host.Address, "api/a%20b/%C3%A9?q=1&q=2&x=%2F"));
        request.Content = new StreamContent(new MemoryStream("in pieces"u8.ToArray()));
        request.Headers.TransferEncodingChunked = true;
        request.Headers.UserAgent.ParseAdd("client/1");
        request.Headers.Add("X-Mine", ["one", "two"]);
        request.Headers.Add("X-Azure-Functions-InvocationId", "forged");
        request.Headers.Add("X-Forwarded-Host", "forged");
        using HttpClient client = Web.Client();

        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);

        JsonElement seen = root.Requests()[0];
        JsonElement headers = seen.GetProperty("headers");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("PUT", seen.GetProperty("method").GetString());
        Assert.Equal("/api/a%20b/%C3%A9?q=1&q=2&x=%2F", seen.GetProperty("url").GetString());
        Assert.Equal("in pieces", seen.GetProperty("body").GetString());
        Assert.Equal("client/1", headers.GetProperty("user-agent").GetString());
        Assert.Equal("one, two", headers.GetProperty("x-mine").GetString());
        Assert.True(Guid.TryParse(headers.GetProperty("x-azure-functions-invocationid").GetString(), out _));
        Assert.Equal($"127.0.0.1:{host.Handlers[0].Port}", headers.GetProperty("host").GetString());
        Assert.Equal(host.Address.Authority, headers.GetProperty("x-forwarded-host").GetString());
    }

    [Theory]
    [InlineData(Both)]
    [InlineData(ForwardingOnly)]
    public async Task Status_and_headers_of_the_handler_come_back_as_they_are(string handler)
    {
        await using Root root = NewRoot(handler);
        Host host = await root.StartAsync();
        using HttpClient client = Web.Client();

        foreach (int status in (int[])[201, 302, 404, 500])
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri(host.Address, $"api/x?status={status}"), Cancel);
            Assert.Equal(status, (int)answer.StatusCode);
            Assert.Equal("/somewhere", answer.Headers.Location?.ToString());
            Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
            Assert.StartsWith("{\"method\":\"GET\"", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
        Assert.Equal(4, host.Invocations["HttpApi"].Succeeded);
    }

    [Fact]
    public async Task Proxying_streams_the_answer()
    {
        await using Root root = NewRoot();
        Host host = await root.StartAsync();
        using HttpClient client = Web.Client();

        using HttpResponseMessage answer = await client.GetAsync(new Uri(host.Address, "api/stream"), HttpCompletionOption.ResponseHeadersRead, Cancel);
        using StreamReader reader = new(await answer.Content.ReadAsStreamAsync(Cancel));

        Assert.Equal("data: first", await reader.ReadLineAsync(Cancel));
        // Only now does the handler write the rest: the first piece did not wait for it.
        using (System.Diagnostics.Process kill = System.Diagnostics.Process.Start("kill", ["-USR2", $"{host.Handlers[0].Pid}"]))
            await kill.WaitForExitAsync(Cancel);
        Assert.Contains("data: last", await reader.ReadToEndAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_is_no_failure()
    {
        await using Root root = NewRoot();
        Host host = await root.StartAsync();
        using (HttpClient client = Web.Client())
        using (HttpResponseMessage answer = await client.GetAsync(new Uri(host.Address, "api/stream"), HttpCompletionOption.ResponseHeadersRead, Cancel))
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        await root.WaitForAsync(() => host.Invocations["HttpApi"].Succeeded == 1, "the end of the invocation");
        Assert.DoesNotContain(root.Lines, line => line.Kind == HostLineKind.Error);
    }

    [Fact]
    public async Task Forwarding_loses_what_the_host_loses()
    {
        await using Root root = NewRoot(ForwardingOnly);
        Host host = await root.StartAsync();
        using HttpClient client = Web.Client();
        using HttpRequestMessage chunked = new(HttpMethod.Post, new Uri(host.Address, "api/x?q=1&q=2")) { Content = new StringContent("dropped") };
        chunked.Headers.TransferEncodingChunked = true;
        chunked.Headers.UserAgent.ParseAdd("client/1");
        chunked.Headers.Add("X-Azure-Functions-InvocationId", "forged");
        chunked.Headers.Host = "public.example";

        using HttpResponseMessage answer = await client.SendAsync(chunked, Cancel);
        using HttpResponseMessage sized = await client.PostAsync(new Uri(host.Address, "api/y"), new StringContent("kept"), Cancel);

        JsonElement seen = root.Requests()[0];
        JsonElement headers = seen.GetProperty("headers");
        Assert.Equal("/api/x?q=1%2C2", seen.GetProperty("url").GetString());
        Assert.Equal("", seen.GetProperty("body").GetString());
        Assert.Equal("client/1 Azure-Functions-Host/4.1037.0.0", headers.GetProperty("user-agent").GetString());
        Assert.Equal("public.example", headers.GetProperty("host").GetString());
        // The client's value first, the host's last.
        Assert.Matches("^forged, [-0-9a-f]{36}$", headers.GetProperty("x-azure-functions-invocationid").GetString()!);
        Assert.Equal("kept", root.Requests()[1].GetProperty("body").GetString());
    }

    [Fact]
    public async Task Routes_have_prefix_methods_constraints_and_order()
    {
        await using Root root = new Root()
            .HostFile(customHandler: Both, routePrefix: "base")
            .Http("Catch", "t/{*rest}")
            .Http("Number", "t/{id:int}", methods: """, "methods": ["get"]""")
            .Http("Literal", "t/list")
            .Http("Optional", "o/{name?}")
            .Http("Admin", "administrate")
            .Http("Runtime", "runtime/x")
            .Http("Twin", "t/list");
        Host host = await root.StartAsync();
        using HttpClient client = Web.Client();
        string last = "";
        host.InvocationStarted += invocation => last = invocation.Function;
        async Task<string> Served(string method, string path)
        {
            using HttpResponseMessage answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(host.Address, path)), Cancel);
            return answer.StatusCode == HttpStatusCode.OK ? last : $"{(int)answer.StatusCode}";
        }

        Assert.Equal("Literal", await Served("GET", "base/t/list"));
        Assert.Equal("Number", await Served("GET", "base/t/12"));
        Assert.Equal("Catch", await Served("POST", "base/t/12"));
        Assert.Equal("Catch", await Served("DELETE", "base/t/x/y/z"));
        Assert.Equal("Optional", await Served("GET", "base/o"));
        Assert.Equal("Optional", await Served("GET", "BASE/O/me"));
        foreach (string path in (string[])["", "base", "t/list", "base/administrate", "base/runtime/x", "base/o/a/b", "favicon.ico"])
            Assert.Equal("404", await Served("GET", path));
        Assert.Contains(root.Lines, line => line.Text.StartsWith("Twin is not served", StringComparison.Ordinal));
        Assert.Contains(root.Lines, line => line.Text.StartsWith("Admin is not loaded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Instances_take_turns_and_none_ready_is_503()
    {
        await using Root root = NewRoot();
        Host host = await root.StartAsync(options => options with { Instances = 2, HttpPatience = TimeSpan.Zero, HostRestartDelay = TimeSpan.FromMinutes(1) });
        using HttpClient client = Web.Client();
        for (int i = 0; i < 4; i++)
            await client.GetAsync(new Uri(host.Address, "api/x"), Cancel);
        Assert.Equal([2, 2], root.Requests().GroupBy(seen => seen.GetProperty("pid").GetInt32()).Select(group => group.Count()));

        foreach (int index in (int[])[0, 1])
            for (int strike = 1; strike <= 3; strike++)
            {
                await root.WaitForAsync(() => host.Handlers[index].State == HandlerState.Ready, "a ready handler");
                host.KillHandler(index);
                int seen = strike;
                await root.WaitForAsync(() => root.Lines.Any(line => line.Source == host.Handlers[index].Name && line.Text.Contains($"error {seen} of 3", StringComparison.Ordinal)), "the strike");
            }
        await root.WaitForAsync(() => host.Handlers.All(handler => handler.Pid is null), "the end of all");
        using HttpResponseMessage answer = await client.GetAsync(new Uri(host.Address, "api/x"), Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task A_request_waits_for_a_handler_that_is_restarting()
    {
        await using Root root = NewRoot();
        Host host = await root.StartAsync(options => options with { HttpPatience = TimeSpan.FromSeconds(30) });
        host.KillHandler(0);
        await root.WaitForLineAsync("exited with code 137");
        using HttpClient client = Web.Client();

        using HttpResponseMessage answer = await client.GetAsync(new Uri(host.Address, "api/x"), Cancel);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_request_beyond_the_function_timeout_is_500_and_kills_the_handler()
    {
        await using Root root = NewRoot();
        Host host = await root.StartAsync(options => options with { FunctionTimeout = TimeSpan.FromSeconds(1) });
        using HttpClient client = Web.Client();

        using HttpResponseMessage answer = await client.GetAsync(new Uri(host.Address, "api/sleep"), Cancel);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        await root.WaitForAsync(() => root.StartsOfHandlers().Count == 2, "the restart");
    }

    [Fact]
    public async Task An_http_function_with_another_binding_gets_an_envelope()
    {
        await using Root root = NewRoot()
            .With("Store", "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;QueueEndpoint=http://127.0.0.1:1/a;")
            .Http("Wrapped", "wrapped/{id}", outputs: """, { "type": "queue", "direction": "out", "name": "next", "queueName": "next", "connection": "Store" }""");
        Host host = await root.StartAsync();
        using HttpClient client = Web.Client();
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(host.Address, "wrapped/7?a=1&a=2")) { Content = new StringContent("""{"id":"spilt","b":true}""", Encoding.UTF8, "application/json") };

        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);

        Assert.Equal("{}", await answer.Content.ReadAsStringAsync(Cancel));
        JsonElement envelope = JsonDocument.Parse(root.RequestsTo("Wrapped")[0].GetProperty("body").GetString()!).RootElement;
        JsonElement req = envelope.GetProperty("Data").GetProperty("req");
        Assert.Equal(["Url", "Method", "Query", "Headers", "Params", "Identities", "Body"], req.EnumerateObject().Select(member => member.Name));
        Assert.Equal("POST", req.GetProperty("Method").GetString());
        Assert.Equal("1,2", req.GetProperty("Query").GetProperty("a").GetString());
        Assert.Equal("7", req.GetProperty("Params").GetProperty("id").GetString());
        Assert.Equal("""{"id":"spilt","b":true}""", req.GetProperty("Body").GetString());
        JsonElement metadata = envelope.GetProperty("Metadata");
        Assert.Equal("\"spilt\"", metadata.GetProperty("id").GetString());
        Assert.Equal("\"True\"", metadata.GetProperty("b").GetString());
        Assert.Equal("Wrapped", metadata.GetProperty("sys").GetProperty("MethodName").GetString());
    }

    [Fact]
    public async Task A_taken_port_is_told_with_the_option_to_change_it()
    {
        await using Root first = NewRoot();
        Host host = await first.StartAsync();
        await using Root second = NewRoot();

        LocalHostException failure = await Assert.ThrowsAsync<LocalHostException>(() => second.StartAsync(options => options with { Port = host.Address.Port }));

        Assert.Contains($"Port {host.Address.Port} on 127.0.0.1 is taken", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--port", failure.Message, StringComparison.Ordinal);
    }
}
