using System.Diagnostics;
using System.Text.Json;
using Ingest.LocalHost;
using Ingest.LocalHost.Handlers;
using Xunit;
using Host = Ingest.LocalHost.LocalHost;

namespace Ingest.App.Tests.LocalHost;

public sealed class LifecycleTests
{
    // Never due: a timer function is only the door through which a test starts something.
    private const string NeverDue = """{ "type": "timerTrigger", "direction": "in", "name": "item", "schedule": "0 0 0 29 2 *", "useMonitor": false }""";
    private const string Door = """{ "type": "queueTrigger", "direction": "in", "name": "item", "queueName": "doors", "connection": "Doors" }""";

    private static Root NewRoot() => new Root().Function("Clock", NeverDue);

    // A connection that nothing listens on: the queue listener backs off, and tests call the function by hand.
    private static Root WithDoor() => new Root().With("Doors", "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;QueueEndpoint=http://127.0.0.1:1/a;").Function("Door", Door);

    [Fact]
    public async Task The_handler_gets_port_ids_root_and_settings_and_its_lines_are_sorted()
    {
        await using Root root = NewRoot().With("PROBE", "a value").HostFile(customHandler:
            """{ "description": { "defaultExecutablePath": "node", "arguments": ["handler.mjs", "two words", "%PROBE%", "%NOT_SET%"], "workerArguments": ["last"] } }""");
        Host host = await root.StartAsync();

        JsonElement start = root.StartsOfHandlers()[0];
        JsonElement environment = start.GetProperty("environment");
        string port = $"{host.Handlers[0].Port}";
        Assert.Equal(port, environment.GetProperty("FUNCTIONS_CUSTOMHANDLER_PORT").GetString());
        Assert.Equal(port, environment.GetProperty("FUNCTIONS_HTTPWORKER_PORT").GetString());
        Assert.Equal(environment.GetProperty("FUNCTIONS_CUSTOMHANDLER_WORKER_ID").GetString(), environment.GetProperty("FUNCTIONS_HTTPWORKER_ID").GetString());
        Assert.Equal(root.Folder, environment.GetProperty("FUNCTIONS_APP_ROOT_PATH").GetString());
        Assert.Equal("a value", environment.GetProperty("PROBE").GetString());
        Assert.Equal(root.Folder, start.GetProperty("cwd").GetString());
        Assert.Equal(["two", "words", "a", "value", "last"], start.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString()));

        await root.WaitForAsync(() => root.Lines.Any(line => line.Kind == HostLineKind.HandlerSystem), "the system line");
        await root.WaitForAsync(() => root.Lines.Any(line => line.Kind == HostLineKind.HandlerError), "the error line");
        Assert.Contains(new HostLine(HostLineKind.HandlerOut, "handler 0", "handler listens"), root.Lines);
        Assert.Contains(new HostLine(HostLineKind.HandlerWarning, "handler 0", "handler warns of nothing: warning"), root.Lines);
        Assert.Contains(new HostLine(HostLineKind.HandlerError, "handler 0", "handler complains"), root.Lines);
        Assert.Contains(new HostLine(HostLineKind.HandlerSystem, "handler 0", " for the system"), root.Lines);
    }

    [Fact]
    public async Task Exit_200_restarts_on_the_same_port_without_a_strike()
    {
        await using Root root = WithDoor();
        Host host = await root.StartAsync();
        int port = host.Handlers[0].Port;

        for (int start = 2; start <= 5; start++)
        {
            Assert.True(host.Trigger("Door", "exit 200"));
            await root.WaitForAsync(() => root.StartsOfHandlers().Count == start && host.Handlers[0].State == HandlerState.Ready, $"start {start}");
        }

        Assert.Equal(4, host.Restarts);
        Assert.Equal(0, host.HostRestarts);
        Assert.Equal(port, host.Handlers[0].Port);
        Assert.Equal(5, root.StartsOfHandlers().Select(start => start.GetProperty("environment").GetProperty("FUNCTIONS_CUSTOMHANDLER_WORKER_ID").GetString()).Distinct().Count());
        Assert.DoesNotContain(root.Lines, line => line.Text.Contains("of 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exit_0_is_dead_for_ever_and_every_invocation_fails()
    {
        await using Root root = WithDoor().Http("Front", "api/{*rest}").HostFile(customHandler: """{ "enableProxyingHttpRequest": true }""");
        Host host = await root.StartAsync();

        host.Trigger("Door", "exit 0");
        await root.WaitForLineAsync("exited with code 0");
        host.Trigger("Door", "ok");
        await root.WaitForAsync(() => host.Invocations["Door"].Failed == 2, "the second failure");
        using HttpClient client = Web.Client();
        using HttpResponseMessage answer = await client.GetAsync(new Uri(host.Address, "api/x"), TestContext.Current.CancellationToken);

        Assert.Equal(502, (int)answer.StatusCode);
        Assert.Equal(HandlerState.Dead, host.Handlers[0].State);
        Assert.Equal(0, host.Restarts);
    }

    [Fact]
    public async Task Three_errors_stop_the_host_instance_which_is_then_started_again()
    {
        await using Root root = WithDoor();
        Host host = await root.StartAsync();

        for (int error = 1; error <= 3; error++)
        {
            await root.WaitForAsync(() => host.Handlers[0].State == HandlerState.Ready, "a ready handler");
            host.Trigger("Door", $"exit {error}");
            await root.WaitForLineAsync($"exited with code {error}: error {error} of 3");
        }
        await root.WaitForLineAsync("starting the host instance again");
        await root.WaitForAsync(() => host.HostRestarts == 1 && host.Handlers[0].State == HandlerState.Ready, "the next host instance");

        Assert.Equal(4, root.StartsOfHandlers().Count);
        // Strikes belong to the instance that stopped.
        host.KillHandler(0);
        await root.WaitForLineAsync("exited with code 137: error 1 of 3");
    }

    [Fact]
    public async Task A_handler_that_never_starts_is_reported_with_its_last_words()
    {
        await using Root root = NewRoot().With("AT_START", "exit:3");

        LocalHostException failure = await Assert.ThrowsAsync<LocalHostException>(() => root.StartAsync());

        Assert.Contains("first line of a short life | warning: this one is mild", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, root.Lines.Count(line => line.Text.Contains("exited with code 3", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_handler_that_does_not_answer_in_time_is_killed_and_counts_as_an_error()
    {
        await using Root root = NewRoot().With("MUTE", "1");

        await Assert.ThrowsAsync<LocalHostException>(() => root.StartAsync(options => options with { InitializationTimeout = TimeSpan.FromMilliseconds(500) }));

        Assert.Equal(3, root.Lines.Count(line => line.Text.Contains("did not answer on its port", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_stop_is_a_kill_without_a_signal_before()
    {
        await using Root root = NewRoot();
        Host host = await root.StartAsync();
        int pid = host.Handlers[0].Pid!.Value;

        await host.DisposeAsync();

        Assert.Throws<ArgumentException>(() => Process.GetProcessById(pid));
        Assert.DoesNotContain(root.Entries(), entry => entry.TryGetProperty("signal", out _));
    }

    [Fact]
    public async Task Handlers_die_with_a_host_that_is_killed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/setpriv"), "Only the kernel can kill a child with its parent: needs Linux and setpriv.");
        await using Root root = NewRoot();
        using Process program = StartProgram(root);
        Task<string> output = program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await root.WaitForAsync(() => root.StartsOfHandlers().Count == 1, "the handler");
        int pid = root.StartsOfHandlers()[0].GetProperty("started").GetInt32();

        program.Kill(entireProcessTree: false);

        await root.WaitForAsync(() => !Alive(pid), "the handler's end");
        Assert.Contains("listening on http://127.0.0.1:", await output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_host_and_handlers_in_order()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGINT to send.");
        await using Root root = NewRoot();
        using Process program = StartProgram(root);
        Task<string> output = program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await root.WaitForAsync(() => root.StartsOfHandlers().Count == 1, "the handler");
        int pid = root.StartsOfHandlers()[0].GetProperty("started").GetInt32();

        using (Process kill = Process.Start("kill", ["-INT", $"{program.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);

        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, program.ExitCode);
        Assert.False(Alive(pid));
        Assert.Contains("listening on http://127.0.0.1:", await output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Groups_give_every_function_but_the_http_ones_its_own_handler()
    {
        await using Root root = NewRoot().Function("Other", NeverDue).Http("FrontA", "a").Http("FrontB", "b");
        Host host = await root.StartAsync(options => options with { Groups = true, Instances = 2 });

        Assert.Equal(
            ["function:Clock", "function:Clock", "function:Other", "function:Other", "http", "http"],
            host.Handlers.Select(handler => handler.Group).Order(StringComparer.Ordinal));
        host.Trigger("Clock", "");
        host.Trigger("Other", "");
        int clock = (await root.WaitForCallsAsync("Clock", 1))[0].GetProperty("pid").GetInt32();
        int other = (await root.WaitForCallsAsync("Other", 1))[0].GetProperty("pid").GetInt32();
        Assert.Contains(host.Handlers, handler => handler.Group == "function:Clock" && handler.Pid == clock);
        Assert.Contains(host.Handlers, handler => handler.Group == "function:Other" && handler.Pid == other);
    }

    [Theory]
    [InlineData("nothing here", "There is no host.json")]
    [InlineData("{", "host.json cannot be used")]
    [InlineData("""{ "version": "2.0" }""", "customHandler is missing")]
    [InlineData("""{ "version": "2.0", "customHandler": { "description": { "defaultExecutablePath": "no-such-handler" } } }""", "'no-such-handler', which is neither in")]
    [InlineData("""{ "version": "2.0", "extensions": { "queues": { "batchSize": 33 } }, "customHandler": { "description": { "defaultExecutablePath": "node" } } }""", "queues.batchSize must be between 1 and 32")]
    public async Task An_unfit_root_is_refused_with_the_reason(string hostFile, string reason)
    {
        await using Root root = NewRoot();
        File.WriteAllText(Path.Combine(root.Folder, "host.json"), hostFile);
        if (hostFile == "nothing here")
            File.Delete(Path.Combine(root.Folder, "host.json"));

        LocalHostException failure = await Assert.ThrowsAsync<LocalHostException>(() => root.StartAsync());

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_function_is_left_out_and_the_others_run()
    {
        await using Root root = NewRoot()
            .Function("NoTrigger", """{ "type": "http", "direction": "out", "name": "res" }""")
            .Function("BadClock", """{ "type": "timerTrigger", "name": "t", "schedule": "0 0 0 * * 7" }""")
            .Function("NoStorage", """{ "type": "queueTrigger", "name": "q", "queueName": "jobs", "connection": "Missing" }""")
            .Function("host", NeverDue)
            .Function("Sleeping", NeverDue)
            .With("AzureWebJobs_Sleeping_Disabled", "true");
        Host host = await root.StartAsync();

        foreach (string name in (string[])["NoTrigger", "BadClock", "NoStorage", "host"])
            Assert.Contains(root.Lines, line => line.Text.StartsWith($"{name} is not loaded", StringComparison.Ordinal));
        Assert.True(host.Trigger("Clock", ""));
        await root.WaitForCallsAsync("Clock", 1);
    }

    [Fact]
    public async Task A_setting_overrides_host_json()
    {
        await using Root root = WithDoor().With("AzureFunctionsJobHost__functionTimeout", "00:00:01");
        Host host = await root.StartAsync();

        host.Trigger("Door", "sleep 60000");

        await root.WaitForAsync(() => host.Invocations.TryGetValue("Door", out InvocationCounts counts) && counts.TimedOut == 1, "the timeout");
        await root.WaitForAsync(() => root.StartsOfHandlers().Count == 2, "the restart");
    }

    [Fact]
    public async Task A_run_that_ends_within_the_grace_spares_the_handler()
    {
        await using Root root = WithDoor();
        Host host = await root.StartAsync(options => options with { FunctionTimeout = TimeSpan.FromMilliseconds(300), TimeoutGrace = TimeSpan.FromSeconds(20) });

        host.Trigger("Door", "sleep 900");
        await root.WaitForAsync(() => host.Invocations.TryGetValue("Door", out InvocationCounts counts) && counts.TimedOut == 1, "the timeout");
        host.Trigger("Door", "ok");
        await root.WaitForAsync(() => host.Invocations["Door"].Succeeded == 1, "the next run");

        Assert.Equal(0, host.Restarts);
    }

    private static Process StartProgram(Root root) => Process.Start(new ProcessStartInfo("dotnet",
        [typeof(Host).Assembly.Location, "--root", root.Folder, "--port", "0", "--set", $"RECORD={root.Record}", "--set", "AzureWebJobsStorage="])
    {
        RedirectStandardOutput = true,
    })!;

    private static bool Alive(int pid)
    {
        // A zombie has ended; who reaps it is not our concern.
        string stat = $"/proc/{pid}/stat";
        try
        {
            return File.Exists(stat) && !File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
