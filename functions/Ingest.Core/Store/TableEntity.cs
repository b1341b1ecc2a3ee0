using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Azure;

namespace Ingest.Core.Store;

/// <summary>
/// One row: its two keys, its version and up to 252 typed properties. Limits of the table service (key alphabet, 64 KiB a property, property
/// names, types) are checked when a value is set, as <see cref="ArgumentException"/> whose message never holds the value.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "The name is that of Azure.Data.Tables.")]
public sealed class TableEntity : IEnumerable<KeyValuePair<string, object>>
{
    private readonly Dictionary<string, object> properties = new(StringComparer.Ordinal);

    /// <summary>A row with these keys and no properties; throws <see cref="ArgumentException"/> if a key cannot be stored.</summary>
    public TableEntity(string partitionKey, string rowKey)
    {
        TableRules.CheckKey(partitionKey, nameof(partitionKey));
        TableRules.CheckKey(rowKey, nameof(rowKey));
        PartitionKey = partitionKey;
        RowKey = rowKey;
    }

    /// <summary>The partition: at most 512 UTF-16 units, none of <c>/ \ # ?</c> and no control characters.</summary>
    public string PartitionKey { get; }

    /// <summary>The row within the partition; same alphabet as the partition key.</summary>
    public string RowKey { get; }

    /// <summary>The version that was read; <c>default</c> on a row made here.</summary>
    public ETag ETag { get; set; }

    /// <summary>When the service last wrote the row; null on a row made here or read without it.</summary>
    public DateTimeOffset? Timestamp { get; internal set; }

    /// <summary>How many properties are set, keys and timestamp not counted.</summary>
    public int Count => properties.Count;

    /// <summary>The names of the properties that are set.</summary>
    public IReadOnlyCollection<string> Keys => properties.Keys;

    /// <summary>
    /// A property's value, or null if it is not set. Setting null removes it; in a merge an absent property is left as it is in the store.
    /// Values: string, int, long, double, bool, byte[], ReadOnlyMemory of byte, DateTimeOffset (kept as UTC), Guid.
    /// </summary>
    public object? this[string property]
    {
        get => properties.GetValueOrDefault(property);
        set
        {
            TableRules.CheckPropertyName(property);
            if (value is null)
                properties.Remove(property);
            else
                properties[property] = TableRules.CheckValue(property, value);
        }
    }

    /// <summary>Sets a property as the indexer does; throws <see cref="ArgumentException"/> if it is set already.</summary>
    public void Add(string property, object? value)
    {
        if (properties.ContainsKey(property))
            throw new ArgumentException($"Property '{property}' is set already.", nameof(property));
        this[property] = value;
    }

    /// <summary>Sets what the service holds: a row written by other rules must still be readable.</summary>
    internal void Restore(string property, object value) => properties[property] = value;

    /// <summary>Whether the property is set.</summary>
    public bool ContainsKey(string property) => properties.ContainsKey(property);

    /// <summary>The text, or null if not set; throws <see cref="InvalidOperationException"/> on another type.</summary>
    public string? GetString(string property) => this[property] switch
    {
        null => null,
        string text => text,
        object other => throw WrongType(property, other, "String"),
    };

    /// <summary>The number, or null if not set; throws <see cref="InvalidOperationException"/> on another type.</summary>
    public int? GetInt32(string property) => this[property] switch
    {
        null => null,
        int number => number,
        object other => throw WrongType(property, other, "Int32"),
    };

    /// <summary>The number (an Int32 is widened), or null if not set; throws <see cref="InvalidOperationException"/> on another type.</summary>
    public long? GetInt64(string property) => this[property] switch
    {
        null => null,
        long number => number,
        int number => number,
        object other => throw WrongType(property, other, "Int64"),
    };

    /// <summary>The number (an Int32 is widened), or null if not set; throws <see cref="InvalidOperationException"/> on another type.</summary>
    public double? GetDouble(string property) => this[property] switch
    {
        null => null,
        double number => number,
        int number => number,
        object other => throw WrongType(property, other, "Double"),
    };

    /// <summary>The truth value, or null if not set; throws <see cref="InvalidOperationException"/> on another type.</summary>
    public bool? GetBoolean(string property) => this[property] switch
    {
        null => null,
        bool truth => truth,
        object other => throw WrongType(property, other, "Boolean"),
    };

    /// <summary>The bytes, not copied, or null if not set; throws <see cref="InvalidOperationException"/> on another type.</summary>
    public byte[]? GetBinary(string property) => this[property] switch
    {
        null => null,
        byte[] bytes => bytes,
        object other => throw WrongType(property, other, "Binary"),
    };

    /// <summary>The time in UTC, or null if not set; throws <see cref="InvalidOperationException"/> on another type.</summary>
    public DateTimeOffset? GetDateTimeOffset(string property) => this[property] switch
    {
        null => null,
        DateTimeOffset time => time,
        object other => throw WrongType(property, other, "DateTime"),
    };

    /// <summary>The id, or null if not set; throws <see cref="InvalidOperationException"/> on another type.</summary>
    public Guid? GetGuid(string property) => this[property] switch
    {
        null => null,
        Guid id => id,
        object other => throw WrongType(property, other, "Guid"),
    };

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => properties.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static InvalidOperationException WrongType(string property, object value, string wanted) =>
        new($"Property '{property}' holds a {value.GetType().Name}, not a {wanted}.");
}
