using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Every place of a mail in which something can lie: each makes a mail with a canary in that place.</summary>
internal static class CanaryPlaces
{
    private static readonly (string Name, Func<string, byte[]> Mail)[] Places =
    [
        ("subject", c => Mail("x", subject: c)),
        ("subject in encoded words", c => Mail("x", subject: Word(c))),
        ("display name of From", c => Mail("x", $"From: \"Ada {c}\" <ada@shop.example>")),
        ("display name of To", c => Mail("x", $"To: =?utf-8?b?{Base64(c)}?= <desk@shop.example>")),
        ("display name of Cc", c => Mail("x", $"Cc: {c} <other@shop.example>")),
        ("display name of Reply-To", c => Mail("x", $"Reply-To: \"{c}\" <ada@shop.example>")),
        ("text", c => Mail($"mine is {c}, thanks")),
        ("text in quoted-printable", c => Mail(QuotedPrintable($"mine is {c}, thanks"), "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable")),
        ("text in base64", c => Mail(Base64($"mine is {c}, thanks"), "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64")),
        ("quoted text", c => Mail($"Yes.\r\n\r\nOn Monday, Bob wrote:\r\n> mine is {c}, thanks\r\n")),
        ("signature", c => Mail($"Yes.\r\n\r\n-- \r\nAda\r\nmine is {c}\r\n")),
        ("html text", c => Html($"<p>mine is {c}, thanks</p>")),
        ("html across tags", c => Html($"<p>mine is {c[..5]}<b>{c[5..9]}</b><!-- x --><i>{c[9..]}</i> thanks</p>")),
        ("html character references", c => Html($"<p>mine is {References(c)} thanks</p>")),
        ("html link", c => Html($"<a href=\"https://x.example/?q={Uri.EscapeDataString(c)}\">x</a>")),
        ("html escaped link", c => Html($"<a href=\"https://x.example/?q={string.Concat(Encoding.UTF8.GetBytes(c).Select(b => $"%{b:x2}"))}\">x</a>")),
        ("html alt text", c => Html($"<img src=\"https://x.example/a.png\" alt=\"mine is {c}\">")),
        ("html picture address", c => Html($"<img srcset=\"https://x.example/a.png?n={Uri.EscapeDataString(c)} 2x\">")),
        ("html aria label", c => Html($"<a aria-label='mine is {c}' href=x>x</a>")),
        ("html data attribute", c => Html($"<p data-x='mine is {c}'>x</p>")),
        ("html hidden input", c => Html($"<input type=hidden value='{c}'>")),
        ("html meta", c => Html($"<meta name=description content='mine is {c}'>")),
        ("html comment", c => Html($"<!-- mine is {c} -->")),
        ("html conditional comment", c => Html($"<!--[if mso]><p>mine is {c[..6]}<b>{c[6..]}</b></p><![endif]-->")),
        ("html script", c => Html($"<script>var a = 'mine is {c}';</script>")),
        ("html script escapes", c => Html($"<script>var a = 'mine is {string.Concat(c.Select(l => $"\\u{(int)l:x4}"))}';</script>")),
        ("html style sheet", c => Html($"<style>p::after {{ content: 'mine is {c}'; }}</style>")),
        ("html style attribute", c => Html($"<p style=\"content: 'mine is {c}'\">x</p>")),
        ("html svg", c => Html($"<svg><text><tspan>{c[..6]}</tspan><tspan>{c[6..]}</tspan></text></svg>")),
        ("html data link", c => Html($"<a href=\"data:text/plain;base64,{Base64($"mine is {c}")}\">x</a>")),
        ("html frame's document", c => Html($"<iframe srcdoc=\"&lt;p>mine is {c[..6]}&lt;b>{c[6..]}&lt;/b>&lt;/p>\"></iframe>")),
        ("text with tags", c => Mail($"mine is {c[..6]}<b>{c[6..]}</b> thanks")),
        ("AMP html", c => File("a.dat", "text/x-amp-html", $"<p>mine is {c[..6]}<b>{c[6..]}</b></p>")),
        ("saved page", c => File("a.mht", "application/octet-stream", Encoding.UTF8.GetBytes($"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n{Base64($"<p>mine is {c}</p>")}\r\n--x--\r\n"))),
        ("after the end of a pdf", c => Document("pdf", [.. PdfFixtures.Pdf("BT /F1 12 Tf 10 10 Td (x) Tj ET"), .. Encoding.UTF8.GetBytes($"\n%%EOF\nmine is {c}\n")])),
        ("attachment name", c => File($"{c}.txt", "text/plain", "x"u8.ToArray())),
        ("attachment name in pieces", c => Mail("x", $"Content-Type: application/octet-stream; x=y\r\nContent-Disposition: attachment; filename*0*=utf-8''{Uri.EscapeDataString(c[..6])}; filename*1*={Uri.EscapeDataString(c[6..])}.bin")),
        ("text file", c => File("a.txt", "text/plain", $"mine is {c}\n")),
        ("text file called binary", c => File("a.bin", "application/octet-stream", $"mine is {c}\n")),
        ("text file in UTF-16", c => File("a.txt", "text/plain", Encoding.Unicode.GetBytes($"\uFEFFmine is {c}\n"))),
        ("text file in UTF-16 without a mark", c => File("a.log", "application/octet-stream", Encoding.BigEndianUnicode.GetBytes($"mine is {c}\n"))),
        ("text file in UTF-32", c => File("a.txt", "text/plain", new UTF32Encoding(false, true).GetBytes($"\uFEFFmine is {c}\n"))),
        ("text file in windows-1252", c => File("a.txt", "text/plain; charset=windows-1252", Encoding.Latin1.GetBytes($"M\u00FCller {c}\n"))),
        ("csv", c => File("a.csv", "text/csv", $"name;number\n\"Ada\";\"{c}\"\n")),
        ("json text", c => File("a.json", "application/json", $$"""{"number":"mine is {{c}}"}""")),
        ("json escapes", c => File("a.json", "application/json", $$"""{"number":"mine is {{string.Concat(c.Select(l => $"\\u{(int)l:X4}"))}}"}""")),
        ("json lines", c => File("a.ndjson", "application/octet-stream", $$"""{"a":1}{{"\n"}}{"number":"mine is {{c}}"}""")),
        ("xml text", c => File("a.xml", "text/xml", $"<?xml version=\"1.0\"?><a><b>{References(c)}</b></a>")),
        ("xml attribute", c => File("a.xml", "application/xml", $"<a b='mine is {c}'/>")),
        ("xml character data", c => File("a.xml", "application/xml", $"<a><![CDATA[mine is {c}]]></a>")),
        ("calendar across a fold", c => File("a.ics", "text/calendar", $"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDESCRIPTION:mine is {c[..7]}\r\n {c[7..]}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")),
        ("contact in quoted-printable", c => File("a.vcf", "text/x-vcard", $"BEGIN:VCARD\r\nVERSION:2.1\r\nNOTE;ENCODING=QUOTED-PRINTABLE:mine is {QuotedPrintable(c)}\r\nEND:VCARD\r\n")),
        ("mail in a mail", c => File("a.eml", "message/rfc822", Inner($"mine is {c}"))),
        ("subject of a mail in a mail", c => File("a.eml", "message/rfc822", Mail("x", subject: Word(c)))),
        ("display name in a mail in a mail", c => File("a.eml", "message/rfc822", Mail("x", $"From: \"{c}\" <a@shop.example>"))),
        ("base64 of a mail in a mail", c => File("a.eml", "message/rfc822", File("b.txt", "text/plain", $"mine is {c}"))),
        ("file name in a mail in a mail", c => File("a.eml", "message/rfc822", File($"{c}.txt", "text/plain", "x"))),
        ("mail in a mail in a mail", c => File("a.eml", "message/rfc822", File("b.eml", "application/octet-stream", File("c.csv", "text/csv", $"a,{c}")))),
        ("between the parts of a mail in a mail", c => File("a.eml", "message/rfc822", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Multipart("text/plain", "a.txt", Base64("x"))).Replace("\r\n--x\r\n", $"\r\nmine is {c}\r\n--x\r\n", StringComparison.Ordinal)))),
        ("mbox", c => File("a.mbox", "application/mbox", [.. "From a@shop.example Mon Jan  1 00:00:00 2024\n"u8, .. Inner("x"), .. "\n\nFrom a@shop.example Mon Jan  1 00:00:00 2024\n"u8, .. Inner($"mine is {c}")])),
        ("docx across runs", c => Document("docx", OfficeFixtures.Word($"<w:p><w:r><w:t>mine is {c[..4]}</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{c[4..9]}</w:t></w:r><w:proofErr w:type=\"x\"/><w:r><w:t>{c[9..]}</w:t></w:r></w:p>"))),
        ("docx header", c => Document("docx", OfficeFixtures.Word("<w:p/>", ("word/header1.xml", $"<w:hdr><w:p><w:r><w:t>mine is {c}</w:t></w:r></w:p></w:hdr>")))),
        ("docx comment", c => Document("docx", OfficeFixtures.Word("<w:p/>", ("word/comments.xml", $"<w:comments><w:comment w:author=\"{c}\"><w:p><w:r><w:t>x</w:t></w:r></w:p></w:comment></w:comments>")))),
        ("docx link", c => Document("docx", OfficeFixtures.Word("<w:p/>", ("word/_rels/document.xml.rels", $"<Relationships><Relationship Id=\"r9\" Target=\"https://x.example/?q={Uri.EscapeDataString(c)}\" TargetMode=\"External\"/></Relationships>")))),
        ("docx properties", c => Document("docx", OfficeFixtures.Word("<w:p/>", ("docProps/core.xml", $"<cp:coreProperties><dc:title>mine is {c}</dc:title></cp:coreProperties>")))),
        ("docx custom xml", c => Document("docx", OfficeFixtures.Word("<w:p/>", ("customXml/item1.xml", $"<a b=\"mine is {c}\"/>")))),
        ("xlsx shared text", c => Document("xlsx", OfficeFixtures.Excel("""<c r="A1" t="s"><v>0</v></c>""", $"<r><t>mine is {c[..6]}</t></r><r><rPr><b/><sz val=\"11\"/></rPr><t>{c[6..]}</t></r>"))),
        ("xlsx text within", c => Document("xlsx", OfficeFixtures.Excel($"""<c r="A1" t="inlineStr"><is><t>mine is {c}</t></is></c>"""))),
        ("xlsx inside docx", c => Document("docx", OfficeFixtures.Zip(("[Content_Types].xml", "<Types/>"u8.ToArray()), ("word/document.xml", "<w:p/>"u8.ToArray()), ("word/embeddings/a.xlsx", OfficeFixtures.Excel($"""<c r="A1" t="inlineStr"><is><t>mine is {c}</t></is></c>"""))))),
        ("pptx", c => Document("pptx", OfficeFixtures.Slides($"<a:p><a:r><a:t>mine is {c[..6]}</a:t></a:r><a:r><a:t>{c[6..]}</a:t></a:r></a:p>"))),
        ("odt", c => Document("odt", OfficeFixtures.OpenText($"<text:p>mine is <text:span>{c[..6]}</text:span>{c[6..]}</text:p>"))),
        ("pdf", c => Document("pdf", PdfFixtures.Pdf($"BT /F1 12 Tf 10 10 Td (mine is {Escaped(c)}) Tj ET"))),
        ("pdf packed and kerned", c => Document("pdf", PdfFixtures.Pdf($"BT /F1 12 Tf 10 10 Td [(mine is {Escaped(c[..4])}) -20 ({Escaped(c[4..8])}) 15 ({Escaped(c[8..])})] TJ ET", "FlateDecode"))),
        ("pdf letter by letter", c => Document("pdf", PdfFixtures.Pdf("BT /F1 12 Tf 10 10 Td " + string.Concat(c.Select(l => $"({Escaped(l.ToString())}) Tj 6.7 0 Td ")) + "ET", "FlateDecode"))),
        ("pdf in hexadecimal", c => Document("pdf", PdfFixtures.Pdf($"BT /F1 12 Tf 10 10 Td <{Convert.ToHexString(Encoding.Latin1.GetBytes($"mine is {c}"))}> Tj ET", "ASCIIHexDecode"))),
        ("pdf in ASCII 85", c => Document("pdf", PdfFixtures.Pdf($"BT /F1 12 Tf 10 10 Td (mine is {Escaped(c)}) ' ET", "ASCII85Decode"))),
        ("pdf in LZW", c => Document("pdf", PdfFixtures.Pdf($"BT /F1 12 Tf 10 10 Td (mine is {Escaped(c)}) Tj ET", "LZWDecode"))),
        ("pdf in run lengths", c => Document("pdf", PdfFixtures.Pdf($"BT /F1 12 Tf 10 10 Td (mine is {Escaped(c)}) Tj ET", "RunLengthDecode"))),
        ("pdf in glyph numbers", c => Document("pdf", PdfFixtures.Mapped($"mine is {c}"))),
        ("pdf note", c => Document("pdf", PdfFixtures.Pdf("", "", "<<>>", $"<</Type/Annot/Subtype/Text/Contents(mine is {Escaped(c)})>>"))),
        ("pdf field in a packed object", c => Document("pdf", PdfFixtures.Pdf("", "", "<<>>", PdfFixtures.Packed($"<</FT/Tx/V(mine is {Escaped(c)})>>")))),
        ("pdf title", c => Document("pdf", PdfFixtures.Pdf("", "", "<<>>", $"<</Title<FEFF{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes($"mine is {c}"))}>>>"))),
        ("file in a pdf", c => Document("pdf", PdfFixtures.Pdf("", "", "<<>>", PdfFixtures.Embedded(Encoding.Latin1.GetBytes($"mine is {c}"))))),
        ("zip", c => File("a.zip", "application/zip", OfficeFixtures.Zip(("a/b.txt", $"mine is {c}"), ("c.txt", "x")))),
        ("file name in a zip", c => File("a.zip", "application/zip", OfficeFixtures.Zip(($"a/{c}.txt", "x")))),
        ("zip in a zip", c => File("a.zip", "application/octet-stream", OfficeFixtures.Zip(("b.zip", OfficeFixtures.Zip(("a.csv", $"x,{c}")))))),
        ("gzip", c => File("a.log.gz", "application/gzip", Gzip($"mine is {c}\n"))),
        ("png note", c => File("a.png", "image/png", Png($"Comment\0mine is {c}"))),
        ("jpeg note", c => File("a.jpg", "image/jpeg", Jpeg($"mine is {c}"))),
    ];

    internal static IEnumerable<string> Names => Places.Select(p => p.Name);

    internal static byte[] With(string place, string canary) => Places.Single(p => p.Name == place).Mail(canary);

    internal static byte[] Mail(string body, string more = "", string subject = "x") => Encoding.UTF8.GetBytes(
        $"Message-ID: <1@shop.example>\r\n{(more.StartsWith("From", StringComparison.Ordinal) ? "" : "From: a@shop.example\r\n")}Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nMIME-Version: 1.0\r\nSubject: {subject}\r\n{(more.Length > 0 ? more + "\r\n" : "")}\r\n{body}\r\n");

    internal static byte[] Html(string html) => Mail($"<html><body>{html}</body></html>", "Content-Type: text/html; charset=utf-8");

    internal static byte[] File(string name, string type, string content) => File(name, type, Encoding.UTF8.GetBytes(content));

    internal static byte[] File(string name, string type, byte[] content) => Multipart(type, name, Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks));

    internal static byte[] Png(string note)
    {
        byte[] text = Encoding.Latin1.GetBytes(note);
        byte[] Chunk(string type, byte[] data) => [0, 0, (byte)(data.Length >> 8), (byte)data.Length, .. Encoding.ASCII.GetBytes(type), .. data, 1, 2, 3, 4];
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR", new byte[13]), .. Chunk("tEXt", text), .. Chunk("IEND", [])];
    }

    internal static byte[] Jpeg(string note) =>
        [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 1, 0xFF, 0xFE, 0, (byte)(note.Length + 2), .. Encoding.Latin1.GetBytes(note), 0xFF, 0xDA, 0, 2, 1, 2, 3, 0xFF, 0xD9];

    private static byte[] Multipart(string type, string name, string base64) => Mail(
        $"--x\r\nContent-Type: text/plain\r\n\r\nsee the file\r\n--x\r\nContent-Type: {type}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}\r\n--x--", "Content-Type: multipart/mixed; boundary=x");

    private static byte[] Document(string extension, byte[] content) => File("a." + extension, extension == "pdf" ? "application/pdf" : "application/octet-stream", content);

    private static byte[] Inner(string text) => Mail(text);

    private static byte[] Gzip(string text)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal, true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return output.ToArray();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Word(string text) => $"=?utf-8?q?{string.Concat(Encoding.UTF8.GetBytes(text).Select(b => $"={b:X2}"))}?=";

    private static string QuotedPrintable(string text) => string.Concat(text.Select((c, i) => c > 126 || c == '=' || i % 5 == 2 ? string.Concat(Encoding.UTF8.GetBytes(c.ToString()).Select(b => $"={b:X2}")) : c + (i % 7 == 6 ? "=\r\n" : "")));

    private static string References(string text) => string.Concat(text.Select((c, i) => string.Format(CultureInfo.InvariantCulture, i % 2 == 0 ? "&#{0};" : "&#x{0:x};", (int)c)));

    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal);
}
