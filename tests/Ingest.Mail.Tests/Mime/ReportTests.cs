using System.Text;
using System.Text.Json;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class ReportTests
{
    [Fact]
    public void A_disposition_notification_says_what_was_done_with_which_mail()
    {
        var mail = Parse("Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nYour message was displayed.\n--b\nContent-Type: message/disposition-notification\n\nReporting-UA: x\nFinal-Recipient: rfc822;kim@customer.example\nOriginal-Message-ID: <7@acme.example>\nDisposition: manual-action/MDN-sent-manually; Displayed/error\n--b--\n");
        Assert.Equal((MailKind.Report, ReportKind.Disposition, "displayed", "7@acme.example"), (mail.Kind, mail.Report!.Kind, mail.Report.Type, mail.Report.OriginalMessageId));
        Assert.Equal(["kim@customer.example"], mail.Report.Recipients);
    }

    [Theory]
    [InlineData("multipart/report; report-type=tlsrpt", "application/tlsrpt+gzip", ReportKind.Tls)]
    [InlineData("multipart/report; report-type=something", "application/x-unknown", ReportKind.Other)]
    [InlineData("multipart/mixed", "application/gzip", ReportKind.Dmarc)]
    public void Other_reports_are_told_apart(string type, string file, ReportKind kind) =>
        Assert.Equal(kind, Parse($"Subject: Report Domain: acme.example Submitter: mx.example Report-ID: <1>\nContent-Type: {type}; boundary=b\n\n--b\n\nHi\n--b\nContent-Type: {file}\n\nx\n--b--\n").Report!.Kind);

    [Fact]
    public void Ordinary_mail_has_no_report() => Assert.Null(Parse("Subject: Report\n\nHello\n").Report);

    [Fact]
    public void Complaints_are_what_another_reader_finds()
    {
        var files = Corpus.Zip("auth/stalwart_reports.zip", static n => n.Contains("arf/", StringComparison.Ordinal)).ToDictionary(static f => f.Name, static f => f.Bytes);
        Assert.Equal(10, files.Count);
        foreach (var (name, bytes) in files.Where(static f => f.Key.EndsWith(".eml", StringComparison.Ordinal)))
        {
            using var expected = JsonDocument.Parse(files[Path.ChangeExtension(name, ".json")]);
            var report = MailMessage.Parse(bytes).Report!;
            Assert.Equal((name, expected.RootElement.GetProperty("feedback_type").GetString()!.ToLowerInvariant()), (name, report.Type.Replace("-", "", StringComparison.Ordinal)));
            Assert.Equal((name, expected.RootElement.GetProperty("original_rcpt_to").GetString()?.Trim('<', '>') ?? ""), (name, report.Recipients is [.., var last] ? last : ""));
        }
    }

    [Theory]
    [InlineData("dmarc-feedback/", ReportKind.Dmarc)]
    [InlineData("tlsrpt/", ReportKind.Tls)]
    public void Aggregate_reports_are_reports(string folder, ReportKind kind)
    {
        foreach (var (name, bytes) in Corpus.Zip("auth/stalwart_reports.zip", n => n.Contains(folder, StringComparison.Ordinal) && n.EndsWith(".eml", StringComparison.Ordinal)))
        {
            var mail = MailMessage.Parse(bytes);
            Assert.Equal((name, MailKind.Report, kind), (name, mail.Kind, mail.Report?.Kind));
        }
    }

    private static MailMessage Parse(string mail) => MailMessage.Parse(Encoding.UTF8.GetBytes(mail));
}
