using System.Globalization;
using System.Text;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>Short mails, written as bytes.</summary>
internal static class Mails
{
    /// <summary>A mail whose sender the provider has proven, with an id that no other has.</summary>
    public static byte[] From(string from, string subject, string to = "support@acme.example", string body = "Hello,\r\nplease help.\r\n")
    {
        StringBuilder mail = Head(from, subject, to);
        mail.Append(CultureInfo.InvariantCulture, $"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}");
        return Encoding.UTF8.GetBytes(mail.ToString());
    }

    /// <summary>The same as an answer to a mail, named by its Message-ID without angle brackets.</summary>
    public static byte[] Answer(string from, string subject, string to, string messageId, string body)
    {
        StringBuilder mail = Head(from, subject, to);
        mail.Append(CultureInfo.InvariantCulture, $"In-Reply-To: <{messageId}>\r\nReferences: <{messageId}>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}");
        return Encoding.UTF8.GetBytes(mail.ToString());
    }

    /// <summary>The same with a file of so many bytes.</summary>
    public static byte[] WithFile(string from, string subject, byte[] file)
    {
        StringBuilder mail = Head(from, subject, "support@acme.example");
        mail.Append("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=xyz\r\n\r\n--xyz\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--xyz\r\n"
            + "Content-Type: application/octet-stream; name=a.bin\r\nContent-Disposition: attachment; filename=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        mail.Append(Convert.ToBase64String(file, Base64FormattingOptions.InsertLineBreaks)).Append("\r\n--xyz--\r\n");
        return Encoding.UTF8.GetBytes(mail.ToString());
    }

    /// <summary>A report of a mail system, which is kept back.</summary>
    public static byte[] Report(string to) => Encoding.UTF8.GetBytes(
        $"From: reports@isp.example\r\nTo: {to}\r\nSubject: Report\r\nMessage-ID: <{Guid.NewGuid():N}@isp.example>\r\nMIME-Version: 1.0\r\n"
        + "Content-Type: multipart/report; report-type=feedback-report; boundary=rep\r\n\r\n--rep\r\nContent-Type: text/plain\r\n\r\nAn abuse report.\r\n"
        + "--rep\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\nUser-Agent: x\r\n--rep--\r\n");

    /// <summary>Html that would run, with a file that would, too.</summary>
    public static byte[] HostileFile(string from)
    {
        StringBuilder mail = Head(from, "<img src=x onerror=alert(1)>", "support@acme.example");
        mail.Append("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=xyz\r\n\r\n--xyz\r\nContent-Type: text/html\r\n\r\n<p>Hi<img src=x onerror=alert(1)><script>alert(2)</script>\r\n--xyz\r\n"
            + "Content-Type: text/html; name=\"a.html\"\r\nContent-Disposition: attachment; filename=\"<b>a.html\"\r\n\r\n<script>alert(document.domain)</script>\r\n--xyz--\r\n");
        return Encoding.UTF8.GetBytes(mail.ToString());
    }

    private static StringBuilder Head(string from, string subject, string to)
    {
        string domain = from[(from.IndexOf('@', StringComparison.Ordinal) + 1)..];
        StringBuilder mail = new();
        mail.Append(CultureInfo.InvariantCulture, $"Authentication-Results: mx.google.com; dkim=pass header.d={domain}; spf=pass smtp.mailfrom={from}; dmarc=pass header.from={domain}\r\n");
        mail.Append(CultureInfo.InvariantCulture, $"From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@{domain}>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n");
        return mail;
    }
}
