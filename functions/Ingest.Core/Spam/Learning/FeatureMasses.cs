namespace Ingest.Core.Spam.Learning;

/// <summary>
/// How mails are compared: as vectors whose groups are each scaled to a length of their own, so that a long text does not drown who wrote. The likeness of two mails is 1 at
/// most, for the same features, and small for mails that share only what much mail shares.
/// </summary>
internal static class FeatureMasses
{
    /// <summary>How many groups there are.</summary>
    public const int Groups = 8;

    /// <summary>How many places a model has: 2^14.</summary>
    public const int Places = 1 << 14;

    private const uint PlaceSalt = 0x9E3779B9;

    // Who it is and what it says tells one kind of mail from another; form and header fields are shared by half of all mail and must not be learned from a few lessons.
    private static ReadOnlySpan<float> Masses =>
    [
        .11f, // words
        .17f, // word pairs
        .14f, // subject
        .03f, // header fields
        .02f, // structure
        .05f, // links
        .02f, // checks of the sender
        .46f, // who it is
    ];

    /// <summary>What the value of each kept feature is multiplied with, by group; 0 for a group that is not there.</summary>
    public static void Scales(FeatureVector features, ReadOnlySpan<uint> limits, Span<float> scales)
    {
        Span<double> squares = stackalloc double[Groups];
        squares.Clear();
        ReadOnlySpan<uint> hashes = features.Hashes;
        ReadOnlySpan<float> values = features.Values;
        for (int i = 0; i < hashes.Length; i++)
            if (LessonFeatures.IsKept(hashes[i], limits)) squares[(int)FeatureVector.GroupOf(hashes[i])] += values[i] * (double)values[i];
        for (int g = 0; g < Groups; g++) scales[g] = squares[g] > 0 ? (float)Math.Sqrt(Masses[g] / squares[g]) : 0;
    }

    /// <summary>Where a feature stands in a model, and whether it counts there with its sign turned: so what falls on one place by chance cancels out instead of adding up.</summary>
    public static int PlaceOf(uint hash, out bool turned)
    {
        uint place = LessonFeatures.Scatter(hash, PlaceSalt);
        turned = (place & 0x8000_0000) != 0;
        return (int)(place & (Places - 1));
    }
}
