using System.Text.Json;
using Ingest.App.Functions;
using Ingest.Cli.Servers;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>The folders that the host reads, held against the code that it calls.</summary>
public sealed class FunctionsTests
{
    private static readonly string Folder = Path.Combine(RepoFolder.Find(), "functions", "Ingest.App", "Functions");

    [Fact]
    public void Every_function_json_has_its_handler_and_every_handler_its_function_json()
    {
        using TemporaryKeys keys = new();
        string[] declared = [.. Bindings().Where(b => b.Type != "httpTrigger").Select(b => b.Function).Order(StringComparer.Ordinal)];
        Assert.Equal(keys.Map().Names.Order(StringComparer.Ordinal), declared);
        Assert.All(declared, name => Assert.True(File.Exists(Path.Combine(Folder, name, name + ".cs")), $"{name}.cs is missing beside its function.json"));
    }

    [Fact]
    public void What_is_built_holds_the_same_functions_as_the_source()
    {
        string[] built = [.. Directory.EnumerateFiles(RunningSystem.AppOutput, "function.json", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(RunningSystem.AppOutput, path).Replace('\\', '/'))
            // Where the package was published from this clone, its build lies in a folder of its own beside.
            .Where(path => !path.StartsWith("linux-x64/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(Bindings().Select(b => b.Function + "/function.json").Order(StringComparer.Ordinal), built);
        Assert.True(File.Exists(Path.Combine(RunningSystem.AppOutput, "host.json")));
    }

    [Fact]
    public void Queue_functions_read_our_queues_as_bytes()
    {
        (string Function, string Type, JsonElement Trigger)[] queues = [.. Bindings().Where(b => b.Type == "queueTrigger")];
        Assert.Equal(Queues.All.Order(StringComparer.Ordinal), queues.Select(q => q.Trigger.GetProperty("queueName").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(Queues.MailIngest, queues.Single(q => q.Function == "IngestMail").Trigger.GetProperty("queueName").GetString());
        Assert.Equal(Queues.MailboxSync, queues.Single(q => q.Function == "SyncMailbox").Trigger.GetProperty("queueName").GetString());
        Assert.All(queues, q =>
        {
            Assert.Equal("binary", q.Trigger.GetProperty("dataType").GetString());
            Assert.Equal("item", q.Trigger.GetProperty("name").GetString());
            Assert.Equal("IngestStorage", q.Trigger.GetProperty("connection").GetString());
        });
    }

    [Fact]
    public void The_host_gives_up_when_we_think_it_does_and_later_than_we_do()
    {
        using JsonDocument host = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepoFolder.Find(), "host.json")));
        JsonElement queues = host.RootElement.GetProperty("extensions").GetProperty("queues");
        Assert.Equal(Invocation.MostDeliveries, queues.GetProperty("maxDequeueCount").GetInt32());
        Assert.Equal("base64", queues.GetProperty("messageEncoding").GetString());
        TimeSpan timeout = TimeSpan.Parse(host.RootElement.GetProperty("functionTimeout").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(FunctionMap.Deadline < timeout, $"a function may take {FunctionMap.Deadline}, and the host kills the process after {timeout}");
        // A mail that fails on its last delivery is parked after the deadline, within this.
        Assert.True(FunctionMap.Deadline + TimeSpan.FromSeconds(30) < timeout);
        Assert.Equal("", host.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
        Assert.True(host.RootElement.GetProperty("customHandler").GetProperty("enableForwardingHttpRequest").GetBoolean());
        Assert.True(host.RootElement.GetProperty("customHandler").GetProperty("enableProxyingHttpRequest").GetBoolean());
    }

    [Fact]
    public void No_route_begins_with_the_name_of_a_function_in_any_case()
    {
        string[] names = [.. Bindings().Select(b => b.Function)];
        (string Function, string Type, JsonElement Trigger)[] http = [.. Bindings().Where(b => b.Type == "httpTrigger")];
        Assert.NotEmpty(http);
        Assert.All(http, function =>
        {
            string first = function.Trigger.GetProperty("route").GetString()!.Split('/')[0];
            Assert.Matches("^[a-z]+$", first);
            Assert.DoesNotContain(first, names, StringComparer.OrdinalIgnoreCase);
            Assert.Equal("Http" + first, function.Function, ignoreCase: true);
            Assert.Equal("anonymous", function.Trigger.GetProperty("authLevel").GetString());
        });
    }

    internal static IEnumerable<(string Function, string Type, JsonElement Trigger)> Bindings()
    {
        foreach (string folder in Directory.EnumerateDirectories(Folder).Order(StringComparer.Ordinal))
        {
            string file = Path.Combine(folder, "function.json");
            Assert.True(File.Exists(file), $"{folder} holds no function.json");
            JsonElement trigger = JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("bindings")[0];
            yield return (Path.GetFileName(folder), trigger.GetProperty("type").GetString()!, trigger);
        }
    }

    private sealed class TemporaryKeys : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ingest-keys-");

        public FunctionMap Map() => new(new Desk(IngestSettings.Read(Setting, out _)!), NullLogger<FunctionMap>.Instance);

        public void Dispose() => _folder.Delete(recursive: true);

        private string? Setting(string name) => name switch
        {
            "INGEST_PROFILE" => "development",
            "IngestStorage" => "UseDevelopmentStorage=true",
            "INGEST_KEY_DIR" => _folder.FullName,
            "INGEST_BASE_URL" => "http://127.0.0.1:1",
            _ => null,
        };
    }
}
