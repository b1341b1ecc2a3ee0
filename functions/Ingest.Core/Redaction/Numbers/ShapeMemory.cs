namespace Ingest.Core.Redaction.Numbers;

/// <summary>Remembers which rules fit which way of writing, so that the same way costs one look only. Holds no text.</summary>
internal sealed class ShapeMemory
{
    private const int Size = 1024;
    private readonly Entry[] entries = new Entry[Size];

    private record struct Shape(int Count, ulong Letters, ulong Gaps, ulong Dashes, ulong Dots, ulong Slashes);

    private struct Entry
    {
        internal Shape Shape;
        internal ulong Fitting;
    }

    /// <summary>The rules of that length, by their place among them, that the first signs of a token are written like.</summary>
    internal ulong Fitting(in NumberToken token, int count)
    {
        ulong within = (1UL << count) - 1;
        var shape = new Shape(count, token.Letters & within, token.Gaps & within, token.Dashes & within, token.Dots & within, token.Slashes & within);
        ulong hash = (shape.Letters * 0x9E3779B97F4A7C15) ^ (shape.Gaps * 0xC2B2AE3D27D4EB4F) ^ (shape.Dashes * 0x165667B19E3779F9) ^ (shape.Dots * 0x27D4EB2F165667C5) ^ (ulong)count;
        ref Entry entry = ref entries[(hash ^ (hash >> 29) ^ (hash >> 47)) & (Size - 1)];
        ref Shape held = ref entry.Shape;
        if (held.Letters != shape.Letters || held.Gaps != shape.Gaps || held.Count != count || held.Dashes != shape.Dashes || held.Dots != shape.Dots || held.Slashes != shape.Slashes)
            entry = new Entry { Shape = shape, Fitting = Look(token, count, within) };
        return entry.Fitting;
    }

    private static ulong Look(in NumberToken token, int count, ulong within)
    {
        ulong fitting = 0;
        ReadOnlySpan<NumberRule> rules = NumberRules.Of(count);
        for (int i = 0; i < rules.Length; i++)
            fitting |= rules[i].Fits(token, within) ? 1UL << i : 0;
        return fitting;
    }
}
