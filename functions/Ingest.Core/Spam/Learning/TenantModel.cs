using System.Buffers.Binary;

namespace Ingest.Core.Spam.Learning;

/// <summary>
/// What a tenant's agents taught, as numbers that are added to what the filter says by itself. A pure function of the lessons that live and of the day: it is never changed, only
/// built anew, so that a lesson that is taken out leaves nothing behind. Some 32 KB, whatever was taught.
/// </summary>
public sealed class TenantModel
{
    /// <summary>The lessons never move a mail by more than this, in log-odds.</summary>
    public const double Bound = 14;

    private const byte Format = 1;
    private readonly float[] _weights;

    internal TenantModel(float[] weights) => _weights = weights;

    /// <summary>Its numbers other than 0, by place.</summary>
    public IEnumerable<(int Place, float Weight)> Weights => _weights.Select((weight, place) => (place, weight)).Where(w => w.weight != 0);

    /// <summary>What the lessons say of a mail, as log-odds of spam within <see cref="Bound"/>: 0 where they say nothing. Linear in the number of features; allocates nothing.</summary>
    public double LogOdds(FeatureVector features)
    {
        Span<uint> limits = stackalloc uint[FeatureMasses.Groups];
        Span<float> scales = stackalloc float[FeatureMasses.Groups];
        ReadOnlySpan<uint> hashes = features.Hashes;
        ReadOnlySpan<float> values = features.Values;
        LessonFeatures.Limits(hashes, limits);
        FeatureMasses.Scales(features, limits, scales);
        double sum = 0;
        for (int i = 0; i < hashes.Length; i++)
        {
            if (!LessonFeatures.IsKept(hashes[i], limits)) continue;
            double weight = _weights[FeatureMasses.PlaceOf(hashes[i], out bool turned)] * (double)values[i] * scales[(int)FeatureVector.GroupOf(hashes[i])];
            sum += turned ? -weight : weight;
        }

        return Math.Clamp(sum, -Bound, Bound);
    }

    /// <summary>The same for the sum that a filter's own log-odds are added up in, before it makes them a probability: there its steps are as wide as that filter's.</summary>
    public Func<FeatureVector, double> Beside(SpamModel filter) => features => LogOdds(features) / filter.Calibration.Slope;

    /// <summary>The model as bytes: the format, then a half-precision number for each place.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[1 + (FeatureMasses.Places * 2)];
        bytes[0] = Format;
        for (int i = 0; i < _weights.Length; i++) BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(1 + (i * 2)), (Half)_weights[i]);
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null when it is not that, such as the model of a later version. Never throws.</summary>
    public static TenantModel? FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 1 + (FeatureMasses.Places * 2) || bytes[0] != Format) return null;
        float[] weights = new float[FeatureMasses.Places];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(1 + (i * 2))..]);
            if (!float.IsFinite(weights[i])) return null;
        }

        return new TenantModel(weights);
    }
}
