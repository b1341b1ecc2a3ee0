using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Training;

namespace Ingest.Core.Tests.Spam;

/// <summary>The corpora that the filter is trained and measured on, and which part of them is for what.</summary>
internal static class SpamCorpora
{
    /// <summary>The folder of the written examples.</summary>
    public static string Written { get; } = FindWritten();

    /// <summary>What the shipped model was trained from, as Spam/README.md states it.</summary>
    public static IEnumerable<TrainingMail> Shipped()
    {
        foreach ((string name, byte[] mail) in Part("spam/spamassassin_ham.tar.gz", 0, 6))
        {
            yield return new TrainingMail(mail, IsSpam: false);
            // Newsletters and notices: given twice on the command line.
            if (name.Contains("hard-ham", StringComparison.Ordinal)) yield return new TrainingMail(mail, IsSpam: false);
        }

        foreach ((_, byte[] mail) in Part("spam/enron_ham.tar.gz", 0, 4)) yield return new TrainingMail(mail, IsSpam: false);
        foreach ((_, byte[] mail) in Part("spam/spamassassin_spam.tar.gz", 0, 6)) yield return new TrainingMail(mail, IsSpam: true);
        foreach (TrainingMail mail in WrittenMails.Read(Written)) yield return mail;
    }

    /// <summary>The mails of an archive whose SHA-256, as a number, leaves so much when divided by 10.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Part(string archive, int from, int to) =>
        SharedData.Tar(archive).Where(file => PartOf(file.Bytes) is var part && part >= from && part <= to);

    /// <summary>Judges mails of one kind by the shipped model and lines.</summary>
    public static List<JudgedMail> Judge(IEnumerable<(string Name, byte[] Bytes)> mails, bool isSpam) =>
        [.. mails.Select(mail => new JudgedMail(mail.Name, isSpam, MailFile.Read(mail.Bytes).Judge(SpamModel.Base, SpamThresholds.Default)))];

    /// <summary>Names and reasons of those that were judged wrongly, for a message.</summary>
    public static string Worst(IEnumerable<JudgedMail> mails)
    {
        var text = new StringBuilder();
        foreach (JudgedMail mail in mails)
            text.AppendLine().Append(null, $"{mail.Name} {mail.Verdict.Score:F4} {string.Join(' ', mail.Verdict.Reasons.Take(8).Select(r => $"{r.Code}={r.Weight:F1}"))}");
        return text.ToString();
    }

    private static int PartOf(byte[] mail) => SHA256.HashData(mail).Aggregate(0, (rest, b) => ((rest * 256) + b) % 10);

    private static string FindWritten()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (Directory.Exists(Path.Combine(at.FullName, "functions", "Ingest.Core", "Spam", "Training", "Written"))) return Path.Combine(at.FullName, "functions", "Ingest.Core", "Spam", "Training", "Written");
        throw new DirectoryNotFoundException("Run this from a clone: the written examples are not above the program.");
    }
}
