namespace Ingest.Mail.Mime;

/// <summary>A part of a mail: ranges of the raw bytes, nothing copied.</summary>
public sealed class MimePart
{
    /// <summary>Decoded content of a leaf.</summary>
    public byte[] DecodeContent() => throw new NotSupportedException();
}

/// <summary>Header fields in order.</summary>
public sealed class HeaderList
{
    /// <summary>The decoded, unfolded value of the first field of that name (any case), or null.</summary>
    public string? First(string name) => throw new NotSupportedException();

    /// <summary>The decoded, unfolded values of all fields of that name, topmost first.</summary>
    public IEnumerable<string> All(string name) => throw new NotSupportedException();
}

/// <summary>Kinds of defects.</summary>
public enum DefectKind { None }

public sealed partial class MailMessage
{
    /// <summary>Reads a mail. Never throws on content, ends in time linear in the size, keeps within <paramref name="limits"/>.</summary>
    public static MailMessage Parse(ReadOnlyMemory<byte> raw, ParseLimits? limits = null) => throw new NotSupportedException();
}

/// <summary>Limits of the reader, each named after the attack it stops.</summary>
public sealed record ParseLimits;
