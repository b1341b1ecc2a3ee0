using Ingest.Core.Spam;
using Ingest.Core.Spam.Training;
using Xunit;

namespace Ingest.Core.Tests.Spam;

/// <summary>What one model and one pair of lines hold on mail that was kept out of training.</summary>
public sealed class SpamStandardsTests
{
    [Fact]
    public void Held_out_mail_of_the_training_corpus_is_told_apart()
    {
        List<JudgedMail> all = [.. SpamCorpora.Judge(SpamCorpora.Part("spam/spamassassin_ham.tar.gz", 7, 9), false), .. SpamCorpora.Judge(SpamCorpora.Part("spam/spamassassin_spam.tar.gz", 7, 9), true)];
        var result = new SpamEvaluation(all);
        Assert.Equal((854, 387), (result.Ham, result.Spam));
        Assert.True(result.Auc >= 0.9995, $"AUC {result.Auc:F6}");
        Assert.True(result.Count(false, SpamVerdictKind.Spam) == 0, SpamCorpora.Worst(all.Where(m => !m.IsSpam && m.Verdict.Verdict == SpamVerdictKind.Spam)));
        Assert.True(result.MissedAtFalsePositives(0) <= 387 * 0.05, $"{result.MissedAtFalsePositives(0)} missed at no false positive");
        Assert.True(result.Count(false, SpamVerdictKind.Unsure) <= 854 * 0.02, $"{result.Count(false, SpamVerdictKind.Unsure)} wanted mails unsure");
        Assert.True(result.Count(true, SpamVerdictKind.Ham) <= 387 * 0.05, $"{result.Count(true, SpamVerdictKind.Ham)} spam let pass");
    }

    [Fact]
    public void Business_mail_that_was_kept_out_of_training_is_wanted()
    {
        List<JudgedMail> all = SpamCorpora.Judge(SpamCorpora.Part("spam/enron_ham.tar.gz", 5, 9), false);
        Assert.True(all.Count(m => m.Verdict.Verdict == SpamVerdictKind.Spam) <= all.Count * 0.003, SpamCorpora.Worst(all.Where(m => m.Verdict.Verdict == SpamVerdictKind.Spam)));
        Assert.True(all.Count(m => m.Verdict.Verdict != SpamVerdictKind.Ham) <= all.Count * 0.02, SpamCorpora.Worst(all.Where(m => m.Verdict.Verdict == SpamVerdictKind.Unsure)));
    }

    [Fact]
    public void Phishing_of_today_is_noticed_though_none_of_it_was_trained_on()
    {
        List<JudgedMail> all = SpamCorpora.Judge(SharedData.Tar("spam/phishing_pot_evaluation_only.tar.gz").Where(f => f.Name.EndsWith(".eml", StringComparison.Ordinal)), true);
        int spam = all.Count(m => m.Verdict.Verdict == SpamVerdictKind.Spam), unsure = all.Count(m => m.Verdict.Verdict == SpamVerdictKind.Unsure);
        Assert.True(spam >= all.Count * 0.6, $"{spam} of {all.Count} called spam");
        Assert.True(spam + unsure >= all.Count * 0.85, $"{spam + unsure} of {all.Count} noticed");
    }

    [Fact]
    public void A_score_means_what_it_says()
    {
        List<JudgedMail> all = [.. SpamCorpora.Judge(SpamCorpora.Part("spam/spamassassin_ham.tar.gz", 7, 9), false), .. SpamCorpora.Judge(SpamCorpora.Part("spam/spamassassin_spam.tar.gz", 7, 9), true)];
        foreach (CalibrationBin bin in new SpamEvaluation(all).Calibration().Where(b => b.Mails >= 30))
            Assert.InRange(bin.SpamShare - bin.MeanScore, -0.2, 0.2);
    }

    [Theory]
    [InlineData("mime/chatwoot.zip", "")]
    [InlineData("mime/request_tracker.zip", "")]
    [InlineData("mime/django_helpdesk.zip", "")]
    // One of the plain ones is an advertisement for a spyware scanner.
    [InlineData("mime/mikel_mail.zip", "error_emails/|raw_email_incorrect_header")]
    public void Mail_to_help_desks_is_never_called_spam(string archive, string except)
    {
        using var zip = System.IO.Compression.ZipFile.OpenRead(SharedData.File(archive));
        List<(string, byte[])> mails = [];
        foreach (System.IO.Compression.ZipArchiveEntry entry in zip.Entries.Where(e => e.Length > 0 && Path.GetExtension(e.Name) is "" or ".eml" && !e.Name.StartsWith("COPYING", StringComparison.Ordinal) && !e.Name.Contains("LICENSE", StringComparison.Ordinal)))
        {
            if (except.Length > 0 && except.Split('|').Any(entry.FullName.Contains)) continue;
            using var bytes = new MemoryStream();
            using Stream content = entry.Open();
            content.CopyTo(bytes);
            mails.Add((entry.FullName, bytes.ToArray()));
        }

        Assert.NotEmpty(mails);
        List<JudgedMail> all = SpamCorpora.Judge(mails, false);
        Assert.True(all.TrueForAll(m => m.Verdict.Verdict != SpamVerdictKind.Spam), SpamCorpora.Worst(all.Where(m => m.Verdict.Verdict == SpamVerdictKind.Spam)));
    }
}
