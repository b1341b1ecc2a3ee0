using System.Buffers;
using System.IO.Pipelines;

namespace Ingest.Mail.Mime;

public sealed partial class MailMessage
{
    private const int FirstBuffer = 64 * 1024;

    /// <summary>Reads a mail that lies in pieces; they are joined first, as parts are ranges of one stretch of bytes. How it is cut makes no difference.</summary>
    public static MailMessage Parse(ReadOnlySequence<byte> raw, ParseLimits? limits = null)
    {
        limits ??= ParseLimits.Default;
        var cut = raw.Length > limits.MaxMailBytes;
        if (cut)
            raw = raw.Slice(0, limits.MaxMailBytes);
        return Parse(raw.IsSingleSegment ? raw.First : raw.ToArray(), limits, cut);
    }

    /// <summary>
    /// Reads a mail from a stream, from where it stands to its end or to <see cref="ParseLimits.MaxMailBytes"/>; the mail lies in memory once. Throws only what the
    /// stream throws.
    /// </summary>
    public static async Task<MailMessage> ParseAsync(Stream mail, ParseLimits? limits = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(mail);
        limits ??= ParseLimits.Default;
        // One byte more than there is, so that the end is seen without growing.
        var buffer = new byte[(int)Math.Min(limits.MaxMailBytes, mail.CanSeek ? Math.Max(0, mail.Length - mail.Position) + 1 : FirstBuffer)];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length && length < limits.MaxMailBytes)
                Array.Resize(ref buffer, (int)Math.Min(limits.MaxMailBytes, Math.Max(FirstBuffer, 2L * length)));
            if (length == buffer.Length)
                break;
            var read = await mail.ReadAsync(buffer.AsMemory(length), cancel).ConfigureAwait(false);
            if (read == 0)
                return Parse(buffer.AsMemory(0, length), limits, false);
            length += read;
        }
        var more = await mail.ReadAsync(new byte[1], cancel).ConfigureAwait(false) > 0;
        return Parse(buffer.AsMemory(0, length), limits, more);
    }

    /// <summary>Reads a mail from a pipe to its end or to <see cref="ParseLimits.MaxMailBytes"/>; completes the pipe. Throws only what the pipe throws.</summary>
    public static async Task<MailMessage> ParseAsync(PipeReader mail, ParseLimits? limits = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(mail);
        var stream = mail.AsStream();
        await using (stream.ConfigureAwait(false))
            return await ParseAsync(stream, limits, cancel).ConfigureAwait(false);
    }
}
