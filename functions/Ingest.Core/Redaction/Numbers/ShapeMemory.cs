using System.Runtime.CompilerServices;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Remembers which rules fit which way of writing, so that the same way costs one look only. Holds no text.</summary>
internal sealed class ShapeMemory
{
    private const int Size = 1024;
    private readonly Entry[] entries = new Entry[Size];

    // Two masks of at most 30 signs in each half, so that many ways stay near the processor.
    private record struct Shape(ulong Signs, ulong Marks, ulong Rest);

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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref readonly Fit Of(in NumberToken token, int count)
    {
        ulong within = (1UL << count) - 1;
        ulong signs = token.Letters & within | (token.Gaps & within) << 32, marks = token.Dashes & within | (token.Dots & within) << 32, rest = token.Slashes & within | (ulong)count << 32;
        ulong hash = (signs * 0x9E3779B97F4A7C15) ^ (marks * 0xC2B2AE3D27D4EB4F) ^ (rest * 0x165667B19E3779F9);
        ref Entry entry = ref entries[(hash ^ (hash >> 29) ^ (hash >> 47)) & (Size - 1)];
        if (entry.Shape.Signs != signs || entry.Shape.Marks != marks || entry.Shape.Rest != rest)
            Learn(ref entry, new Shape(signs, marks, rest), token, count, within);
        return ref entry.Fit;
    }

    private static void Learn(ref Entry entry, Shape shape, in NumberToken token, int count, ulong within) => entry = new Entry { Shape = shape, Fit = Look(token, count, within) };

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
