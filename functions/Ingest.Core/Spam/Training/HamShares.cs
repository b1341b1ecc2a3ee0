namespace Ingest.Core.Spam.Training;

/// <summary>Which share of wanted mail lies above which score, told from the scores of wanted mail that was not learned from.</summary>
internal static class HamShares
{
    private static readonly int[] s_asked = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 1_000_000];
    // So many mails above a score make it a measure; beyond, the tail is taken to go on falling as it did over the last factor of ten, so that one freak does not draw the line.
    private const int Enough = 10;
    // In log-odds for a factor of ten, if the tail says less.
    private const double LeastTail = 0.8;

    /// <summary>The table, from the log-odds of wanted mails, highest first.</summary>
    public static IReadOnlyList<HamShare> Of(double[] ham, Calibration calibration)
    {
        List<HamShare> shares = [];
        int known = Math.Max(ham.Length / Enough, 1);
        double decade = Math.Max(At(ham, known) - At(ham, Math.Max(known / 10, 1)), LeastTail), last = double.NegativeInfinity;
        foreach (int oneIn in s_asked)
        {
            double odds = oneIn <= known ? At(ham, oneIn) : At(ham, known) + (decade * Decades(oneIn, known));
            last = Math.Max(last, odds);
            shares.Add(new HamShare(oneIn, 1 / (1 + PlainMath.Exp(-Math.Clamp(calibration.Apply(last), -16, 16)))));
        }

        return shares;
    }

    // Above this lies at most one in so many.
    private static double At(double[] ham, int oneIn) => ham[Math.Min(ham.Length / oneIn, ham.Length - 1)] + 1e-9;

    // The decimal logarithm, by halving: a table needs no more than two digits.
    private static double Decades(int to, int from)
    {
        double ratio = (double)to / from, sum = 0;
        while (ratio >= 10) (ratio, sum) = (ratio / 10, sum + 1);
        for (double part = 0.5; part > 0.01; part /= 2)
        {
            ratio *= ratio;
            if (ratio >= 10) (ratio, sum) = (ratio / 10, sum + part);
        }

        return sum;
    }
}
