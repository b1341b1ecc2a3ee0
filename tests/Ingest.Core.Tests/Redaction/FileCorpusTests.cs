using System.IO.Compression;
using Ingest.Core.Redaction;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Real mails and broken files: nothing throws, what is clean stays byte for byte, what is masked can still be read and is not masked again.</summary>
public sealed class FileCorpusTests
{
    [Theory]
    [InlineData("mime/stalwart_mail_parser.zip")]
    [InlineData("mime/mikel_mail.zip")]
    [InlineData("mime/enmime.zip")]
    [InlineData("mime/chatwoot.zip")]
    [InlineData("mime/request_tracker.zip")]
    [InlineData("dsn/sisimai_set_of_emails.zip")]
    [InlineData("ical/ical_js.zip")]
    [InlineData("tnef/ytnef.zip")]
    public void Real_files_are_looked_through_and_stay_what_they_were(string path)
    {
        using ZipArchive archive = System.IO.Compression.ZipFile.OpenRead(SharedData.File(path));
        foreach (ZipArchiveEntry entry in archive.Entries.Where(e => e.Length is > 0 and < 2_000_000))
        {
            using var copy = new MemoryStream();
            using (Stream stream = entry.Open())
                stream.CopyTo(copy);
            Check(entry.FullName, copy.ToArray());
        }
    }

    [Fact]
    public void Mails_of_a_corpus_as_files_stay_mails()
    {
        foreach ((string name, byte[] bytes) in SharedData.Tar("spam/spamassassin_ham.tar.gz").Take(600))
            Check(name + ".eml", bytes);
    }

    [Fact]
    public void Broken_files_never_throw()
    {
        var random = new Random(8);
        byte[][] seeds = [.. CanaryPlaces.Names.SelectMany(place => MailMessage.Parse(CanaryPlaces.With(place, "5105105105105100")).Attachments).Select(a => a.Decode()).Where(c => c.Length > 20)];
        string[] names = ["a.pdf", "a.docx", "a.eml", "a.json", "a.ics", "a.xml", "a.csv", "a.html", "a.png", "a.zip", "a.mbox", "a"];
        for (int i = 0; i < 1500; i++)
        {
            byte[] content = [.. seeds[i % seeds.Length]];
            for (int change = random.Next(1, 12); change > 0; change--)
                switch (random.Next(3))
                {
                    case 0:
                        content[random.Next(content.Length)] = (byte)random.Next(256);
                        break;
                    case 1:
                        int cut = random.Next(content.Length - 8);
                        content = content.Length > 40 ? [.. content[..cut], .. content[(cut + random.Next(8))..]] : content;
                        break;
                    default:
                        int from = random.Next(content.Length - 4);
                        content = [.. content[..from], .. content[from..], .. content[from..Math.Min(content.Length, from + 50)]];
                        break;
                }
            RedactedAttachment result = Redact.Attachment("", content, RedactionPolicy.Default, null, names[random.Next(names.Length)]);
            Assert.True(result.Findings.Count > 0 || result.State != FileState.Kept || ReferenceEquals(result.Content, content));
        }
    }

    private static void Check(string name, byte[] content)
    {
        RedactedAttachment result = Redact.Attachment("", content, RedactionPolicy.Default, null, name);
        if (result.Findings.Count == 0)
        {
            Assert.Same(content, result.Content);
            return;
        }
        if (result.State != FileState.Masked)
            return;
        RedactedAttachment again = Redact.Attachment("", result.Content, RedactionPolicy.Default, null, name);
        Assert.True(again.Findings.Count == 0 || result.Unread != UnreadReason.None, $"{name}: {again.Findings.Count} of {result.Findings.Count} were found again, the first by {(again.Findings.Count > 0 ? again.Findings[0].Rule : "")}");
        if (name.EndsWith(".eml", StringComparison.Ordinal))
            Assert.Equal(MailMessage.Parse(content).Attachments.Count, MailMessage.Parse(result.Content).Attachments.Count);
    }
}
