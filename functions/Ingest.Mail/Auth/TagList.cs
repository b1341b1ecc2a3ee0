namespace Ingest.Mail.Auth;

/// <summary>Lists of "tag=value;" (RFC 6376 section 3.2). Names and values are case-sensitive; values keep the white space within them.</summary>
internal static class TagList
{
    private static readonly char[] Blanks = [' ', '\t', '\r', '\n'];

    /// <summary>The tags; null when a tag comes twice, has no "=" or a name that is none.</summary>
    /// <param name="text">The list.</param>
    /// <param name="allowEmpty">Whether ";;" is forgiven, as it is in DNS records that people wrote.</param>
    public static Dictionary<string, string>? Parse(string text, bool allowEmpty = false)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        var at = 0;
        while (at < text.Length)
        {
            var end = text.IndexOf(';', at);
            var last = end < 0;
            var tag = text.AsSpan(at, (last ? text.Length : end) - at).Trim(Blanks);
            at = last ? text.Length : end + 1;
            if (tag.IsEmpty)
            {
                if (last || allowEmpty)
                    continue;
                return null;
            }
            var equals = tag.IndexOf('=');
            var name = equals < 0 ? [] : tag[..equals].TrimEnd(Blanks);
            if (!IsName(name) || !tags.TryAdd(name.ToString(), tag[(equals + 1)..].TrimStart(Blanks).ToString()))
                return null;
        }
        return tags;
    }

    /// <summary>The value without any white space.</summary>
    public static string Squeezed(string value) => value.AsSpan().ContainsAny(Blanks) ? string.Concat(value.Split(Blanks)) : value;

    /// <summary>The bytes of a value in base64; null when it is none.</summary>
    public static byte[]? Bytes(string value)
    {
        var text = Squeezed(value);
        var bytes = new byte[text.Length / 4 * 3];
        return text.Length > 0 && Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }

    /// <summary>The words between colons, without white space around them.</summary>
    public static List<string> Words(string value) => [.. value.Split(':').Select(static word => word.Trim(Blanks))];

    /// <summary>The field without the value of its b= tag, to the byte (section 3.7).</summary>
    public static byte[] WithoutSignature(ReadOnlySpan<byte> field)
    {
        var at = field.IndexOf((byte)':') + 1;
        while (at < field.Length)
        {
            var length = field[at..].IndexOf((byte)';');
            var tag = length < 0 ? field[at..] : field.Slice(at, length);
            var equals = tag.IndexOf((byte)'=');
            if (equals > 0 && tag[..equals].Trim(" \t\r\n"u8).SequenceEqual("b"u8))
                return [.. field[..(at + equals + 1)], .. field[(at + tag.Length)..]];
            at += tag.Length + 1;
        }
        return field.ToArray();
    }

    private static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || !char.IsAsciiLetter(name[0]))
            return false;
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character != '_')
                return false;
        }
        return true;
    }
}
