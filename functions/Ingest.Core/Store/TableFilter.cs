using System.Globalization;

namespace Ingest.Core.Store;

/// <summary>How a property is compared in a <see cref="TableFilter"/>.</summary>
public enum TableComparison
{
    /// <summary>The same value.</summary>
    Equal,
    /// <summary>Another value.</summary>
    NotEqual,
    /// <summary>Smaller, by code unit for text.</summary>
    Below,
    /// <summary>Smaller or the same.</summary>
    AtMost,
    /// <summary>Greater, by code unit for text.</summary>
    Above,
    /// <summary>Greater or the same.</summary>
    AtLeast,
}

/// <summary>
/// Which rows a query returns. Only this type makes filter text: every value goes in as a quoted literal and every name is checked, so no
/// text from outside can change what is asked.
/// </summary>
public readonly record struct TableFilter
{
    private readonly string? text;

    private TableFilter(string text) => this.text = text;

    /// <summary>Every row of the table.</summary>
    public static TableFilter All => default;

    /// <summary>Rows of one partition.</summary>
    public static TableFilter PartitionIs(string partitionKey) => new("PartitionKey eq " + Quote(partitionKey));

    /// <summary>Rows of every partition whose key starts with the prefix, which ends in a character below U+D7FF; the service scans that range.</summary>
    public static TableFilter PartitionPrefix(string prefix) => Range("PartitionKey", prefix, After(prefix));

    /// <summary>Rows whose partition sorts after this one.</summary>
    public static TableFilter PartitionAfter(string partitionKey) => new("PartitionKey gt " + Quote(partitionKey));

    /// <summary>Rows with this row key.</summary>
    public static TableFilter RowIs(string rowKey) => new("RowKey eq " + Quote(rowKey));

    /// <summary>Rows whose key starts with the prefix, which ends in a character below U+D7FF.</summary>
    public static TableFilter RowPrefix(string prefix) => Range("RowKey", prefix, After(prefix));

    /// <summary>Rows whose key is at least <paramref name="from"/> and below <paramref name="to"/>, by UTF-16 code unit.</summary>
    public static TableFilter RowBetween(string from, string to) => Range("RowKey", from, to);

    /// <summary>Rows whose key sorts after this one.</summary>
    public static TableFilter RowAfter(string rowKey) => new("RowKey gt " + Quote(rowKey));

    /// <summary>Rows whose property compares so; a row without the property never does. Values as in <see cref="TableEntity"/>.</summary>
    public static TableFilter Where(string property, TableComparison comparison, object value)
    {
        if (property != "Timestamp")
            TableRules.CheckPropertyName(property);
        string word = comparison switch
        {
            TableComparison.Equal => "eq",
            TableComparison.NotEqual => "ne",
            TableComparison.Below => "lt",
            TableComparison.AtMost => "le",
            TableComparison.Above => "gt",
            TableComparison.AtLeast => "ge",
        };
        return new TableFilter($"{property} {word} {Literal(property, value)}");
    }

    /// <summary>Rows that match both; <see cref="All"/> changes nothing.</summary>
    public TableFilter And(TableFilter other) => text is null ? other : other.text is null ? this : new($"({text}) and ({other.text})");

    /// <summary>Rows that match either; <see cref="All"/> matches every row.</summary>
    public TableFilter Or(TableFilter other) => text is null || other.text is null ? All : new($"({text}) or ({other.text})");

    /// <summary>The OData text of the filter, empty for <see cref="All"/>.</summary>
    public override string ToString() => text ?? "";

    private static TableFilter Range(string key, string from, string to) => new($"{key} ge {Quote(from)} and {key} lt {Quote(to)}");

    private static string Literal(string property, object value) => TableRules.CheckValue(property, value) switch
    {
        string words => Quote(words),
        int number => number.ToString(CultureInfo.InvariantCulture),
        long number => number.ToString(CultureInfo.InvariantCulture) + "L",
        double number when double.IsFinite(number) => Whole(number.ToString("R", CultureInfo.InvariantCulture)),
        bool truth => truth ? "true" : "false",
        byte[] bytes => "X'" + Convert.ToHexStringLower(bytes) + "'",
        DateTimeOffset time => "datetime'" + TableEntityJson.WriteTime(time) + "'",
        Guid id => "guid'" + id.ToString("D") + "'",
        _ => throw new ArgumentException($"Property '{property}' cannot be compared with that.", nameof(value)),
    };

    /// <summary>A literal without a point would be read as an integer.</summary>
    private static string Whole(string number) => number.AsSpan().ContainsAny('.', 'E') ? number : number + ".0";

    private static string Quote(string value) => "'" + value.Replace("'", "''", StringComparison.Ordinal) + "'";

    private static string After(string prefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        char last = prefix[^1];
        if (last >= '\uD7FF')
            throw new ArgumentException("A prefix ends in a character below U+D7FF.", nameof(prefix));
        return string.Concat(prefix.AsSpan(0, prefix.Length - 1), [(char)(last + 1)]);
    }
}
