namespace Ingest.Core.Spam.Learning;

/// <summary>
/// How much each lesson counts, from 0 to 1: what keeps a bad click, an account that was taken over and a flood of one sender's mail from turning the filter over. Each limit is a
/// sum that lessons share: where there are more, each counts less.
/// </summary>
internal static class LessonWeights
{
    /// <summary>A lesson counts half after so many days.</summary>
    public const double HalfLifeDays = 180;

    /// <summary>After so many days it is forgotten.</summary>
    public const double ForgottenAfterDays = 4 * HalfLifeDays;

    /// <summary>What one person teaches on one day counts like so many lessons at most.</summary>
    public const double MostADay = 20;

    /// <summary>What one person taught in all counts like so many lessons at most; their newest first.</summary>
    public const double MostOfOne = 60;

    /// <summary>What was said of one sender's mail counts like so many lessons at most, for each of the two verdicts.</summary>
    public const double MostOfSender = 16;

    /// <summary>The weights of lessons, in their order.</summary>
    public static double[] Of(IReadOnlyList<Lesson> lessons, DateTimeOffset now)
    {
        double[] weights = [.. lessons.Select(l => Aged(l, now))];
        // Of one mail the newest word counts, whoever's it is; an older one comes back when that is taken out.
        foreach (IGrouping<string, int> mail in Enumerable.Range(0, lessons.Count).GroupBy(i => lessons[i].MessageKey))
            foreach (int older in mail.OrderByDescending(i => lessons[i].At).ThenBy(i => lessons[i].By, StringComparer.Ordinal).Skip(1)) weights[older] = 0;
        Share(lessons, weights, MostADay, l => (l.By, l.At.UtcDateTime.Date));
        Share(lessons, weights, MostOfSender, l => (l.Sender, l.Verdict));
        foreach (IGrouping<string, int> one in Enumerable.Range(0, lessons.Count).GroupBy(i => lessons[i].By)) Fill(lessons, weights, one);
        return weights;
    }

    private static double Aged(Lesson lesson, DateTimeOffset now)
    {
        // A clock that went wrong must not make a lesson count more than any other.
        double days = Math.Max(0, (now - lesson.At).TotalDays);
        return days > ForgottenAfterDays ? 0 : Math.Pow(2, -days / HalfLifeDays);
    }

    private static void Share<TKey>(IReadOnlyList<Lesson> lessons, double[] weights, double most, Func<Lesson, TKey> of)
    {
        foreach (IGrouping<TKey, int> group in Enumerable.Range(0, lessons.Count).GroupBy(i => of(lessons[i])))
        {
            double sum = group.Sum(i => weights[i]);
            if (sum <= most) continue;
            foreach (int i in group) weights[i] *= most / sum;
        }
    }

    // What somebody teaches now must count although they taught much before.
    private static void Fill(IReadOnlyList<Lesson> lessons, double[] weights, IEnumerable<int> ofOne)
    {
        double left = MostOfOne;
        foreach (int i in ofOne.OrderByDescending(i => lessons[i].At).ThenBy(i => lessons[i].Id, StringComparer.Ordinal))
        {
            weights[i] = Math.Min(weights[i], left);
            left -= weights[i];
        }
    }
}
