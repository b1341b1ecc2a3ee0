using System.Buffers;
using System.Collections.Frozen;
using System.Runtime.CompilerServices;

namespace Ingest.Core.Redaction;

/// <summary>Words that say what stands beside them. They are looked for only around something that could be meant, so a text without such costs nothing.</summary>
/// <param name="words">Whole words, whatever their case.</param>
/// <param name="parts">What is found inside of words too, as in scripts that put no blanks between them.</param>
internal sealed class NearWords(string[] words, string[]? parts = null)
{
    private const int Shapes64 = 64, LongestLabel = 32;

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> whole = words.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    private readonly ulong[] shapes = Shapes(words);
    private readonly SearchValues<string>? inside = parts is null ? null : SearchValues.Create(parts, StringComparison.Ordinal);

    /// <summary>The words.</summary>
    internal string[] Words { get; } = words;

    /// <summary>Its bit among the indexed ones; see <see cref="NearWordTable"/>.</summary>
    internal ulong Bit { get; set; }

    /// <summary>True when one of them stands within a reach before a place.</summary>
    internal bool Before(ReadOnlySpan<char> text, int at, int reach) => Within(text[From(text, at, reach)..at]);

    /// <summary>Where what stands within a reach before a place begins: a word that begins before it is not read in half.</summary>
    internal static int From(ReadOnlySpan<char> text, int at, int reach)
    {
        int from = Math.Max(0, at - reach);
        while (from > 0 && from < at && IsWord(text[from - 1]) && IsWord(text[from]))
            from++;
        return from;
    }

    /// <summary>True when one of them stands within a reach after a place.</summary>
    internal bool After(ReadOnlySpan<char> text, int at, int reach)
    {
        int to = Math.Min(text.Length, at + reach);
        while (to < text.Length && to > at && IsWord(text[to]) && IsWord(text[to - 1]))
            to--;
        return Within(text[at..to]);
    }

    /// <summary>True when one of them stands in a stretch of text.</summary>
    internal bool Within(ReadOnlySpan<char> stretch)
    {
        bool foreign = false;
        for (int i = 0; i < stretch.Length;)
        {
            int end = i;
            while (end < stretch.Length && IsWord(stretch[end]))
                end++;
            // What stands in brackets is what was masked before: [phone], [ID number].
            bool label = end < stretch.Length && stretch[end] == ']';
            if (end > i && !label && Has(stretch[i..end]))
                return true;
            foreign |= !char.IsAscii(stretch[i]);
            i = end < stretch.Length && stretch[end] == '[' ? LabelEnd(stretch, end) : end + 1;
        }
        return foreign && inside is not null && stretch.ContainsAny(inside);
    }

    /// <summary>True when a word is one of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Has(ReadOnlySpan<char> word) =>
        word.Length is > 0 and < 64 && (shapes[Shape(word[0])] & shapes[Shapes64 + Shape(word[^1])] & 1UL << word.Length) != 0 && whole.Contains(word);

    private static int LabelEnd(ReadOnlySpan<char> stretch, int open)
    {
        int length = stretch[open..Math.Min(stretch.Length, open + LongestLabel)].IndexOfAny(']', '\n');
        return length < 0 ? Math.Min(stretch.Length, open + LongestLabel) : open + length + 1;
    }

    // Most words are none: their length with their first and last letter tells that sooner than a search.
    private static ulong[] Shapes(string[] words)
    {
        ulong[] shapes = new ulong[Shapes64 * 2];
        foreach (string word in words.SelectMany(word => new[] { word.ToUpperInvariant(), word.ToLowerInvariant() }))
        {
            shapes[Shape(word[0])] |= 1UL << word.Length;
            shapes[Shapes64 + Shape(word[^1])] |= 1UL << word.Length;
        }
        return shapes;
    }

    private static int Shape(char c) => c & (Shapes64 - 1);

    /// <summary>True for what words are made of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsWord(char c) => char.IsAsciiLetter(c) || c == '\'' || (c >= 128 && char.IsLetter(c));
}
