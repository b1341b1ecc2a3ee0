using Ingest.Mail.Mime;

namespace Ingest.Benchmarks;

/// <summary>How fast mails become facts: headers, ids, bodies as text, every attachment decoded.</summary>
internal static class ParseBenchmark
{
    private const int BigAttachment = 26 * 1000 * 1000 / 4 * 3 / 78 * 76;

    public static int Run()
    {
        Measure.Title("Parse");
        if (Corpus.Read() is { } mails)
        {
            Rounds rounds = Measure.Of(() =>
            {
                foreach (byte[] mail in mails)
                    Read(mail);
            });
            string name = $"{mails.Count} real mails of {mails.Average(m => m.Length) / 1024:F1} KiB";
            Measure.Rate(name + ", msg/s", rounds, mails.Count, "", mails.Count, "≥ 55,000");
            Measure.Rate(name + ", MB/s", rounds, mails.Sum(m => (double)m.Length) / 1e6, "", mails.Count);
            RunKinds(mails);
        }

        byte[] big = Corpus.WithAttachment(BigAttachment);
        Measure.Time("26 MB with one base64 attachment, ms", Measure.Of(() => Read(big)), 1000, "", "≤ 12 ms, < 1 MiB");
        return 0;
    }

    // Which mails are slow: those whose text has to be made from html, or all.
    private static void RunKinds(IReadOnlyList<byte[]> mails)
    {
        ILookup<bool, byte[]> byHtml = mails.ToLookup(mail => MailMessage.Parse(mail) is { Html: not null });
        foreach (bool html in (bool[])[false, true])
        {
            byte[][] some = [.. byHtml[html]];
            Rounds rounds = Measure.Of(() =>
            {
                foreach (byte[] mail in some)
                    Read(mail);
            });
            Measure.Rate($"  {some.Length} of them {(html ? "with" : "without")} html, msg/s", rounds, some.Length, "", some.Length);
        }
    }

    private static void Read(byte[] raw)
    {
        foreach (MailAttachment attachment in MailMessage.Parse(raw).Attachments)
            attachment.Part.CopyContentTo(Stream.Null);
    }
}
