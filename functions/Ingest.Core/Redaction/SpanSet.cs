namespace Ingest.Core.Redaction;

/// <summary>Spans that do not lie over each other.</summary>
internal sealed class SpanSet
{
    private readonly SortedSet<(int Start, int End)> spans = [];

    /// <summary>Takes a span, unless it lies over one that was taken before.</summary>
    internal bool Add(int start, int end)
    {
        // Those taken do not overlap, so the last one that begins before the end is the only one that can reach in.
        // It is asked for by itself: to count a view is to walk through it. Of an empty one it is (0, 0).
        if (spans.GetViewBetween((int.MinValue, 0), (end - 1, int.MaxValue)).Max.End > start)
            return false;
        spans.Add((start, end));
        return true;
    }
}
