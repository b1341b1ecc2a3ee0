using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>What a file is, as far as it matters for looking into it.</summary>
internal enum FileKind
{
    Unknown,
    Plain,
    Html,
    Xml,
    Json,
    Delimited,
    Calendar,
    Mail,
    Mbox,
    Pdf,
    Zip,
    Gzip,
    Tar,
    OtherArchive,
    Image,
    Media,
    Encrypted,
    Unread,
}

/// <summary>Knows files by their first bytes, by their type and by their name, in that order of trust: the bytes cannot lie about what a program would find in them.</summary>
internal static class FileKinds
{
    private const int SniffedBytes = 4096;
    private static readonly byte[] SignedData = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];

    internal static FileKind Of(string contentType, string name, byte[] content)
    {
        if (ByBytes(content) is { } seen)
            return seen;
        FileKind said = ByType(contentType.Split(';')[0].Trim().ToLowerInvariant());
        FileKind named = ByName(name);
        if (said is FileKind.Mail or FileKind.Mbox)
            return said;
        bool text = IsText(content);
        if (said == FileKind.Encrypted || named == FileKind.Encrypted)
            return content.AsSpan(0, Math.Min(content.Length, 64)).IndexOf(SignedData) >= 0 ? FileKind.Unread : FileKind.Encrypted;
        if (!text)
            // What says that it is text has no right to be anything else.
            return IsTextKind(said) || IsTextKind(named) && said == FileKind.Unknown ? FileKind.Plain : said != FileKind.Unknown && !NeedsBytes(said) ? said : !NeedsBytes(named) ? named : FileKind.Unread;
        // What is text is read as text, whatever else it says it is.
        FileKind best = IsTextKind(said) && said != FileKind.Plain ? said : IsTextKind(named) ? named : FileKind.Plain;
        return best == FileKind.Plain && said != FileKind.Plain && named != FileKind.Plain ? ByFirstLetters(content) : best;
    }

    private static bool IsTextKind(FileKind kind) => kind is FileKind.Plain or FileKind.Html or FileKind.Xml or FileKind.Json or FileKind.Delimited or FileKind.Calendar or FileKind.Mail or FileKind.Mbox;

    // Kinds whose bytes would have shown them: without those they are not what they say.
    private static bool NeedsBytes(FileKind kind) => kind is FileKind.Pdf or FileKind.Zip or FileKind.Gzip;

    private static FileKind? ByBytes(ReadOnlySpan<byte> content)
    {
        FileKind? kind = content switch
        {
            [0x50, 0x4B, 3 or 5 or 7, 4 or 6 or 8, ..] => FileKind.Zip,
            [0x1F, 0x8B, ..] => FileKind.Gzip,
            [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, ..] or [0x52, 0x61, 0x72, 0x21, 0x1A, 7, ..] or [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, ..] or [0x28, 0xB5, 0x2F, 0xFD, ..] or [0x42, 0x5A, 0x68, >= 0x31 and <= 0x39, 0x31, 0x41, ..]
                or [0x4D, 0x53, 0x43, 0x46, 0, 0, ..] or [0x60, 0xEA, _, _, _, ..] => FileKind.OtherArchive,
            [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => content.IndexOf("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"u8) >= 0 ? FileKind.Encrypted : FileKind.Unread,
            [0x78, 0x9F, 0x3E, 0x22, ..] => FileKind.Unread,
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, ..] or [0xFF, 0xD8, 0xFF, ..] or [0x49, 0x49, 0x2A, 0, ..] or [0x4D, 0x4D, 0, 0x2A, ..] or [0, 0, 1, 0, _, 0, ..] => FileKind.Image,
            [0x42, 0x4D, _, _, _, _, 0, 0, 0, 0, ..] => FileKind.Image,
            [0x52, 0x49, 0x46, 0x46, _, _, _, _, 0x57, 0x45, 0x42, 0x50, ..] => FileKind.Image,
            [0x52, 0x49, 0x46, 0x46, _, _, _, _, 0x57 or 0x41, 0x41 or 0x56, ..] or [0x4F, 0x67, 0x67, 0x53, 0, ..] or [0x1A, 0x45, 0xDF, 0xA3, ..] or [0x49, 0x44, 0x33, <= 4, ..] or [0x66, 0x4C, 0x61, 0x43, ..] => FileKind.Media,
            _ => null,
        };
        if (kind is not null)
            return kind;
        if (content.StartsWith("GIF87a"u8) || content.StartsWith("GIF89a"u8))
            return FileKind.Image;
        if (content.Length > 12 && content[4..8].SequenceEqual("ftyp"u8))
            return content[8..11].SequenceEqual("hei"u8) || content[8..11].SequenceEqual("hev"u8) || content[8..11].SequenceEqual("avi"u8) || content[8..11].SequenceEqual("mif"u8) ? FileKind.Image : FileKind.Media;
        // Readers look for it within the first kilobyte.
        if (content[..Math.Min(content.Length, 1024)].IndexOf("%PDF-"u8) >= 0)
            return FileKind.Pdf;
        if (content.Length > 262 && content[257..262].SequenceEqual("ustar"u8))
            return FileKind.Tar;
        return content.StartsWith("{\\rtf"u8) ? FileKind.Unread : null;
    }

    private static FileKind ByType(string type) => type switch
    {
        "text/html" or "text/x-amp-html" or "application/xhtml+xml" => FileKind.Html,
        "text/xml" or "application/xml" or "image/svg+xml" => FileKind.Xml,
        "message/rfc822" or "message/global" or "message/news" or "text/rfc822-headers" or "message/delivery-status" or "message/disposition-notification" or "message/partial" or "message/global-headers" or "multipart/related" or "application/x-mimearchive" => FileKind.Mail,
        "application/mbox" => FileKind.Mbox,
        "application/json" or "text/json" or "application/x-ndjson" or "application/jsonl" or "application/ndjson" => FileKind.Json,
        "text/csv" or "application/csv" or "text/tab-separated-values" or "text/comma-separated-values" => FileKind.Delimited,
        "text/calendar" or "text/vcard" or "text/x-vcard" or "text/x-vcalendar" or "text/x-vnote" or "text/x-vmessage" or "text/directory" or "application/ics" => FileKind.Calendar,
        "application/yaml" or "application/x-yaml" or "application/sql" or "application/javascript" or "application/x-sh" or "application/toml" => FileKind.Plain,
        "application/pdf" or "application/x-pdf" => FileKind.Pdf,
        "application/zip" or "application/x-zip-compressed" => FileKind.Zip,
        "application/gzip" or "application/x-gzip" => FileKind.Gzip,
        "application/x-tar" => FileKind.Tar,
        "application/x-7z-compressed" or "application/vnd.rar" or "application/x-rar-compressed" => FileKind.OtherArchive,
        "application/pkcs7-mime" or "application/x-pkcs7-mime" or "application/pgp-encrypted" => FileKind.Encrypted,
        "application/pkcs7-signature" or "application/x-pkcs7-signature" or "application/pgp-signature" or "application/ms-tnef" or "application/vnd.ms-tnef" or "text/rtf" or "application/rtf" or "application/msword"
            or "application/vnd.ms-excel" or "application/vnd.ms-powerpoint" or "application/vnd.ms-outlook" => FileKind.Unread,
        _ when type.EndsWith("+json", StringComparison.Ordinal) => FileKind.Json,
        _ when type.EndsWith("+xml", StringComparison.Ordinal) => FileKind.Xml,
        _ when type.StartsWith("image/", StringComparison.Ordinal) => FileKind.Image,
        _ when type.StartsWith("audio/", StringComparison.Ordinal) || type.StartsWith("video/", StringComparison.Ordinal) => FileKind.Media,
        _ when type.StartsWith("text/", StringComparison.Ordinal) => FileKind.Plain,
        _ => FileKind.Unknown,
    };

    private static FileKind ByName(string name) => Extension(name) switch
    {
        "html" or "htm" or "xhtml" => FileKind.Html,
        "xml" or "svg" or "xsl" or "rss" or "kml" or "gpx" or "fodt" or "fods" => FileKind.Xml,
        "json" or "ndjson" or "jsonl" or "geojson" or "har" => FileKind.Json,
        "csv" or "tsv" or "tab" => FileKind.Delimited,
        "ics" or "vcs" or "vcf" or "vnt" or "vmg" or "ifb" => FileKind.Calendar,
        "eml" or "mht" or "mhtml" => FileKind.Mail,
        "mbox" or "mbx" => FileKind.Mbox,
        "txt" or "log" or "md" or "sql" or "yaml" or "yml" or "ini" or "conf" or "cfg" or "env" or "toml" or "properties" or "pem" or "key" or "ldif" => FileKind.Plain,
        "pdf" => FileKind.Pdf,
        "tar" => FileKind.Tar,
        "7z" or "rar" or "xz" or "bz2" or "zst" or "cab" or "arj" or "lz" or "lzh" or "iso" or "dmg" => FileKind.OtherArchive,
        "jpg" or "jpeg" or "png" or "gif" or "webp" or "heic" or "heif" or "tif" or "tiff" or "bmp" or "ico" or "avif" => FileKind.Image,
        "mp3" or "mp4" or "wav" or "ogg" or "m4a" or "mov" or "avi" or "mkv" or "webm" or "aac" or "flac" => FileKind.Media,
        "p7m" or "pgp" or "gpg" => FileKind.Encrypted,
        "doc" or "xls" or "ppt" or "msg" or "rtf" or "dat" or "p7s" or "one" or "pub" or "mdb" or "accdb" or "pages" or "numbers" or "exe" or "dll" => FileKind.Unread,
        _ => FileKind.Unknown,
    };

    internal static string Extension(string name) => name.LastIndexOf('.') is >= 0 and var dot && name.Length - dot <= 12 ? name[(dot + 1)..].ToLowerInvariant() : "";

    // Text has no control characters but those that lay it out.
    private static bool IsText(byte[] content)
    {
        ReadOnlySpan<byte> start = content.AsSpan(0, Math.Min(content.Length, SniffedBytes));
        string text = FileText.Read(start.ToArray(), null).Text;
        int odd = 0;
        foreach (char c in text)
            odd += c is < ' ' and not ('\t' or '\n' or '\r' or '\f' or '\u001B' or '\b') ? 1 : 0;
        return odd * 100 <= text.Length;
    }

    private static FileKind ByFirstLetters(byte[] content)
    {
        string text = FileText.Read(content[..Math.Min(content.Length, SniffedBytes)], null).Text.TrimStart();
        if (text.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase))
            return FileKind.Xml;
        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || text.Contains("<html", StringComparison.OrdinalIgnoreCase) || text.Contains("</p>", StringComparison.OrdinalIgnoreCase) || text.Contains("<br", StringComparison.OrdinalIgnoreCase))
            return FileKind.Html;
        if (text.StartsWith("BEGIN:V", StringComparison.OrdinalIgnoreCase))
            return FileKind.Calendar;
        if (text.StartsWith("From ", StringComparison.Ordinal) && Ingest.Mail.Mime.MboxReader.IsFromLine(Encoding.Latin1.GetBytes(text[..Math.Min(text.Length, 200)])))
            return FileKind.Mbox;
        if (IsJson(text))
            return FileKind.Json;
        return IsMail(text) ? FileKind.Mail : FileKind.Plain;
    }

    private static bool IsJson(string text) => text is ['{', ..] && text[1..].TrimStart() is ['"' or '}', ..] || text is ['[', ..] && text[1..].TrimStart() is ['"' or '{' or '[' or ']' or '-' or (>= '0' and <= '9'), ..];

    // Several fields of a mail's header, one of them of a mail only.
    private static bool IsMail(string text)
    {
        int fields = 0;
        bool known = false;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            int colon = line.IndexOf(':');
            if (line is [' ' or '\t', ..] && fields > 0)
                continue;
            if (colon <= 0 || line[..colon].ContainsAnyExceptInRange('!', '~'))
                break;
            fields++;
            known |= line.StartsWith("Received:", StringComparison.OrdinalIgnoreCase) || line.StartsWith("Message-ID:", StringComparison.OrdinalIgnoreCase) || line.StartsWith("MIME-Version:", StringComparison.OrdinalIgnoreCase);
        }
        return fields >= 2 && known;
    }
}
