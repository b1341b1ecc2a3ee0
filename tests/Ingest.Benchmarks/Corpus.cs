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

    /// <summary>Mails with the same words as text and as html, quoted-printable, as office programs write them: about 18 KB each, always the same.</summary>
    public static IReadOnlyList<byte[]> Alternatives(int count)
    {
        Random random = new(1);
        string[] words = ["order", "invoice", "Straße", "please", "the", "and", "naïve", "delivery", "tomorrow", "of", "to", "customer", "reçu", "number", "with", "thanks", "Größe", "answer"];
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            string[] paragraphs = [.. Enumerable.Range(0, 16).Select(_ => string.Join(' ', Enumerable.Range(0, 60).Select(_ => words[random.Next(words.Length)])))];
            string text = string.Join("\r\n\r\n", paragraphs);
            string html = "<html><head><style>p.MsoNormal {margin:0cm; font-size:11.0pt; font-family:\"Calibri\",sans-serif;}</style></head><body lang=\"EN-GB\">\r\n" + string.Join("\r\n", paragraphs.Select(p =>
                $"<p class=\"MsoNormal\"><span style=\"font-size:10.0pt;color:#1F497D\">{string.Join(" ", p.Split(' ').Select((w, n) => n % 12 == 0 ? $"<b>{w}</b>" : w))}<o:p></o:p></span></p>")) + "\r\n<table border=\"0\"><tr><td>1</td><td>2</td></tr></table></body></html>";
            return Encoding.ASCII.GetBytes($"From: Ann Example <ann@example.org>\r\nTo: =?utf-8?q?B=C3=B6b?= <bob@example.org>\r\nSubject: =?utf-8?q?Gr=C3=B6=C3=9Fe_{i}?=\r\nMessage-ID: <{i}@example.org>\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nReferences: <a@example.org> <b@example.org>\r\nMIME-Version: 1.0\r\n"
                + $"Content-Type: multipart/alternative; boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{QuotedPrintable(text)}\r\n--x\r\nContent-Type: text/html; charset=\"utf-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{QuotedPrintable(html)}\r\n--x--\r\n");
        })];
    }

    private static string QuotedPrintable(string text)
    {
        StringBuilder lines = new();
        int column = 0;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            string piece = b is (byte)'\r' or (byte)'\n' || (b is >= 32 and < 127 && b != '=') ? ((char)b).ToString() : $"={b:X2}";
            column = b == '\n' ? 0 : column + piece.Length;
            if (column > 75)
            {
                lines.Append("=\r\n");
                column = piece.Length;
            }

            lines.Append(piece);
        }

        return lines.ToString();
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
