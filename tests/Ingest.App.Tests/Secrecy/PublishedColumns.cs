using System.Globalization;
using System.Text.RegularExpressions;
using Ingest.Cli.Servers;
using Ingest.Core.Store;

namespace Ingest.App.Tests.Secrecy;

/// <summary>
/// What functions/Ingest.Core/Store/COLUMNS.md publishes about things that rest in the clear: named patterns in its block "patterns", and tables whose rows say which pattern the
/// value of a column has. The page is the only source; a store that holds anything else than it says is wrong, or the page is.
/// </summary>
internal sealed partial class PublishedColumns
{
    private readonly Dictionary<string, Regex> columns = [];
    private readonly HashSet<string> met = [];

    public PublishedColumns(string page)
    {
        Patterns = PatternBlock().Match(page).Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToDictionary(line => line[0], line => line[1]);
        foreach (Match line in TableLine().Matches(page))
        {
            string values = string.Join('|', line.Groups[3].Value.Split(", or ").Select(value => Expression(value, Patterns)));
            columns.Add($"{line.Groups[1].Value}.{line.Groups[2].Value}", new Regex($"^({values})\\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
        }
    }

    public IReadOnlyDictionary<string, string> Patterns { get; }

    /// <summary>Columns of the page that nothing was checked against.</summary>
    public IEnumerable<string> NeverMet => columns.Keys.Except(met).Order(StringComparer.Ordinal);

    public static PublishedColumns Read() => new(File.ReadAllText(Path.Combine(RepoFolder.Find(), "functions", "Ingest.Core", "Store", "COLUMNS.md")));

    /// <summary>What is wrong with a row, in sentences that name the column and never show its value.</summary>
    public IEnumerable<string> Faults(string table, TableEntity row) =>
        row.Select(column => (column.Key, (object?)column.Value)).Prepend(("RowKey", row.RowKey)).Prepend(("PartitionKey", row.PartitionKey))
            .Select(column => Fault(table, column.Item1, column.Item2)).OfType<string>();

    /// <summary>What is wrong with one value, or null.</summary>
    public string? Fault(string table, string column, object? value)
    {
        string name = $"{table}.{column}";
        if (!columns.TryGetValue(name, out Regex? pattern)) return $"{name} is not on the page.";
        met.Add(name);
        return pattern.IsMatch(Written(value)) ? null : $"{name} holds something else than {pattern}.";
    }

    private static string Written(object? value) => value switch
    {
        byte[] bytes => "0x" + Convert.ToHexStringLower(bytes),
        DateTimeOffset time => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        bool yes => yes ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString() ?? "",
    };

    // Within back-ticks a value is written as it is, with {names} of patterns in it; "empty" is a value too.
    private static string Expression(string value, IReadOnlyDictionary<string, string> patterns)
    {
        if (value.Trim() == "empty") return "";
        string text = value.Trim().Trim('`');
        return string.Concat(Name().Split(text).Select((part, i) => i % 2 == 0 ? Regex.Escape(part) : $"({patterns[part]})"));
    }

    [GeneratedRegex(@"```patterns\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex PatternBlock();

    [GeneratedRegex(@"^\| `([a-z -]+)` \| `([A-Za-z]+)` \| ([^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex TableLine();

    [GeneratedRegex(@"\{([a-z-]+)\}")]
    private static partial Regex Name();
}
