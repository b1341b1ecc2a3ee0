using System.Text;

namespace Ingest.Mail.Tests.Mime;

/// <summary>Mails made to exhaust a reader, by name; each is built to a size, so that work at n and 4n can be compared.</summary>
internal static class HostileMails
{
    private const string Head = "From: a@example.com\nDate: Thu, 1 Jan 2026 00:00:00 +0000\nMessage-ID: <1@example.com>\n";

    public static IReadOnlyDictionary<string, Func<int, byte[]>> All { get; } = new Dictionary<string, Func<int, byte[]>>
    {
        ["multiparts 10,000 deep"] = static n => Mail(Repeated(n / 100, static i => $"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n")),
        ["forwarded mails 10,000 deep"] = static n => Mail(Repeated(n / 100, static _ => "Content-Type: message/rfc822\n\n")),
        ["multiparts of one boundary 10,000 deep"] = static n => Mail(Repeated(n / 100, static _ => "Content-Type: multipart/mixed; boundary=b\n\n--b\n")),
        ["forwarded mails in base64 in one another"] = static n => Nested(n / 100_000),
        ["100,000 parts"] = static n => Mail("Content-Type: multipart/mixed; boundary=b\n\n" + Repeated(n / 10, static _ => "--b\nContent-Type: text/plain\n\nx\n") + "--b--\n"),
        ["100,000 parts of four bytes"] = static n => Mail("Content-Type: multipart/mixed; boundary=b\n\n" + Repeated(n / 10, static _ => "--b\n") + "--b--\n"),
        ["a header of 50 MB in small fields"] = static n => Mail(Repeated(n * 5, static _ => "X-Y: abcd\n") + "\nbody"),
        ["a header of 50 MB in one folded field"] = static n => Mail("Subject: x" + Repeated(n, static _ => "\n abcdefghijklmnopqrstuvwxyz 0123456789 abcdefghij") + "\n\nbody"),
        ["a header of 50 MB in one line"] = static n => Mail("Subject: " + new string('x', n * 50) + "\n\nbody"),
        ["a header of lines that are no fields"] = static n => Mail(Repeated(n, static _ => "no field here\nX: y\n") + "\nbody"),
        ["a million line ends of CR"] = static n => Mail("\n" + new string((char)13, n) + "\n" + new string((char)13, n) + "x"),
        ["folds of blanks"] = static n => Mail("Subject: x" + Repeated(n, static _ => "\n \n  z") + "\n\nbody"),
        ["one line of 100 MB"] = static n => Mail("\n" + new string('x', n * 100)),
        ["one line of 100 MB in a part"] = static n => Mail("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/x\n\n" + new string('-', n * 100) + "\n--b--\n"),
        ["boundary look-alikes"] = static n => Mail("Content-Type: multipart/mixed; boundary=bbbbbbbb\n\n--bbbbbbbb\n\n" + Repeated(n, static i => $"--bbbbbbb{(i % 2 == 0 ? "c" : "bb")}\n") + "--bbbbbbbb--\n"),
        ["boundary look-alikes of blanks"] = static n => Mail("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + Repeated(n / 10, static _ => "--b" + new string(' ', 100) + "x\n") + "--b--\n"),
        ["60 open boundaries that look alike"] = static n => Mail(Repeated(60, static i => $"Content-Type: multipart/mixed; boundary={new string('b', i + 1)}\n\n--{new string('b', i + 1)}\n") + "\n" + Repeated(n / 10, static _ => "--" + new string('b', 70) + "\n")),
        ["a million dashes"] = static n => Mail("Content-Type: multipart/mixed; boundary=b\n\n" + Repeated(n, static _ => "--\n")),
        ["a million colons in To"] = static n => Field("To", Repeated(n, static _ => ":")),
        ["a million groups in To"] = static n => Field("To", Repeated(n, static _ => "a:")),
        ["a million open brackets in To"] = static n => Field("To", new string('(', n)),
        ["a million comments in To"] = static n => Field("To", Repeated(n, static _ => "()")),
        ["a million less-than in To"] = static n => Field("To", new string('<', n)),
        ["a million less-than and blanks in To"] = static n => Field("To", Repeated(n, static _ => "< ")),
        ["a million quotes in To"] = static n => Field("To", Repeated(n, static _ => "\"<")),
        ["a million quotes and ats in To"] = static n => Field("To", Repeated(n, static _ => "\"@")),
        ["a million commas in To"] = static n => Field("To", Repeated(n, static _ => "a,")),
        ["a million ats in To"] = static n => Field("To", Repeated(n, static _ => "a@ ")),
        ["a million square brackets in To"] = static n => Field("To", Repeated(n, static _ => "@[")),
        ["a million backslashes in To"] = static n => Field("To", "\"" + new string('\\', n)),
        ["a million addresses in To"] = static n => Field("To", Repeated(n, static i => $"a{i}@b.c,")),
        ["a million open brackets in References"] = static n => Field("References", Repeated(n, static _ => "<a")),
        ["a million ids in References"] = static n => Field("References", Repeated(n, static i => $"<{i}@x> ")),
        ["a million brackets in Date"] = static n => Mail("Date: " + new string('(', n) + "\n\nbody"),
        ["encoded words by the million"] = static n => Field("Subject", Repeated(n, static _ => "=?utf-8?q?a?= ")),
        ["encoded words of many charsets"] = static n => Field("Subject", Repeated(n, static i => $"=?x-{i}?q?a?= ")),
        ["encoded words never closed"] = static n => Field("Subject", Repeated(n, static _ => "=?utf-8?q?a")),
        ["encoded word starts"] = static n => Field("Subject", Repeated(n, static _ => "=?")),
        ["base64 words in pieces"] = static n => Field("Subject", Repeated(n, static _ => "=?utf-8?b?Y?= ")),
        ["deep RFC 2231 continuations"] = static n => Mail("Content-Type: text/plain" + Repeated(n, static i => $"; name*{i}*=%41") + "\n\nbody"),
        ["parameters by the million"] = static n => Mail("Content-Type: text/plain" + Repeated(n, static i => $"; a{i}=b") + "\n\nbody"),
        ["a million semicolons"] = static n => Mail("Content-Type: text/plain" + new string(';', n) + "\n\nbody"),
        ["a million open brackets in Content-Type"] = static n => Mail("Content-Type: " + new string('(', n) + "\n\nbody"),
        ["a million comments in Content-Type"] = static n => Mail("Content-Type: text" + Repeated(n, static _ => "()") + "/plain\n\nbody"),
        ["quotes that never close"] = static n => Mail("Content-Type: text/plain" + Repeated(n, static i => $"; a{i}=\"b") + "\n\nbody"),
        ["folds in parameters"] = static n => Mail("Content-Type: text/plain; name=x" + Repeated(n, static _ => "\n y") + "\n\nbody"),
        ["a body of 100 MB in base64"] = static n => Mail("Content-Transfer-Encoding: base64\n\n" + Repeated(n, static _ => new string('Q', 99) + "\n")),
        ["a body of 100 MB in quoted-printable"] = static n => Mail("Content-Transfer-Encoding: quoted-printable\n\n" + Repeated(n, static _ => new string('x', 98) + "=\n")),
        ["html bodies of 100 MB"] = static n => Mail("Content-Type: multipart/mixed; boundary=b\n\n" + Repeated(20, i => "--b\nContent-Type: text/html\n\n" + Repeated(n / 20, static _ => new string('x', 99) + "\n"))),
        ["base64 with white space everywhere"] = static n => Attached("base64", Repeated(n * 4, static _ => "Q \t\r\n")),
        ["base64 of nothing but padding"] = static n => Attached("base64", Repeated(n * 4, static _ => "=A=\n")),
        ["base64 of nothing but bad characters"] = static n => Attached("base64", new string('*', n * 20)),
        ["quoted-printable of blanks"] = static n => Attached("quoted-printable", Repeated(n, static _ => new string(' ', 20))),
        ["quoted-printable of soft breaks"] = static n => Attached("quoted-printable", Repeated(n * 4, static _ => "=\n")),
        ["quoted-printable of blanks after equals"] = static n => Attached("quoted-printable", Repeated(n / 100, static _ => "=" + new string(' ', 900) + "x")),
        ["uuencode of empty lines"] = static n => Attached("x-uuencode", "begin 644 x\n" + Repeated(n * 4, static _ => "M\n")),
    };

    private static byte[] Mail(string rest) => Encoding.Latin1.GetBytes(Head + rest);

    private static byte[] Field(string name, string value) => Mail($"{name}: {value}\n\nbody");

    private static byte[] Attached(string encoding, string content) => Mail($"Content-Type: application/x; name=x\nContent-Transfer-Encoding: {encoding}\n\n{content}");

    private static byte[] Nested(int depth)
    {
        var mail = "Subject: core\n\n" + new string('x', 1_000_000);
        for (var i = 0; i < depth; i++)
            mail = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + Convert.ToBase64String(Encoding.Latin1.GetBytes(mail), Base64FormattingOptions.InsertLineBreaks);
        return Encoding.Latin1.GetBytes(mail);
    }

    private static string Repeated(int count, Func<int, string> piece)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
            text.Append(piece(i));
        return text.ToString();
    }
}
