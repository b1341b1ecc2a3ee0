using System.Buffers.Binary;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Reads a list of MAPI properties as TNEF has them (MS-OXTNEF section 2.1.3.5): every length is checked against what is there, so no count can ask for more.</summary>
internal ref struct TnefProperties
{
    // Property types (MS-OXCDATA section 2.11.1).
    public const int Integer16 = 0x02, Integer32 = 0x03, Floating32 = 0x04, Floating64 = 0x05, Currency = 0x06, AppTime = 0x07, Error = 0x0A, Boolean = 0x0B, Object = 0x0D,
        Integer64 = 0x14, String8 = 0x1E, Unicode = 0x1F, Time = 0x40, Guid = 0x48, Binary = 0x102;

    private const int Many = 0x1000;
    private const int FirstNamed = 0x8000;

    private readonly ReadOnlyMemory<byte> source;
    private readonly ReadOnlySpan<byte> span;
    private int position;
    private int left;

    public TnefProperties(ReadOnlyMemory<byte> source)
    {
        this.source = source;
        span = source.Span;
        left = TryInt32(out var count) && count > 0 ? count : 0;
    }

    public int Id { get; private set; }

    public int Type { get; private set; }

    /// <summary>The first value, as a range of the source.</summary>
    public ReadOnlyMemory<byte> Value { get; private set; }

    /// <summary>True when the list ended before its count was reached.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The next property; false at the end and at the first that cannot be read.</summary>
    public bool Next()
    {
        if (left-- <= 0)
            return false;
        if (ReadOne())
            return true;
        IsDamaged = true;
        left = 0;
        return false;
    }

    private bool ReadOne()
    {
        if (!TryInt32(out var tag))
            return false;
        Type = tag & 0xFFFF & ~Many;
        Id = (tag >> 16) & 0xFFFF;
        if (Id >= FirstNamed && !SkipName())
            return false;
        var variable = Type is String8 or Unicode or Binary or Object;
        var values = 1;
        if ((variable || (tag & Many) != 0) && (!TryInt32(out values) || values < 0))
            return false;
        Value = default;
        for (var i = 0; i < values; i++)
        {
            var length = Size(Type);
            if (variable && !TryInt32(out length))
                return false;
            if (length < 0 || length > span.Length - position)
                return false;
            if (i == 0)
                Value = source.Slice(position, length);
            position += length;
            // The padding after the last value may be cut off.
            position = Math.Min(span.Length, position + (-length & 3));
            // A count without bytes behind it would run for long and say nothing.
            if (position >= span.Length && i + 1 < values)
                return false;
        }
        return Size(Type) >= 0;
    }

    private static int Size(int type) => type switch
    {
        Integer16 or Boolean => 2,
        Integer32 or Floating32 or Error => 4,
        Floating64 or Currency or AppTime or Integer64 or Time => 8,
        Guid => 16,
        String8 or Unicode or Binary or Object => 0,
        _ => -1,
    };

    private bool SkipName()
    {
        if (span.Length - position < 20)
            return false;
        position += 16;
        if (!TryInt32(out var kind) || !TryInt32(out var length))
            return false;
        if (kind == 0)
            return true;
        if (length < 0 || length > span.Length - position)
            return false;
        position = Math.Min(span.Length, position + length + (-length & 3));
        return true;
    }

    private bool TryInt32(out int value)
    {
        value = 0;
        if (span.Length - position < 4)
            return false;
        value = BinaryPrimitives.ReadInt32LittleEndian(span[position..]);
        position += 4;
        return true;
    }

    /// <summary>The value as text, when it is a string; empty otherwise. Strings end at a NUL.</summary>
    public readonly string Text(Encoding codepage)
    {
        var bytes = Value.Span;
        if (Type == Unicode)
            return Clean(Encoding.Unicode.GetString(bytes[..(bytes.Length & ~1)]));
        return Type == String8 ? Clean(codepage.GetString(bytes)) : "";
    }

    public readonly int Number => Type is Integer32 && Value.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(Value.Span) : 0;

    /// <summary>The value as a time, null when it is none or out of range.</summary>
    public readonly DateTimeOffset? When()
    {
        if (Type != Time || Value.Length < 8)
            return null;
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(Value.Span);
        return ticks > 0 && ticks < DateTimeOffset.MaxValue.ToFileTime() ? DateTimeOffset.FromFileTime(ticks).ToUniversalTime() : null;
    }

    internal static string Clean(string text)
    {
        var end = text.IndexOf('\0', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }
}
