using System.Globalization;
using System.Text;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Learning;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Spam.Learning;

/// <summary>What lessons do to real mail; skipped where the corpora are not beside the repository.</summary>
public sealed class CorpusLessonsTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly ScreenInputs Inputs = new(new OwnAddresses(["support@shop.example"]), _ => false);

    private sealed record Judged(string From, double Odds, FeatureVector Features)
    {
        public double With(TenantModel? model) => 1 / (1 + Math.Exp(-(Odds + (model?.LogOdds(Features) ?? 0))));
    }

    private static Judged Judge(byte[] raw)
    {
        MailMessage message = MailMessage.Parse(raw);
        AuthVerdict auth = Authenticate.FromProvider(message, []);
        Screened screened = Screen.Decide(message, auth, Inputs);
        double score = Classify.Decide(message, auth, screened, SpamContext.None).Score;
        return new Judged(message.From is [var from, ..] ? from.Address.ToLowerInvariant() : "", Math.Log(score / (1 - score)), SpamFeatures.Extract(message, auth, screened, SpamContext.None));
    }

    private static List<Judged> Read(string corpus, int most = int.MaxValue) =>
        [.. SharedData.Tar("spam/" + corpus).OrderBy(m => m.Name, StringComparer.Ordinal).Take(most).Select(m => Judge(m.Bytes))];

    private static Lesson Teach(Judged mail, LessonVerdict verdict, int number, string by = "agent") => new()
    {
        TicketId = "t" + number.ToString(CultureInfo.InvariantCulture), MessageKey = "m" + number.ToString(CultureInfo.InvariantCulture), By = by, At = Now.AddMinutes(number / 10.0),
        Verdict = verdict, Source = LessonSource.Original, Base = mail.Odds, Sender = mail.From.GetHashCode(StringComparison.Ordinal), Features = LessonFeatures.Keep(mail.Features),
    };

    [Fact]
    public void A_kind_of_mail_that_was_corrected_twenty_times_is_seen_right_from_then_on()
    {
        List<Judged> ham = Read("spamassassin_ham.tar.gz");
        StringBuilder table = new();
        (int right, int all, int harmed, int others) total = default;
        foreach (IGrouping<string, Judged> kind in ham.GroupBy(m => m.From).Where(g => g.Key.Length > 0 && g.Count() >= 30).OrderByDescending(g => g.Count()).Take(20))
        {
            Judged[] mails = [.. kind];
            TenantModel model = LearnLessons.Build([.. mails.Take(20).Select((m, i) => Teach(m, LessonVerdict.Spam, i))], [.. ham.Where((_, i) => i % 27 == 3).Take(100).Select(m => LessonFeatures.Keep(m.Features))], Now.AddHours(1))!;
            Judged[] rest = mails[20..], other = [.. ham.Where(m => m.From != kind.Key)];
            int right = rest.Count(m => m.With(model) >= .5), harmed = other.Count(m => m.With(model) >= .5 && m.With(null) < .5);
            total = (total.right + right, total.all + rest.Length, total.harmed + harmed, total.others + other.Length);
            table.AppendLine(CultureInfo.InvariantCulture, $"{kind.Key.GetHashCode(StringComparison.Ordinal),12} n={mails.Length} base={mails.Average(m => m.Odds):0.0} right {right}/{rest.Length} shift own {rest.Average(m => model.LogOdds(m.Features)):0.0} others {other.Average(m => model.LogOdds(m.Features)):0.00} max {other.Max(m => model.LogOdds(m.Features)):0.0} harmed {harmed}/{other.Length}");
        }

        output.WriteLine(table.ToString());
        output.WriteLine(total.ToString());
        Assert.True(total.right >= .95 * total.all);
        Assert.True(total.harmed <= .005 * total.others);
    }

    [Fact]
    public void Five_hundred_poisoned_corrections_of_one_account_do_little()
    {
        List<Judged> ham = Read("spamassassin_ham.tar.gz"), enron = Read("enron_ham.tar.gz", 3000), spam = Read("spamassassin_spam.tar.gz");
        foreach ((string name, List<Judged> victims, LessonVerdict verdict, List<Judged> watched) in new[]
        {
            ("sa ham as spam", ham, LessonVerdict.Spam, ham), ("enron ham as spam", enron, LessonVerdict.Spam, enron), ("enron as spam, sa watched", enron, LessonVerdict.Spam, ham), ("spam as ham", spam, LessonVerdict.Ham, spam),
        })
        {
            Judged[] shuffled = [.. victims.Select((m, i) => (m, i)).OrderBy(x => (x.i * 7919L) % 10007).Select(x => x.m)];
            Judged[] rest = [.. watched.Except(shuffled.Take(500))];
            foreach ((int days, double rho, int refs) in new[] { (1, 3.0, 100), (25, 3.0, 100), (1,3,0) })
            {
                TenantModel model = LearnLessons.Build([.. shuffled.Take(500).Select((m, i) => Teach(m, verdict, i) with { At = Now.AddDays(-days * (i / 500.0)) })], [.. rest.Where((_, i) => i % 7 == 3).Take(refs).Select(m => LessonFeatures.Keep(m.Features))], Now.AddHours(1))!;
                double[] moved = [.. rest.Select(m => Math.Abs(model.LogOdds(m.Features))).Order()];
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} over {days} d {rho} {refs}: rest {rest.Length}, unsure or spam {rest.Count(m => m.With(null) >= .5)} -> {rest.Count(m => m.With(model) >= .5)}, spam {rest.Count(m => m.With(null) >= .95)} -> {rest.Count(m => m.With(model) >= .95)}, moved mean {moved.Average():0.00} p50 {moved[moved.Length / 2]:0.00} p99 {moved[(int)(moved.Length * .99)]:0.0}"));
            }
        }
    }
}
