namespace Ingest.Core.Redaction;

/// <summary>Spans of one text that do not lie over each other.</summary>
internal sealed class SpanSet
{
    private readonly List<(int Start, int End)> spans = [];
    private bool[] covered = [];

    /// <summary>Takes a span, unless it lies over one that was taken before. Costs its length.</summary>
    internal bool Add(int start, int end)
    {
        if (covered.Length < end)
            Array.Resize(ref covered, Math.Max(end, covered.Length * 2));
        Span<bool> span = covered.AsSpan(start, end - start);
        if (span.Contains(true))
            return false;
        span.Fill(true);
        spans.Add((start, end));
        return true;
    }

    /// <summary>Gives all spans back.</summary>
    internal void Clear()
    {
        foreach ((int start, int end) in spans)
            covered.AsSpan(start, end - start).Clear();
        spans.Clear();
    }
}
