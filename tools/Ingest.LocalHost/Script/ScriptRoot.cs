using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ingest.LocalHost.Script;

/// <summary>The deployed folder: host.json and every function that could be loaded, with the reasons for those that could not.</summary>
internal sealed partial class ScriptRoot
{
    private const string FunctionFile = "function.json";

    private ScriptRoot(string path, AppSettings settings, HostFile host)
    {
        Folder = path;
        Settings = settings;
        Host = host;
    }

    public string Folder { get; }
    public AppSettings Settings { get; }
    public HostFile Host { get; }
    public List<Function> Functions { get; } = [];
    public List<string> Refused { get; } = [];

    public static ScriptRoot Load(string folder, IReadOnlyDictionary<string, string> environment)
    {
        string path = Path.GetFullPath(folder);
        AppSettings settings = new(environment);
        ScriptRoot root = new(path, settings, HostFile.Read(path, settings));
        foreach (string directory in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
            if (File.Exists(Path.Combine(directory, FunctionFile)))
                root.Add(directory);
        return root;
    }

    private void Add(string directory)
    {
        string name = Path.GetFileName(directory);
        if (Host.Functions is { } allowed && !allowed.Contains(name, StringComparer.OrdinalIgnoreCase))
            return;
        try
        {
            if (!FunctionName().IsMatch(name) || name.Equals("host", StringComparison.OrdinalIgnoreCase))
                throw new FormatException("its name is not allowed");
            JsonNode? node = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, FunctionFile)), documentOptions: Json.Lenient);
            Functions.Add(FunctionReader.Read(name, node as JsonObject ?? throw new FormatException("function.json is no object"), Settings));
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException)
        {
            // A broken function.json disables that function only.
            Refused.Add($"{name} is not loaded: {fault.Message}");
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9_-]{0,127}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FunctionName();
}
