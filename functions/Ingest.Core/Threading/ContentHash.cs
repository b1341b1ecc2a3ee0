using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Ingest.Mail.Mime;

namespace Ingest.Core.Threading;

/// <summary>Tells whether two copies of a mail, come by different ways, are the same mail.</summary>
public static class ContentHash
{
    // What the author's program wrote. Trace fields, which differ by route, are not among them.
    private static readonly string[] Fields = ["From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"];

    /// <summary>A SHA-256 over the mail's own fields, its text and html and its attachments; blind to line ends, trailing white space and trace fields.</summary>
    public static byte[] Compute(MailMessage message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string field in Fields)
            Add(hash, string.Join('\n', message.Headers.All(field).Select(SingleSpaced)));
        if (message.Text is null && message.Html is null && message.Attachments.Count == 0)
        {
            Add(hash, "unreadable");
            Add(hash, Encoding.Latin1.GetString(BodyOf(message.Raw.Span)));
            return hash.GetHashAndReset();
        }
        Add(hash, Tidy(message.Html ?? ""));
        Add(hash, message.Html is null ? Tidy(message.Text ?? "") : "");
        foreach (MailAttachment attachment in message.Attachments)
        {
            Add(hash, attachment.Name);
            Add(hash, attachment.ContentType);
            Add(hash, SHA256.HashData(attachment.Decode()));
        }
        return hash.GetHashAndReset();
    }

    private static string SingleSpaced(string value) => string.Join(' ', value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Tidy(string text) =>
        string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).TrimEnd();

    private static ReadOnlySpan<byte> BodyOf(ReadOnlySpan<byte> raw)
    {
        int lf = raw.IndexOf("\n\n"u8), crlf = raw.IndexOf("\r\n\r\n"u8);
        return (lf, crlf) switch
        {
            (< 0, < 0) => raw,
            (_, < 0) => raw[(lf + 2)..],
            (< 0, _) => raw[(crlf + 4)..],
            _ => lf < crlf ? raw[(lf + 2)..] : raw[(crlf + 4)..],
        };
    }

    private static void Add(IncrementalHash hash, string text) => Add(hash, Encoding.UTF8.GetBytes(text));

    private static void Add(IncrementalHash hash, byte[] bytes)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
