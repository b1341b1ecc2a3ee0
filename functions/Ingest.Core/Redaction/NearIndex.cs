using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>
/// Remembers where the words of several <see cref="NearWords"/> stand in one text, so that candidates that stand beside each other do not read the same words again. Reads only
/// the neighbourhoods that are asked for, each once. What it says is what <see cref="NearWords.Within"/> says.
/// </summary>
internal sealed class NearIndex
{
    private const int Block = 64;

    // Brackets and letters beyond ASCII are read by NearWords itself: what they mean depends on where one begins to read.
    private static readonly SearchValues<char> Simple = SearchValues.Create([.. Enumerable.Range(0, 128).Select(c => (char)c).Except("[]")]);

    private readonly List<(int Start, int End, ulong Sets)> words = [];
    private (int First, int Past)[] blocks = [];
    private int known;

    /// <summary>Forgets the last text.</summary>
    internal void Clear()
    {
        words.Clear();
        blocks.AsSpan(0, known).Clear();
        known = 0;
    }

    /// <summary>True when a word stands between two places.</summary>
    internal bool Within(ReadOnlySpan<char> text, NearWords wanted, int from, int to)
    {
        ReadOnlySpan<char> stretch = text[from..to];
        return stretch.ContainsAnyExcept(Simple) ? wanted.Within(stretch) : HasPart(text, wanted, ref from, ref to) || HasWhole(text, wanted, from, to);
    }

    /// <summary>False when certainly no word stands between two places nor in any piece of what is between, as long as the piece cuts no word.</summary>
    internal bool MayHold(ReadOnlySpan<char> text, NearWords wanted, int from, int to) =>
        text[from..to].ContainsAnyExcept(Simple) || HasPart(text, wanted, ref from, ref to) || HasWhole(text, wanted, from, to);

    /// <summary>True when a word stands within a reach before a place.</summary>
    internal bool Before(ReadOnlySpan<char> text, NearWords wanted, int at, int reach) => Within(text, wanted, NearWords.From(text, at, reach), at);

    // Words that the stretch cuts in two are read as they are left.
    private static bool HasPart(ReadOnlySpan<char> text, NearWords wanted, ref int from, ref int to)
    {
        int first = from, last = to;
        if (from > 0 && from < to && NearWords.IsWord(text[from - 1]))
            while (from < to && NearWords.IsWord(text[from]))
                from++;
        if (to < text.Length && from < to && NearWords.IsWord(text[to]))
            while (to > from && NearWords.IsWord(text[to - 1]))
                to--;
        return (from > first && wanted.Has(text[first..from])) || (to < last && wanted.Has(text[to..last]));
    }

    private bool HasWhole(ReadOnlySpan<char> text, NearWords wanted, int from, int to)
    {
        ulong set = NearWordTable.SetOf(wanted);
        for (int block = from / Block; block * Block < to; block++)
        {
            (int first, int past) = Words(text, block);
            for (int i = first; i < past; i++)
            {
                (int start, int end, ulong sets) = words[i];
                if ((sets & set) != 0 && start >= from && end <= to)
                    return true;
            }
        }
        return false;
    }

    // The words that begin in a block; kept with one added, as nothing is there yet where nobody has read.
    private (int First, int Past) Words(ReadOnlySpan<char> text, int block)
    {
        if (block >= blocks.Length)
            Array.Resize(ref blocks, text.Length / Block + 1);
        ref (int First, int Past) place = ref blocks[block];
        if (place.Past == 0)
        {
            known = Math.Max(known, block + 1);
            int before = words.Count;
            Read(text, block * Block, Math.Min(text.Length, (block + 1) * Block));
            place = (before, words.Count + 1);
        }
        return (place.First, place.Past - 1);
    }

    private void Read(ReadOnlySpan<char> text, int at, int limit)
    {
        while (at > 0 && at < limit && NearWords.IsWord(text[at - 1]) && NearWords.IsWord(text[at]))
            at++;
        while (at < limit)
        {
            int start = at;
            uint hash = NearWordTable.Seed;
            while (at < text.Length && NearWords.IsWord(text[at]))
                hash = NearWordTable.Mix(hash, text[at++]);
            if (at > start && NearWordTable.Sets(text[start..at], hash) is > 0 and ulong sets)
                words.Add((start, at, sets));
            at++;
        }
    }
}

/// <summary>The words of all sets that <see cref="NearIndex"/> knows.</summary>
internal static class NearWordTable
{
    /// <summary>What a word's hash begins with.</summary>
    internal const uint Seed = 2166136261;

    private const int Size = 1 << 13, LongestWord = 32;
    private static readonly NearWords[] Indexed = [.. OneTimeCodes.Indexed, .. Phones.Indexed, .. RandomText.Indexed, .. PostalAddresses.Indexed, .. IpAddresses.Indexed];
    private static readonly (string Word, ulong Sets)[] Table = Build();

    /// <summary>The bit of a set, which must be one of the indexed.</summary>
    internal static ulong SetOf(NearWords set) => Table.Length > 0 ? set.Bit : 0;

    /// <summary>A word's hash with one more letter.</summary>
    internal static uint Mix(uint hash, char c) => (hash ^ (uint)(c | 0x20)) * 16777619;

    /// <summary>The sets that have a word.</summary>
    internal static ulong Sets(ReadOnlySpan<char> word, uint hash)
    {
        if (word.Length > LongestWord)
            return 0;
        for (uint at = Slot(hash); Table[at].Word is { } one; at = (at + 1) % Size)
            if (one.Length == word.Length && word.Equals(one, StringComparison.OrdinalIgnoreCase))
                return Table[at].Sets;
        return 0;
    }

    private static uint Slot(uint hash) => (hash ^ (hash >> 15)) % Size;

    private static (string, ulong)[] Build()
    {
        var table = new (string Word, ulong Sets)[Size];
        for (int i = 0; i < Indexed.Length; i++)
        {
            Indexed[i].Bit = 1UL << i;
            foreach (string word in Indexed[i].Words)
            {
                uint hash = Seed;
                foreach (char c in word)
                    hash = Mix(hash, c);
                uint at = Slot(hash);
                while (table[at].Word is { } other && !other.Equals(word, StringComparison.OrdinalIgnoreCase))
                    at = (at + 1) % Size;
                table[at] = (word, table[at].Sets | 1UL << i);
            }
        }
        return table;
    }
}
