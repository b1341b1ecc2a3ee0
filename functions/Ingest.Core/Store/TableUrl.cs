using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Azure.Core;

namespace Ingest.Core.Store;

/// <summary>Paths, queries and continuation tokens of table requests.</summary>
internal static class TableUrl
{
    public static RequestMethod MethodOf(TableUpdateMode mode) => mode == TableUpdateMode.Replace ? RequestMethod.Put : RequestMethod.Patch;

    public static string OfRow(string table, string partitionKey, string rowKey)
    {
        TableRules.CheckKey(partitionKey, nameof(partitionKey));
        TableRules.CheckKey(rowKey, nameof(rowKey));
        return $"/{table}(PartitionKey='{Escape(partitionKey)}',RowKey='{Escape(rowKey)}')";
    }

    public static string Query(IEnumerable<(string Name, string? Value)> parameters)
    {
        StringBuilder query = new();
        foreach ((string name, string? value) in parameters)
        {
            if (!string.IsNullOrEmpty(value))
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
        return query.ToString();
    }

    public static string? Select(IEnumerable<string>? select)
    {
        if (select is null)
            return null;
        List<string> columns = ["PartitionKey", "RowKey"];
        foreach (string column in select)
        {
            if (columns.Contains(column))
                continue;
            if (column != "Timestamp")
                TableRules.CheckPropertyName(column);
            columns.Add(column);
        }
        return string.Join(',', columns);
    }

    public static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    public static string? WriteToken(string? partition, string? row) =>
        partition is null ? null : $"{Encode(partition)}.{Encode(row ?? "")}";

    public static (string Name, string? Value)[] ReadToken(string? token)
    {
        if (token is null)
            return [];
        int dot = token.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0)
            throw new FormatException("Not a continuation token.");
        return [("NextPartitionKey", Decode(token.AsSpan(0, dot))), ("NextRowKey", Decode(token.AsSpan(dot + 1)))];
    }

    private static string Escape(string key) => Uri.EscapeDataString(key.Replace("'", "''", StringComparison.Ordinal));

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static string Decode(ReadOnlySpan<char> text) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
}
