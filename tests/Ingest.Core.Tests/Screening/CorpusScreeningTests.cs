using System.IO.Compression;
using Ingest.Core.Screening;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Screening;

/// <summary>How the screen and the hints fare on published mail; the numbers are printed.</summary>
public sealed class CorpusScreeningTests(ITestOutputHelper output)
{
    private static readonly ScreenInputs Inputs = new(new OwnAddresses(["support@shop.example"]), _ => false);
    private static readonly AuthVerdict Unknown = new(AuthResult.None, AuthResult.None, AuthResult.None, "", false, null, AuthCode.NoTrustedField);

    // Mail of programs among what its collectors call wanted: four notices of deliveries that failed or wait, and one note of an absence. Each was read.
    private static readonly string[] TrulyAutomatic = ["easy-ham-1/01436.", "easy-ham-1/01507.", "easy-ham-1/01542.", "easy-ham-2/01311.", "bill_williams_iii/928.eml"];

    [Theory]
    [InlineData("spam/spamassassin_ham.tar.gz")]
    [InlineData("spam/enron_ham.tar.gz")]
    public void Peoples_mail_is_not_taken_for_automatic_mail(string corpus)
    {
        int all = 0, wrong = 0;
        foreach ((string name, byte[] bytes) in SharedData.Tar(corpus))
        {
            MailMessage message = MailMessage.Parse(bytes);
            Screened screened = Screen.Decide(message, Unknown, Inputs);
            all++;
            if (screened.Kind is ScreenKind.Human or ScreenKind.Bulk or ScreenKind.Calendar) continue;
            if (!Array.Exists(TrulyAutomatic, known => name.Contains(known, StringComparison.Ordinal))) wrong++;
            output.WriteLine($"{name} {screened.Kind}/{screened.Reason} [{message.Subject}] from [{AuthorOf(message)?.Address}]");
        }

        output.WriteLine($"{corpus}: {wrong} of {all}");
        Assert.True(all > 1000);
        Assert.InRange(wrong, 0, all / 2000);
    }

    [Theory]
    [InlineData("spam/spamassassin_ham.tar.gz")]
    [InlineData("spam/spamassassin_spam.tar.gz")]
    [InlineData("spam/enron_ham.tar.gz")]
    [InlineData("spam/phishing_pot_evaluation_only.tar.gz")]
    public void Hints_are_rare_in_wanted_mail_and_common_in_phishing(string corpus)
    {
        int all = 0, any = 0;
        Dictionary<PhishingHint, int> counts = [];
        List<string> examples = [];
        foreach ((string name, byte[] bytes) in SharedData.Tar(corpus))
        {
            MailMessage message = MailMessage.Parse(bytes);
            AuthVerdict auth = message.Headers.First("Authentication-Results") is { } field && AuthenticationResults.TryParse(field, out AuthenticationResults results) ? Authenticate.FromProvider(message, [results.AuthservId]) : Unknown;
            IReadOnlyList<PhishingHint> hints = PhishingHints.Find(message, auth, ["shop.example"]);
            all++;
            if (hints.Count > 0) any++;
            foreach (PhishingHint hint in hints) counts[hint] = counts.GetValueOrDefault(hint) + 1;
            if (corpus.Contains("ham", StringComparison.Ordinal) == hints.Count > 0) examples.Add($"{name} {string.Join(',', hints)} [{AuthorOf(message)}] [{(message.ReplyTo is [var reply, ..] ? reply.Address : "")}]");
        }

        output.WriteLine($"{corpus}: {any} of {all}");
        foreach ((PhishingHint hint, int count) in counts.OrderByDescending(c => c.Value)) output.WriteLine($"  {hint} {count}");
        foreach (string example in examples.Take(400)) output.WriteLine(example);
    }

    private static MailAddress? AuthorOf(MailMessage message) => message.From is [var author, ..] ? author : null;

    [Fact]
    public void Samples_of_bounces_reports_and_automatic_answers_are_screened_right()
    {
        int all = 0, right = 0;
        using ZipArchive zip = ZipFile.OpenRead(SharedData.File("dsn/sisimai_set_of_emails.zip"));
        foreach (ZipArchiveEntry entry in zip.Entries.Where(e => e.FullName.EndsWith(".eml", StringComparison.Ordinal)))
        {
            using MemoryStream bytes = new();
            using (Stream content = entry.Open()) content.CopyTo(bytes);
            Screened screened = Screen.Decide(MailMessage.Parse(bytes.ToArray()), Unknown, Inputs);
            bool fits = entry.Name.StartsWith("arf-", StringComparison.Ordinal) ? screened.Kind == ScreenKind.Report
                : entry.Name.StartsWith("rfc3834-", StringComparison.Ordinal) ? screened.Kind == ScreenKind.AutoReply
                : screened.Kind is ScreenKind.Bounce or ScreenKind.Report or ScreenKind.AutoReply;
            all++;
            if (fits) right++;
            else output.WriteLine($"{entry.Name} {screened.Kind}/{screened.Reason}");
        }

        output.WriteLine($"{right} of {all}");
        Assert.True(right >= 0.97 * all);
    }
}
