namespace Ingest.Mail.Text;

/// <summary>What a mail program says in html about a stretch of text.</summary>
internal enum HtmlRegionKind : byte
{
    /// <summary>The line that introduces a quote.</summary>
    Intro,

    /// <summary>Quoted text.</summary>
    Quote,

    /// <summary>Where everything below is quoted.</summary>
    Tail,

    /// <summary>The sender's signature.</summary>
    Signature,

    /// <summary>A block quote without the signs of a mail program: the author's own quote or indent, unless a line introduces it.</summary>
    OwnQuote,
}

/// <summary>Stretches of text made from html, in order of their start, and what they are.</summary>
internal sealed class HtmlRegions
{
    private const int MaxRegions = 2000;

    private readonly List<(HtmlRegionKind Kind, int Start, int End)> regions = [];

    public void Add(HtmlRegionKind kind, int start, int end)
    {
        if (end > start && regions.Count < MaxRegions)
            regions.Add((kind, start, end));
    }

    /// <summary>Where the first text starts that is quoted or introduces a quote, null when none is.</summary>
    public int? FirstQuoted()
    {
        int? first = null;
        foreach (var (kind, start, _) in regions)
        {
            if (kind is HtmlRegionKind.Quote or HtmlRegionKind.Tail or HtmlRegionKind.Intro && (first is null || start < first))
                first = start;
        }
        return first;
    }

    /// <summary>The lines with a character in a region of that kind, null when there are none.</summary>
    public bool[]? LinesOf(Lines lines, HtmlRegionKind kind)
    {
        bool[]? found = null;
        foreach (var (of, start, end) in regions)
        {
            if (of != kind)
                continue;
            found ??= new bool[lines.Count];
            for (var i = LineAt(lines, start); i < lines.Count && lines.Start(i) < end; i++)
                found[i] = true;
        }
        return found;
    }

    // The first line that does not end before the place.
    private static int LineAt(Lines lines, int place)
    {
        int low = 0, high = lines.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (lines.Start(middle) + lines[middle].Length < place)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
