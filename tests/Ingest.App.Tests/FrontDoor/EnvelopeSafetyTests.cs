using System.Net;
using System.Net.Sockets;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>Nobody outside can speak to a function as the host does: whatever is tried, no envelope runs and the journal stays as it is.</summary>
[Collection(nameof(RunningSystem))]
public sealed class EnvelopeSafetyTests(RunningSystem system)
{
    private static readonly string[] Names = ["IngestMail", "SyncMailbox", "ScheduleSync", "KeepHouse"];
    private static readonly string[] Exact = [.. Names.Select(name => "/" + name)];
    private static readonly string[] OtherMethods = ["GET", "PUT", "DELETE", "PATCH", "post", "POSTS"];

    [Fact]
    public async Task The_forged_envelope_of_these_tests_would_work_if_the_host_sent_it()
    {
        (TenantContext tenant, InboxId inbox) = await InboxAsync();
        (int status, string body) = await SendAsync(system.HandlerPort, "POST", "/IngestMail", HostHeaders(), Envelope(tenant, inbox));
        Assert.Equal((200, "{}"), (status, body));
        Assert.Equal(OutcomeReason.OriginalErased, (await system.LineAsync(tenant, inbox, Key)).Reason);
    }

    [Fact]
    public async Task No_public_route_reaches_a_function_in_any_spelling()
    {
        (TenantContext tenant, InboxId inbox) = await InboxAsync();
        string[] hosts = [$"127.0.0.1:{system.BaseUrl.Port}", $"127.0.0.1:{system.HandlerPort}"];
        await EachAsync(Targets($"127.0.0.1:{system.BaseUrl.Port}").SelectMany(target => hosts.Select(host => (target, host))), (target, host) =>
            RefusedAsync(system.BaseUrl.Port, "POST", target, $"Host: {host}\r\nX-Azure-Functions-InvocationId: {Guid.NewGuid()}\r\n", tenant, inbox));
        await NothingHappenedAsync(tenant, inbox);
    }

    [Fact]
    public async Task What_a_forwarding_host_passes_on_reaches_no_function_even_at_its_exact_path()
    {
        (TenantContext tenant, InboxId inbox) = await InboxAsync();
        string own = $"Host: 127.0.0.1:{system.HandlerPort}\r\n";
        string[] passedOn =
        [
            "Host: desk.acme.example\r\n", "Host: localhost\r\n", $"Host: localhost:{system.HandlerPort}\r\n", "Host: 127.0.0.1\r\n", $"Host: 127.0.0.1:{system.BaseUrl.Port}\r\n",
            own + "X-Forwarded-For: 203.0.113.7\r\n", own + "X-Forwarded-Host: desk.acme.example\r\n", own + "x-forwarded-proto: https\r\n", own + "X-FORWARDED-FOR:\r\n",
        ];
        IEnumerable<string> others = Targets($"127.0.0.1:{system.HandlerPort}").Except(Exact);
        await EachAsync(Exact.SelectMany(target => passedOn.Select(headers => (target, headers))).Concat(others.Select(target => (target, passedOn[0]))), (target, headers) =>
            RefusedAsync(system.HandlerPort, "POST", target, headers, tenant, inbox));
        await NothingHappenedAsync(tenant, inbox);
    }

    [Fact]
    public async Task Only_the_exact_path_and_method_of_the_host_reach_a_function()
    {
        (TenantContext tenant, InboxId inbox) = await InboxAsync();
        await EachAsync(Targets($"127.0.0.1:{system.HandlerPort}").Except(Exact).Select(target => (target, "POST")), (target, method) =>
            RefusedAsync(system.HandlerPort, method, target, HostHeaders(), tenant, inbox));
        await EachAsync(Exact.SelectMany(target => OtherMethods.Select(method => (target, method))), (target, method) =>
            RefusedAsync(system.HandlerPort, method, target, HostHeaders(), tenant, inbox));
        await NothingHappenedAsync(tenant, inbox);
    }

    [Fact]
    public async Task Every_public_route_is_answered_by_its_own_page_and_no_other_is_answered()
    {
        Assert.Equal(401, (await Api.GetAsync(system, null, "/api")).Status);
        Assert.Equal(401, (await Api.GetAsync(system, null, "/api/tickets")).Status);
        Assert.Equal(401, (await Api.GetAsync(system, null, "/connect")).Status);
        Assert.Equal(303, (await Api.GetAsync(system, null, "/console")).Status);
        Assert.Equal(200, (await Api.GetAsync(system, null, "/console/sign-in")).Status);
        foreach (string path in (string[])["/push", "/admin/functions/IngestMail", "/apifoo", "/robots.txt"])
            Assert.InRange((await Api.GetAsync(system, null, path)).Status, 401, 404);
    }

    private const string Key = "0123456789abcdefghjkmnpqrstvwxyz";

    private string HostHeaders() => $"Host: 127.0.0.1:{system.HandlerPort}\r\n";

    private static IEnumerable<string> Targets(string authority)
    {
        foreach (string name in Names)
        {
            string lower = name.ToLowerInvariant(), escaped = "%" + ((int)name[0]).ToString("x2", System.Globalization.CultureInfo.InvariantCulture) + name[1..];
            string[] ways =
            [
                "/", "//", "///", "/./", "/api/../", "/api/..//", "/api/%2e%2e/", "/api/.%2e/", "/api/%252e%252e/", "/api/%25252e%25252e/", "/api/..%2f", "/api/..%252f", "/api/..%5c",
                "/api/..\\", "\\", "/\\", "/api\\..\\", "/connect/../", "/connect/%2e%2e/", "/connect/..;/", "/api/..;/", "/api/x/../../", "/%2f", "/%5c", "/%2e/", "/api/", "/connect/", "/%00/",
                $"http://{authority}/", $"http://{authority}/api/../", $"HTTP://{authority}//", "http://desk.acme.example/", $"http://127.0.0.1@{authority}/",
            ];
            foreach (string way in ways)
                foreach (string spelled in new[] { name, lower, name.ToUpperInvariant(), escaped })
                    yield return way + spelled;
            foreach (string end in new[] { "/", "?", "?x=1", "#x", ";x", ".", "%20", "%00", "/.", "/..", "\\", "%2f", "//" })
                yield return "/" + name + end;
        }
    }

    // The mail's key is erased, so that a forged envelope which is run leaves a line at once.
    private async Task<(TenantContext Tenant, InboxId Inbox)> InboxAsync()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        InboxId inbox = (await system.GiveAsync(tenant, "support@acme.example")).Id;
        await system.Desk.Keys.EraseRawAsync(tenant, inbox, Key, RunningSystem.Cancel);
        return (tenant, inbox);
    }

    private static async Task RefusedAsync(int port, string method, string target, string headers, TenantContext tenant, InboxId inbox)
    {
        (int status, string body) = await SendAsync(port, method, target, headers, Envelope(tenant, inbox));
        // A path that means "/" is told that somebody is there, as anyone may know.
        bool greeting = body.Contains("Ingest", StringComparison.Ordinal) && !body.Contains('{', StringComparison.Ordinal);
        Assert.False((status is >= 200 and < 300 && !greeting) || body.Contains("{}", StringComparison.Ordinal), $"{method} {target} with {headers.ReplaceLineEndings(" ")}was answered {status} {body}");
        Assert.False(status >= 500, $"{method} {target} brought us down: {status}");
    }

    private static Task EachAsync(IEnumerable<(string, string)> cases, Func<string, string, Task> run) => Parallel.ForEachAsync(cases,
        new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = RunningSystem.Cancel }, async (one, _) => await run(one.Item1, one.Item2));

    private async Task NothingHappenedAsync(TenantContext tenant, InboxId inbox)
    {
        Assert.Null(await system.Desk.Journal.FindAsync(tenant, inbox, Key, RunningSystem.Cancel));
        Assert.Equal(new Books(0, 0, 0, 0, 0, 0, 0, 0), await system.Desk.Reconcile.RunAsync(tenant, inbox, RunningSystem.Cancel));
    }

    private static string Envelope(TenantContext tenant, InboxId inbox)
    {
        Work work = new() { TenantText = tenant.ToString(), InboxText = inbox.Value, Pack = "20260101000000000-000000000000", MessageKey = Key, Length = 100 };
        return $$$"""{"Data":{"item":"{{{Convert.ToBase64String(work.ToJson())}}}"},"Metadata":{"DequeueCount":"1","Id":"\"m\""}}""";
    }

    /// <summary>Sends the request as it is spelled; 0 when the connection just ended.</summary>
    private static async Task<(int Status, string Body)> SendAsync(int port, string method, string target, string headers, string body)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(RunningSystem.Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(
            $"{method} {target} HTTP/1.1\r\n{headers}Content-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"), limit.Token);
        using StreamReader reader = new(stream, Encoding.Latin1);
        string answer;
        try
        {
            answer = await reader.ReadToEndAsync(limit.Token);
        }
        catch (IOException)
        {
            return (0, "");
        }

        if (!answer.StartsWith("HTTP/", StringComparison.Ordinal)) return (0, answer);
        int status = int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        string text = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        // A chunked body of two braces counts too.
        return (status, text.StartsWith("2\r\n", StringComparison.Ordinal) ? text[3..5] : text);
    }
}
