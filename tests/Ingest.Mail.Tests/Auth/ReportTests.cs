using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Auth;

public sealed class ReportTests
{
    [Fact]
    public void Aggregate_reports_are_read_as_published()
    {
        var files = Corpus.Zip("auth/stalwart_reports.zip").ToDictionary(static file => file.Name, static file => file.Bytes);
        var names = files.Keys.Where(static name => name.StartsWith("dmarc-feedback/", StringComparison.Ordinal) && !name.EndsWith(".json", StringComparison.Ordinal)).ToList();
        foreach (var name in names)
        {
            var report = name.EndsWith(".xml", StringComparison.Ordinal) ? AggregateReportReader.Read(files[name]) : AggregateReportReader.Find(MailMessage.Parse(files[name]));
            Assert.True(report is not null, name);
            using var expected = JsonDocument.Parse(files[Path.ChangeExtension(name, ".json")]);
            // RFC 9990 took "sampled_out" away, so the expectation calls it "other"; we keep the word of the report.
            Assert.Equal(Flat(expected.RootElement), Flat(report).ConvertAll(static line => line.Replace(" sampledout ", " other ", StringComparison.Ordinal)));
        }
        Assert.Equal(10, names.Count);
    }

    [Fact]
    public void Reports_on_TLS_are_none_of_ours()
    {
        var files = Corpus.Zip("auth/stalwart_reports.zip", static name => name.StartsWith("tlsrpt/", StringComparison.Ordinal)).ToList();
        Assert.Equal(5, files.Count);
        Assert.All(files, static file => Assert.Null(AggregateReportReader.Find(MailMessage.Parse(file.Bytes)) as object ?? FailureReport.Find(MailMessage.Parse(file.Bytes))));
    }

    [Fact]
    public void Complaints_and_failures_are_read_as_published()
    {
        var files = Corpus.Zip("auth/stalwart_reports.zip", static name => name.StartsWith("arf/", StringComparison.Ordinal)).ToDictionary(static file => file.Name, static file => file.Bytes);
        var names = files.Keys.Where(static name => name.EndsWith(".eml", StringComparison.Ordinal)).ToList();
        foreach (var name in names)
        {
            var report = FailureReport.Find(MailMessage.Parse(files[name]));
            Assert.True(report is not null, name);
            using var document = JsonDocument.Parse(files[Path.ChangeExtension(name, ".json")]);
            var expected = document.RootElement;
            Assert.Equal(Text(expected, "feedback_type"), report.Kind.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
            Assert.Equal(expected.GetProperty("arrival_date").ValueKind == JsonValueKind.Null ? null : expected.GetProperty("arrival_date").GetInt64(), report.Arrival?.ToUnixTimeSeconds());
            Assert.Equal(Text(expected, "original_envelope_id"), report.EnvelopeId);
            Assert.Equal(Text(expected, "original_mail_from"), report.OriginalMailFrom);
            Assert.Equal(Text(expected, "source_ip"), report.SourceIp?.ToString() ?? "");
            Assert.Equal(Text(expected, "user_agent"), report.UserAgent);
            Assert.Equal(Text(expected, "reporting_mta"), report.ReportingMta);
            Assert.Equal(Text(expected, "dkim_domain"), report.DkimDomain);
            Assert.Equal(Text(expected, "dkim_selector"), report.DkimSelector);
            Assert.Equal(expected.GetProperty("incidents").GetInt32(), report.Incidents);
            Assert.Equal(Text(expected, "auth_failure") is "Unspecified" ? "" : Text(expected, "auth_failure"), report.AuthFailure, ignoreCase: true);
            Assert.Equal(Strings(expected, "reported_domain"), report.ReportedDomains.Order(StringComparer.Ordinal));
            Assert.Equal(Strings(expected, "reported_uri"), report.ReportedUris.Order(StringComparer.Ordinal));
            Assert.Equal(expected.GetProperty("authentication_results").GetArrayLength(), report.Results.Count);
        }
        Assert.Equal(5, names.Count);
    }

    [Theory]
    [InlineData(".xml.gz")]
    [InlineData(".zip")]
    [InlineData(".xml")]
    public void A_packed_report_is_found_whatever_its_type(string form)
    {
        var xml = Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?><feedback xmlns=\"urn:x\"><report_metadata><org_name>o</org_name></report_metadata><record><row><count>7</count></row></record></feedback>");
        var mail = $"Content-Type: application/octet-stream; name=\"r{form}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(Packed(xml, form))}\r\n";
        var report = AggregateReportReader.Find(MailMessage.Parse(Encoding.ASCII.GetBytes(mail)));
        Assert.Equal(("o", 7), (report?.Organization, report?.Rows.Single().Count));
    }

    [Fact]
    public void What_unpacks_to_far_more_than_a_report_is_none()
    {
        Assert.Null(AggregateReportReader.Read(Packed(new byte[AggregateReportReader.MaxBytes + 1], ".xml.gz")));
        Assert.Null(AggregateReportReader.Read(Packed(new byte[AggregateReportReader.MaxBytes + 1], ".zip")));
        Assert.Null(AggregateReportReader.Read(Encoding.ASCII.GetBytes("<feedback>" + string.Concat(Enumerable.Repeat("<a>", 100_000)))));
        Assert.Null(AggregateReportReader.Read(Encoding.ASCII.GetBytes("<feedback><record>" + string.Concat(Enumerable.Repeat("<a>", 100)) + string.Concat(Enumerable.Repeat("</a>", 100)) + "</record></feedback>")));
        Assert.Null(AggregateReportReader.Read("<!DOCTYPE f [<!ENTITY a \"x\">]><feedback><record>&a;</record></feedback>"u8.ToArray()));
        Assert.Null(AggregateReportReader.Read("<html/>"u8.ToArray()));
        var many = AggregateReportReader.Read(Encoding.ASCII.GetBytes($"<feedback>{string.Concat(Enumerable.Repeat("<record/>", AggregateReportReader.MaxRows + 5))}</feedback>"));
        Assert.Equal((AggregateReportReader.MaxRows, true), (many?.Rows.Count, many?.IsCut));
    }

    [Fact]
    public void Mutated_reports_are_read_to_an_end()
    {
        var files = Corpus.Zip("auth/stalwart_reports.zip", static name => name.EndsWith(".xml", StringComparison.Ordinal) || name.EndsWith(".eml", StringComparison.Ordinal)).ToList();
        var random = new Random(7);
        foreach (var (_, bytes) in files)
        {
            for (var i = 0; i < 60; i++)
            {
                var changed = bytes.AsSpan(0, i % 4 == 0 ? random.Next(bytes.Length) : bytes.Length).ToArray();
                for (var changes = random.Next(1, 6); changes > 0 && changed.Length > 0; changes--)
                    changed[random.Next(changed.Length)] = (byte)random.Next(256);
                AggregateReportReader.Read(changed);
                AggregateReportReader.Read(Packed(bytes, i % 2 == 0 ? ".zip" : ".xml.gz").AsSpan(0, random.Next(200)).ToArray());
                var message = MailMessage.Parse(changed);
                AggregateReportReader.Find(message);
                FailureReport.Find(message);
                FailureReport.Read(changed);
            }
        }
    }

    private static byte[] Packed(byte[] content, string form)
    {
        var packed = new MemoryStream();
        if (form == ".zip")
        {
            using var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true);
            using var entry = zip.CreateEntry("r.xml").Open();
            entry.Write(content);
        }
        else if (form == ".xml.gz")
        {
            using var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true);
            gzip.Write(content);
        }
        else
        {
            packed.Write(content);
        }
        return packed.ToArray();
    }

    // Both as the same lines, in lower case.
    private static List<string> Flat(AggregateReport report)
    {
        List<string> lines = [report.Organization, report.Email, report.ReportId, $"{report.Begin?.ToUnixTimeSeconds()} {report.End?.ToUnixTimeSeconds()}", $"{report.Domain} {report.Policy} {report.SubdomainPolicy}"];
        foreach (var row in report.Rows)
        {
            lines.Add($"{row.SourceIp} {row.Count} {row.Disposition} {row.Dkim} {row.Spf} {string.Join(',', row.Overrides).Replace("_", "", StringComparison.Ordinal)} {row.HeaderFrom} {row.EnvelopeFrom} {row.EnvelopeTo}");
            lines.AddRange(row.DkimChecks.Select(static check => $"dkim {check.Domain} {check.Selector} {check.Result}"));
            lines.AddRange(row.SpfChecks.Select(static check => $"spf {check.Domain} {check.Result}"));
        }
        return lines.ConvertAll(static line => line.ToLowerInvariant());
    }

    private static List<string> Flat(JsonElement report)
    {
        var metadata = report.GetProperty("report_metadata");
        var policy = report.GetProperty("policy_published");
        List<string> lines = [Text(metadata, "org_name"), Text(metadata, "email"), Text(metadata, "report_id"), $"{Text(metadata.GetProperty("date_range"), "begin")} {Text(metadata.GetProperty("date_range"), "end")}", $"{Text(policy, "domain")} {Text(policy, "p")} {Text(policy, "sp")}"];
        foreach (var record in report.GetProperty("record").EnumerateArray())
        {
            var row = record.GetProperty("row");
            var evaluated = row.GetProperty("policy_evaluated");
            var names = record.GetProperty("identifiers");
            lines.Add($"{Text(row, "source_ip")} {Text(row, "count")} {Text(evaluated, "disposition")} {Text(evaluated, "dkim")} {Text(evaluated, "spf")} {string.Join(',', evaluated.GetProperty("reason").EnumerateArray().Select(static reason => Text(reason, "type_")))} {Text(names, "header_from")} {Text(names, "envelope_from")} {Text(names, "envelope_to")}");
            lines.AddRange(record.GetProperty("auth_results").GetProperty("dkim").EnumerateArray().Select(static check => $"dkim {Text(check, "domain")} {Text(check, "selector")} {Text(check, "result")}"));
            lines.AddRange(record.GetProperty("auth_results").GetProperty("spf").EnumerateArray().Select(static check => $"spf {Text(check, "domain")} {Text(check, "result")}"));
        }
        return lines.ConvertAll(static line => line.ToLowerInvariant().Replace("unspecified", "", StringComparison.Ordinal));
    }

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).ToString();

    private static IEnumerable<string> Strings(JsonElement parent, string name) => parent.GetProperty(name).EnumerateArray().Select(static item => item.GetString()!).Order(StringComparer.Ordinal);
}
