using Ingest.Mail.Auth;
using Ingest.Mail.Mime;

namespace Ingest.Core.Screening;

/// <summary>What sort of report was filed.</summary>
public enum ReportSort
{
    /// <summary>None that is understood, as reports on TLS are (RFC 8460).</summary>
    Unknown,
    /// <summary>What a receiver saw of mail in a domain's name (DMARC, RFC 9990).</summary>
    Aggregate,
    /// <summary>One mail that was not proven (RFC 6591, RFC 9991).</summary>
    Failure,
    /// <summary>Somebody complained of a mail (RFC 5965).</summary>
    Complaint,
    /// <summary>A mail was read or deleted (RFC 8098).</summary>
    Disposition,
}

/// <summary>A report of a mail system, read from the mail that brought it; a stranger wrote it, so it is only shown.</summary>
/// <param name="Sort">What sort.</param>
public sealed record FiledReport(ReportSort Sort)
{
    /// <summary>How many mails it is about, as far as it says.</summary>
    public long Mails { get; init; }
    /// <summary>How many of these were not proven.</summary>
    public long Unproven { get; init; }
    /// <summary>The whole of an aggregate report; else null.</summary>
    public AggregateReport? Aggregate { get; init; }
    /// <summary>The whole of a failure report or complaint; else null.</summary>
    public FailureReport? Failure { get; init; }

    /// <summary>Reads the report in a mail; one that cannot be read is unknown. Bounded in bytes and rows, whatever is packed in it.</summary>
    public static FiledReport Of(MailMessage message)
    {
        if (FailureReport.Find(message) is { } failure)
        {
            bool failed = failure.Kind == "auth-failure";
            return new FiledReport(failed ? ReportSort.Failure : ReportSort.Complaint) { Mails = failure.Incidents, Unproven = failed ? failure.Incidents : 0, Failure = failure };
        }

        if (message.Report?.Kind == ReportKind.Disposition) return new FiledReport(ReportSort.Disposition) { Mails = 1 };
        if (message.Report?.Kind == ReportKind.Feedback) return new FiledReport(ReportSort.Complaint) { Mails = 1 };
        return AggregateReportReader.Find(message) is { } report
            ? new FiledReport(ReportSort.Aggregate) { Mails = Sum(report.Rows), Unproven = Sum(report.Rows.Where(row => row.Dkim != AuthResult.Pass && row.Spf != AuthResult.Pass)), Aggregate = report }
            : new FiledReport(ReportSort.Unknown);
    }

    // The counts are a stranger's: some may be below nothing, and all together beyond what a number holds.
    private static long Sum(IEnumerable<AggregateRow> rows) => (long)Math.Min(rows.Sum(row => (decimal)Math.Max(row.Count, 0)), 999_999_999_999m);
}
