using System.Buffers.Binary;
using Ingest.Mail.Mime;

namespace Ingest.Core.Screening;

/// <summary>Forms and files in a mail that take something from whoever opens them. Looks into a few attachments, a bounded part of each.</summary>
internal static class Forms
{
    private const int MostAttachments = 20, ReadAtMost = 256 * 1024, MostEntries = 500, EntryHeader = 46, NameLengthAt = 28;
    private const long LargestArchive = 8 * 1024 * 1024;

    private static readonly string[] SecretFields = ["passw", "pwd", "passcode", "kennwort", "passwort", "contrase", "motdepasse", "mot_de_passe", "senha", "cvv", "cvc", "cardnumber", "card_number", "ccnum", "cc-number", "kreditkarte", "ssn", "socialsecurity", "secret"];

    // What a page does that builds itself from what cannot be read, or leaves at once.
    private static readonly string[] Disguises = ["eval(", "atob(", "unescape(", "fromcharcode", "document.write", "decodeuricomponent(", "window.location", "location.href", "location.replace", "http-equiv=\"refresh", "http-equiv='refresh", "http-equiv=refresh", "createobjecturl", "mssaveoropenblob"];

    private static readonly string[] Documents = ["pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "jpg", "jpeg", "png", "txt", "csv", "voice", "fax", "invoice"];

    /// <summary>True when the body, or a page that is attached, asks for a password, card or the like in a form.</summary>
    internal static bool AskForCredentials(MailMessage message) =>
        (message.Html is { } html && HasSecretForm(html)) || Pages(message).Any(page => HasSecretForm(Read(page)));

    /// <summary>True when an attachment would run when opened, alone or within an archive, or is a page that poses as a document or hides what it does.</summary>
    internal static bool IsDangerous(MailMessage message) =>
        DangerousFiles.AnyProgram(message) || Pages(message).Any(page => PosesAsDocument(page.Name) || Hides(Read(page))) || message.Attachments.Take(MostAttachments).Any(HoldsProgram);

    private static bool HasSecretForm(string html)
    {
        ReadOnlySpan<char> rest = html.AsSpan(0, Math.Min(html.Length, ReadAtMost));
        if (rest.IndexOf("<input", StringComparison.OrdinalIgnoreCase) < 0) return false;
        while (rest.IndexOf("<input", StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
        {
            rest = rest[(at + 6)..];
            int end = rest.IndexOf('>');
            string tag = rest[..Math.Min(end < 0 ? rest.Length : end, 1000)].ToString().ToLowerInvariant();
            if (tag.Contains("password", StringComparison.Ordinal) || Array.Exists(SecretFields, field => tag.Contains(field, StringComparison.Ordinal))) return true;
        }

        return false;
    }

    private static IEnumerable<MailAttachment> Pages(MailMessage message) =>
        message.Attachments.Take(MostAttachments).Where(a => !a.Inline && (DangerousFiles.IsPage(a.Name) || a.ContentType is "text/html" or "application/xhtml+xml" or "image/svg+xml"));

    private static string Read(MailAttachment page)
    {
        byte[] bytes = new byte[ReadAtMost];
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
