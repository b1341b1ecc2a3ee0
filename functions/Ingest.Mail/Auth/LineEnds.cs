namespace Ingest.Mail.Auth;

/// <summary>Messages travel with CRLF, and that is what was signed; files often keep them otherwise.</summary>
internal static class LineEnds
{
    /// <summary>
    /// The message itself when every line of its header ends in CRLF: its body is then taken to the byte, bare line feeds and all. Else storage changed it, and each bare
    /// line feed becomes CRLF.
    /// </summary>
    public static ReadOnlyMemory<byte> AsSent(ReadOnlyMemory<byte> message)
    {
        var bytes = message.Span;
        if (!HasBareLineFeed(bytes))
            return message;
        var sent = new byte[bytes.Length + bytes.Count((byte)'\n')];
        var length = 0;
        while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            var line = end > 0 && bytes[end - 1] == (byte)'\r' ? bytes[..(end - 1)] : bytes[..end];
            line.CopyTo(sent.AsSpan(length));
            length += line.Length;
            "\r\n"u8.CopyTo(sent.AsSpan(length));
            length += 2;
            bytes = bytes[(end + 1)..];
        }
        bytes.CopyTo(sent.AsSpan(length));
        return sent.AsMemory(0, length + bytes.Length);
    }

    private static bool HasBareLineFeed(ReadOnlySpan<byte> message)
    {
        while (message.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (end == 0 || message[end - 1] != (byte)'\r')
                return true;
            if (end == 1)
                return false;
            message = message[(end + 1)..];
        }
        return false;
    }
}
