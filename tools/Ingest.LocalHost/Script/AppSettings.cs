using System.Collections;
using System.Text.RegularExpressions;

namespace Ingest.LocalHost.Script;

/// <summary>App settings over the process environment, as the host and its handlers see them.</summary>
internal sealed partial class AppSettings
{
    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);

    public AppSettings(IReadOnlyDictionary<string, string> settings)
    {
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            values[(string)entry.Key] = (string)(entry.Value ?? "");
        foreach ((string name, string value) in settings)
            values[name] = value;
    }

    public string? this[string name] => values.GetValueOrDefault(name);

    public IEnumerable<KeyValuePair<string, string>> StartingWith(string prefix) =>
        values.Where(pair => pair.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Replaces %NAME%; a name that is not set fails, for a binding with a hole in it is none.</summary>
    public string Expand(string text) => Percent().Replace(text, match =>
        this[match.Groups[1].Value] ?? throw new FormatException($"the app setting {match.Groups[1].Value} is not set"));

    /// <summary>Replaces %NAME%; a name that is not set becomes empty (the rule for handler arguments).</summary>
    public string ExpandOrEmpty(string text) => Percent().Replace(text, match => this[match.Groups[1].Value] ?? "");

    /// <summary>The connection string behind a binding's connection name, with or without the AzureWebJobs prefix.</summary>
    public string? Connection(string? name)
    {
        string wanted = string.IsNullOrEmpty(name) ? "AzureWebJobsStorage" : name;
        return NotEmpty(this["AzureWebJobs" + wanted]) ?? NotEmpty(this[wanted]);
    }

    private static string? NotEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Percent();
}
