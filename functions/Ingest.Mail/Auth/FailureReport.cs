using System.Globalization;
using System.Net;
using Ingest.Mail.Mime;

namespace Ingest.Mail.Auth;

/// <summary>A report about one mail (ARF, RFC 5965): a complaint, or a failed authentication (RFC 6591, RFC 9991). A stranger wrote it.</summary>
/// <param name="Kind">abuse, auth-failure, fraud and the like (Feedback-Type), in lower case.</param>
public sealed record FailureReport(string Kind)
{
    private const int MaxValues = 100;

    /// <summary>The program that wrote it.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>The envelope sender of the mail, as written.</summary>
    public string OriginalMailFrom { get; init; } = "";

    /// <summary>Its recipients, as written.</summary>
    public IReadOnlyList<string> OriginalRcptTo { get; init; } = [];

    /// <summary>When it arrived, null when not told.</summary>
    public DateTimeOffset? Arrival { get; init; }

    /// <summary>Where it came from, null when not told.</summary>
    public IPAddress? SourceIp { get; init; }

    /// <summary>Who reports: the server.</summary>
    public string ReportingMta { get; init; } = "";

    /// <summary>The envelope's id at the reporter.</summary>
    public string EnvelopeId { get; init; } = "";

    /// <summary>The domains that it is about.</summary>
    public IReadOnlyList<string> ReportedDomains { get; init; } = [];

    /// <summary>The addresses (URIs) that it is about.</summary>
    public IReadOnlyList<string> ReportedUris { get; init; } = [];

    /// <summary>How many such mails it stands for.</summary>
    public int Incidents { get; init; } = 1;

    /// <summary>What the reporter found out.</summary>
    public IReadOnlyList<AuthenticationResults> Results { get; init; } = [];

    /// <summary>What failed: bodyhash, revoked, signature, spf, dmarc (Auth-Failure), in lower case; empty for a complaint.</summary>
    public string AuthFailure { get; init; } = "";

    /// <summary>The domain of the signature that failed.</summary>
    public string DkimDomain { get; init; } = "";

    /// <summary>Its selector.</summary>
    public string DkimSelector { get; init; } = "";

    /// <summary>The report in the mail; null when there is none.</summary>
    public static FailureReport? Find(MailMessage message) =>
        message.Root.Children.FirstOrDefault(static part => part.ContentType == "message/feedback-report") is { } part ? Read(part.DecodeContent()) : null;

    /// <summary>Reads the fields of a message/feedback-report; what cannot be read is left out.</summary>
    public static FailureReport Read(ReadOnlyMemory<byte> fields)
    {
        // Some programs leave lines empty before the fields.
        var headers = MailMessage.Parse(fields.TrimStart("\r\n"u8)).Headers;
        return new FailureReport(Word(headers, "Feedback-Type"))
        {
            UserAgent = Text(headers, "User-Agent"),
            OriginalMailFrom = Text(headers, "Original-Mail-From"),
            OriginalRcptTo = Texts(headers, "Original-Rcpt-To"),
            Arrival = DateReader.Read(Text(headers, "Arrival-Date") is { Length: > 0 } date ? date : Text(headers, "Received-Date")),
            SourceIp = IPAddress.TryParse(Text(headers, "Source-IP").Split(' ')[0], out var source) ? source : null,
            ReportingMta = Text(headers, "Reporting-MTA") is var mta && mta.IndexOf(';', StringComparison.Ordinal) is >= 0 and var end ? mta[(end + 1)..].Trim() : mta,
            EnvelopeId = Text(headers, "Original-Envelope-Id"),
            ReportedDomains = Texts(headers, "Reported-Domain"),
            ReportedUris = Texts(headers, "Reported-URI"),
            Incidents = int.TryParse(Text(headers, "Incidents"), NumberStyles.None, CultureInfo.InvariantCulture, out var incidents) ? incidents : 1,
            Results = [.. Texts(headers, "Authentication-Results").Select(static text => AuthenticationResults.TryParse(text, out var results) ? results : null).OfType<AuthenticationResults>()],
            AuthFailure = Word(headers, "Auth-Failure"),
            DkimDomain = Text(headers, "DKIM-Domain"),
            DkimSelector = Text(headers, "DKIM-Selector"),
        };
    }

    private static string Text(HeaderList headers, string name) => headers.Find(name)?.Unfolded.Trim() ?? "";

    private static List<string> Texts(HeaderList headers, string name) => [.. headers.FindAll(name).Take(MaxValues).Select(static header => header.Unfolded.Trim())];

    private static string Word(HeaderList headers, string name) => Text(headers, name).Split(';', ' ')[0].ToLowerInvariant();
}
