using System.Buffers.Binary;

namespace Ingest.Core.Spam;

/// <summary>
/// A linear model over hashed features: a weight for each of 2^20 places, a line that turns log-odds into a probability, and for wanted mail it never saw, which share lies above which score.
/// </summary>
public sealed class SpamModel
{
    internal const int Bits = 20;
    internal const int Places = 1 << Bits;
    private const byte Format = 1;
    private const int HeaderBytes = 21;
    // Scores are given in steps of this; a probability of 0 or 1 is never claimed.
    private const double SurestOdds = 16;

    // No group makes spam of a mail alone, but for what it says.
    private static readonly double[] s_mostOfGroup = [12, 12, 4, 2, 3, 6, 3, 0];

    private static readonly Lazy<SpamModel> s_base = new(ReadEmbedded);

    private readonly sbyte[] _weights;

    internal SpamModel(sbyte[] weights, float step, Calibration calibration, IReadOnlyList<HamShare> shares) =>
        (_weights, Step, Calibration, Shares) = (weights, step, calibration, shares);

    /// <summary>The model that is shipped.</summary>
    public static SpamModel Base => s_base.Value;

    /// <summary>The log-odds that one step of a weight stands for.</summary>
    public float Step { get; }

    /// <summary>How log-odds become a probability.</summary>
    public Calibration Calibration { get; }

    /// <summary>For wanted mail that the model never saw: at most one in so many lies at or above the score; rising.</summary>
    public IReadOnlyList<HamShare> Shares { get; }

    /// <summary>Features that have a weight.</summary>
    public int Count => _weights.Count(w => w != 0);

    /// <summary>The weight of a feature in log-odds; 0 for those that only a tenant's lessons weigh.</summary>
    public double WeightOf(uint hash) => FeatureVector.GroupOf(hash) == FeatureGroup.Identity ? 0 : _weights[PlaceOf(hash)] * Step;

    /// <summary>What the features add to the log-odds, group by group (<paramref name="byGroup"/> has eight places), and together.</summary>
    public double LogOdds(FeatureVector features, Span<double> byGroup)
    {
        byGroup.Clear();
        ReadOnlySpan<uint> hashes = features.Hashes;
        ReadOnlySpan<float> values = features.Values;
        for (int i = 0; i < hashes.Length; i++)
            byGroup[(int)FeatureVector.GroupOf(hashes[i])] += _weights[PlaceOf(hashes[i])] * (double)values[i];
        double sum = 0;
        for (int group = 0; group < byGroup.Length; group++)
        {
            byGroup[group] = Math.Min(byGroup[group] * Step, s_mostOfGroup[group]);
            sum += byGroup[group];
        }

        return sum;
    }

    /// <summary>The probability of spam that log-odds stand for.</summary>
    public double Score(double logOdds) => 1 / (1 + Math.Exp(-Math.Clamp(Calibration.Apply(logOdds), -SurestOdds, SurestOdds)));

    /// <summary>The score from which on at most one wanted mail in <paramref name="n"/> lies, as far as mail that the model never saw tells.</summary>
    public double ScoreForOneIn(int n)
    {
        foreach (HamShare share in Shares)
            if (share.OneIn >= n) return share.Score;
        return Shares.Count > 0 ? Shares[^1].Score : 1;
    }

    internal static int PlaceOf(uint hash) => (int)(hash & (Places - 1));

    /// <summary>The model as bytes: format, step, calibration, shares, then each weight that is not 0 with the steps from place to place.</summary>
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        Span<byte> head = stackalloc byte[HeaderBytes];
        head[0] = Format;
        BinaryPrimitives.WriteSingleLittleEndian(head[1..], Step);
        BinaryPrimitives.WriteDoubleLittleEndian(head[5..], Calibration.Slope);
        BinaryPrimitives.WriteDoubleLittleEndian(head[13..], Calibration.Offset);
        bytes.Write(head);
        bytes.WriteByte((byte)Shares.Count);
        Span<byte> share = stackalloc byte[12];
        foreach ((int oneIn, double score) in Shares)
        {
            BinaryPrimitives.WriteInt32LittleEndian(share, oneIn);
            BinaryPrimitives.WriteDoubleLittleEndian(share[4..], score);
            bytes.Write(share);
        }

        int last = -1;
        for (int place = 0; place < _weights.Length; place++)
        {
            if (_weights[place] == 0) continue;
            for (int step = place - last; ; step -= byte.MaxValue)
            {
                // A step of 0 says that 255 more places are passed over.
                bytes.WriteByte(step > byte.MaxValue ? (byte)0 : (byte)step);
                if (step <= byte.MaxValue) break;
            }

            bytes.WriteByte((byte)_weights[place]);
            last = place;
        }

        return bytes.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote. Throws <see cref="FormatException"/> when it is not that.</summary>
    public static SpamModel FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= HeaderBytes || bytes[0] != Format) throw new FormatException("This is no spam model, or one of another version: train it again.");
        float step = BinaryPrimitives.ReadSingleLittleEndian(bytes[1..]);
        var calibration = new Calibration(BinaryPrimitives.ReadDoubleLittleEndian(bytes[5..]), BinaryPrimitives.ReadDoubleLittleEndian(bytes[13..]));
        int count = bytes[HeaderBytes];
        bytes = bytes[(HeaderBytes + 1)..];
        if (bytes.Length < count * 12 || !float.IsFinite(step) || !double.IsFinite(calibration.Slope + calibration.Offset)) throw new FormatException("The spam model is cut off or damaged: train it again.");
        var shares = new HamShare[count];
        for (int i = 0; i < count; i++)
            shares[i] = new HamShare(BinaryPrimitives.ReadInt32LittleEndian(bytes[(12 * i)..]), BinaryPrimitives.ReadDoubleLittleEndian(bytes[((12 * i) + 4)..]));
        return new SpamModel(ReadWeights(bytes[(12 * count)..]), step, calibration, shares);
    }

    private static sbyte[] ReadWeights(ReadOnlySpan<byte> bytes)
    {
        var weights = new sbyte[Places];
        int place = -1, i = 0;
        while (i < bytes.Length)
        {
            place += bytes[i] == 0 ? byte.MaxValue : bytes[i];
            if (bytes[i++] == 0) continue;
            if (place >= Places || i >= bytes.Length) throw new FormatException("The spam model is damaged: train it again.");
            weights[place] = (sbyte)bytes[i++];
        }

        return weights;
    }

    private static SpamModel ReadEmbedded()
    {
        using Stream file = typeof(SpamModel).Assembly.GetManifestResourceStream("spam.model") ?? throw new InvalidOperationException("The spam model is not in the assembly.");
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return FromBytes(bytes);
    }
}

/// <summary>The line from the model's log-odds to those that hold: slope × log-odds + offset.</summary>
/// <param name="Slope">Above 0.</param>
/// <param name="Offset">In log-odds.</param>
public readonly record struct Calibration(double Slope, double Offset)
{
    internal double Apply(double logOdds) => (Slope * logOdds) + Offset;
}

/// <summary>At most one wanted mail in <paramref name="OneIn"/> lies at or above <paramref name="Score"/>.</summary>
/// <param name="OneIn">So many wanted mails.</param>
/// <param name="Score">The score.</param>
public readonly record struct HamShare(int OneIn, double Score);
