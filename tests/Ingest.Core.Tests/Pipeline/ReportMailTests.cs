using System.IO.Compression;
using System.Text;
using Ingest.Core.Pipeline;
using Ingest.Core.Screening;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>Reports of mail systems are filed with what they say, and become no tickets.</summary>
[Collection(nameof(StorageCollection))]
public sealed class ReportMailTests(StorageFixture storage)
{
    private const string Xml = """
        <?xml version="1.0"?><feedback><report_metadata><org_name>receiver.example</org_name><email>dmarc@receiver.example</email><report_id>r1</report_id>
        <date_range><begin>1793000000</begin><end>1793086400</end></date_range></report_metadata><policy_published><domain>acme.example</domain><p>reject</p></policy_published>
        <record><row><source_ip>192.0.2.1</source_ip><count>113</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row>
        <identifiers><header_from>acme.example</header_from></identifiers></record>
        <record><row><source_ip>198.51.100.66</source_ip><count>7</count><policy_evaluated><disposition>reject</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
        <identifiers><header_from>acme.example</header_from></identifiers></record></feedback>
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_aggregate_report_is_filed_with_its_records_and_becomes_no_ticket()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Packed(Encoding.UTF8.GetBytes(Xml)), Cancel);
        Assert.Equal((OutcomeKind.Quarantined, OutcomeReason.Report, ""), (line.Outcome, line.Reason, line.TicketId));
        Assert.Contains(" report=Aggregate/120/7", line.Steps, StringComparison.Ordinal);

        ReviewedMail mail = (await test.Desk.Review.OpenAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel))!;
        Assert.Equal(("receiver.example", "acme.example", 2), (mail.Report!.Aggregate!.Organization, mail.Report.Aggregate.Domain, mail.Report.Aggregate.Rows.Count));
        Assert.Contains(Explanation.Of(line), s => s.Contains("120 mails", StringComparison.Ordinal) && s.Contains("7 could not be proven", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_report_that_unpacks_without_end_is_filed_as_unknown()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Packed(Encoding.ASCII.GetBytes("<feedback>" + new string(' ', 64 * 1024 * 1024))), Cancel);
        Assert.Equal(OutcomeReason.Report, line.Reason);
        Assert.Contains(" report=Unknown/0/0", line.Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_report_is_filed_with_its_record()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Encoding.ASCII.GetBytes(
            "From: fbl@receiver.example\r\nTo: support@acme.example\r\nSubject: FW: x\r\nMessage-ID: <f1@receiver.example>\r\nMIME-Version: 1.0\r\n"
            + "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n"
            + "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: auth-failure\r\nVersion: 1\r\nAuth-Failure: dmarc\r\nIncidents: 3\r\nReported-Domain: acme.example\r\n"
            + "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: x@acme.example\r\n--b--\r\n"), Cancel);
        Assert.Equal(OutcomeReason.Report, line.Reason);
        Assert.Contains(" report=Failure/3/3", line.Steps, StringComparison.Ordinal);
    }

    [Fact]
    public void The_published_samples_are_filed_and_those_on_TLS_are_unknown()
    {
        using ZipArchive samples = ZipFile.OpenRead(SharedData.File("auth/stalwart_reports.zip"));
        List<string> found = [];
        foreach (ZipArchiveEntry entry in samples.Entries.Where(e => e.FullName.EndsWith(".eml", StringComparison.Ordinal)).OrderBy(e => e.FullName, StringComparer.Ordinal))
        {
            using MemoryStream raw = new();
            using (Stream content = entry.Open()) content.CopyTo(raw);
            MailMessage message = MailMessage.Parse(raw.ToArray());
            found.Add($"{entry.FullName}: {message.Kind} {FiledReport.Of(message).Sort}");
        }

        Assert.Equal(12, found.Count);
        Assert.All(found, f => Assert.Contains(": Report ", f, StringComparison.Ordinal));
        Assert.All(found, f => Assert.Equal(f.Contains("tls", StringComparison.OrdinalIgnoreCase), f.EndsWith(" Unknown", StringComparison.Ordinal)));
    }

    private static byte[] Packed(byte[] report)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(report);
        return Encoding.ASCII.GetBytes("From: noreply@receiver.example\r\nTo: support@acme.example\r\nSubject: Report Domain: acme.example Submitter: receiver.example Report-ID: <r1>\r\n"
            + "Message-ID: <r1@receiver.example>\r\nMIME-Version: 1.0\r\nContent-Type: application/gzip; name=r1.xml.gz\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + Convert.ToBase64String(packed.ToArray(), Base64FormattingOptions.InsertLineBreaks) + "\r\n");
    }
}
