namespace Ingest.Mail.Text;

/// <summary>
/// Parts what the author wrote now from quotes and signature. Line by line, a bounded look ahead, no backtracking.
/// In doubt a line stays in the reply: showing too much is better than hiding an answer.
/// </summary>
public static class ReplyTrimmer
{
    // So much text below a quote is an answer to it, and is not understood without.
    private const int LongAnswer = 7;

    /// <summary>Parts the text; its lines end in LF.</summary>
    public static TrimmedReply Trim(string text) => Trim(text, null);

    internal static TrimmedReply Trim(string text, HtmlRegions? regions, string? author = null) =>
        text.Length == 0 ? new TrimmedReply("", "", "") { Cut = "" } : Read(text, regions, author).Parts();

    /// <summary>The lines of the text, each marked for what it is.</summary>
    internal static ReplyLines Read(string text, HtmlRegions? regions, string? author)
    {
        var reply = new ReplyLines(regions is null ? ClearSigned.Unescape(text) : text, regions) { Author = author };
        ClearSigned.Mark(reply);
        var end = CutTail(reply, Attributions(reply));
        if (end < 0)
            return reply;
        CutRegions(reply, end);
        CutSignatures(reply, end);
        CutQuotes(reply, end);
        return reply;
    }

    // First line and length of each attribution that is not itself quoted.
    private static List<(int Start, int Length)> Attributions(ReplyLines reply)
    {
        var found = new List<(int Start, int Length)>();
        var floor = 0;
        for (var i = 0; i < reply.Count; i++)
        {
            if (reply.IsFenced(i) || (reply[i] == LineMark.Quote && reply.Lines[i].Length > 40) || !QuoteIntro.EndsAttribution(reply.Lines, i, floor, false, out var start))
                continue;
            found.Add((start, i + 1 - start));
            floor = i + 1;
        }
        return found;
    }

    // Everything below an original-message line, a block of header labels, or an attribution without quote marks. Returns where that starts, -1 when all has been decided.
    private static int CutTail(ReplyLines reply, List<(int Start, int Length)> attributions)
    {
        var lines = reply.Lines;
        var tails = reply.Regions?.LinesOf(lines, HtmlRegionKind.Tail);
        var written = false;
        var next = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            while (next < attributions.Count && attributions[next].Start < i)
                next++;
            if (lines.IsBlank(i) || reply.IsFenced(i))
            {
                written |= reply.IsFenced(i);
                continue;
            }
            if (next < attributions.Count && attributions[next].Start == i)
            {
                var length = attributions[next].Length;
                if (written && !QuoteFollows(reply, i + length))
                    return CutFrom(reply, i);
                reply.Set(i, i + length, LineMark.Elided);
                i += length - 1;
                continue;
            }
            if (reply[i] == LineMark.Quote)
                continue;
            if (reply[i] == LineMark.Elided)
                continue;
            if (HeaderEnd(lines, i) is > 0 and var header)
            {
                if (!written || tails?[i] == true || !IsShown(lines, i, header))
                    return written ? CutFrom(reply, i) : PassedOn(reply, i, header);
                i = header - 1;
                continue;
            }
            if (written && tails?[i] == true)
                return CutFrom(reply, i);
            written = true;
        }
        return lines.Count;
    }

    // The line after an original-message line, an announcement or a header block that starts here, 0 when none does.
    internal static int HeaderEnd(Lines lines, int index)
    {
        var line = lines[index];
        var announced = QuoteIntro.IsForward(line) || QuoteIntro.IsSeparator(line);
        var at = announced ? lines.NextSolid(index + 1) : index;
        if (at < lines.Count && HeaderBlock.TryRead(lines, at, false, announced, out var block))
            return block.End;
        return announced ? index + 1 : 0;
    }

    // "Here are the headers:" and a bare block: the author shows it, and asks about it below.
    private static bool IsShown(Lines lines, int index, int end)
    {
        if (QuoteIntro.IsForward(lines[index]) || QuoteIntro.IsSeparator(lines[index]) || QuoteIntro.IsRule(lines[index]) || lines.NextSolid(end) == lines.Count)
            return false;
        var above = index - 1;
        while (above > 0 && lines.IsBlank(above))
            above--;
        return lines.Content(above, false) is [.., ':' or '：'];
    }

    private static int CutFrom(ReplyLines reply, int index)
    {
        reply.Set(index, reply.Count, LineMark.Elided);
        return index;
    }

    // With nothing written above it, a mail that is passed on is what its sender wants us to read.
    private static int PassedOn(ReplyLines reply, int start, int end)
    {
        if (reply.Lines.NextSolid(end) == reply.Count)
            return -1;
        reply.Set(start, end, LineMark.Elided);
        return -1;
    }

    private static bool QuoteFollows(ReplyLines reply, int from)
    {
        from = reply.Lines.NextSolid(from);
        return from < reply.Count && reply[from] == LineMark.Quote;
    }

    // What the html marks and the words did not tell.
    private static void CutRegions(ReplyLines reply, int end)
    {
        if (reply.Regions is null)
            return;
        foreach (var (kind, mark) in ((HtmlRegionKind, LineMark)[])[(HtmlRegionKind.Intro, LineMark.Elided), (HtmlRegionKind.Signature, LineMark.Signature)])
        {
            var found = reply.Regions.LinesOf(reply.Lines, kind);
            var first = reply.FirstKept();
            for (var i = first + (kind == HtmlRegionKind.Signature ? 1 : 0); found is not null && i < end; i++)
            {
                if (found[i] && reply[i] == LineMark.Text)
                    reply.Set(i, i + 1, mark);
            }
        }
    }

    // At the end of all text, and at the end of what stands above the quote.
    private static void CutSignatures(ReplyLines reply, int end)
    {
        SignatureCut.Apply(reply, end);
        var first = reply.FirstKept();
        for (var i = first; i < end; i++)
        {
            if (reply[i] is LineMark.Text or LineMark.Quote)
                continue;
            if (reply[i] == LineMark.Elided)
                SignatureCut.Apply(reply, i);
            return;
        }
    }

    private static void CutQuotes(ReplyLines reply, int end)
    {
        var runs = QuoteRun.All(reply, end);
        // A quote with text below and another quote further on: the author answers point by point.
        var interleaved = runs.Exists(run => run.Answered && run.Start != runs[^1].Start);
        var anyText = reply.AnyText(end);
        foreach (var run in runs)
        {
            // A quote that the author answers below, without the line a mail program adds, was put there on purpose. So was one that is all there is.
            var kept = run.Answered ? interleaved || !run.Introduced || (run.TextAbove && run.LinesBelow >= LongAnswer)
                : !run.Introduced && (!anyText || run.AttributionFollows || reply.IsOwnQuote(run.Start));
            if (!kept)
                reply.Set(run.Start, run.End, LineMark.Elided);
        }
    }
}
