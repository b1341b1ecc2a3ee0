using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>A part of a mail (RFC 2045): ranges of the source bytes, nothing copied, content decoded when asked.</summary>
public sealed class MimePart
{
    private const int MaxPooled = 1024 * 1024;

    private static readonly SearchValues<byte> Base64Lines = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n"u8);

    private readonly List<MimePart> children = [];
    private string? givenName, givenId;

    internal MimePart(HeaderList headers, HeaderParameters contentType, HeaderParameters disposition, string type, TransferEncoding encoding)
    {
        Headers = headers;
        Parameters = contentType;
        DispositionParameters = disposition;
        ContentType = type;
        TransferEncoding = encoding;
    }

    /// <summary>The bytes that the offsets refer to: the mail, or the decoded content around a forwarded mail that came encoded, or, for what was unpacked from within a part (TNEF, uuencode), the file itself.</summary>
    public ReadOnlyMemory<byte> Source => Headers.Source;

    /// <summary>The part's own header fields.</summary>
    public HeaderList Headers { get; }

    /// <summary>The media type in lower case without parameters; what RFC 2045 section 5.2 assumes when it is missing or broken.</summary>
    public string ContentType { get; }

    /// <summary>The parameters of Content-Type.</summary>
    public HeaderParameters Parameters { get; }

    /// <summary>Content-Disposition in lower case, empty when absent (RFC 2183).</summary>
    public string Disposition => DispositionParameters.Value;

    /// <summary>The parameters of Content-Disposition.</summary>
    public HeaderParameters DispositionParameters { get; }

    /// <summary>How the content is encoded.</summary>
    public TransferEncoding TransferEncoding { get; }

    /// <summary>Where the part's header starts in <see cref="Source"/>.</summary>
    public int Offset { get; internal set; }

    /// <summary>Where the content starts.</summary>
    public int ContentOffset { get; internal set; }

    /// <summary>Where the content ends; the line break before a boundary is not part of it.</summary>
    public int End { get; internal set; }

    /// <summary>Parts of a multipart, or the one root of a forwarded mail or of what was signed around it (S/MIME).</summary>
    public IReadOnlyList<MimePart> Children => children;

    /// <summary>True for multipart/* that was divided into parts, and for signed content that was opened.</summary>
    public bool IsMultipart => children.Count > 0 && !IsMessage;

    /// <summary>True for a forwarded mail whose root is the only child.</summary>
    public bool IsMessage => children.Count > 0 && ContentType is "message/rfc822" or "message/global" or "message/news";

    /// <summary>True when the part has no parts inside.</summary>
    public bool IsLeaf => children.Count == 0;

    /// <summary>The charset as declared, null when it is not.</summary>
    public string? Charset => Parameters["charset"];

    /// <summary>The decoded file name as sent, empty when none: filename* before filename before name* before name (RFC 6266 section 4.3 for the order).</summary>
    public string FileName => givenName ?? NotEmpty(DispositionParameters["filename"]) ?? NotEmpty(Parameters["name"]) ?? "";

    /// <summary>Content-ID without angle brackets, null when absent.</summary>
    public string? ContentId => givenId ?? (Headers.Find("Content-ID") is { } header ? MessageIds.One(header.Unfolded, ParseLimits.Default) : null);

    /// <summary>The encoded content of the part.</summary>
    public ReadOnlyMemory<byte> RawContent => Source[ContentOffset..End];

    /// <summary>Decoded content of a leaf; bad encodings give what can be had, never an exception.</summary>
    public byte[] DecodeContent() => TransferDecoding.Decode(RawContent.Span, TransferEncoding);

    /// <summary>The start of the decoded content, so many bytes at most.</summary>
    internal byte[] DecodeStart(int most)
    {
        using var content = OpenContent();
        var start = new byte[Math.Min(most, RawContent.Length)];
        var length = content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return length == start.Length ? start : start[..length];
    }

    /// <summary>Length in bytes of the decoded content, counted without keeping it.</summary>
    public long DecodedLength() => TransferDecoding.Length(RawContent.Span, TransferEncoding);

    /// <summary>Writes the decoded content to a stream in pieces of at most 64 KB.</summary>
    public void CopyContentTo(Stream target) => TransferDecoding.CopyTo(RawContent, TransferEncoding, target);

    /// <summary>The decoded content as a stream that decodes while it is read and never holds it whole; read it on one thread at a time.</summary>
    public Stream OpenContent() => new ContentStream(RawContent, TransferEncoding);

    /// <summary>Decoded content as text: byte order mark, declared charset, html meta, UTF-8, windows-1252, whichever fits first.</summary>
    public string DecodeText() => DecodeText(int.MaxValue, out _);

    internal string DecodeText(int maxBytes, out DefectKind defect)
    {
        var raw = RawContent.Span;
        if (TransferEncoding == TransferEncoding.Identity)
            return Text(raw[..Math.Min(raw.Length, maxBytes)], out defect);
        var room = (int)Math.Min(TransferDecoding.RoomFor(raw.Length), TransferDecoding.RoomFor(0) + (long)maxBytes);
        // The pool keeps what it lends, and lends up to twice as much.
        var pooled = room <= MaxPooled;
        var buffer = pooled ? ArrayPool<byte>.Shared.Rent(room) : GC.AllocateUninitializedArray<byte>(room);
        try
        {
            ReadOnlySpan<byte> decoded = buffer.AsSpan(0, TransferDecoding.Decode(raw, TransferEncoding, buffer));
            var clear = TransferEncoding == TransferEncoding.Base64 && IsNotBase64(raw, decoded);
            decoded = clear ? raw : decoded;
            var text = Text(decoded[..Math.Min(decoded.Length, maxBytes)], out defect);
            if (clear)
                defect = DefectKind.BadTransferEncoding;
            return text;
        }
        finally
        {
            if (pooled)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private string Text(ReadOnlySpan<byte> bytes, out DefectKind defect)
    {
        var charset = Charset;
        Encoding? meta = null;
        if (ContentType == "text/html" && !Ascii.IsValid(bytes))
        {
            var name = HtmlCharset.Find(bytes);
            charset = string.IsNullOrWhiteSpace(charset) ? name : charset;
            meta = Charsets.Find(name);
        }
        var text = Charsets.Decode(bytes, charset, out defect, meta, body: true);
        return text.Contains('\0') ? text.Replace("\0", "", StringComparison.Ordinal) : text;
    }

    // Text in clear under a false label; a few bad characters within base64, or a footer after it, are another matter.
    private static bool IsNotBase64(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> decoded)
    {
        raw = raw.Trim(" \t\r\n"u8);
        raw = raw[..Math.Min(raw.Length, 1000)];
        var foreign = raw.IndexOfAnyExcept(Base64Lines);
        if (foreign < 0 || raw.IndexOf((byte)'=') is >= 0 and var padding && padding < foreign)
            return false;
        decoded = decoded[..Math.Min(decoded.Length, 700)];
        var controls = 0;
        foreach (var b in decoded)
            controls += b is > 0 and < 32 and not (>= 9 and <= 15 or 27) ? 1 : 0;
        return controls * 60 > decoded.Length;
    }

    /// <summary>A part for content that has no header of its own, as it was found inside another part.</summary>
    internal static MimePart OfContent(ReadOnlyMemory<byte> content, string type, string name, string? contentId) =>
        new(new HeaderList(content, 0), HeaderParameters.Empty, HeaderParameters.Empty, type, TransferEncoding.Identity) { End = content.Length, givenName = name, givenId = contentId };

    internal void Add(MimePart child) => children.Add(child);

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
