using System.Text;
using System.Text.Json;
using Ingest.LocalHost;
using Xunit;
using Host = Ingest.LocalHost.LocalHost;

namespace Ingest.App.Tests.LocalHost;

/// <summary>How messages fail, and where they end.</summary>
public sealed class PoisonTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>
{
    private const string Quick = """{ "batchSize": 4, "newBatchThreshold": 2, "maxDequeueCount": 2, "visibilityTimeout": "00:00:00", "maxPollingInterval": "00:00:00.2" }""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Root NewRoot(string queues = Quick) => new Root().Storage(storage.ConnectionString).HostFile(queues);

    [Theory]
    [InlineData("empty")]
    [InlineData("null")]
    [InlineData("none")]
    public async Task A_2xx_without_an_object_hangs_until_the_timeout_kills_the_handler(string word)
    {
        string queue = await storage.NewQueueAsync(word);
        // Seen again only after the kill: the grace of a timed-out invocation is shorter.
        await using Root root = NewRoot(Quick.Replace("\"visibilityTimeout\": \"00:00:00\"", "\"visibilityTimeout\": \"00:00:01\"", StringComparison.Ordinal)).Queue("Hang", queue);
        Host host = await root.StartAsync(options => options with { FunctionTimeout = TimeSpan.FromSeconds(1) });

        List<JsonElement> calls = await root.WaitForCallsAsync("Hang", 2);
        await storage.WaitForCountAsync(queue + "-poison", 1);

        Assert.Equal(["\"1\"", "\"2\""], calls.Select(call => Metadata(call).GetProperty("DequeueCount").GetRawText()));
        Assert.NotEqual(calls[0].GetProperty("pid").GetInt32(), calls[1].GetProperty("pid").GetInt32());
        Assert.Equal(2, host.Invocations["Hang"].TimedOut);
        // A kill for a timeout is no strike.
        Assert.DoesNotContain(root.Lines, line => line.Text.Contains("of 3", StringComparison.Ordinal));
        Assert.DoesNotContain(root.Entries(), entry => entry.TryGetProperty("signal", out _));
    }

    [Theory]
    [InlineData("untyped")]
    [InlineData("problem")]
    [InlineData("broken")]
    [InlineData("fail")]
    [InlineData("answer [1]")]
    [InlineData("answer {\"outputs\":[]}")]
    public async Task A_bad_answer_fails_and_the_last_try_copies_the_message_to_poison(string body)
    {
        string queue = await storage.NewQueueAsync(body);
        await using Root root = NewRoot().Queue("Bad", queue);
        Host host = await root.StartAsync();

        await storage.WaitForCountAsync(queue + "-poison", 1);
        await storage.WaitForCountAsync(queue, 0);

        Assert.Equal(2, root.RequestsTo("Bad").Count);
        Assert.Equal(new InvocationCounts(2, 0, 2, 0, 1), host.Invocations["Bad"]);
        Assert.Equal([Convert.ToBase64String(Encoding.UTF8.GetBytes(body))], await storage.TextsAsync(queue + "-poison"));
        Assert.Equal(0, host.Restarts);
    }

    [Fact]
    public async Task A_body_that_is_no_base64_goes_to_poison_raw_without_a_call()
    {
        string queue = await storage.NewQueueAsync();
        await storage.Client(queue).SendMessageAsync("not base64!", Cancel);
        await using Root root = NewRoot().Queue("Raw", queue);
        await root.StartAsync();

        await storage.WaitForCountAsync(queue + "-poison", 1);
        await storage.WaitForCountAsync(queue, 0);

        Assert.Equal(["not base64!"], await storage.TextsAsync(queue + "-poison"));
        Assert.Empty(root.Requests());
    }

    [Fact]
    public async Task A_message_that_was_taken_too_often_goes_to_poison_without_a_call()
    {
        string queue = await storage.NewQueueAsync("ok");
        for (int i = 0; i < 2; i++)
        {
            var taken = (await storage.Client(queue).ReceiveMessageAsync(TimeSpan.FromSeconds(30), Cancel)).Value;
            await storage.Client(queue).UpdateMessageAsync(taken.MessageId, taken.PopReceipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: Cancel);
        }
        await using Root root = NewRoot().Queue("Crashed", queue);
        await root.StartAsync();

        await storage.WaitForCountAsync(queue + "-poison", 1);

        Assert.Empty(root.Requests());
    }

    [Fact]
    public async Task A_queue_of_poison_has_no_poison_queue_and_a_failed_message_stays_invisible()
    {
        string queue = await storage.NewQueueAsync() + "-poison";
        await storage.Client(queue).CreateAsync(cancellationToken: Cancel);
        await storage.SendAsync(queue, "fail");
        await using Root root = NewRoot().Queue("Drain", queue);
        Host host = await root.StartAsync(options => options with { Lease = TimeSpan.FromSeconds(2) });

        // More tries than maxDequeueCount, a lease apart.
        List<JsonElement> calls = await root.WaitForCallsAsync("Drain", 3);

        Assert.Equal("\"3\"", Metadata(calls[2]).GetProperty("DequeueCount").GetRawText());
        Assert.Equal(1, await storage.CountAsync(queue));
        Assert.Equal(0, host.Invocations["Drain"].Poisoned);
    }

    private static JsonElement Metadata(JsonElement call) => JsonDocument.Parse(call.GetProperty("body").GetString()!).RootElement.GetProperty("Metadata");
}
