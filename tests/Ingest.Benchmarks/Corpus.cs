using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Ingest.Benchmarks;

/// <summary>The mails that are measured: the public SpamAssassin corpus where it lies beside the repository, and mails made here.</summary>
internal static class Corpus
{
    private static readonly string[] Archives = ["spamassassin_ham.tar.gz", "spamassassin_spam.tar.gz"];

    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = FindUpwards("Ingest.sln") ?? throw new DirectoryNotFoundException("Run this from a clone: Ingest.sln is not above the program.");

    /// <summary>Raw mails without the line that an mbox puts before each; null when the corpus is not there.</summary>
    public static IReadOnlyList<byte[]>? Read()
    {
        if (FindUpwards("shared/data/spam") is not { } root)
        {
            Console.WriteLine("Not measured: the SpamAssassin corpus is not in shared/data/spam beside the repository.");
            return null;
        }

        List<byte[]> mails = [];
        foreach (string archive in Archives)
        {
            using GZipStream file = new(File.OpenRead(Path.Combine(root, "shared/data/spam", archive)), CompressionMode.Decompress);
            using TarReader tar = new(file);
            while (tar.GetNextEntry(copyData: true) is { } entry)
                if (entry.DataStream is { Length: > 0 } data)
                    mails.Add(WithoutMboxLine(data));
        }

        return mails;
    }

    /// <summary>A mail with one base64 attachment, in lines of 76 characters as every client writes them.</summary>
    public static byte[] WithAttachment(int decodedLength)
    {
        byte[] content = new byte[decodedLength];
        new Random(1).NextBytes(content);
        StringBuilder mail = new("From: a@example.org\r\nTo: b@example.org\r\nSubject: scan\r\nMessage-ID: <1@example.org>\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nMIME-Version: 1.0\r\n");
        mail.Append("Content-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nSee the scan.\r\n--x\r\n");
        mail.Append("Content-Type: application/pdf; name=\"scan.pdf\"\r\nContent-Disposition: attachment; filename=\"scan.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        string text = Convert.ToBase64String(content);
        for (int at = 0; at < text.Length; at += 76)
            mail.Append(text, at, Math.Min(76, text.Length - at)).Append("\r\n");
        return Encoding.ASCII.GetBytes(mail.Append("--x--\r\n").ToString());
    }

    private static byte[] WithoutMboxLine(Stream data)
    {
        byte[] mail = new byte[data.Length];
        data.ReadExactly(mail);
        return mail.AsSpan().StartsWith("From "u8) && mail.AsSpan().IndexOf((byte)'\n') is >= 0 and var end ? mail[(end + 1)..] : mail;
    }

    private static string? FindUpwards(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Exists(Path.Combine(folder.FullName, name)))
                return folder.FullName;
        return null;
    }
}
