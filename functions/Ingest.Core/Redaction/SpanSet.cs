using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>Spans of a text that do not lie over each other. Marks each place, so that taking all findings of a text costs no more than their lengths.</summary>
internal ref struct SpanSet(int length)
{
    private readonly bool[] taken = Rent(length);

    /// <summary>Takes a span, unless it lies over one that was taken before.</summary>
    internal readonly bool Add(int start, int end)
    {
        Span<bool> places = taken.AsSpan(start, end - start);
        if (places.Contains(true))
            return false;
        places.Fill(true);
        return true;
    }

    /// <summary>Gives the memory back.</summary>
    internal readonly void Dispose() => ArrayPool<bool>.Shared.Return(taken);

    private static bool[] Rent(int length)
    {
        bool[] places = ArrayPool<bool>.Shared.Rent(length);
        places.AsSpan(0, length).Clear();
        return places;
    }
}
