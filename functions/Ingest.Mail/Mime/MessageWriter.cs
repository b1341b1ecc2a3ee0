using System.Buffers;
using System.Globalization;

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
    /// <exception cref="UnwritableMailException">An address, the Message-ID, a Content-ID or a further field cannot be written.</exception>
    public static byte[] Write(OutgoingMail mail)
    {
        var files = mail.Attachments.Sum(static a => a.Content.Length / 57L * 78 + 2000);
        var output = new ArrayBufferWriter<byte>((int)Math.Min(Array.MaxLength, 4096 + files + 2L * mail.Text.Length + 2L * (mail.Html?.Length ?? 0)));
        var field = new FieldWriter(output);
        Header(field, mail);
        new ContentWriter(field, output, mail.MessageId).Write(mail.Text, mail.Html, mail.Attachments);
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
        Date(field, mail.Date);
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
    }

    internal static void Date(FieldWriter field, DateTimeOffset date) =>
        field.Single("Date", date.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + date.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal));

    // An id is what others compare byte by byte: never encoded, never broken.
    internal static void Ids(FieldWriter field, string name, IReadOnlyList<string> ids)
    {
        var writable = ids.Where(IsId).ToList();
        if (writable.Count == 0)
            return;
        field.Begin(name);
        foreach (var id in writable)
            field.Word($"<{id}>");
        field.End();
    }

    internal static bool IsId(string id) =>
        id.Length is > 0 and <= 900 && !id.AsSpan().ContainsAnyExceptInRange('!', '~') && id.AsSpan().IndexOfAny('<', '>') < 0;
}
