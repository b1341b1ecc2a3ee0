namespace Ingest.Core.Spam.Learning;

/// <summary>
/// The features of a mail that a lesson keeps and a tenant's model looks at: of words and word pairs a sample where there are many, and all others. Which ones are taken follows
/// from their hashes, so that two mails that say the same keep the same.
/// </summary>
public static class LessonFeatures
{
    /// <summary>So many words, and so many word pairs, are kept at most, give or take a few.</summary>
    public const int WordsKept = 96;

    /// <summary>A lesson never keeps more features than this.</summary>
    public const int Most = 512;

    /// <summary>The features that are kept.</summary>
    public static FeatureVector Keep(FeatureVector features)
    {
        Span<uint> limits = stackalloc uint[FeatureMasses.Groups];
        Limits(features.Hashes, limits);
        List<uint> hashes = [];
        List<float> values = [];
        for (int i = 0; i < features.Hashes.Length; i++)
        {
            if (!IsKept(features.Hashes[i], limits)) continue;
            hashes.Add(features.Hashes[i]);
            values.Add(features.Values[i]);
        }

        // Who it is stands last, in the highest hashes: what is too much is taken away from the front.
        int excess = Math.Max(0, hashes.Count - Most);
        return new FeatureVector([.. hashes.Skip(excess)], [.. values.Skip(excess)]);
    }

    /// <summary>For each group the highest mixed hash that is kept.</summary>
    internal static void Limits(ReadOnlySpan<uint> hashes, Span<uint> limits)
    {
        Span<int> sizes = stackalloc int[FeatureMasses.Groups];
        sizes.Clear();
        foreach (uint hash in hashes) sizes[(int)FeatureVector.GroupOf(hash)]++;
        limits.Fill(uint.MaxValue);
        foreach (FeatureGroup group in (ReadOnlySpan<FeatureGroup>)[FeatureGroup.Word, FeatureGroup.WordPair])
            if (sizes[(int)group] > WordsKept) limits[(int)group] = (uint)(uint.MaxValue * (double)WordsKept / sizes[(int)group]);
    }

    internal static bool IsKept(uint hash, ReadOnlySpan<uint> limits) => Scatter(hash, 0x7F4A7C15) <= limits[(int)FeatureVector.GroupOf(hash)];

    /// <summary>Another hash of a hash, apart for every <paramref name="salt"/>.</summary>
    internal static uint Scatter(uint hash, uint salt)
    {
        uint h = hash ^ salt;
        h = (h ^ (h >> 16)) * 0x7FEB352D;
        h = (h ^ (h >> 15)) * 0x846CA68B;
        return h ^ (h >> 16);
    }
}
