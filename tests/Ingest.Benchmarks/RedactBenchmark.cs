using System.Text;
using Ingest.Core.Redaction;
using Ingest.Mail.Mime;

namespace Ingest.Benchmarks;

/// <summary>What looking for everything costs: text with nothing to find, dense text, real mails.</summary>
internal static class RedactBenchmark
{
    private const string Clean = "Hello, I ordered the blue lamp last week and it has not come yet. Could you look where it is, and tell me when I can expect it? Thank you, Ada";
    private const string Dense = "Card 4111 1111 1111 1111, IBAN GB82 WEST 1234 5698 7654 32, ssn 536-90-4399, call +1 415 555 0132 or ada@example.org from 203.0.113.77 token ghp_3H2f5jnu1Kkxg8PgP9nTt1skBykXO4OizOrg";
    private const string Numbers = "Order 20391-77 of 2026-11-03: 3 x 19.95 EUR, 1 x 240.00 EUR, parcel 00340434161094042557, invoice 4471029, version 10.0.19041.1, 14:35, page 3 of 12.";

    public static int Run()
    {
        Measure.Title("Redaction");
        Text("clean prose, lines of 140", Clean, "≥ 200 MB/s, 0 B");
        Text("clean lines of numbers", Numbers, "");
        Text("dense: a finding every 25 characters", Dense, "≥ 50 MB/s");
        string prose = string.Join('\n', Enumerable.Repeat(Clean, 5000));
        Measure.Rate("clean prose, one text of 700,000", Measure.Of(() => Redact.Text(prose, RedactionPolicy.Default)), prose.Length * 2 / 1e6, "MB/s", 1, "≥ 200 MB/s, 0 B");
        if (Corpus.Read() is not { } raw) return 0;
        MailMessage[] mails = [.. raw.Select(mail => MailMessage.Parse(mail))];
        foreach (MailMessage mail in mails) _ = mail.Text + mail.Reply;
        Measure.Rate("real mails, names to html, mails/s", Measure.Of(() =>
        {
            foreach (MailMessage mail in mails) Redact.Apply(mail, RedactionPolicy.Default);
        }), mails.Length, "", mails.Length);
        return 0;
    }

    private static void Text(string name, string line, string target)
    {
        // A finding must not be remembered from one line to the next, so each differs.
        string[] lines = [.. Enumerable.Range(0, 2000).Select(i => new StringBuilder(line).Append(' ').Append((char)('a' + i % 26)).ToString())];
        Measure.Rate(name, Measure.Of(() =>
        {
            foreach (string one in lines) Redact.Text(one, RedactionPolicy.Default);
        }), lines.Sum(l => l.Length) * 2 / 1e6, "MB/s", lines.Length, target);
    }
}
