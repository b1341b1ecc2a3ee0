namespace Ingest.Core.Spam.Learning;

/// <summary>
/// Builds a tenant's model from its lessons: logistic regression on what the filter alone gets wrong, held near zero, solved in its dual form. There each lesson has one number, how
/// hard it pulls, which is never more than its weight: so a lesson that is obeyed already hardly pulls at all, and what any lessons can do to any mail is bounded by the sum of their
/// weights. The tenant's ordinary mail is held in place meanwhile: what many lessons have in common with all mail, such as its language, is not what they are about.
/// </summary>
public static class LearnLessons
{
    // Where a mail is to end that was taught: 3 log-odds beyond even, 0.95 on the other side.
    private const double Margin = 3;

    // How strongly the model is held near zero: a single lesson of full weight moves its own mail by less than 1 / Ridge, and by as much as that only where the filter is sure of the opposite.
    private const double Ridge = 0.35;

    // How much each ordinary mail resists.
    private const double Hold = 3;

    // Ordinary mail that is as like a lesson as this may be of the very kind that was taught; but not much of it is, however many lessons a flood brings.
    private const double OfItsKind = 0.4, MostOfItsKind = 1 / 3.0;

    private const int Rounds = 40, Halvings = 40;
    private const double Settled = 1e-4;

    /// <summary>True when a lesson is so old that it counts no more.</summary>
    public static bool IsForgotten(Lesson lesson, DateTimeOffset now) => (now - lesson.At).TotalDays > LessonWeights.ForgottenAfterDays;

    /// <summary>
    /// The model of these lessons as they count at that moment; null when none counts. <paramref name="ordinary"/> is mail of which nobody said anything. The same lessons and mails give the same
    /// model, in whatever order they come.
    /// </summary>
    public static TenantModel? Build(IReadOnlyList<Lesson> lessons, IReadOnlyList<FeatureVector> ordinary, DateTimeOffset now)
    {
        Lesson[] sorted = [.. lessons.OrderBy(l => l.Id, StringComparer.Ordinal)];
        double[] weights = LessonWeights.Of(sorted, now);
        List<(Example Mail, double Weight, double Sign, double Start)> taught = [];
        for (int i = 0; i < sorted.Length; i++)
        {
            Example mail = Example.Of(sorted[i].Features);
            double sign = sorted[i].Verdict == LessonVerdict.Spam ? 1 : -1;
            if (weights[i] > 0 && mail.Square > 0) taught.Add((mail, weights[i], sign, (sign * Clipped(sorted[i].Base)) - Margin));
        }

        if (taught.Count == 0) return null;
        Example[] still = Others([.. taught.Select(t => t.Mail)], ordinary);
        double[] model = new double[FeatureMasses.Places];
        for (int round = 0; round < Rounds; round++)
        {
            double moved = 0;
            foreach ((Example mail, double weight, double sign, double start) in taught)
                moved = Math.Max(moved, mail.Take(Pull(mail, start + (sign * mail.In(model)), weight), sign / Ridge, model));
            foreach (Example mail in still) moved = Math.Max(moved, mail.Take(Resist(mail, mail.In(model)), 1 / Ridge, model));
            if (moved < Settled) break;
        }

        return new TenantModel([.. model.Select(w => (float)w)]);
    }

    // A filter that is very sure and wrong must not ask for more than the lessons may give.
    private static double Clipped(double odds) => double.IsNaN(odds) ? 0 : Math.Clamp(odds, -TenantModel.Bound, TenantModel.Bound);

    private static Example[] Others(Example[] taught, IReadOnlyList<FeatureVector> ordinary)
    {
        (Example Mail, double Like)[] all =
        [
            .. ordinary.Select(Example.Of).Where(mail => mail.Square > 0).Select(mail => (mail, taught.Max(mail.Like))).OrderByDescending(m => m.Item2).ThenByDescending(m => m.mail.Square),
        ];
        int leave = Math.Min(all.Count(m => m.Like >= OfItsKind), (int)Math.Ceiling(all.Length * MostOfItsKind));
        return [.. all.Skip(leave).Select(m => m.Mail)];
    }

    // How hard a lesson pulls while all others stay: its weight times the chance that its mail, pulled so, is still judged wrong. The one grows, the other falls; they meet once.
    private static double Pull(Example mail, double margin, double weight)
    {
        double own = mail.Square / Ridge, without = margin - (mail.Strength * own), low = 0, high = weight;
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            if (middle < weight / (1 + Math.Exp(without + (middle * own)))) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }

    // A spring: it holds the harder the more its mail is moved.
    private static double Resist(Example mail, double moved)
    {
        double own = mail.Square / Ridge;
        return -Hold * (moved - (mail.Strength * own)) / (1 + (Hold * own));
    }
}
