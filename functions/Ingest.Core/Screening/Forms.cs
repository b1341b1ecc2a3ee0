using System.Buffers.Binary;
using Ingest.Mail.Mime;

namespace Ingest.Core.Screening;

/// <summary>Forms and files in a mail that take something from whoever opens them. Looks into a few attachments, a bounded part of each.</summary>
internal static class Forms
{
    private const int MostAttachments = 20, ReadAtMost = 256 * 1024, ReadOfAll = 1024 * 1024, LongestTag = 1000, MostTags = 2000, MostEntries = 500, EntryHeader = 46, NameLengthAt = 28;
    private const long LargestArchive = 8 * 1024 * 1024;

    private static readonly string[] SecretFields = ["passw", "pwd", "passcode", "kennwort", "passwort", "contrase", "motdepasse", "mot_de_passe", "senha", "cvv", "cvc", "cardnumber", "card_number", "ccnum", "cc-number", "kreditkarte", "ssn", "socialsecurity", "secret"];

    // What a page does that builds itself from what cannot be read, or leaves at once.
    private static readonly string[] Disguises = ["eval(", "atob(", "unescape(", "fromcharcode", "document.write", "decodeuricomponent(", "window.location", "location.href", "location.replace", "http-equiv=\"refresh", "http-equiv='refresh", "http-equiv=refresh", "createobjecturl", "mssaveoropenblob"];

    private static readonly string[] Documents = ["pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "jpg", "jpeg", "png", "txt", "csv", "voice", "fax", "invoice"];

    /// <summary>True when the body, or a page that is attached, asks for a password, card or the like in a form.</summary>
    internal static bool AskForCredentials(MailMessage message) =>
        (message.Html is { } html && HasSecretForm(html, out _)) || Pages(message).Any(page => HasSecretForm(page.Content, out _));

    /// <summary>True when an attachment would run when opened, alone or within an archive, or is a page that poses as a document or hides what it does.</summary>
    internal static bool IsDangerous(MailMessage message) =>
        DangerousFiles.AnyProgram(message) || Pages(message).Any(page => PosesAsDocument(page.Name) || Hides(page.Content)) || message.Attachments.Take(MostAttachments).Any(HoldsProgram);

    /// <summary>True when a page asks for a secret, with how many characters were looked at as parts of tags: never more than the page has.</summary>
    internal static bool HasSecretForm(string html, out int steps)
    {
        steps = 0;
        ReadOnlySpan<char> rest = html.AsSpan(0, Math.Min(html.Length, ReadAtMost));
        for (int tags = 0; tags < MostTags && rest.IndexOf("<input", StringComparison.OrdinalIgnoreCase) is >= 0 and var at; tags++)
        {
            rest = rest[(at + 6)..];
            ReadOnlySpan<char> tag = rest[..Math.Min(rest.Length, LongestTag)];
            if (tag.IndexOfAny('<', '>') is >= 0 and var end) tag = tag[..end];
            steps += tag.Length;
            if (tag.Contains("password", StringComparison.OrdinalIgnoreCase)) return true;
            foreach (string field in SecretFields)
                if (tag.Contains(field, StringComparison.OrdinalIgnoreCase)) return true;
            rest = rest[tag.Length..];
        }

        return false;
    }

    /// <summary>The attached pages, each read to its bound and all of them to one of theirs; those beyond are named, but empty.</summary>
    internal static IEnumerable<(string Name, string Content)> Pages(MailMessage message)
    {
        int left = ReadOfAll;
        foreach (MailAttachment page in message.Attachments.Take(MostAttachments).Where(a => !a.Inline && (DangerousFiles.IsPage(a.Name) || a.ContentType is "text/html" or "application/xhtml+xml" or "image/svg+xml")))
        {
            string content = left > 0 ? Read(page, Math.Min(left, ReadAtMost)) : "";
            left -= content.Length;
            yield return (page.Name, content);
        }
    }

    private static string Read(MailAttachment page, int most)
    {
        byte[] bytes = new byte[most];
        using Stream content = page.OpenContent();
        int length = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return System.Text.Encoding.Latin1.GetString(bytes, 0, length);
    }

    private static bool PosesAsDocument(string name)
    {
        string[] parts = name.ToLowerInvariant().Split('.', 10);
        return parts.Length > 2 && Array.IndexOf(Documents, parts[^2].Trim()) >= 0;
    }

    private static bool Hides(string page)
    {
        bool scripts = page.Contains("<script", StringComparison.OrdinalIgnoreCase) || page.Contains("http-equiv", StringComparison.OrdinalIgnoreCase) || page.Contains(" onload", StringComparison.OrdinalIgnoreCase);
        return scripts && Array.Exists(Disguises, sign => page.Contains(sign, StringComparison.OrdinalIgnoreCase));
    }

    // The names of an archive's directory, which lies behind its files; nothing is unpacked.
    private static bool HoldsProgram(MailAttachment file)
    {
        if (!file.Name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) && file.ContentType != "application/zip") return false;
        if (file.Part.RawContent.Length > LargestArchive) return false;
        ReadOnlySpan<byte> rest = file.Decode();
        for (int entries = 0; entries < MostEntries && rest.IndexOf("PK\u0001\u0002"u8) is >= 0 and var at && rest.Length - at > EntryHeader; entries++)
        {
            rest = rest[at..];
            int length = BinaryPrimitives.ReadUInt16LittleEndian(rest[NameLengthAt..]);
            ReadOnlySpan<byte> name = rest[EntryHeader..][..Math.Min(length, rest.Length - EntryHeader)];
            if (DangerousFiles.IsProgram(System.Text.Encoding.Latin1.GetString(name))) return true;
            rest = rest[(EntryHeader + name.Length)..];
        }

        return false;
    }
}
