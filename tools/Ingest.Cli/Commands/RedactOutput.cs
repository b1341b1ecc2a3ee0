using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ingest.Core.Redaction;
using Ingest.Mail.Mime;

namespace Ingest.Cli.Commands;

/// <summary>The line that <c>ingest redact</c> prints for an input.</summary>
internal sealed class RedactOutput(RedactionPolicy policy, RedactionTools tools, bool withText)
{
    internal static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    static readonly JsonEncodedText File = JsonEncodedText.Encode("file"), LineNumber = JsonEncodedText.Encode("line"), TextName = JsonEncodedText.Encode("text"), Findings = JsonEncodedText.Encode("findings"),
        Type = JsonEncodedText.Encode("type"), Start = JsonEncodedText.Encode("start"), Length = JsonEncodedText.Encode("length"), Rule = JsonEncodedText.Encode("rule"),
        Confidence = JsonEncodedText.Encode("confidence"), Place = JsonEncodedText.Encode("place");

    /// <summary>One JSON object in UTF-8 with a line feed at its end, for a text.</summary>
    public ReadOnlyMemory<byte> Text(string file, string text)
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using (Utf8JsonWriter json = new(buffer, Options))
            Text(json, file, text);
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    /// <summary>One JSON object for a text, or for a line of it.</summary>
    public void Text(Utf8JsonWriter json, string file, string text, long line = 0)
    {
        RedactedText redacted = Redact.Text(text, policy, tools);
        json.WriteStartObject();
        json.WriteString(File, file);
        if (line > 0) json.WriteNumber(LineNumber, line);
        if (withText) json.WriteString(TextName, redacted.Text);
        Write(json, redacted.Findings, withPlace: false);
        json.WriteEndObject();
    }

    /// <summary>One JSON object in UTF-8 with a line feed at its end, for a mail.</summary>
    public ReadOnlyMemory<byte> Mail(string file, MailMessage message)
    {
        RedactedMail mail = Redact.Apply(message, policy, tools);
        ArrayBufferWriter<byte> buffer = new(4096);
        using (Utf8JsonWriter json = new(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString(File, file);
            if (withText) WriteTexts(json, mail);
            WriteAttachments(json, message);
            Write(json, mail.Findings, withPlace: true);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    static void WriteTexts(Utf8JsonWriter json, RedactedMail mail)
    {
        json.WriteString("subject", mail.Subject);
        WriteAddresses(json, "from", mail.From);
        WriteAddresses(json, "sender", mail.Sender is null ? [] : [mail.Sender]);
        WriteAddresses(json, "replyTo", mail.ReplyTo);
        WriteAddresses(json, "to", mail.To);
        WriteAddresses(json, "cc", mail.Cc);
        json.WriteString(TextName, mail.Text);
        json.WriteString("html", mail.Html);
        json.WriteString("reply", mail.Reply);
        json.WriteString("elided", mail.Elided);
        json.WriteString("signature", mail.Signature);
    }

    static void WriteAddresses(Utf8JsonWriter json, string name, IReadOnlyList<MailAddress> addresses)
    {
        json.WriteStartArray(name);
        foreach (MailAddress address in addresses)
        {
            json.WriteStartObject();
            json.WriteString("name", address.Name);
            json.WriteString("address", address.Address);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    void WriteAttachments(Utf8JsonWriter json, MailMessage message)
    {
        FileSearch files = new(policy, tools);
        json.WriteStartArray("attachments");
        foreach (MailAttachment attachment in message.Attachments)
        {
            RedactedAttachment redacted = files.Redact(attachment);
            json.WriteStartObject();
            json.WriteString("name", redacted.Name);
            json.WriteString("contentType", redacted.ContentType);
            json.WriteNumber("size", redacted.Content.Length);
            json.WriteString("state", State(redacted));
            if (redacted.Unread != UnreadReason.None) json.WriteString("notLookedInto", redacted.Unread.ToString());
            Write(json, redacted.Findings, withPlace: false);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static string State(RedactedAttachment redacted) => redacted.State switch
    {
        FileState.Kept when redacted.Findings.Count > 0 => "found",
        FileState.Kept => redacted.LookedInto ? "clean" : "notLookedInto",
        FileState.Masked => "masked",
        FileState.TextCopy => "textCopy",
        FileState.Withheld => "withheld",
    };

    static void Write(Utf8JsonWriter json, IReadOnlyList<Finding> findings, bool withPlace)
    {
        json.WriteStartArray(Findings);
        foreach (Finding finding in findings)
        {
            json.WriteStartObject();
            if (withPlace) json.WriteString(Place, finding.Place.ToWord());
            json.WriteString(Type, finding.Type.ToWord());
            json.WriteNumber(Start, finding.Start);
            json.WriteNumber(Length, finding.Length);
            json.WriteString(Rule, finding.Rule);
            json.WriteNumber(Confidence, finding.Confidence);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
