using System.Buffers;
using System.Runtime.CompilerServices;

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
    private (int First, int Past, ulong Sets)[] blocks = [];
    private int known;
    private bool? isSimple;

    /// <summary>Forgets the last text.</summary>
    internal void Clear()
    {
        words.Clear();
        blocks.AsSpan(0, known).Clear();
        (known, isSimple) = (0, null);
    }

    /// <summary>True when a word stands between two places.</summary>
    internal bool Within(ReadOnlySpan<char> text, NearWords wanted, int from, int to) =>
        IsSimple(text, from, to) ? HasPart(text, wanted, ref from, ref to) || HasWhole(text, wanted, from, to) : wanted.Within(text[from..to]);

    /// <summary>False when certainly no word stands between two places nor in any piece of what is between, as long as the piece cuts no word.</summary>
    internal bool MayHold(ReadOnlySpan<char> text, NearWords wanted, int from, int to) =>
        !IsSimple(text, from, to) || HasPart(text, wanted, ref from, ref to) || HasWhole(text, wanted, from, to);

    /// <summary>True when a word stands within a reach before a place.</summary>
    internal bool Before(ReadOnlySpan<char> text, NearWords wanted, int at, int reach) => Within(text, wanted, NearWords.From(text, at, reach), at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsSimple(ReadOnlySpan<char> text, int from, int to) => (isSimple ??= !text.ContainsAnyExcept(Simple)) || !text[from..to].ContainsAnyExcept(Simple);

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool HasWhole(ReadOnlySpan<char> text, NearWords wanted, int from, int to)
    {
        ulong set = NearWordTable.SetOf(wanted);
        for (int block = from / Block; block * Block < to; block++)
        {
            (int first, int past, ulong all) = Words(text, block);
            for (int i = (all & set) == 0 ? past : first; i < past; i++)
            {
                (int start, int end, ulong sets) = words[i];
                if ((sets & set) != 0 && start >= from && end <= to)
                    return true;
            }
        }
        return false;
    }

    // The words that begin in a block; kept with one added, as nothing is there yet where nobody has read.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (int First, int Past, ulong Sets) Words(ReadOnlySpan<char> text, int block)
    {
        if (block >= blocks.Length)
            Array.Resize(ref blocks, text.Length / Block + 1);
        ref (int First, int Past, ulong Sets) place = ref blocks[block];
        if (place.Past == 0)
            Learn(text, block, ref place);
        return (place.First, place.Past - 1, place.Sets);
    }

    private void Learn(ReadOnlySpan<char> text, int block, ref (int First, int Past, ulong Sets) place)
    {
        known = Math.Max(known, block + 1);
        int before = words.Count;
        ulong sets = Read(text, block * Block, Math.Min(text.Length, (block + 1) * Block));
        place = (before, words.Count + 1, sets);
    }

    private ulong Read(ReadOnlySpan<char> text, int at, int limit)
    {
        ulong all = 0;
        while (at > 0 && at < limit && NearWords.IsWord(text[at - 1]) && NearWords.IsWord(text[at]))
            at++;
        for (; at < limit; at++)
        {
            if (!NearWords.IsWord(text[at]))
                continue;
            int start = at;
            uint hash = NearWordTable.Seed;
            for (; at < text.Length && NearWords.IsWord(text[at]); at++)
                hash = NearWordTable.Mix(hash, text[at]);
            if (NearWordTable.MayHold(hash) && NearWordTable.Sets(text[start..at], hash) is > 0 and ulong sets)
            {
                words.Add((start, at, sets));
                all |= sets;
            }
        }
        return all;
    }
}

/// <summary>The words of all sets that <see cref="NearIndex"/> knows.</summary>
internal static class NearWordTable
{
    /// <summary>What a word's hash begins with.</summary>
    internal const uint Seed = 2166136261;

    private const int Size = 1 << 13, HashWords = 1 << 9, LongestWord = 32;
    private static readonly NearWords[] Indexed = [.. OneTimeCodes.Indexed, .. Phones.Indexed, .. RandomText.Indexed, .. PostalAddresses.Indexed, .. IpAddresses.Indexed];
    private static readonly (string Word, ulong Sets)[] Table = Build();
    // One bit for each hash that a word has: small enough to stay near the processor, where most words end.
    private static readonly ulong[] Hashes = BuildHashes();

    /// <summary>The bit of a set, which must be one of the indexed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong SetOf(NearWords set) => Table.Length > 0 ? set.Bit : 0;

    /// <summary>A word's hash with one more letter.</summary>
    internal static uint Mix(uint hash, char c) => (hash ^ (uint)(c | 0x20)) * 16777619;

    /// <summary>False when certainly no word has a hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MayHold(uint hash) => (Hashes[(hash ^ (hash >> 16)) & (HashWords - 1)] >> (int)(hash >> 10) & 1) != 0;

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

    private static ulong[] BuildHashes()
    {
        ulong[] hashes = new ulong[HashWords];
        foreach (NearWords set in Indexed)
            foreach (string word in set.Words)
            {
                uint hash = Hash(word);
                hashes[(hash ^ (hash >> 16)) & (HashWords - 1)] |= 1UL << (int)(hash >> 10);
            }
        return hashes;
    }

    private static uint Hash(string word)
    {
        uint hash = Seed;
        foreach (char c in word)
            hash = Mix(hash, c);
        return hash;
    }

    private static (string, ulong)[] Build()
    {
        var table = new (string Word, ulong Sets)[Size];
        for (int i = 0; i < Indexed.Length; i++)
        {
            Indexed[i].Bit = 1UL << i;
            foreach (string word in Indexed[i].Words)
            {
                uint at = Slot(Hash(word));
                while (table[at].Word is { } other && !other.Equals(word, StringComparison.OrdinalIgnoreCase))
                    at = (at + 1) % Size;
                table[at] = (word, table[at].Sets | 1UL << i);
            }
        }
        return table;
    }
}
