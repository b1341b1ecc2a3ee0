using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Writes single pieces of a mail anew, so that they can take the place of what stood there: the rest of the mail stays byte for byte.</summary>
public static class PartEdit
{
    /// <summary>The encoding of that name as mail means it, null when it is unknown or refused (UTF-7). Decoding never throws.</summary>
    public static Encoding? FindEncoding(string? name) => Charsets.Find(name);

    /// <summary>Content encoded for transport, without a line break at its end; what cannot be encoded again as it was (uuencode) is null.</summary>
    public static byte[]? Encode(ReadOnlySpan<byte> content, TransferEncoding encoding)
    {
        switch (encoding)
        {
            case TransferEncoding.Identity:
                return content.ToArray();
            case TransferEncoding.Base64:
                var lines = new ArrayBufferWriter<byte>((content.Length * 4 / 3) + (content.Length / 28) + 16);
                BodyWriter.Base64Lines(content, lines);
                return lines.WrittenSpan.TrimEnd("\r\n"u8).ToArray();
            case TransferEncoding.QuotedPrintable:
                return QuotedPrintable(content);
            case TransferEncoding.UuEncode:
            default:
                return null;
        }
    }

    /// <summary>A field of free text, line break included; in encoded words where it must be (RFC 2047).</summary>
    public static byte[] TextField(string name, string text) => Field(field =>
    {
        try
        {
            field.Text(name, text);
        }
        catch (UnwritableMailException)
        {
            field.Single(name, "");
        }
    });

    /// <summary>The addresses in a field; display names decoded.</summary>
    public static IReadOnlyList<MailAddress> Addresses(Header field) => AddressReader.Read(field.Unfolded, ParseLimits.Default.MaxAddresses, ParseLimits.Default.MaxCommentDepth);

    /// <summary>A field of addresses, line break included. Addresses that cannot be written are left out; a field of none is an empty group.</summary>
    public static byte[] AddressField(string name, IReadOnlyList<MailAddress> addresses)
    {
        var writable = addresses.Where(static address => IsWritable(address.Address)).ToList();
        return Field(field =>
        {
            if (writable.Count == 0)
                field.Single(name, "undisclosed-recipients:;");
            else
                AddressWriter.Write(field, name, writable);
        });
    }

    /// <summary>The value and parameters of a structured field.</summary>
    public static HeaderParameters Parameters(Header field) => HeaderParameters.Parse(field.RawValue.Span, null, ParseLimits.Default.MaxParameters);

    /// <summary>A structured field, line break included, with every parameter as it was but those that <paramref name="parameter"/> writes otherwise (RFC 2231).</summary>
    public static byte[] ParameterField(string name, HeaderParameters value, Func<string, string, string> parameter) => Field(field =>
    {
        field.Begin(name);
        var names = value.Names.ToList();
        field.Word(value.Value + (names.Count > 0 ? ";" : ""));
        for (var i = 0; i < names.Count; i++)
        {
            var text = HeaderText.Clean(parameter(names[i], value[names[i]] ?? ""));
            var end = i + 1 < names.Count ? ";" : "";
            if (Ascii.IsValid(text))
                field.Word($"{names[i]}=\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"{end}");
            else
                field.Word($"{names[i]}*=utf-8''{Uri.EscapeDataString(text)}{end}");
        }
        field.End();
    });

    private static byte[] Field(Action<FieldWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new FieldWriter(output));
        return output.WrittenSpan.ToArray();
    }

    private static bool IsWritable(string address)
    {
        try
        {
            return AddressWriter.Spec(address).Length > 0;
        }
        catch (UnwritableMailException)
        {
            return false;
        }
    }

    // Bare line feeds are content in quoted-printable, so lines are encoded as they stand, each with its own line break.
    private static byte[] QuotedPrintable(ReadOnlySpan<byte> content)
    {
        var output = new ArrayBufferWriter<byte>(content.Length + (content.Length / 8) + 16);
        while (!content.IsEmpty)
        {
            var feed = content.IndexOf((byte)'\n');
            var line = feed < 0 ? content : content[..feed];
            var crlf = line.EndsWith("\r"u8) && feed >= 0;
            byte[] canonical = [.. crlf ? line[..^1] : line, .. "\r\n"u8];
            // A CR within a line would end it; it is escaped by the writer of lines, which sees no line break but the last.
            var written = new ArrayBufferWriter<byte>();
            BodyWriter.QuotedPrintable(canonical, written);
            output.Write(written.WrittenSpan[..^2]);
            if (feed >= 0)
                output.Write(crlf ? "\r\n"u8 : "\n"u8);
            content = feed < 0 ? [] : content[(feed + 1)..];
        }
        return output.WrittenSpan.ToArray();
    }
}
