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

    /// <summary>
    /// A SHA-256 over the mail's own fields and the decoded content of every part with its type and file name; blind to line ends, trailing white
    /// space of text, transfer encodings, boundaries and trace fields. What is no text counts as bytes, so unreadable mail has a hash of its own too.
    /// </summary>
    public static byte[] Compute(MailMessage message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AddFields(hash, message.Headers);
        AddPart(hash, message.Root);
        return hash.GetHashAndReset();
    }

    private static void AddFields(IncrementalHash hash, HeaderList headers)
    {
        foreach (string field in Fields)
            Add(hash, string.Join('\n', headers.All(field).Select(SingleSpaced)));
    }

    private static void AddPart(IncrementalHash hash, MimePart part)
    {
        Add(hash, part.ContentType);
        Add(hash, part.FileName);
        Add(hash, $"{part.Children.Count}");
        if (part.IsMessage)
            AddFields(hash, part.Children[0].Headers);
        foreach (MimePart child in part.Children)
            AddPart(hash, child);
        if (part.IsLeaf)
            AddContent(hash, part);
    }

    private static void AddContent(IncrementalHash hash, MimePart part)
    {
        if (part.ContentType.StartsWith("text/", StringComparison.Ordinal))
            Add(hash, Tidy(part.DecodeText()));
        else if (part.TransferEncoding == TransferEncoding.Identity)
            Add(hash, Tidy(Encoding.Latin1.GetString(part.RawContent.Span)));
        else
        {
            // In pieces: an attachment of 40 MB must not live twice.
            using var content = SHA256.Create();
            using (var sink = new CryptoStream(Stream.Null, content, CryptoStreamMode.Write))
                part.CopyContentTo(sink);
            Add(hash, content.Hash!);
        }
    }

    private static string SingleSpaced(string value) => string.Join(' ', value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Tidy(string text) =>
        string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).TrimEnd();

    private static void Add(IncrementalHash hash, string text) => Add(hash, Encoding.UTF8.GetBytes(text));

    private static void Add(IncrementalHash hash, byte[] bytes)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
