using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>
/// Writes a mail as the exact bytes that are signed and sent: seven bits, CRLF, header lines of at most 78 characters unless one word is longer, body lines of
/// at most 76. The same mail always gives the same bytes. No field can smuggle another: text loses its control characters, everything else with one is refused.
/// </summary>
public static class MessageWriter
{
    // What the writer writes itself, and what would say who got a blind copy.
    private static readonly HashSet<string> OwnFields = new(StringComparer.OrdinalIgnoreCase)
    {
        "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "DKIM-Signature", "Received", "Return-Path",
    };

    /// <summary>The whole message. Bytes beyond seven bits occur only in an address whose local part has them (RFC 6532).</summary>
    /// <exception cref="UnwritableMailException">An address, the Message-ID or a further field cannot be written.</exception>
    public static byte[] Write(OutgoingMail mail)
    {
        var text = BodyWriter.Canonical(mail.Text);
        var html = mail.Html is null ? null : BodyWriter.Canonical(mail.Html);
        var files = mail.Attachments.Sum(static a => a.Content.Length / 57L * 78 + 2000);
        var output = new ArrayBufferWriter<byte>((int)Math.Min(Array.MaxLength, 4096 + files + 2L * text.Length + 2L * (html?.Length ?? 0)));
        var field = new FieldWriter(output);
        Header(field, mail);
        if (mail.Attachments.Count == 0)
            Body(field, output, mail.MessageId, text, html);
        else
            Mixed(field, output, mail, text, html);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The address as it is written in a header and an envelope: quoted where it must be, its domain in ASCII; null when no mail can be written to it.</summary>
    public static string? WireAddress(string address)
    {
        try
        {
            return AddressWriter.Spec(address);
        }
        catch (UnwritableMailException)
        {
            return null;
        }
    }

    private static void Header(FieldWriter field, OutgoingMail mail)
    {
        Line(field, "Date", mail.Date.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + mail.Date.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal));
        AddressWriter.Write(field, "From", [mail.From]);
        AddressWriter.Write(field, "Reply-To", mail.ReplyTo is { } answers ? [answers] : []);
        AddressWriter.Write(field, "To", mail.To);
        AddressWriter.Write(field, "Cc", mail.Cc);
        field.Text("Subject", mail.Subject);
        Ids(field, "Message-ID", IsId(mail.MessageId) && mail.MessageId.Contains('@') ? [mail.MessageId] : throw new UnwritableMailException(UnwritableReason.MessageId));
        Ids(field, "In-Reply-To", mail.InReplyTo is { } id ? [id] : []);
        Ids(field, "References", mail.References);
        foreach (var (name, value) in mail.Fields)
        {
            var writable = name.Length is > 0 and <= 40 && !name.AsSpan().ContainsAnyExceptInRange('!', '~') && !name.Contains(':');
            if (!writable || OwnFields.Contains(name) || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
                throw new UnwritableMailException(UnwritableReason.Field);
            field.Value(name, value);
        }
        Line(field, "MIME-Version", "1.0");
    }

    // An id is what others compare byte by byte: never encoded, never broken.
    private static void Ids(FieldWriter field, string name, IReadOnlyList<string> ids)
    {
        var writable = ids.Where(IsId).ToList();
        if (writable.Count == 0)
            return;
        field.Begin(name);
        foreach (var id in writable)
            field.Word($"<{id}>");
        field.End();
    }

    private static bool IsId(string id) =>
        id.Length is > 0 and <= 900 && !id.AsSpan().ContainsAnyExceptInRange('!', '~') && id.AsSpan().IndexOfAny('<', '>') < 0;

    private static void Mixed(FieldWriter field, ArrayBufferWriter<byte> output, OutgoingMail mail, byte[] text, byte[]? html)
    {
        var boundary = Boundary(mail.MessageId, "mixed");
        Multipart(field, "multipart/mixed", boundary);
        output.Write("\r\n"u8);
        Delimiter(output, boundary);
        Body(field, output, mail.MessageId, text, html);
        foreach (var attachment in mail.Attachments)
        {
            output.Write("\r\n"u8);
            Delimiter(output, boundary);
            Attachment(field, output, attachment);
        }
        Close(output, boundary);
    }

    // Header fields that describe the body, an empty line, the body.
    private static void Body(FieldWriter field, ArrayBufferWriter<byte> output, string id, byte[] text, byte[]? html)
    {
        if (html is null)
        {
            Text(field, output, "text/plain", text);
            return;
        }
        var boundary = Boundary(id, "alternative");
        Multipart(field, "multipart/alternative", boundary);
        output.Write("\r\n"u8);
        Delimiter(output, boundary);
        Text(field, output, "text/plain", text);
        output.Write("\r\n"u8);
        Delimiter(output, boundary);
        Text(field, output, "text/html", html);
        Close(output, boundary);
    }

    private static void Text(FieldWriter field, ArrayBufferWriter<byte> output, string type, byte[] text)
    {
        var plain = BodyWriter.IsPlain(text);
        Line(field, "Content-Type", type + "; charset=utf-8");
        Line(field, "Content-Transfer-Encoding", plain ? "7bit" : "quoted-printable");
        output.Write("\r\n"u8);
        if (plain)
            output.Write(text);
        else
            BodyWriter.QuotedPrintable(text, output);
    }

    private static void Attachment(FieldWriter field, ArrayBufferWriter<byte> output, OutgoingAttachment attachment)
    {
        var type = AttachmentType(attachment.ContentType, out var charset);
        var name = SafeFileName.Of(HeaderText.Clean(attachment.Name), type);
        field.Begin("Content-Type");
        field.Word(type + ";");
        if (charset.Length > 0)
            field.Word($"charset={charset};");
        FileNameWriter.Name(field, name);
        field.End();
        field.Begin("Content-Disposition");
        field.Word("attachment;");
        FileNameWriter.FileName(field, name);
        field.End();
        Line(field, "Content-Transfer-Encoding", "base64");
        output.Write("\r\n"u8);
        BodyWriter.Base64Lines(attachment.Content.Span, output);
    }

    // multipart and message must not be encoded (RFC 2046 sections 5.1, 5.2.1), and unencoded they would not survive the way.
    private static string AttachmentType(string wanted, out string charset)
    {
        charset = "";
        var read = HeaderParameters.Parse(Encoding.UTF8.GetBytes(wanted), null, maxParameters: 10);
        var slash = read.Value.IndexOf('/', StringComparison.Ordinal);
        if (read.Value.Length > 60 || slash <= 0 || !IsToken(read.Value.AsSpan(0, slash)) || !IsToken(read.Value.AsSpan(slash + 1))
            || read.Value.StartsWith("multipart/", StringComparison.Ordinal) || read.Value.StartsWith("message/", StringComparison.Ordinal))
            return "application/octet-stream";
        if (read["charset"] is { Length: <= 40 } named && IsToken(named))
            charset = named;
        return read.Value;
    }

    private static bool IsToken(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"!#$&^_.+-".Contains(c))
                return false;
        }
        return !text.IsEmpty;
    }

    // "=_" stands in neither base64 nor quoted-printable, and text that holds it is never sent plain.
    private static string Boundary(string id, string level) =>
        "=_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{level} {id}")).AsSpan(0, 16));

    private static void Multipart(FieldWriter field, string type, string boundary)
    {
        field.Begin("Content-Type");
        field.Word(type + ";");
        field.Word($"boundary=\"{boundary}\"");
        field.End();
    }

    private static void Delimiter(ArrayBufferWriter<byte> output, string boundary) => Encoding.ASCII.GetBytes($"--{boundary}\r\n", output);

    private static void Close(ArrayBufferWriter<byte> output, string boundary) => Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n", output);

    private static void Line(FieldWriter field, string name, string value)
    {
        field.Begin(name);
        field.Word(value);
        field.End();
    }
}
