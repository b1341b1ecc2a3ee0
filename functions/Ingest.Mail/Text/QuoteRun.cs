namespace Ingest.Mail.Text;

/// <summary>Quoted lines without text between them.</summary>
/// <param name="Start">The first line.</param>
/// <param name="End">The line after the last one.</param>
/// <param name="Introduced">True when a mail program's attribution stands above it or is its first line.</param>
/// <param name="Answered">True when text of the author follows.</param>
/// <param name="AttributionFollows">True when an attribution follows, so that the quote is the author's own.</param>
/// <param name="TextAbove">True when text of the author stands above.</param>
/// <param name="LinesBelow">How many lines of text follow, up to the next quote.</param>
internal readonly record struct QuoteRun(int Start, int End, bool Introduced, bool Answered, bool AttributionFollows, bool TextAbove, int LinesBelow)
{
    /// <summary>All runs before <paramref name="end"/>.</summary>
    public static List<QuoteRun> All(ReplyLines reply, int end)
    {
        var runs = new List<QuoteRun>();
        var text = false;
        for (var i = 0; i < end; i++)
        {
            if (reply[i] != LineMark.Quote)
            {
                text |= reply.IsSolid(i, LineMark.Text);
                continue;
            }
            var start = i;
            var last = i;
            for (; i < end && (reply[i] == LineMark.Quote || reply.Lines.IsBlank(i)); i++)
                last = reply[i] == LineMark.Quote ? i : last;
            var below = TextBelow(reply, i, end);
            runs.Add(new QuoteRun(start, last + 1, IsIntroduced(reply, start, last), below > 0, i < end && reply[i] == LineMark.Elided, text, below));
            i--;
        }
        return runs;
    }

    private static int TextBelow(ReplyLines reply, int from, int end)
    {
        var lines = 0;
        for (var i = from; i < end && reply[i] == LineMark.Text; i++)
            lines += reply.Lines.IsBlank(i) ? 0 : 1;
        return lines;
    }

    private static bool IsIntroduced(ReplyLines reply, int start, int last)
    {
        if (reply.IsProgramQuote(start))
            return true;
        for (var i = start - 1; i >= 0; i--)
        {
            if (!reply.Lines.IsBlank(i))
            {
                if (reply[i] == LineMark.Elided)
                    return true;
                break;
            }
        }
        return StartsWithAttribution(reply.Lines, start, last);
    }

    // Apple quotes its attribution, too: "> On ... wrote:".
    private static bool StartsWithAttribution(Lines lines, int start, int last)
    {
        var first = start;
        while (first < last && lines.Content(first, true).IsEmpty)
            first++;
        for (var i = first; i <= last && i < first + 4; i++)
        {
            if (QuoteIntro.EndsAttribution(lines, i, first, true, out var at))
                return at == first;
        }
        return QuoteIntro.IsForward(lines.Content(first, true)) || QuoteIntro.IsSeparator(lines.Content(first, true));
    }
}
