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

    private const string Typographic = "Hello, I’ve ordered the “blue lamp” last week – and it hasn’t come yet… Could you look where it is, naïve as I am, and tell me when I can expect it? Thank you, Zoë";

    public static int Run()
    {
        Measure.Title("Redaction");
        Text("clean prose, lines of 140", Clean, "≥ 200 MB/s, 0 B");
        Text("clean prose, typographic signs and accents", Typographic, "≥ 200 MB/s, 0 B");
        Text("clean lines of numbers", Numbers, "");
        Text("dense: a finding every 25 characters", Dense, "≥ 50 MB/s");
        Different();
        string dense = string.Join('\n', Enumerable.Repeat(Dense, 4000));
        Measure.Rate("dense, one text of 730,000", Measure.Of(() => Redact.Text(dense, RedactionPolicy.Default)), dense.Length * 2 / 1e6, "MB/s", 1, "≥ 50 MB/s");
        string prose = string.Join('\n', Enumerable.Repeat(Clean, 5000));
        Measure.Rate("clean prose, one text of 700,000", Measure.Of(() => Redact.Text(prose, RedactionPolicy.Default)), prose.Length * 2 / 1e6, "MB/s", 1, "≥ 200 MB/s, 0 B");
        if (Corpus.Read() is not { } raw) return 0;
        MailMessage[] mails = [.. raw.Select(mail => MailMessage.Parse(mail))];
        foreach (MailMessage mail in mails) _ = mail.Text + mail.Reply;
        string[] texts = [.. mails.Select(mail => mail.Text ?? "")];
        Measure.Rate("texts of real mails", Measure.Of(() =>
        {
            foreach (string text in texts) Redact.Text(text, RedactionPolicy.Default);
        }), texts.Sum(text => (long)text.Length) * 2 / 1e6, "MB/s", texts.Length);
        Measure.Rate("real mails, names to html, mails/s", Measure.Of(() =>
        {
            foreach (MailMessage mail in mails) Redact.Apply(mail, RedactionPolicy.Default);
        }), mails.Length, "", mails.Length);
        return 0;
    }

    // Numbers that no line shares with another: nothing can be known from the line before.
    private static void Different()
    {
        Random random = new(7);
        string Digits(int count) => string.Concat(Enumerable.Range(0, count).Select(_ => random.Next(10)));
        string[] lines = [.. Enumerable.Range(0, 2000).Select(_ =>
            $"Visa {Card("4" + Digits(14))}, call +1 {random.Next(201, 989)} {random.Next(200, 999)} {Digits(4)}, mail a{Digits(2)}@shop.example.org, ssn {random.Next(100, 665)}-{random.Next(10, 99)}-{random.Next(1000, 9999)} from {random.Next(1, 223)}.{random.Next(255)}.{random.Next(255)}.{random.Next(255)}")];
        Measure.Rate("dense, every number another", Measure.Of(() =>
        {
            foreach (string line in lines) Redact.Text(line, RedactionPolicy.Default);
        }), lines.Sum(line => line.Length) * 2 / 1e6, "MB/s", lines.Length, "≥ 50 MB/s");
    }

    // In fours, with the check digit of Luhn.
    private static string Card(string digits)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int twice = (digits[^(i + 1)] - '0') * (i % 2 == 0 ? 2 : 1);
            sum += twice > 9 ? twice - 9 : twice;
        }
        return string.Join(' ', $"{digits}{(10 - sum % 10) % 10}".Chunk(4).Select(four => new string(four)));
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
