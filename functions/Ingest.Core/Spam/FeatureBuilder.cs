using System.Buffers;

namespace Ingest.Core.Spam;

/// <summary>Collects hashed features in a lent array; each counts once. What does not fit is left out.</summary>
internal sealed class FeatureBuilder : IDisposable
{
    // Together the words of a mail weigh no more than this many that stand alone, however long it is.
    private const float WordsTogether = 7;
    private const int Room = 4096;

    private readonly uint[] _lent = ArrayPool<uint>.Shared.Rent(Room);
    private int _count;

    /// <summary>Adds a feature by its name.</summary>
    public void Add(FeatureGroup group, ReadOnlySpan<char> name) => Add(group, Hash(name));

    /// <summary>Adds a feature by its name and a number that belongs to it.</summary>
    public void Add(FeatureGroup group, ReadOnlySpan<char> name, int number) => Add(group, Mix(Hash(name), (uint)number));

    /// <summary>Adds a feature by the hash of its name.</summary>
    public void Add(FeatureGroup group, uint hash)
    {
        // The group is in the seed too, so that the low bits differ between groups.
        if (_count < Room) _lent[_count++] = (Mix(hash, (uint)group + 1) & 0x1FFF_FFFF) | ((uint)group << 29);
    }

    /// <summary>The vector: sorted, each feature once.</summary>
    public FeatureVector Build()
    {
        Span<uint> all = _lent.AsSpan(0, _count);
        all.Sort();
        int distinct = 0;
        Span<int> sizes = stackalloc int[8];
        for (int i = 0; i < all.Length; i++)
        {
            if (distinct > 0 && all[distinct - 1] == all[i]) continue;
            all[distinct++] = all[i];
            sizes[(int)(all[i] >> 29)]++;
        }

        distinct = Math.Min(distinct, FeatureVector.Most);
        float[] values = new float[distinct];
        for (int i = 0; i < distinct; i++)
            values[i] = FeatureVector.GroupOf(all[i]) is FeatureGroup.Word or FeatureGroup.WordPair or FeatureGroup.Trace ? Math.Min(1, WordsTogether / MathF.Sqrt(sizes[(int)(all[i] >> 29)])) : 1;
        return new FeatureVector(all[..distinct].ToArray(), values);
    }

    /// <summary>FNV-1a over UTF-16 units, finished with a mix: the low bits of short names differ.</summary>
    public static uint Hash(ReadOnlySpan<char> name)
    {
        uint hash = 2166136261;
        foreach (char c in name)
            hash = (hash ^ c) * 16777619;
        return hash;
    }

    /// <summary>Two numbers made one, as MurmurHash3 finishes.</summary>
    public static uint Mix(uint one, uint two)
    {
        uint h = one ^ (two * 0x9E3779B9);
        h = (h ^ (h >> 16)) * 0x85EBCA6B;
        h = (h ^ (h >> 13)) * 0xC2B2AE35;
        return h ^ (h >> 16);
    }

    public void Dispose() => ArrayPool<uint>.Shared.Return(_lent);
}
