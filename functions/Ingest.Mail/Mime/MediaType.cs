using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Names of media types and transfer encodings as senders write them.</summary>
internal static class MediaType
{
    private static readonly SearchValues<byte> WordEnds = SearchValues.Create(" \t\r\n;("u8);

    /// <summary>The type if it has the form of one, with common misnomers put right; null when it says nothing.</summary>
    public static string? Normalize(string value)
    {
        switch (value)
        {
            case "text" or "plain" or "text/" or "/plain":
                return "text/plain";
            case "html":
                return "text/html";
            case "multipart" or "multipart/":
                return "multipart/mixed";
        }
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < value.Length - 1 && value.Length <= 255 ? value : null;
    }

    /// <summary>The transfer encoding of a field value, null when it is unknown.</summary>
    public static TransferEncoding? Encoding(ReadOnlySpan<byte> value)
    {
        value = value.Trim(" \t\r\n\"';"u8);
        if (value.Length > 6 && Is(value[..6], "quoted"))
            return TransferEncoding.QuotedPrintable;
        var stop = value.IndexOfAny(WordEnds);
        if (stop > 0)
            value = value[..stop];
        if (Is(value, "base64") || Is(value, "b") || Is(value, "base-64"))
            return TransferEncoding.Base64;
        if (Is(value, "q"))
            return TransferEncoding.QuotedPrintable;
        if (Is(value, "x-uuencode") || Is(value, "x-uue") || Is(value, "uuencode") || Is(value, "uue"))
            return TransferEncoding.UuEncode;
        return value.IsEmpty || Is(value, "7bit") || Is(value, "8bit") || Is(value, "binary") || Is(value, "7-bit") || Is(value, "8-bit") || Is(value, "7bits") || Is(value, "8bits") || Is(value, "none")
            ? TransferEncoding.Identity
            : null;
    }

    /// <summary>A file extension for a type, for parts that came without a name.</summary>
    public static string Extension(string type) => type switch
    {
        "text/plain" => ".txt",
        "text/html" => ".html",
        "text/calendar" => ".ics",
        "text/csv" => ".csv",
        "text/xml" or "application/xml" => ".xml",
        "text/vcard" or "text/x-vcard" => ".vcf",
        "text/rfc822-headers" => ".txt",
        "message/rfc822" or "message/global" => ".eml",
        "message/delivery-status" or "message/disposition-notification" or "message/feedback-report" => ".txt",
        "image/jpeg" or "image/jpg" or "image/pjpeg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "image/tiff" => ".tif",
        "image/svg+xml" => ".svg",
        "image/webp" => ".webp",
        "application/pdf" => ".pdf",
        "application/zip" => ".zip",
        "application/pgp-signature" => ".asc",
        "application/pkcs7-mime" or "application/x-pkcs7-mime" => ".p7m",
        "application/pkcs7-signature" or "application/x-pkcs7-signature" => ".p7s",
        "application/ms-tnef" => ".dat",
        "application/json" => ".json",
        "audio/mpeg" => ".mp3",
        "video/mp4" => ".mp4",
        _ => ".bin",
    };

    /// <summary>The type that a file's name promises, for files that came without one; nothing is read into the content.</summary>
    public static string OfName(string name)
    {
        var dot = name.LastIndexOf('.');
        return (dot < 0 ? "" : name[(dot + 1)..].TrimEnd().ToLowerInvariant()) switch
        {
            "txt" or "log" => "text/plain",
            "htm" or "html" => "text/html",
            "csv" => "text/csv",
            "ics" => "text/calendar",
            "rtf" => "text/rtf",
            "xml" => "application/xml",
            "json" => "application/json",
            "pdf" => "application/pdf",
            "zip" => "application/zip",
            "doc" => "application/msword",
            "xls" => "application/vnd.ms-excel",
            "ppt" => "application/vnd.ms-powerpoint",
            "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "jpg" or "jpeg" => "image/jpeg",
            "png" => "image/png",
            "gif" => "image/gif",
            "tif" or "tiff" => "image/tiff",
            "bmp" => "image/bmp",
            "webp" => "image/webp",
            "svg" => "image/svg+xml",
            "mp3" => "audio/mpeg",
            "wav" => "audio/wav",
            "mp4" => "video/mp4",
            _ => "application/octet-stream",
        };
    }

    private static bool Is(ReadOnlySpan<byte> value, string name) => Ascii.EqualsIgnoreCase(value, name);
}
