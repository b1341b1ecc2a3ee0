using System.Text.Json;
using System.Text.Json.Nodes;
using Ingest.LocalHost;
using Xunit;
using Host = Ingest.LocalHost.LocalHost;

namespace Ingest.App.Tests.LocalHost;

/// <summary>A script root in a temporary folder with the scripted handler, the record of what it heard, and the host that runs it.</summary>
internal sealed class Root : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TempFolder folder = new();
    private readonly List<HostLine> lines = [];
    private readonly Dictionary<string, string> environment = [];

    public Root()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "LocalHost", "handler.mjs"), Path.Combine(Folder, "handler.mjs"));
        environment["RECORD"] = Record = Path.Combine(Folder, "record.ndjson");
        environment["AzureWebJobsStorage"] = "";
        HostFile();
    }

    public string Folder => folder.Path;
    public string Record { get; }
    public Host Host { get; private set; } = null!;

    public IReadOnlyList<HostLine> Lines
    {
        get
        {
            lock (lines)
                return [.. lines];
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Root With(string setting, string value)
    {
        environment[setting] = value;
        return this;
    }

    public Root Storage(string connection) => With("AzureWebJobsStorage", connection);

    public Root HostFile(string queues = "{}", string customHandler = "{}", string routePrefix = "", string functionTimeout = "00:05:00")
    {
        JsonObject handler = JsonNode.Parse(customHandler)!.AsObject();
        handler["description"] ??= JsonNode.Parse("""{ "defaultExecutablePath": "node", "arguments": ["handler.mjs"] }""");
        JsonObject host = new()
        {
            ["version"] = "2.0",
            ["functionTimeout"] = functionTimeout,
            ["extensions"] = new JsonObject
            {
                ["http"] = new JsonObject { ["routePrefix"] = routePrefix },
                ["queues"] = JsonNode.Parse(queues),
            },
            ["customHandler"] = handler,
        };
        File.WriteAllText(Path.Combine(Folder, "host.json"), host.ToJsonString());
        return this;
    }

    public Root Function(string name, string bindings, string more = "")
    {
        Directory.CreateDirectory(Path.Combine(Folder, name));
        File.WriteAllText(Path.Combine(Folder, name, "function.json"), $$"""{ "bindings": [{{bindings}}]{{more}} }""");
        return this;
    }

    public Root Queue(string name, string queue, bool binary = true, string outputs = "") => Function(name,
        $$"""{ "type": "queueTrigger", "direction": "in", "name": "item", "queueName": "{{queue}}", "connection": "AzureWebJobsStorage"{{(binary ? ", \"dataType\": \"binary\"" : "")}} }{{outputs}}""");

    public Root Http(string name, string route, string level = "anonymous", string methods = "", string outputs = "") => Function(name,
        $$"""{ "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "{{level}}"{{methods}}, "route": "{{route}}" }, { "type": "http", "direction": "out", "name": "res" }{{outputs}}""");

    public async Task<Host> StartAsync(Func<LocalHostOptions, LocalHostOptions>? change = null)
    {
        LocalHostOptions options = new()
        {
            ScriptRoot = Folder,
            Port = 0,
            Environment = environment,
            TimeoutGrace = TimeSpan.FromMilliseconds(200),
            HostRestartDelay = TimeSpan.FromMilliseconds(200),
            StopGrace = TimeSpan.FromSeconds(1),
            Sink = Keep,
        };
        Host = await Host.StartAsync(change?.Invoke(options) ?? options, Cancel);
        return Host;
    }

    /// <summary>What the handler wrote down, in order; the last line may still be on its way.</summary>
    public List<JsonElement> Entries()
    {
        if (!File.Exists(Record))
            return [];
        string text = File.ReadAllText(Record);
        return [.. text[..(text.LastIndexOf('\n') + 1)]
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public List<JsonElement> Requests() => [.. Entries().Where(entry => entry.TryGetProperty("method", out _))];

    public List<JsonElement> RequestsTo(string function) => [.. Requests().Where(entry => entry.GetProperty("url").GetString() == "/" + function)];

    public List<JsonElement> StartsOfHandlers() => [.. Entries().Where(entry => entry.TryGetProperty("started", out _))];

    public Task<List<JsonElement>> WaitForCallsAsync(string function, int count) =>
        WaitForAsync(() => RequestsTo(function) is var calls && calls.Count >= count ? calls : null, $"{count} calls of {function}");

    public Task WaitForLineAsync(string part) =>
        WaitForAsync(() => Lines.Any(line => line.Text.Contains(part, StringComparison.Ordinal)) ? "" : null, $"a line with '{part}'");

    public async Task<T> WaitForAsync<T>(Func<T?> look, string what) where T : class
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        while (true)
        {
            if (look() is { } found)
                return found;
            if (limit.IsCancellationRequested)
                Assert.Fail($"Waited in vain for {what}. Lines:\n{string.Join('\n', Lines)}");
            await Task.Delay(20, Cancel);
        }
    }

    public Task WaitForAsync(Func<bool> look, string what) => WaitForAsync(() => look() ? "" : null, what);

    public async ValueTask DisposeAsync()
    {
        if (Host is not null)
            await Host.DisposeAsync();
        folder.Dispose();
    }

    private void Keep(HostLine line)
    {
        lock (lines)
            lines.Add(line);
    }
}
