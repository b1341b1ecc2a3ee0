using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ingest.LocalHost.Timers;

namespace Ingest.LocalHost.Script;

/// <summary>Turns one function.json into a <see cref="Function"/>, or says in a FormatException what is wrong with it.</summary>
internal static partial class FunctionReader
{
    public static Function Read(string name, JsonObject file, AppSettings settings)
    {
        List<JsonObject> bindings = [.. (Json.Property(file, "bindings") as JsonArray ?? []).OfType<JsonObject>()];
        List<JsonObject> triggers = [.. bindings.Where(binding => TypeOf(binding).EndsWith("TRIGGER", StringComparison.Ordinal))];
        if (triggers.Count != 1)
            throw new FormatException($"it has {triggers.Count} triggers");
        List<JsonObject> others = [.. bindings.Except(triggers)];
        List<JsonObject> outputs = [.. others.Where(binding => Direction(binding) == "OUT")];
        if (outputs.Count != others.Count)
            throw new FormatException("input bindings other than the trigger are not known here");
        string? http = outputs.Where(binding => TypeOf(binding) == "HTTP").Select(NameOf).FirstOrDefault();
        return new Function
        {
            Name = name,
            Trigger = ReadTrigger(triggers[0], settings),
            QueueOutputs = [.. outputs.Where(binding => TypeOf(binding) != "HTTP").Select(binding => ReadOutput(binding, settings))],
            HttpOutput = http,
            PureHttp = TypeOf(triggers[0]) == "HTTPTRIGGER" && outputs.Count == 1 && http is not null,
            Retry = Json.Object(file, "retry") is { } retry ? ReadRetry(retry) : null,
            Disabled = IsDisabled(name, file, settings),
        };
    }

    private static Trigger ReadTrigger(JsonObject binding, AppSettings settings) => TypeOf(binding) switch
    {
        "QUEUETRIGGER" => new QueueTrigger(NameOf(binding), QueueName(settings.Expand(Required(binding, "queueName"))), ConnectionOf(binding, settings), IsBinary(binding)),
        "TIMERTRIGGER" => new TimerTrigger(
            NameOf(binding), TimerSchedule.Parse(settings.Expand(Required(binding, "schedule"))), Json.Flag(binding, "useMonitor", true), Json.Flag(binding, "runOnStartup", false)),
        "HTTPTRIGGER" => new HttpTrigger(NameOf(binding), RouteOf(binding, settings), [.. Json.Texts(binding, "methods")], LevelOf(binding)),
        _ => throw new FormatException($"the trigger type {Json.Text(binding, "type")} is not known here"),
    };

    private static QueueOutput ReadOutput(JsonObject binding, AppSettings settings)
    {
        if (TypeOf(binding) != "QUEUE")
            throw new FormatException($"the binding type {Json.Text(binding, "type")} is not known here");
        string queue = settings.Expand(Required(binding, "queueName"));
        return new QueueOutput(NameOf(binding), queue.Contains('{') ? queue : QueueName(queue), ConnectionOf(binding, settings), IsBinary(binding));
    }

    private static RetryPolicy ReadRetry(JsonObject retry)
    {
        int count = int.Parse(Required(retry, "maxRetryCount"), CultureInfo.InvariantCulture);
        if (Required(retry, "strategy").Equals("fixedDelay", StringComparison.OrdinalIgnoreCase))
        {
            TimeSpan delay = Json.Span(Required(retry, "delayInterval"));
            return new RetryPolicy(RetryStrategy.FixedDelay, count, delay, delay);
        }
        return new RetryPolicy(
            RetryStrategy.ExponentialBackoff, count, Json.Span(Required(retry, "minimumInterval")), Json.Span(Required(retry, "maximumInterval")));
    }

    private static bool IsDisabled(string name, JsonObject file, AppSettings settings) =>
        (settings[$"AzureWebJobs.{name}.Disabled"] ?? settings[$"AzureWebJobs_{name}_Disabled"]) is { } setting
            ? setting is "1" || setting.Equals("true", StringComparison.OrdinalIgnoreCase)
            : Json.Flag(file, "disabled", false);

    private static string? RouteOf(JsonObject binding, AppSettings settings)
    {
        if (Json.Text(binding, "route") is not { } route)
            return null;
        string expanded = settings.Expand(route).TrimStart('/');
        return expanded.StartsWith("admin", StringComparison.OrdinalIgnoreCase) || expanded.StartsWith("runtime", StringComparison.OrdinalIgnoreCase)
            ? throw new FormatException("a route must not start with admin or runtime: they belong to the host")
            : expanded;
    }

    private static AuthLevel LevelOf(JsonObject binding) => (Json.Text(binding, "authLevel") ?? "function").ToUpperInvariant() switch
    {
        "ANONYMOUS" => AuthLevel.Anonymous,
        "FUNCTION" => AuthLevel.Function,
        "ADMIN" => AuthLevel.Admin,
        _ => throw new FormatException("authLevel must be anonymous, function or admin"),
    };

    private static string QueueName(string text)
    {
        string name = text.ToLowerInvariant();
        return QueueNames().IsMatch(name) && name.Length is >= 3 and <= 63
            ? name
            : throw new FormatException($"'{name}' is not a valid queue name");
    }

    private static string ConnectionOf(JsonObject binding, AppSettings settings)
    {
        string name = Json.Text(binding, "connection") ?? "";
        return settings.Connection(name)
            ?? throw new FormatException($"the app setting {(name.Length == 0 ? "AzureWebJobsStorage" : name)} holds no connection string (identity-based connections need Azure)");
    }

    private static bool IsBinary(JsonObject binding) => "binary".Equals(Json.Text(binding, "dataType"), StringComparison.OrdinalIgnoreCase);

    private static string NameOf(JsonObject binding) => Required(binding, "name");

    private static string TypeOf(JsonObject binding) => Required(binding, "type").ToUpperInvariant();

    private static string Direction(JsonObject binding) => (Json.Text(binding, "direction") ?? "in").ToUpperInvariant();

    private static string Required(JsonObject binding, string name) =>
        Json.Text(binding, name) is { Length: > 0 } text ? text : throw new FormatException($"\"{name}\" is missing");

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex QueueNames();
}
