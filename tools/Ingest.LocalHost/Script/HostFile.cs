using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ingest.LocalHost.Script;

/// <summary>host.json, with AzureFunctionsJobHost__ settings laid over it.</summary>
internal sealed record HostFile
{
    public const string Name = "host.json";
    private const string OverridePrefix = "AzureFunctionsJobHost__";

    /// <summary>Null means unbounded.</summary>
    public required TimeSpan? FunctionTimeout { get; init; }
    public required string RoutePrefix { get; init; }
    public required QueueSettings Queues { get; init; }
    public required HandlerSettings Handler { get; init; }
    /// <summary>Allow-list of function names; null allows all.</summary>
    public required IReadOnlyCollection<string>? Functions { get; init; }

    public static HostFile Read(string root, AppSettings settings)
    {
        string path = Path.Combine(root, Name);
        if (!File.Exists(path))
            throw new LocalHostException($"There is no host.json in {root}: name the folder that would be deployed with --root.");
        try
        {
            return Read(Overlaid(File.ReadAllText(path), settings), settings);
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException or OverflowException)
        {
            throw new LocalHostException($"host.json cannot be used: {fault.Message}", fault);
        }
    }

    private static JsonObject Overlaid(string text, AppSettings settings)
    {
        JsonObject root = JsonNode.Parse(text, documentOptions: Json.Lenient)?.AsObject() ?? throw new JsonException("it is empty");
        foreach ((string name, string value) in settings.StartingWith(OverridePrefix))
        {
            string[] steps = name[OverridePrefix.Length..].Split("__");
            JsonObject at = root;
            foreach (string step in steps[..^1])
                at = at[Json.KeyOf(at, step)] as JsonObject ?? Json.Added(at, step);
            at[Json.KeyOf(at, steps[^1])] = value;
        }
        return root;
    }

    private static HostFile Read(JsonObject root, AppSettings settings)
    {
        if (Json.Text(root, "version") != "2.0")
            throw new FormatException("\"version\" must be \"2.0\"");
        JsonObject? handler = Json.Object(root, "customHandler");
        JsonObject extensions = Json.Object(root, "extensions") ?? [];
        return new HostFile
        {
            FunctionTimeout = Timeout(Json.Text(root, "functionTimeout")),
            RoutePrefix = (Json.Text(Json.Object(extensions, "http") ?? [], "routePrefix") ?? "api").Trim('/'),
            Queues = QueueSettings.Read(Json.Object(extensions, "queues") ?? []),
            Handler = HandlerSettings.Read(handler ?? throw new FormatException("customHandler is missing"), settings),
            Functions = (Json.Property(root, "functions") as JsonArray)?.Select(name => name!.GetValue<string>()).ToList(),
        };
    }

    private static TimeSpan? Timeout(string? text) => text switch
    {
        null => TimeSpan.FromMinutes(30),
        "-1" => null,
        _ => Json.Span(text) is var span && span >= TimeSpan.FromSeconds(1)
            ? span
            : throw new FormatException("functionTimeout must be at least one second"),
    };
}

internal sealed record QueueSettings
{
    public required int BatchSize { get; init; }
    public required int NewBatchThreshold { get; init; }
    public required int MaxDequeueCount { get; init; }
    public required TimeSpan VisibilityTimeout { get; init; }
    public required TimeSpan MaxPollingInterval { get; init; }
    public required bool Base64 { get; init; }

    public static QueueSettings Read(JsonObject queues)
    {
        int batch = InRange(queues, "batchSize", 16, 1, 32);
        return new QueueSettings
        {
            BatchSize = batch,
            NewBatchThreshold = InRange(queues, "newBatchThreshold", batch / 2 * Environment.ProcessorCount, 0, int.MaxValue),
            MaxDequeueCount = InRange(queues, "maxDequeueCount", 5, 1, int.MaxValue),
            VisibilityTimeout = Json.Span(Json.Text(queues, "visibilityTimeout") ?? "00:00:00"),
            MaxPollingInterval = Polling(Json.Span(Json.Text(queues, "maxPollingInterval") ?? "00:01:00")),
            Base64 = (Json.Text(queues, "messageEncoding") ?? "base64").ToUpperInvariant() switch
            {
                "BASE64" => true,
                "NONE" => false,
                _ => throw new FormatException("queues.messageEncoding must be base64 or none"),
            },
        };
    }

    private static TimeSpan Polling(TimeSpan span) => span >= TimeSpan.FromMilliseconds(100)
        ? span
        : throw new FormatException("queues.maxPollingInterval must be at least 100 ms");

    private static int InRange(JsonObject queues, string name, int normal, int least, int most)
    {
        int value = Json.Text(queues, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : normal;
        return value >= least && value <= most
            ? value
            : throw new FormatException($"queues.{name} must be between {least} and {most}");
    }
}

internal sealed record HandlerSettings
{
    public required string Executable { get; init; }
    public required string Arguments { get; init; }
    public required string WorkingDirectory { get; init; }
    public required string WorkerDirectory { get; init; }
    public required bool StdErrIsError { get; init; }
    public required bool Forwarding { get; init; }
    public required bool Proxying { get; init; }
    public required TimeSpan InitializationTimeout { get; init; }
    /// <summary>A fixed port for the handler; null picks a free one.</summary>
    public required int? Port { get; init; }

    public static HandlerSettings Read(JsonObject handler, AppSettings settings)
    {
        JsonObject description = Json.Object(handler, "description") ?? throw new FormatException("customHandler.description is missing");
        string executable = Json.Text(description, "defaultExecutablePath") is { Length: > 0 } path
            ? path
            : throw new FormatException("customHandler.description.defaultExecutablePath is missing");
        return new HandlerSettings
        {
            Executable = settings.ExpandOrEmpty(executable),
            Arguments = settings.ExpandOrEmpty(JoinedArguments(description)),
            WorkingDirectory = Json.Text(description, "workingDirectory") ?? "",
            WorkerDirectory = Json.Text(description, "workerDirectory") ?? "",
            StdErrIsError = Json.Flag(description, "useStdErrorStreamForErrorsOnly", true),
            Forwarding = Json.Flag(handler, "enableForwardingHttpRequest", false),
            Proxying = Json.Flag(handler, "enableProxyingHttpRequest", false),
            InitializationTimeout = Json.Span(Json.Text(handler, "initializationTimeout") ?? "00:00:30"),
            Port = Json.Text(handler, "port") is { } port ? int.Parse(port, CultureInfo.InvariantCulture) : null,
        };
    }

    // The host joins with blanks and quotes only defaultWorkerPath; an argument with a blank must bring its own quotes.
    private static string JoinedArguments(JsonObject description)
    {
        IEnumerable<string> parts = Json.Texts(description, "arguments");
        if (Json.Text(description, "defaultWorkerPath") is { Length: > 0 } worker)
            parts = parts.Append($"\"{worker}\"");
        return string.Join(' ', parts.Concat(Json.Texts(description, "workerArguments")));
    }
}
