using System.Text;
using System.Text.Json;
using Ingest.LocalHost;
using Xunit;
using Host = Ingest.LocalHost.LocalHost;

namespace Ingest.App.Tests.LocalHost;

public sealed class QueueTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>
{
    private const string Quick = """{ "batchSize": 4, "newBatchThreshold": 2, "maxDequeueCount": 2, "visibilityTimeout": "00:00:00", "maxPollingInterval": "00:00:00.2" }""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Root NewRoot(string queues = Quick) => new Root().Storage(storage.ConnectionString).HostFile(queues);

    [Fact]
    public async Task A_text_message_arrives_encoded_twice_and_is_deleted_after_success()
    {
        string queue = await storage.NewQueueAsync("hello");
        await using Root root = NewRoot().Queue("Plain", queue, binary: false);
        Host host = await root.StartAsync();

        JsonElement call = (await root.WaitForCallsAsync("Plain", 1))[0];
        await storage.WaitForCountAsync(queue, 0);

        string body = call.GetProperty("body").GetString()!;
        Assert.StartsWith("""{"Data":{"item":"\"hello\""},"Metadata":{"DequeueCount":"1","ExpirationTime":"2""", body, StringComparison.Ordinal);
        Assert.Matches("""^\{"Data":\{"item":"\\"hello\\""\},"Metadata":\{"DequeueCount":"1","ExpirationTime":"[-0-9T:]{19}\+00:00","Id":"\\"[-0-9a-f]{36}\\"","InsertionTime":"[-0-9T:]{19}\+00:00","NextVisibleTime":"[-0-9T:]{19}\+00:00","PopReceipt":"\\"[^"]+\\"","sys":\{"MethodName":"Plain","UtcNow":"[-0-9T:.]+Z","RandGuid":"[-0-9a-f]{36}"\}\}\}$""", body);
        Assert.Equal("POST", call.GetProperty("method").GetString());
        Assert.Equal(new InvocationCounts(1, 1, 0, 0, 0), host.Invocations["Plain"]);
    }

    [Fact]
    public async Task A_json_message_spills_its_properties_over_the_metadata()
    {
        string queue = await storage.NewQueueAsync("""{"a":1,"id":"user-id","arr":[1]}""");
        await using Root root = NewRoot().Queue("Spill", queue, binary: false);
        await root.StartAsync();

        string body = (await root.WaitForCallsAsync("Spill", 1))[0].GetProperty("body").GetString()!;

        Assert.StartsWith("""{"Data":{"item":"\"{\\\"a\\\":1,\\\"id\\\":\\\"user-id\\\",\\\"arr\\\":[1]}\""},"Metadata":{""", body, StringComparison.Ordinal);
        Assert.Contains("""
            ,"Id":"\"user-id\"","InsertionTime":
            """, body, StringComparison.Ordinal);
        Assert.EndsWith(""","a":"\"1\""}}""", body, StringComparison.Ordinal);
        Assert.DoesNotContain("arr", JsonDocument.Parse(body).RootElement.GetProperty("Metadata").EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task A_binary_binding_gets_one_clean_base64_string_and_no_spill()
    {
        string queue = await storage.NewQueueAsync("""{"id":"q"}""");
        await using Root root = NewRoot().Queue("Bytes", queue);
        await root.StartAsync();

        JsonElement call = (await root.WaitForCallsAsync("Bytes", 1))[0];

        using JsonDocument envelope = JsonDocument.Parse(call.GetProperty("body").GetString()!);
        Assert.Equal("eyJpZCI6InEifQ==", envelope.RootElement.GetProperty("Data").GetProperty("item").GetString());
        Assert.Equal(
            ["DequeueCount", "ExpirationTime", "Id", "InsertionTime", "NextVisibleTime", "PopReceipt", "sys"],
            envelope.RootElement.GetProperty("Metadata").EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task The_request_is_chunked_json_from_the_host()
    {
        string queue = await storage.NewQueueAsync("ok");
        await using Root root = NewRoot().Queue("Headers", queue);
        await root.StartAsync();

        JsonElement headers = (await root.WaitForCallsAsync("Headers", 1))[0].GetProperty("headers");

        Assert.Equal(
            ["content-type", "host", "transfer-encoding", "user-agent", "x-azure-functions-hostversion", "x-azure-functions-invocationid"],
            headers.EnumerateObject().Select(header => header.Name).Order(StringComparer.Ordinal));
        Assert.Equal("application/json; charset=utf-8", headers.GetProperty("content-type").GetString());
        Assert.Equal("chunked", headers.GetProperty("transfer-encoding").GetString());
        Assert.Equal("Azure-Functions-Host/4.1037.0.0", headers.GetProperty("user-agent").GetString());
        Assert.StartsWith("127.0.0.1:", headers.GetProperty("host").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_run_keeps_its_lease_and_deletes_by_the_renewed_receipt()
    {
        string queue = await storage.NewQueueAsync("sleep 4000");
        await using Root root = NewRoot().Queue("Long", queue);
        Host host = await root.StartAsync(options => options with { Lease = TimeSpan.FromSeconds(1) });

        await storage.WaitForCountAsync(queue, 0);

        Assert.Equal(new InvocationCounts(1, 1, 0, 0, 0), host.Invocations["Long"]);
    }

    [Fact]
    public async Task A_killed_handler_gives_its_message_back_at_once()
    {
        string queue = await storage.NewQueueAsync();
        await using Root root = NewRoot().Queue("Killed", queue);
        Host host = await root.StartAsync();
        int port = host.Handlers[0].Port;
        await storage.SendAsync(queue, "sleep 1500");
        await root.WaitForCallsAsync("Killed", 1);

        host.KillHandler(0);
        await storage.WaitForCountAsync(queue, 0);

        List<JsonElement> calls = root.RequestsTo("Killed");
        Assert.Equal("\"2\"", Metadata(calls[1]).GetProperty("DequeueCount").GetRawText());
        Assert.Equal(1, host.Restarts);
        Assert.Equal(port, host.Handlers[0].Port);
        await root.WaitForLineAsync("exited with code 137: error 1 of 3");
    }

    [Fact]
    public async Task A_crashed_host_leaves_its_message_leased_for_the_next_one()
    {
        string queue = await storage.NewQueueAsync();
        await using Root root = NewRoot().Queue("Crash", queue);
        Host first = await root.StartAsync(options => options with { Lease = TimeSpan.FromSeconds(3) });
        await storage.SendAsync(queue, "sleep 60000");
        await root.WaitForCallsAsync("Crash", 1);
        await first.CrashAsync();
        Assert.Empty(await storage.TextsAsync(queue));

        await root.StartAsync();
        List<JsonElement> calls = await root.WaitForCallsAsync("Crash", 2);

        Assert.Equal("\"2\"", Metadata(calls[1]).GetProperty("DequeueCount").GetRawText());
    }

    [Fact]
    public async Task No_more_run_at_once_than_a_batch_and_its_threshold()
    {
        string queue = await storage.NewQueueAsync([.. Enumerable.Repeat("sleep 300", 12)]);
        await using Root root = NewRoot().Queue("Many", queue);
        int now = 0, most = 0;
        Host host = await root.StartAsync(options => options with { WaitForReady = false });
        host.InvocationStarted += _ => InterlockedMax(ref most, Interlocked.Increment(ref now));
        host.InvocationEnded += (_, _) => Interlocked.Decrement(ref now);

        await storage.WaitForCountAsync(queue, 0);

        Assert.InRange(most, 4, 6);
    }

    [Fact]
    public async Task A_missing_queue_is_an_empty_one_until_it_is_there()
    {
        string queue = "late-" + Guid.NewGuid().ToString("N");
        await using Root root = NewRoot().Queue("Late", queue);
        await root.StartAsync();
        await storage.Client(queue).CreateAsync(cancellationToken: Cancel);
        await storage.SendAsync(queue, "ok");

        await root.WaitForCallsAsync("Late", 1);

        Assert.DoesNotContain(root.Lines, line => line.Kind is HostLineKind.Error or HostLineKind.Warning);
    }

    [Fact]
    public async Task Outputs_are_sent_after_the_answer_and_wake_their_listener()
    {
        string queue = await storage.NewQueueAsync();
        string next = await storage.NewQueueAsync();
        string side = "side" + Guid.NewGuid().ToString("N");
        await using Root root = NewRoot("""{ "maxPollingInterval": "00:10:00" }""")
            .Queue("Source", queue, outputs: $$""", { "type": "queue", "direction": "out", "name": "next", "queueName": "{{next}}" }, { "type": "queue", "direction": "out", "name": "side", "queueName": "{{side}}" }""")
            .Queue("Target", next);
        await storage.SendAsync(queue, """answer {"outputs":{"next":"b2s=","Side":"wrong case","side":[{"a":1.10},"b2s="]},"logs":["a line"]}""");
        await root.StartAsync();

        JsonElement call = (await root.WaitForCallsAsync("Target", 1))[0];
        await storage.WaitForCountAsync(side, 2);

        Assert.Contains("\"item\":\"b2s=\"", call.GetProperty("body").GetString(), StringComparison.Ordinal);
        Assert.Equal(["{\n  \"a\": 1.1\n}", "b2s="], (await storage.TextsAsync(side)).Select(text => Encoding.UTF8.GetString(Convert.FromBase64String(text))));
        Assert.Contains(new HostLine(HostLineKind.FunctionLog, "Source", "a line"), root.Lines);
    }

    [Fact]
    public async Task Storage_that_stops_and_starts_again_is_waited_for()
    {
        await using Ingest.Cli.Servers.Azurite azurite = await Ingest.Cli.Servers.Azurite.StartAsync(folder: null, ports: null, Cancel);
        Azure.Storage.Queues.QueueClient queue = new(azurite.ConnectionString, "jobs");
        await using Root root = NewRoot().Storage(azurite.ConnectionString).Queue("Patient", "jobs");
        Host host = await root.StartAsync();

        await azurite.KillAsync(Cancel);
        await root.WaitForLineAsync("storage does not answer");
        await azurite.StartAgainAsync(Cancel);
        await root.WaitForLineAsync("storage answers again");
        await queue.CreateAsync(cancellationToken: Cancel);
        await queue.SendMessageAsync("b2s=", Cancel);

        await root.WaitForCallsAsync("Patient", 1);
        Assert.Equal(0, host.HostRestarts);
    }

    [Fact]
    public async Task Instances_share_a_queue()
    {
        string queue = await storage.NewQueueAsync();
        await using Root root = NewRoot("""{ "batchSize": 1, "newBatchThreshold": 0, "maxPollingInterval": "00:00:00.1" }""").Queue("Shared", queue);
        Host host = await root.StartAsync(options => options with { Instances = 2 });
        foreach (string body in Enumerable.Repeat("sleep 400", 6))
            await storage.SendAsync(queue, body);

        List<JsonElement> calls = await root.WaitForCallsAsync("Shared", 6);

        Assert.Equal(2, host.Handlers.Count);
        Assert.Equal(2, calls.Select(call => call.GetProperty("pid").GetInt32()).Distinct().Count());
    }

    private static JsonElement Metadata(JsonElement call) => JsonDocument.Parse(call.GetProperty("body").GetString()!).RootElement.GetProperty("Metadata");

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = target; value > seen; seen = target)
            if (Interlocked.CompareExchange(ref target, value, seen) == seen)
                return;
    }
}
