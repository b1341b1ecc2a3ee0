using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ingest.Core.Redaction;

/// <summary>Where the digits of a text stand: each row of digits with nothing between them, in order. Read once for all detectors that begin at digits.</summary>
internal sealed class DigitRows
{
    private const int Block = 32, Bits = 64;

    // Where a row begins and where it ends, in turns.
    private int[] edges = new int[Block * 4];
    private ulong[] taken = new ulong[1];

    /// <summary>How many rows.</summary>
    internal int Count { get; private set; }

    /// <summary>Where a row begins.</summary>
    internal int Start(int row) => edges[row * 2];

    /// <summary>Where it ends.</summary>
    internal int End(int row) => edges[row * 2 + 1];

    /// <summary>How many digits it has.</summary>
    internal int Length(int row) => edges[row * 2 + 1] - edges[row * 2];

    /// <summary>The first row, from one on, that begins at a place or after it; their count when none does.</summary>
    internal int From(int row, int at)
    {
        while (row < Count && edges[row * 2] < at)
            row++;
        return row;
    }

    /// <summary>True for a row within something that was found for certain: nothing else in it would stand.</summary>
    internal bool IsTaken(int row) => (taken[row / Bits] >> (row % Bits) & 1) != 0;

    /// <summary>Tells that something was found for certain between two places.</summary>
    internal void Take(int start, int end)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Start(middle) < start ? (middle + 1, high) : (low, middle);
        }
        for (; low < Count && End(low) <= end; low++)
            taken[low / Bits] |= 1UL << (low % Bits);
    }

    /// <summary>Reads a text.</summary>
    internal void Read(ReadOnlySpan<char> text)
    {
        int count = 0, at = 0;
        uint inside = 0;
        for (; at < text.Length; at += Block)
        {
            int rest = text.Length - at;
            uint digits = rest >= Block ? Digits(text[at..]) : text.Length >= Block ? Digits(text[^Block..]) >> (Block - rest) : Few(text);
            uint changes = digits ^ (digits << 1 | inside);
            inside = digits >> (Block - 1);
            if (changes == 0)
                continue;
            if (edges.Length < count + Block + 2)
                Array.Resize(ref edges, edges.Length * 2);
            for (; changes != 0; changes &= changes - 1)
                edges[count++] = at + BitOperations.TrailingZeroCount(changes);
        }
        if (inside != 0)
            edges[count++] = text.Length;
        Count = count / 2;
        if (taken.Length <= Count / Bits)
            taken = new ulong[Math.Max(Count / Bits + 1, taken.Length * 2)];
        else
            taken.AsSpan(0, Count / Bits + 1).Clear();
    }

    /// <summary>Gives the memory of a long text back.</summary>
    internal void Trim(int most)
    {
        if (edges.Length > most)
            edges = new int[Block * 4];
        Count = 0;
    }

    // One bit for each sign.
    private static uint Digits(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<ushort> signs = MemoryMarshal.Cast<char, ushort>(text);
        Vector256<ushort> zero = Vector256.Create((ushort)'0'), nine = Vector256.Create((ushort)9);
        Vector256<ushort> first = Vector256.LessThanOrEqual(Vector256.Create(signs) - zero, nine);
        Vector256<ushort> second = Vector256.LessThanOrEqual(Vector256.Create(signs[Vector256<ushort>.Count..]) - zero, nine);
        return Vector256.Narrow(first, second).ExtractMostSignificantBits();
    }

    private static uint Few(ReadOnlySpan<char> signs)
    {
        uint digits = 0;
        for (int i = 0; i < signs.Length; i++)
            digits |= char.IsAsciiDigit(signs[i]) ? 1u << i : 0;
        return digits;
    }
}
