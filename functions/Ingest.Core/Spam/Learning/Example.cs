namespace Ingest.Core.Spam.Learning;

/// <summary>A mail as the solver sees it: its kept features at their places in a model, and how hard it pulls.</summary>
internal sealed class Example
{
    private readonly int[] _places;
    private readonly float[] _values;

    private Example(int[] places, float[] values) => (_places, _values, Square) = (places, values, values.Sum(v => v * (double)v));

    /// <summary>Its likeness to itself: close to 1.</summary>
    public double Square { get; }

    /// <summary>How hard it pulls on the model; for a mail that is held in place, negative when it holds against a pull upwards.</summary>
    public double Strength { get; private set; }

    /// <summary>A mail by the features that a lesson keeps of it.</summary>
    public static Example Of(FeatureVector kept)
    {
        Span<uint> limits = stackalloc uint[FeatureMasses.Groups];
        Span<float> scales = stackalloc float[FeatureMasses.Groups];
        // What is kept is a sample already.
        limits.Fill(uint.MaxValue);
        FeatureMasses.Scales(kept, limits, scales);
        SortedDictionary<int, float> sums = [];
        for (int i = 0; i < kept.Hashes.Length; i++)
        {
            int place = FeatureMasses.PlaceOf(kept.Hashes[i], out bool turned);
            float value = kept.Values[i] * scales[(int)FeatureVector.GroupOf(kept.Hashes[i])];
            sums[place] = sums.GetValueOrDefault(place) + (turned ? -value : value);
        }

        return new Example([.. sums.Keys], [.. sums.Values]);
    }

    /// <summary>What a model says of it.</summary>
    public double In(double[] model)
    {
        double dot = 0;
        for (int i = 0; i < _places.Length; i++) dot += model[_places[i]] * _values[i];
        return dot;
    }

    /// <summary>Takes on another strength and tells the model; returns by how much it changed. <paramref name="turn"/> is the change of the model for each unit of strength.</summary>
    public double Take(double strength, double turn, double[] model)
    {
        double step = strength - Strength;
        Strength = strength;
        for (int i = 0; i < _places.Length; i++) model[_places[i]] += turn * step * _values[i];
        return Math.Abs(step);
    }

    /// <summary>How alike two mails are: 0 for nothing in common, 1 for the same.</summary>
    public double Like(Example other)
    {
        double sum = 0;
        for (int i = 0, j = 0; i < _places.Length && j < other._places.Length;)
        {
            if (_places[i] == other._places[j]) sum += _values[i++] * (double)other._values[j++];
            else if (_places[i] < other._places[j]) i++;
            else j++;
        }

        return sum;
    }
}
