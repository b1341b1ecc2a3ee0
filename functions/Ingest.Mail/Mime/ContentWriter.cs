using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>
/// Writes what stands below a header: mixed{ alternative{ text, related{ html, pictures } }, files }, each level only where it is needed, so that every mail program shows
/// the pictures in their place and the files as files.
/// </summary>
internal sealed class ContentWriter(FieldWriter field, ArrayBufferWriter<byte> output, string seed)
{
    /// <summary>MIME-Version, the fields that describe the body, an empty line, the body.</summary>
    public void Write(string text, string? html, IReadOnlyList<OutgoingAttachment> files)
    {
        CheckIds(files);
        var shown = html is null ? [] : files.Where(static f => f.ContentId is not null).ToList();
        var saved = html is null ? files : [.. files.Where(static f => f.ContentId is null)];
        var plain = BodyWriter.Canonical(text);
        var rich = html is null ? null : BodyWriter.Canonical(html);
        field.Single("MIME-Version", "1.0");
        if (saved.Count == 0)
        {
            Body(plain, rich, shown);
            return;
        }
        var boundary = Multipart("mixed", "");
        Delimiter(boundary);
        Body(plain, rich, shown);
        foreach (var file in saved)
        {
            Delimiter(boundary);
            File(file, "attachment");
        }
        Close(boundary);
    }

    private static void CheckIds(IReadOnlyList<OutgoingAttachment> files)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in files)
        {
            if (file.ContentId is { } id && (!MessageWriter.IsId(id) || !id.Contains('@') || !seen.Add(id)))
                throw new UnwritableMailException(UnwritableReason.ContentId);
        }
    }

    private void Body(byte[] text, byte[]? html, List<OutgoingAttachment> shown)
    {
        if (html is null)
        {
            Text("text/plain", text);
            return;
        }
        var boundary = Multipart("alternative", "");
        Delimiter(boundary);
        Text("text/plain", text);
        Delimiter(boundary);
        if (shown.Count == 0)
            Text("text/html", html);
        else
            Related(html, shown);
        Close(boundary);
    }

    private void Related(byte[] html, List<OutgoingAttachment> shown)
    {
        var boundary = Multipart("related", "type=\"text/html\"; ");
        Delimiter(boundary);
        Text("text/html", html);
        foreach (var file in shown)
        {
            Delimiter(boundary);
            File(file, "inline");
        }
        Close(boundary);
    }

    private void Text(string type, byte[] text)
    {
        var plain = BodyWriter.IsPlain(text);
        // What is mostly not ASCII takes less room in base64, and nobody reads it in either.
        var packed = !plain && BodyWriter.IsDense(text);
        field.Single("Content-Type", type + "; charset=utf-8");
        field.Single("Content-Transfer-Encoding", plain ? "7bit" : packed ? "base64" : "quoted-printable");
        output.Write("\r\n"u8);
        if (plain)
            output.Write(text);
        else if (packed)
            BodyWriter.Base64Lines(text, output);
        else
            BodyWriter.QuotedPrintable(text, output);
    }

    private void File(OutgoingAttachment file, string disposition)
    {
        var type = TypeOf(file.ContentType, out var charset);
        var name = SafeFileName.Of(HeaderText.Clean(file.Name), type);
        field.Begin("Content-Type");
        field.Word(type + ";");
        if (charset.Length > 0)
            field.Word($"charset={charset};");
        FileNameWriter.Name(field, name);
        field.End();
        field.Begin("Content-Disposition");
        field.Word(disposition + ";");
        FileNameWriter.FileName(field, name);
        field.End();
        if (file.ContentId is { } id)
            MessageWriter.Ids(field, "Content-ID", [id]);
        field.Single("Content-Transfer-Encoding", "base64");
        output.Write("\r\n"u8);
        BodyWriter.Base64Lines(file.Content.Span, output);
    }

    // multipart and message must not be encoded (RFC 2046 sections 5.1, 5.2.1), and unencoded they would not survive the way.
    private static string TypeOf(string wanted, out string charset)
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
    private string Multipart(string level, string more)
    {
        var boundary = "=_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{level} {seed}")).AsSpan(0, 16));
        field.Begin("Content-Type");
        field.Word($"multipart/{level};");
        foreach (var word in more.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            field.Word(word);
        field.Word($"boundary=\"{boundary}\"");
        field.End();
        return boundary;
    }

    private void Delimiter(string boundary) => Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\n", output);

    private void Close(string boundary) => Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n", output);
}
