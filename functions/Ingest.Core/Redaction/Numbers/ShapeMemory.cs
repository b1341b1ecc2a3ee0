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
        internal Fit Fit;
    }

    /// <summary>Rules that fit.</summary>
    /// <param name="Rules">One bit for each, by its place among those of its length.</param>
    /// <param name="Topics">All words that speak for one of them.</param>
    /// <param name="Alone">The most that one of them is believed without words.</param>
    internal readonly record struct Fit(ulong Rules, Topics Topics, double Alone);

    /// <summary>The rules of that length that the first signs of a token are written like.</summary>
    internal ref readonly Fit Of(in NumberToken token, int count)
    {
        ulong within = (1UL << count) - 1;
        var shape = new Shape(count, token.Letters & within, token.Gaps & within, token.Dashes & within, token.Dots & within, token.Slashes & within);
        ulong hash = (shape.Letters * 0x9E3779B97F4A7C15) ^ (shape.Gaps * 0xC2B2AE3D27D4EB4F) ^ (shape.Dashes * 0x165667B19E3779F9) ^ (shape.Dots * 0x27D4EB2F165667C5) ^ (ulong)count;
        ref Entry entry = ref entries[(hash ^ (hash >> 29) ^ (hash >> 47)) & (Size - 1)];
        ref Shape held = ref entry.Shape;
        if (held.Letters != shape.Letters || held.Gaps != shape.Gaps || held.Count != count || held.Dashes != shape.Dashes || held.Dots != shape.Dots || held.Slashes != shape.Slashes)
            entry = new Entry { Shape = shape, Fit = Look(token, count, within) };
        return ref entry.Fit;
    }

    private static Fit Look(in NumberToken token, int count, ulong within)
    {
        var fit = new Fit(0, Topics.None, NumberRule.OnlyNamed);
        ReadOnlySpan<NumberRule> rules = NumberRules.Of(count);
        for (int i = 0; i < rules.Length; i++)
            if (rules[i].Fits(token, within))
                fit = new Fit(fit.Rules | 1UL << i, fit.Topics | rules[i].Topics, Math.Max(fit.Alone, rules[i].Alone));
        return fit;
    }
}
