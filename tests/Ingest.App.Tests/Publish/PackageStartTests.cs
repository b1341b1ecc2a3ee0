using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Ingest.App.Tests.LocalHost;
using Ingest.LocalHost;
using Ingest.LocalHost.Handlers;
using Xunit;
using Host = Ingest.LocalHost.LocalHost;

namespace Ingest.App.Tests.Publish;

public sealed class PackageStartTests(PublishedPackage package)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // An account, a vault and an address that do not exist: nothing is contacted before a function runs.
    private static readonly Dictionary<string, string> Production = new()
    {
        ["IngestStorage__tableServiceUri"] = "https://ingest-test.table.core.windows.net",
        ["IngestStorage__queueServiceUri"] = "https://ingest-test.queue.core.windows.net",
        ["IngestStorage__blobServiceUri"] = "https://ingest-test.blob.core.windows.net",
        ["INGEST_VAULT_URI"] = "https://ingest-test.vault.azure.net",
        ["INGEST_BASE_URL"] = "https://ingest.example",
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_package_refuses_the_development_profile()
    {
        await package.ReadyAsync();

        (int code, string error) = await RunToItsEndAsync(new Dictionary<string, string>
        {
            ["INGEST_PROFILE"] = "development",
            ["IngestStorage"] = "UseDevelopmentStorage=true",
            ["INGEST_KEY_DIR"] = package.Folder,
            ["INGEST_BASE_URL"] = "http://127.0.0.1:7071",
        });

        Assert.NotEqual(0, code);
        Assert.Contains("INGEST_PROFILE=development is not for the published package", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_package_without_settings_says_all_that_is_missing()
    {
        await package.ReadyAsync();

        (int code, string error) = await RunToItsEndAsync([]);

        Assert.NotEqual(0, code);
        Assert.All(Production.Keys, name => Assert.Contains(name, error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_package_starts_with_production_settings_and_answers()
    {
        await package.ReadyAsync();
        int port = FreePort();
        using Process process = Process.Start(Info(new Dictionary<string, string>(Production) { ["FUNCTIONS_CUSTOMHANDLER_PORT"] = $"{port}" }))!;
        try
        {
            Task<string> error = process.StandardError.ReadToEndAsync(Cancel);
            using HttpClient client = Web.Client();
            using HttpResponseMessage answer = await AskAsync(client, new Uri($"http://127.0.0.1:{port}/"), process, error);
            using HttpResponseMessage stranger = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/api/tickets"), Cancel);

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("Ingest", await answer.Content.ReadAsStringAsync(Cancel));
            Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task The_package_becomes_ready_under_the_local_host()
    {
        await package.ReadyAsync();
        ConcurrentQueue<HostLine> lines = new();
        Dictionary<string, string> settings = new(Production) { ["AzureWebJobsStorage"] = "" };
        // The clocks would look for an account that is not there.
        foreach (string clock in (string[])["ScheduleSync", "KeepHouse"])
            settings[$"AzureWebJobs_{clock}_Disabled"] = "true";

        await using Host host = await Host.StartAsync(new LocalHostOptions { ScriptRoot = package.Folder, Port = 0, Environment = settings, Sink = lines.Enqueue }, Cancel);
        using HttpClient client = Web.Client();
        using HttpResponseMessage answer = await client.GetAsync(new Uri(host.Address, "api/tickets"), Cancel);

        Assert.All(host.Handlers, handler => Assert.Equal(HandlerState.Ready, handler.State));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.DoesNotContain(lines, line => line.Kind is HostLineKind.HandlerError);
    }

    private ProcessStartInfo Info(Dictionary<string, string> settings)
    {
        ProcessStartInfo info = new(package.Handler) { WorkingDirectory = package.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in info.Environment.Keys.Where(key => key.StartsWith("ingest", StringComparison.OrdinalIgnoreCase)).ToArray())
            info.Environment.Remove(name);
        foreach ((string name, string value) in settings)
            info.Environment[name] = value;
        return info;
    }

    private async Task<(int Code, string Error)> RunToItsEndAsync(Dictionary<string, string> settings)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        using Process process = Process.Start(Info(settings))!;
        try
        {
            string error = await process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, error);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, Uri address, Process process, Task<string> error)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        while (true)
        {
            try
            {
                return await client.GetAsync(address, limit.Token);
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                await Task.Delay(25, limit.Token);
            }
            catch (HttpRequestException)
            {
                Assert.Fail($"The handler ended with {process.ExitCode}: {await error}");
            }
        }
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
