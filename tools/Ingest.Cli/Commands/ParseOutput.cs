using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ingest.Mail.Mime;

namespace Ingest.Cli.Commands;

/// <summary>The line that <c>ingest parse</c> prints for a mail.</summary>
public static class ParseOutput
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>One JSON object in UTF-8 with a line feed at its end.</summary>
    public static ReadOnlyMemory<byte> Line(string file, MailMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, Options))
            Write(json, file, message);
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, string file, MailMessage message)
    {
        json.WriteStartObject();
        json.WriteString("file", file);
        json.WriteString("messageId", message.MessageId);
        json.WriteString("subject", message.Subject);
        WriteAddresses(json, "from", message.From);
        WriteAddresses(json, "sender", message.Sender is null ? [] : [message.Sender]);
        WriteAddresses(json, "replyTo", message.ReplyTo);
        WriteAddresses(json, "to", message.To);
        WriteAddresses(json, "cc", message.Cc);
        json.WriteString("date", message.Date?.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
        WriteStrings(json, "inReplyTo", message.InReplyTo);
        WriteStrings(json, "references", message.References);
        json.WriteString("text", message.Text);
        json.WriteString("html", message.Html);
        json.WriteString("reply", message.Reply);
        // All that is not in the reply, so that the two together are the text; the signature is said again on its own.
        json.WriteString("elided", message.Cut);
        json.WriteString("signature", message.Signature);
        WriteAttachments(json, message.Attachments);
        json.WritePropertyName("parts");
        WritePart(json, message.Root);
        json.WriteString("kind", KindName(message.Kind));
        WriteBounce(json, message.Bounce);
        WriteReport(json, message.Report);
        WriteCalendar(json, message.Calendar);
        WriteProtection(json, message.Protection);
        WriteDefects(json, message.Defects);
        WriteForwarded(json, message.Forwarded);
        json.WriteEndObject();
    }

    private static void WriteAddresses(Utf8JsonWriter json, string name, IReadOnlyList<MailAddress> addresses)
    {
        json.WriteStartArray(name);
        foreach (var address in addresses)
        {
            json.WriteStartObject();
            json.WriteString("name", address.Name);
            json.WriteString("address", address.Address);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void WriteForwarded(Utf8JsonWriter json, IReadOnlyList<ForwardedMail> mails)
    {
        json.WriteStartArray("forwarded");
        foreach (var mail in mails)
        {
            json.WriteStartObject();
            WriteAddresses(json, "from", mail.From is null ? [] : [mail.From]);
            json.WriteString("date", mail.Date?.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
            json.WriteString("subject", mail.Subject);
            WriteAddresses(json, "to", mail.To);
            json.WriteString("text", mail.Text);
            json.WriteBoolean("attached", mail.Attached);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteAttachments(Utf8JsonWriter json, IReadOnlyList<MailAttachment> attachments)
    {
        json.WriteStartArray("attachments");
        foreach (var attachment in attachments)
        {
            var content = attachment.Decode();
            json.WriteStartObject();
            json.WriteString("name", attachment.Name);
            json.WriteString("safeName", attachment.SafeName);
            json.WriteString("contentType", attachment.ContentType);
            json.WriteNumber("size", content.Length);
            json.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(content)));
            json.WriteBoolean("inline", attachment.Inline);
            json.WriteString("contentId", attachment.ContentId);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WritePart(Utf8JsonWriter json, MimePart part)
    {
        json.WriteStartObject();
        json.WriteString("contentType", part.ContentType);
        if (part.Charset is { } charset)
            json.WriteString("charset", charset);
        if (part.FileName is { Length: > 0 } name)
            json.WriteString("name", name);
        if (part.Disposition is { Length: > 0 } disposition)
            json.WriteString("disposition", disposition);
        json.WriteNumber("offset", part.Offset);
        json.WriteNumber("contentOffset", part.ContentOffset);
        json.WriteNumber("end", part.End);
        json.WriteStartArray("parts");
        foreach (var child in part.Children)
            WritePart(json, child);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteBounce(Utf8JsonWriter json, IReadOnlyList<BounceRecipient> recipients)
    {
        json.WriteStartArray("bounce");
        foreach (var recipient in recipients)
        {
            json.WriteStartObject();
            json.WriteString("action", recipient.Action);
            json.WriteString("status", recipient.Status);
            json.WriteString("recipient", recipient.Recipient);
            json.WriteString("originalMessageId", recipient.OriginalMessageId);
            json.WriteBoolean("hard", recipient.IsHard);
            json.WriteString("reason", Kebab(recipient.Reason));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteReport(Utf8JsonWriter json, MailReport? report)
    {
        if (report is null)
        {
            json.WriteNull("report");
            return;
        }
        json.WriteStartObject("report");
        json.WriteString("kind", Kebab(report.Kind));
        json.WriteString("type", report.Type);
        WriteStrings(json, "recipients", report.Recipients);
        json.WriteString("originalMessageId", report.OriginalMessageId);
        json.WriteEndObject();
    }

    private static void WriteCalendar(Utf8JsonWriter json, MailCalendar? calendar)
    {
        if (calendar is null)
        {
            json.WriteNull("calendar");
            return;
        }
        json.WriteStartObject("calendar");
        json.WriteString("method", calendar.Method);
        json.WriteStartArray("events");
        foreach (var one in calendar.Events)
            WriteEvent(json, one);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, CalendarEvent one)
    {
        json.WriteStartObject();
        json.WriteString("component", one.Component);
        json.WriteString("uid", one.Uid);
        json.WriteNumber("sequence", one.Sequence);
        json.WriteString("summary", one.Summary);
        json.WriteString("description", one.Description);
        json.WriteString("location", one.Location);
        json.WriteString("status", one.Status);
        WriteTime(json, "start", one.Start);
        WriteTime(json, "end", one.End);
        json.WriteString("recurrence", one.Recurrence);
        WriteTime(json, "recurrenceId", one.RecurrenceId);
        json.WritePropertyName("organizer");
        WritePerson(json, one.Organizer);
        json.WriteStartArray("attendees");
        foreach (var person in one.Attendees)
            WritePerson(json, person);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePerson(Utf8JsonWriter json, CalendarPerson? person)
    {
        if (person is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteString("name", person.Name);
        json.WriteString("address", person.Address);
        json.WriteString("participation", person.Participation);
        json.WriteString("role", person.Role);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, CalendarTime? time)
    {
        if (time is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        json.WriteString("local", time.Local.ToString(time.IsDate ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
        json.WriteString("zone", time.Zone);
        json.WriteString("moment", time.Moment?.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private static void WriteProtection(Utf8JsonWriter json, MailProtection? protection)
    {
        if (protection is null)
        {
            json.WriteNull("protection");
            return;
        }
        json.WriteStartObject("protection");
        json.WriteString("kind", Kebab(protection.Kind));
        json.WriteString("signature", Kebab(protection.Signature));
        WriteStrings(json, "signers", protection.Signers);
        json.WriteBoolean("signerIsAuthor", protection.SignerIsAuthor);
        json.WriteEndObject();
    }

    private static string Kebab(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static void WriteDefects(Utf8JsonWriter json, IReadOnlyList<Defect> defects)
    {
        json.WriteStartArray("defects");
        foreach (var defect in defects)
        {
            json.WriteStartObject();
            json.WriteString("kind", Kebab(defect.Kind));
            json.WriteNumber("offset", defect.Offset);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string KindName(MailKind kind) => kind switch
    {
        MailKind.Mail => "mail",
        MailKind.AutoReply => "auto-reply",
        MailKind.Bounce => "bounce",
        MailKind.Report => "report",
        MailKind.Calendar => "calendar",
        MailKind.Bulk => "bulk",
    };
}
