namespace Ingest.Core.Spam.Training;

/// <summary>What the learner is told.</summary>
internal sealed record FtrlSettings
{
    public double Alpha { get; init; } = 0.3;
    public double Beta { get; init; } = 1;
    public double L1 { get; init; } = 0.1;
    public double L2 { get; init; } = 0.5;
    public int Passes { get; init; } = 5;
    /// <summary>No feature of a group weighs more than this, either way: no word and no field decides alone. What is named in the way of a mail may, as it says nothing of mail from elsewhere.</summary>
    public IReadOnlyList<double> Caps { get; init; } = [1.2, 1.2, 1, 0.45, 0.45, 2, 0.6, 0];
}

/// <summary>
/// Online logistic regression that keeps only weights worth keeping (follow the regularised leader, proximal: McMahan and others, 2013). One thread, one order, no vectors: the same input makes the same weights.
/// </summary>
internal sealed class Ftrl(FtrlSettings settings)
{
    private readonly double[] _z = new double[SpamModel.Places], _n = new double[SpamModel.Places];

    /// <summary>The log-odds of a mail by what is learned so far.</summary>
    public double LogOdds(FeatureVector features, int groups)
    {
        double sum = 0;
        for (int i = 0; i < features.Hashes.Length; i++)
            if (IsIn(features.Hashes[i], groups)) sum += Weight(features.Hashes[i]) * features.Values[i];
        return sum;
    }

    /// <summary>Learns from one mail.</summary>
    /// <param name="features">What is seen of it.</param>
    /// <param name="groups">The groups that are shown this time, one bit each.</param>
    /// <param name="offset">What is known of it without the model, in log-odds.</param>
    /// <param name="isSpam">What it is.</param>
    /// <param name="weight">How much it counts.</param>
    public void Learn(FeatureVector features, int groups, double offset, bool isSpam, double weight)
    {
        double error = (PlainMath.Sigmoid(offset + LogOdds(features, groups)) - (isSpam ? 1 : 0)) * weight;
        for (int i = 0; i < features.Hashes.Length; i++)
        {
            uint hash = features.Hashes[i];
            if (!IsIn(hash, groups)) continue;
            int place = SpamModel.PlaceOf(hash);
            double gradient = error * features.Values[i], square = gradient * gradient;
            double step = (Math.Sqrt(_n[place] + square) - Math.Sqrt(_n[place])) / settings.Alpha;
            _z[place] += gradient - (step * Weight(hash));
            _n[place] += square;
        }
    }

    /// <summary>The weight of a feature.</summary>
    public double Weight(uint hash)
    {
        int place = SpamModel.PlaceOf(hash);
        double z = _z[place];
        if (Math.Abs(z) <= settings.L1) return 0;
        double cap = settings.Caps[(int)FeatureVector.GroupOf(hash)];
        return Math.Clamp(-(z - (z > 0 ? settings.L1 : -settings.L1)) / (((settings.Beta + Math.Sqrt(_n[place])) / settings.Alpha) + settings.L2), -cap, cap);
    }

    private static bool IsIn(uint hash, int groups) => (groups & (1 << (int)FeatureVector.GroupOf(hash))) != 0;
}
