using System.Text.Json;
using Azure.Storage.Blobs;
using Ingest.LocalHost.Timers;
using Xunit;
using Host = Ingest.LocalHost.LocalHost;

namespace Ingest.App.Tests.LocalHost;

public sealed class TimerTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>
{
    private const string HostId = "tests";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Timer(string schedule, string more = "") =>
        $$"""{ "type": "timerTrigger", "direction": "in", "name": "timer", "schedule": "{{schedule}}"{{more}} }""";

    [Fact]
    public async Task A_frequent_timer_fires_again_and_again_without_a_status()
    {
        await using Root root = new Root().Function("Tick", Timer("*/1 * * * * *"));
        await root.StartAsync();

        JsonElement call = (await root.WaitForCallsAsync("Tick", 2))[0];

        Assert.Matches(
            """^\{"Data":\{"timer":\{"Schedule":\{"AdjustForDST":true\},"ScheduleStatus":null,"IsPastDue":false\}\},"Metadata":\{"sys":\{"MethodName":"Tick",[^{}]*\}\}\}$""",
            call.GetProperty("body").GetString()!);
    }

    [Fact]
    public async Task A_missed_run_is_made_up_for_once_and_the_status_is_written()
    {
        BlobClient status = Status("Missed");
        DateTimeOffset last = TimeProvider.System.GetUtcNow().AddHours(-3);
        TimerSchedule schedule = TimerSchedule.Parse("0 0 * * * *");
        await WriteAsync(status, new TimerStatus(last, schedule.Next(last)!.Value, last));
        await using Root root = new Root().Storage(storage.ConnectionString).Function("Missed", Timer("0 0 * * * *"));
        await root.StartAsync(options => options with { HostId = HostId });

        JsonElement timer = Data((await root.WaitForCallsAsync("Missed", 1))[0]);

        Assert.True(timer.GetProperty("IsPastDue").GetBoolean());
        Assert.Equal(last, timer.GetProperty("ScheduleStatus").GetProperty("Last").GetDateTimeOffset());
        await root.WaitForAsync(() => TimerStatus.FromJson(status.DownloadContent(Cancel).Value.Content.ToString()) is var now && now.Last > last && now.Next > now.Last, "the status");
        Assert.Single(root.RequestsTo("Missed"));
    }

    [Fact]
    public async Task The_first_start_writes_a_status_and_fires_nothing()
    {
        await using Root root = new Root().Storage(storage.ConnectionString).Function("Fresh", Timer("0 0 0 1 1 *"));
        await root.StartAsync(options => options with { HostId = HostId });

        await root.WaitForAsync(() => Status("Fresh").Exists(Cancel).Value, "the status");

        string text = (await Status("Fresh").DownloadContentAsync(Cancel)).Value.Content.ToString();
        Assert.StartsWith("""{"Last":"0001-01-01T00:00:00","Next":"20""", text, StringComparison.Ordinal);
        Assert.Empty(root.Requests());
    }

    [Fact]
    public async Task Run_on_startup_runs_and_a_second_instance_does_not()
    {
        await using Root root = new Root().Storage(storage.ConnectionString).Function("Eager", Timer("0 0 0 1 1 *", """, "runOnStartup": true"""));
        Host host = await root.StartAsync(options => options with { HostId = HostId, Instances = 2 });

        JsonElement timer = Data((await root.WaitForCallsAsync("Eager", 1))[0]);

        Assert.False(timer.GetProperty("IsPastDue").GetBoolean());
        Assert.Equal("0001-01-01T00:00:00", timer.GetProperty("ScheduleStatus").GetProperty("Last").GetString());
        Assert.Equal(1, host.Invocations["Eager"].Started);
    }

    [Fact]
    public async Task One_run_at_a_time_and_one_timer_for_all_instances()
    {
        await using Root root = new Root().Function("Slow", Timer("*/1 * * * * *"));
        int now = 0, most = 0;
        Host host = await root.StartAsync(options => options with { Instances = 3, WaitForReady = false });
        host.InvocationStarted += _ => most = Math.Max(most, Interlocked.Increment(ref now));
        host.InvocationEnded += (_, _) => Interlocked.Decrement(ref now);

        List<JsonElement> calls = await root.WaitForCallsAsync("Slow", 3);

        Assert.Equal(1, most);
        Assert.Single(calls.Select(call => call.GetProperty("pid").GetInt32()).Distinct());
    }

    [Fact]
    public async Task A_retry_policy_repeats_a_failed_run()
    {
        await using Root root = new Root()
            .Function("Stubborn", Timer("0 0 0 1 1 *", """, "runOnStartup": true, "useMonitor": false"""), """, "retry": { "strategy": "fixedDelay", "maxRetryCount": 2, "delayInterval": "00:00:00.1" }""")
            .With("ALWAYS", "fail");
        Host host = await root.StartAsync();

        List<JsonElement> calls = await root.WaitForCallsAsync("Stubborn", 3);
        await root.WaitForAsync(() => host.Invocations["Stubborn"].Failed == 3, "the last failure");

        Assert.DoesNotContain("RetryContext", calls[0].GetProperty("body").GetString(), StringComparison.Ordinal);
        Assert.Contains("\"RetryContext\":{\"MaxRetryCount\":2,\"RetryCount\":2,", calls[2].GetProperty("body").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, false, true)]
    [InlineData("2026-11-22T08:00:00 > 2026-11-22T09:00:00", true, false)]
    [InlineData("2026-11-22T10:00:00 > 2026-11-22T11:00:00", false, false)]
    // Another schedule wrote this: nothing is due, and the next run is counted from now.
    [InlineData("2026-11-22T08:00:00 > 2026-11-22T08:05:00", false, true)]
    public void Past_due_is_what_this_schedule_missed(string? recorded, bool pastDue, bool rewritten)
    {
        DateTimeOffset now = new(2026, 11, 22, 10, 30, 0, TimeSpan.Zero);
        TimerStatus? before = recorded?.Split(" > ") is [string last, string next]
            ? new TimerStatus(Utc(last), Utc(next), Utc(last))
            : null;

        (TimerStatus? after, bool due) = TimerMonitor.AtStart(before, TimerSchedule.Parse("0 0 * * * *"), now);

        Assert.Equal(pastDue, due);
        if (rewritten)
            Assert.Equal(new TimerStatus(TimerStatus.Never, new DateTimeOffset(2026, 11, 22, 11, 0, 0, TimeSpan.Zero), now), after);
        else
            Assert.Equal(before, after);
    }

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text + "Z", System.Globalization.CultureInfo.InvariantCulture);

    private static JsonElement Data(JsonElement call) => JsonDocument.Parse(call.GetProperty("body").GetString()!).RootElement.GetProperty("Data").GetProperty("timer");

    private BlobClient Status(string function) => new(storage.ConnectionString, "azure-webjobs-hosts", $"timers/{HostId}/Host.Functions.{function}/status");

    private async Task WriteAsync(BlobClient blob, TimerStatus status)
    {
        await new BlobContainerClient(storage.ConnectionString, "azure-webjobs-hosts").CreateIfNotExistsAsync(cancellationToken: Cancel);
        await blob.UploadAsync(BinaryData.FromString(status.ToJson()), overwrite: true, Cancel);
    }
}
