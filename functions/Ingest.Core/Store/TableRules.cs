using System.Text;

namespace Ingest.Core.Store;

/// <summary>What the table service accepts, checked before a byte is sent: the service's own refusals differ from the emulator's.</summary>
internal static class TableRules
{
    /// <summary>UTF-16 units in a key: 1 KiB.</summary>
    public const int MaxKeyLength = 512;
    /// <summary>UTF-16 units in a string property: 64 KiB.</summary>
    public const int MaxTextLength = 32 * 1024;
    /// <summary>Bytes in a binary property.</summary>
    public const int MaxBinaryLength = 64 * 1024;
    /// <summary>Properties in a row beside the two keys and the timestamp.</summary>
    public const int MaxProperties = 252;
    /// <summary>Bytes in a row by the service's own formula.</summary>
    public const int MaxEntityBytes = 1024 * 1024;
    /// <summary>Rows in a transaction.</summary>
    public const int MaxTransactionRows = 100;
    /// <summary>Bytes in a transaction's request body.</summary>
    public const int MaxTransactionBytes = 4 * 1024 * 1024;

    private const int MaxPropertyNameLength = 255;

    /// <summary>The earliest time the service can hold.</summary>
    private static readonly DateTimeOffset MinTime = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void CheckTableName(string name)
    {
        bool ok = name.Length is >= 3 and <= 63 && char.IsAsciiLetter(name[0]) && name.All(char.IsAsciiLetterOrDigit);
        if (!ok)
            throw new ArgumentException("A table name is 3 to 63 ASCII letters and digits and starts with a letter.", nameof(name));
    }

    public static void CheckKey(string key, string parameter)
    {
        ArgumentNullException.ThrowIfNull(key, parameter);
        if (key.Length > MaxKeyLength)
            throw new ArgumentException($"A key holds at most {MaxKeyLength} UTF-16 units.", parameter);
        foreach (char c in key)
        {
            if (c is '/' or '\\' or '#' or '?' || char.IsControl(c))
                throw new ArgumentException("A key holds none of / \\ # ? and no control characters.", parameter);
        }
        CheckText(key, parameter);
    }

    public static void CheckPropertyName(string name)
    {
        bool ok = name.Length is >= 1 and <= MaxPropertyNameLength
            && (char.IsAsciiLetter(name[0]) || name[0] == '_')
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
        if (!ok)
            throw new ArgumentException("A property name is 1 to 255 ASCII letters, digits and underscores and does not start with a digit.", nameof(name));
        if (name is "PartitionKey" or "RowKey" or "Timestamp")
            throw new ArgumentException("The keys and the timestamp are not set as properties.", nameof(name));
    }

    /// <summary>The value in the one form a row keeps for its type.</summary>
    public static object CheckValue(string property, object value)
    {
        switch (value)
        {
            case string text:
                if (text.Length > MaxTextLength)
                    throw new ArgumentException($"Property '{property}' is longer than {MaxTextLength} UTF-16 units.", nameof(value));
                CheckText(text, nameof(value));
                return text;
            case ReadOnlyMemory<byte> memory:
                return CheckBinary(property, memory.ToArray());
            case byte[] bytes:
                return CheckBinary(property, bytes);
            case DateTimeOffset time:
                if (time < MinTime)
                    throw new ArgumentException($"Property '{property}' is before the year 1601.", nameof(value));
                return time.ToUniversalTime();
            case int or long or double or bool or Guid:
                return value;
            default:
                throw new ArgumentException($"Property '{property}' cannot be a {value.GetType().Name}.", nameof(value));
        }
    }

    /// <summary>Throws if the row as a whole cannot be stored.</summary>
    public static void CheckEntity(TableEntity entity)
    {
        if (entity.Count > MaxProperties)
            throw new ArgumentException($"A row holds at most {MaxProperties} properties.", nameof(entity));
        long bytes = 4 + 2L * (entity.PartitionKey.Length + entity.RowKey.Length);
        foreach ((string name, object value) in entity)
            bytes += 8 + 2L * name.Length + SizeOf(value);
        if (bytes > MaxEntityBytes)
            throw new ArgumentException("A row holds at most 1 MiB.", nameof(entity));
    }

    private static long SizeOf(object value) => value switch
    {
        string text => 4 + 2L * text.Length,
        byte[] bytes => 4 + bytes.Length,
        Guid => 16,
        bool => 1,
        int => 4,
        _ => 8,
    };

    private static byte[] CheckBinary(string property, byte[] bytes) => bytes.Length <= MaxBinaryLength
        ? bytes
        : throw new ArgumentException($"Property '{property}' is longer than {MaxBinaryLength} bytes.", nameof(bytes));

    /// <summary>Half a surrogate pair would be stored as another character without a word.</summary>
    private static void CheckText(string text, string parameter)
    {
        for (int at = 0; at < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, at, out Rune rune))
                throw new ArgumentException("The text holds half a surrogate pair.", parameter);
            at += rune.Utf16SequenceLength;
        }
    }
}
