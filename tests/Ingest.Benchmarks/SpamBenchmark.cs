using Ingest.Core.Spam;
using Ingest.Core.Spam.Training;

namespace Ingest.Benchmarks;

/// <summary>What judging a parsed mail costs: reading its features, the model, the reasons; and loading the model.</summary>
internal static class SpamBenchmark
{
    public static int Run()
    {
        Measure.Title("Spam filter");
        if (Corpus.Read() is not { } raw) return 0;
        byte[] model = SpamModel.Base.ToBytes();
        MailFile[] mails = [.. raw.Select(mail => MailFile.Read(mail))];
        // The text of an html mail is made when it is first asked for; every step of the pipeline shares it.
        foreach (MailFile mail in mails) _ = mail.Message.Text;

        Measure.Rate("judge a parsed mail, mails/s", Measure.Of(() =>
        {
            foreach (MailFile mail in mails) mail.Judge(SpamModel.Base, SpamThresholds.Default);
        }), mails.Length, "", mails.Length, "≥ 5,000, ≤ 20 KiB");
        Measure.Rate("features alone, mails/s", Measure.Of(() =>
        {
            foreach (MailFile mail in mails) SpamFeatures.Extract(mail.Message, mail.Auth, mail.Screened, mail.Context);
        }), mails.Length, "", mails.Length);
        Measure.Time("load the model", Measure.Of(() => SpamModel.FromBytes(model)), 1000, "ms", "≤ 5");
        return 0;
    }
}
