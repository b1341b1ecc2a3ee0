using System.Buffers.Text;
using Ingest.Mail.Mime;
using Ingest.Mail.Text;

namespace Ingest.Benchmarks;

/// <summary>How fast mails become facts: headers, ids, bodies as text, every attachment decoded.</summary>
internal static class ParseBenchmark
{
    public const int BigAttachment = 26 * 1000 * 1000 / 4 * 3 / 78 * 76;

    public static int Run()
    {
        Measure.Title("Parse (html is not made into text, replies are not trimmed: that is done when it is asked for)");
        IReadOnlyList<byte[]>? mails = Corpus.Read();
        if (mails is not null)
        {
            Rounds rounds = Measure.Of(() => ReadAll(mails));
            string name = $"{mails.Count} real mails of {mails.Average(m => m.Length) / 1024:F1} KiB";
            Measure.Rate(name + ", msg/s", rounds, mails.Count, "", mails.Count, "≥ 55,000, ≤ 28 KB");
            Measure.Rate(name + ", MB/s", rounds, mails.Sum(m => (double)m.Length) / 1e6, "", mails.Count);
            RunKinds(mails);
        }

        IReadOnlyList<byte[]> alternatives = Corpus.Alternatives(500);
        Measure.Rate($"500 text and html of {alternatives.Average(m => m.Length) / 1000:F1} KB, msg/s", Measure.Of(() => ReadAll(alternatives)), alternatives.Count, "", alternatives.Count, "≥ 14,000");
        byte[] big = Corpus.WithAttachment(BigAttachment);
        Measure.Time("26 MB with one base64 attachment, ms", Measure.Of(() => Read(big)), 1000, "", "≤ 12 ms, < 1 MiB");
        RunFloors(mails, big);
        if (mails is not null)
            RunText(mails);
        return 0;
    }

    // What no reader can beat: every line's end found, and base64 decoded after its line breaks were taken out.
    private static void RunFloors(IReadOnlyList<byte[]>? mails, byte[] big)
    {
        if (mails is not null)
        {
            Measure.Rate("  floor: line ends of the real mails found, MB/s", Measure.Of(() =>
            {
                foreach (byte[] mail in mails)
                    CountLines(mail);
            }), mails.Sum(m => (double)m.Length) / 1e6, "", mails.Count);
        }

        byte[] body = new byte[big.Length];
        Measure.Time("  floor: line breaks taken out of 26 MB and base64 decoded, ms", Measure.Of(() => DecodeBare(big, body)), 1000, "");
    }

    private static int CountLines(ReadOnlySpan<byte> mail)
    {
        int lines = 0;
        for (int at; (at = mail.IndexOf((byte)'\n')) >= 0; lines++)
            mail = mail[(at + 1)..];
        return lines;
    }

    private static int DecodeBare(ReadOnlySpan<byte> text, byte[] to)
    {
        int length = 0;
        for (int at; (at = text.IndexOf((byte)'\n')) >= 0; text = text[(at + 1)..])
        {
            ReadOnlySpan<byte> line = text[..at].TrimEnd((byte)'\r');
            if (line.Length != 76)
                continue;
            line.CopyTo(to.AsSpan(length));
            length += line.Length;
        }

        Base64.DecodeFromUtf8InPlace(to.AsSpan(0, length), out int decoded);
        return decoded;
    }

    // Which mails are slow: those that bring html, or all.
    private static void RunKinds(IReadOnlyList<byte[]> mails)
    {
        ILookup<bool, byte[]> byHtml = mails.ToLookup(mail => MailMessage.Parse(mail) is { Html: not null });
        foreach (bool html in (bool[])[false, true])
        {
            byte[][] some = [.. byHtml[html]];
            Measure.Rate($"  {some.Length} of them {(html ? "with" : "without")} html, msg/s", Measure.Of(() => ReadAll(some)), some.Length, "", some.Length);
        }
    }

    // What is not counted above: html made into text, at two sizes to show that it is linear, replies trimmed, and all of it together.
    private static void RunText(IReadOnlyList<byte[]> mails)
    {
        Measure.Title("Text");
        string[] html = [.. mails.Select(m => MailMessage.Parse(m).Html).OfType<string>()];
        Measure.Rate($"{html.Length} real html bodies to text, MB/s", Measure.Of(() =>
        {
            foreach (string document in html)
                HtmlText.Convert(document);
        }), html.Sum(h => (double)h.Length) / 1e6, "", html.Length, "≥ 40");
        string all = string.Concat(html);
        Measure.Rate($"all of them as one document of {all.Length / 1e6:F1} MB, MB/s", Measure.Of(() => HtmlText.Convert(all)), all.Length / 1e6, "", 1, "as much: linear");
        string[] texts = [.. mails.Select(m => MailMessage.Parse(m).Text ?? "")];
        Measure.Rate("replies trimmed, msg/s", Measure.Of(() =>
        {
            foreach (string text in texts)
                ReplyTrimmer.Trim(text);
        }), texts.Length, "", texts.Length);
        Measure.Rate($"{mails.Count} real mails with all of it, msg/s", Measure.Of(() =>
        {
            foreach (byte[] mail in mails)
                _ = Read(mail).Reply;
        }), mails.Count, "", mails.Count);
    }

    private static void ReadAll(IReadOnlyList<byte[]> mails)
    {
        foreach (byte[] mail in mails)
            Read(mail);
    }

    private static MailMessage Read(byte[] raw)
    {
        MailMessage message = MailMessage.Parse(raw);
        foreach (MailAttachment attachment in message.Attachments)
            attachment.Part.CopyContentTo(Stream.Null);
        return message;
    }
}
