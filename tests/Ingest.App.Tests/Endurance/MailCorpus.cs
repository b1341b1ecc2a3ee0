using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Ingest.Core.Threading;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.App.Tests.Endurance;

/// <summary>Real mails from the corpora beside the repository, the same ones on every machine, as a provider would deliver them.</summary>
internal static class MailCorpus
{
    /// <summary>Whose verdict the mailboxes believe.</summary>
    public const string Provider = "mx.google.com";

    // Every archive's part in a hundred; a part runs through its archive in order, so that threads stay together.
    private static readonly (string Archive, int Percent)[] Archives =
    [
        ("spam/spamassassin_ham.tar.gz", 42), ("spam/spamassassin_spam.tar.gz", 13), ("spam/enron_ham.tar.gz", 27), ("spam/phishing_pot_evaluation_only.tar.gz", 7),
        ("mime/stalwart_mail_parser.zip", 4), ("mime/mikel_mail.zip", 4), ("mime/chatwoot.zip", 1), ("mime/request_tracker.zip", 1), ("mime/enmime.zip", 1),
    ];

    /// <summary>Two boxes without a mail in common; every fiftieth mail of the first comes in twice, by another way.</summary>
    public static (IReadOnlyList<byte[]> Folder, IReadOnlyList<byte[]> Google) Take(int folder, int google)
    {
        string data = SharedData();
        List<byte[]> first = [], second = [];
        int all = folder + google;
        foreach ((string archive, int percent) in Archives)
        {
            List<byte[]> mails = [.. Read(Path.Combine(data, archive)).Take((all * percent / 100) + 1)];
            int forFolder = mails.Count * folder / all;
            first.AddRange(mails.Take(forFolder));
            second.AddRange(mails.Skip(forFolder));
        }

        List<byte[]> rest = [.. Read(Path.Combine(data, "spam/enron_ham.tar.gz")).Reverse().Take(all / 10)];
        first.AddRange(rest.Take(Math.Max(0, folder - first.Count)));
        second.AddRange(rest.TakeLast(Math.Max(0, google - second.Count)));
        Assert.True(first.Count >= folder && second.Count >= google, "The corpora are smaller than they were.");
        first = [.. first.Take(folder).Select(Delivered)];
        for (int i = 0; i < folder; i += 50) first.Add([.. Encoding.ASCII.GetBytes("Received: by another way\r\n"), .. first[i]]);
        return (first, [.. second.Take(google).Select(Delivered)]);
    }

    // The corpora predate Authentication-Results: stamped as on delivery, so that authors are proven and threads can join; every seventh fails, and
    // copies of one mail alike: of a proven and an unproven copy, which is taken in and which is the duplicate is a matter of order.
    private static byte[] Delivered(byte[] raw)
    {
        byte[] mail = WithoutFromLine(raw);
        MailMessage message = MailMessage.Parse(mail);
        string verdict = ContentHash.Compute(message)[0] % 7 == 6 ? "fail" : "pass";
        string domain = message.From is [{ Domain: { Length: > 0 } from }] && from.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-') ? from : "unknown.invalid";
        string stamp = string.Create(CultureInfo.InvariantCulture, $"Authentication-Results: {Provider}; dmarc={verdict} header.from={domain}\r\n");
        return [.. Encoding.ASCII.GetBytes(stamp), .. mail];
    }

    private static byte[] WithoutFromLine(byte[] raw) =>
        raw.AsSpan().StartsWith("From "u8) && Array.IndexOf(raw, (byte)'\n') is var end and > 0 ? raw[(end + 1)..] : raw;

    private static IEnumerable<byte[]> Read(string archive)
    {
        Assert.SkipUnless(File.Exists(archive), "The corpus is not here.");
        return archive.EndsWith(".zip", StringComparison.Ordinal) ? ReadZip(archive) : ReadTar(archive);
    }

    private static IEnumerable<byte[]> ReadZip(string archive)
    {
        using ZipArchive zip = ZipFile.OpenRead(archive);
        foreach (ZipArchiveEntry entry in zip.Entries.Where(e => e.Length > 0 && IsMail(e.FullName)).OrderBy(e => e.FullName, StringComparer.Ordinal))
        {
            using Stream content = entry.Open();
            yield return Bytes(content);
        }
    }

    private static IEnumerable<byte[]> ReadTar(string archive)
    {
        using FileStream file = File.OpenRead(archive);
        using GZipStream gzip = new(file, CompressionMode.Decompress);
        using TarReader tar = new(gzip);
        while (tar.GetNextEntry() is { } entry)
            if (entry is { EntryType: TarEntryType.RegularFile, DataStream: { } content } && IsMail(entry.Name)) yield return Bytes(content);
    }

    private static bool IsMail(string name) => name.EndsWith(".eml", StringComparison.Ordinal) || name.EndsWith(".raw", StringComparison.Ordinal)
        || (name.Contains("/emails/", StringComparison.Ordinal) && !name.EndsWith('/'));

    private static byte[] Bytes(Stream content)
    {
        using MemoryStream bytes = new();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static string SharedData()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string data = Path.Combine(at.FullName, "shared", "data");
            if (Directory.Exists(data)) return data;
        }

        Assert.Skip("No folder shared/data beside the repository.");
        return "";
    }
}
