using System.Text;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Smtp;

/// <summary>A message as SMTP must carry it: what the server must be able to do for it, and its bytes with dots doubled (RFC 5321 section 4.5.2).</summary>
internal sealed class SmtpMessage
{
    private const int LongestLine = 998;

    // Each has a deadline of its own: a slow line must not end a large message that moves.
    private const int Chunk = 64 * 1024;

    private readonly ReadOnlyMemory<byte> bytes;

    public SmtpMessage(ReadOnlyMemory<byte> message)
    {
        bytes = message;
        var span = message.Span;
        var end = span.IndexOf("\r\n\r\n"u8);
        var header = end < 0 ? span : span[..end];
        HasEightBitHeader = !Ascii.IsValid(header);
        HasEightBits = HasEightBitHeader || !Ascii.IsValid(span[header.Length..]);
        CanBeSent = HasOnlyShortLines(span);
        EndsInLine = span.IsEmpty || span.EndsWith("\r\n"u8);
    }

    /// <summary>False when it has bare CR or LF, NUL, or a line that is too long: the next server would read another message than we signed.</summary>
    public bool CanBeSent { get; }

    /// <summary>Some byte has eight bits.</summary>
    public bool HasEightBits { get; }

    /// <summary>Some byte of the header has eight bits.</summary>
    public bool HasEightBitHeader { get; }

    /// <summary>Its length as the SIZE parameter counts it (RFC 1870): without doubled dots and the last dot.</summary>
    public long Size => bytes.Length + (EndsInLine ? 0 : 2);

    private bool EndsInLine { get; }

    /// <summary>Sends all but the last line, which is the dot.</summary>
    public async Task WriteAsync(WireConnection wire, CancellationToken cancel)
    {
        var atLineStart = true;
        for (var at = 0; at < bytes.Length; at += Chunk)
        {
            var chunk = bytes.Slice(at, Math.Min(Chunk, bytes.Length - at));
            while (NextDot(chunk.Span, atLineStart) is >= 0 and var dot)
            {
                await wire.WriteSecretAsync(chunk[..dot], cancel);
                await wire.WriteSecretAsync("."u8.ToArray(), cancel);
                // The dot itself goes out as the first byte of what is left.
                await wire.WriteSecretAsync(chunk.Slice(dot, 1), cancel);
                chunk = chunk[(dot + 1)..];
                atLineStart = false;
            }
            await wire.WriteSecretAsync(chunk, cancel);
            var sent = bytes.Span[..Math.Min(at + Chunk, bytes.Length)];
            atLineStart = sent.EndsWith("\r\n"u8);
        }
        if (!EndsInLine)
            await wire.WriteSecretAsync("\r\n"u8.ToArray(), cancel);
        await wire.FlushAsync(cancel);
    }

    // A line start may be the chunk's first byte: the CRLF before it then ended the chunk before, or was split between the two.
    private static int NextDot(ReadOnlySpan<byte> chunk, bool atLineStart)
    {
        if (atLineStart && chunk.StartsWith("."u8))
            return 0;
        var dot = chunk.IndexOf("\n."u8);
        return dot < 0 ? -1 : dot + 1;
    }

    private static bool HasOnlyShortLines(ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty)
        {
            var end = message.IndexOfAny((byte)'\r', (byte)'\n', (byte)0);
            if ((end < 0 ? message.Length : end) > LongestLine)
                return false;
            if (end < 0)
                return true;
            if (message[end] != '\r' || end + 1 == message.Length || message[end + 1] != '\n')
                return false;
            message = message[(end + 2)..];
        }
        return true;
    }
}
