using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>One header field: a range of the raw bytes, decoded when asked (RFC 5322 section 2.2).</summary>
public readonly struct Header
{
    private readonly HeaderList owner;
    private readonly int nameLength;
    private readonly int valueOffset;
    private readonly bool hasNul;

    internal Header(HeaderList owner, int offset, int nameLength, int valueOffset, int end)
    {
        this.owner = owner;
        this.nameLength = nameLength;
        this.valueOffset = valueOffset;
        hasNul = owner.Source.Span.Slice(offset, nameLength).Contains((byte)0);
        Offset = offset;
        End = end;
    }

    /// <summary>Where the field starts in its source.</summary>
    public int Offset { get; }

    /// <summary>Where the field ends in its source, its last line break included.</summary>
    public int End { get; }

    /// <summary>The field name as written, without NUL.</summary>
    public string Name => hasNul ? Encoding.Latin1.GetString(NameBytes).Replace("\0", "", StringComparison.Ordinal) : Encoding.Latin1.GetString(NameBytes);

    /// <summary>The whole field as received, line breaks included; what DKIM hashes.</summary>
    public ReadOnlyMemory<byte> Raw => owner.Source[Offset..End];

    /// <summary>The value as received: folded, undecoded, without the last line break.</summary>
    public ReadOnlyMemory<byte> RawValue => owner.Source[valueOffset..LineBreaks.TrimEnd(owner.Source.Span, valueOffset, End)];

    /// <summary>The value unfolded and trimmed, raw 8-bit characters decoded, encoded words left as they are.</summary>
    public string Unfolded => HeaderText.Unfold(LimitedValue, owner.Fallback);

    /// <summary>The value unfolded, trimmed and decoded (RFC 2047, RFC 6532), without control characters.</summary>
    public string Value => HeaderText.Decode(LimitedValue, owner.Fallback);

    /// <summary>The mark of a name that may be any: it has NUL in it.</summary>
    internal const ushort AnyMark = 0;

    /// <summary>What all names of a length share that begin with a letter of either case; never <see cref="AnyMark"/>.</summary>
    internal static ushort Mark(int length, int first) => (ushort)(((first | 0x20) << 8) | (byte)length);

    internal ushort OwnMark => hasNul ? AnyMark : Mark(nameLength, NameBytes[0]);

    internal ReadOnlySpan<byte> NameBytes => owner.Source.Span.Slice(Offset, nameLength);

    internal bool Is(string name) => hasNul ? Name.Equals(name, StringComparison.OrdinalIgnoreCase) : nameLength == name.Length && Ascii.EqualsIgnoreCase(NameBytes, name);

    /// <summary>The folded value, cut where the limit says.</summary>
    internal ReadOnlySpan<byte> LimitedValue
    {
        get
        {
            var value = RawValue.Span;
            return value.Length > owner.MaxFieldBytes ? value[..owner.MaxFieldBytes] : value;
        }
    }
}
