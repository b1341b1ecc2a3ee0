using System.Buffers;
using System.Collections.Frozen;

namespace Ingest.Core.Redaction;

/// <summary>Words that say what stands beside them. They are looked for only around something that could be meant, so a text without such costs nothing.</summary>
/// <param name="words">Whole words, whatever their case.</param>
/// <param name="parts">What is found inside of words too, as in scripts that put no blanks between them.</param>
internal sealed class NearWords(string[] words, string[]? parts = null)
{
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> whole = words.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    private readonly SearchValues<string>? inside = parts is null ? null : SearchValues.Create(parts, StringComparison.Ordinal);

    /// <summary>True when one of them stands within a reach before a place.</summary>
    internal bool Before(ReadOnlySpan<char> text, int at, int reach)
    {
        int from = Math.Max(0, at - reach);
        // A word that begins before the reach is not read in half.
        while (from > 0 && from < at && IsWord(text[from - 1]) && IsWord(text[from]))
            from++;
        return Within(text[from..at]);
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
        for (int i = 0; i < stretch.Length;)
        {
            int end = i;
            while (end < stretch.Length && IsWord(stretch[end]))
                end++;
            if (end > i && whole.Contains(stretch[i..end]))
                return true;
            i = end + 1;
        }
        return inside is not null && stretch.ContainsAny(inside);
    }

    /// <summary>True when a word is one of them.</summary>
    internal bool Has(ReadOnlySpan<char> word) => whole.Contains(word);

    private static bool IsWord(char c) => char.IsLetter(c) || c == '\'';
}
