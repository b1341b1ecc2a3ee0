using System.Text;

namespace Ingest.Mail.Text;

/// <summary>
/// Parts what the author wrote now from quotes and signature. Line by line, a bounded look ahead, no backtracking.
/// In doubt a line stays in the reply: showing too much is better than hiding an answer.
/// </summary>
public static class ReplyTrimmer
{
    private const int MaxSignatureLines = 40;

    private enum Mark : byte { Text, Quote, Elided, Signature }

    /// <summary>Parts the text; its lines end in LF.</summary>
    public static TrimmedReply Trim(string text)
    {
        if (text.Length == 0)
            return new TrimmedReply("", "", "");
        var lines = Lines.Of(text);
        var marks = new Mark[lines.Count];
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].TrimStart(" \t") is ['>', ..])
                marks[i] = Mark.Quote;
        }
        var end = CutTail(lines, marks);
        CutQuotes(lines, marks, end);
        CutSignature(lines, marks, end);
        return new TrimmedReply(Join(lines, marks, static m => m is Mark.Text or Mark.Quote), Join(lines, marks, static m => m == Mark.Elided), Join(lines, marks, static m => m == Mark.Signature));
    }

    // Everything below an original-message line, a block of header labels, or an attribution without quote marks. Returns where the rest starts.
    private static int CutTail(Lines lines, Mark[] marks)
    {
        var written = false;
        for (var i = 0; i < lines.Count; i++)
        {
            if (marks[i] == Mark.Quote || lines.IsBlank(i))
                continue;
            // A forwarded mail is what its author wanted us to read.
            if (QuoteIntro.IsForward(lines[i]))
                return lines.Count;
            var attribution = QuoteIntro.AttributionLength(lines, i);
            if (attribution > 0 && (!written || QuoteFollows(lines, marks, i + attribution)))
            {
                Array.Fill(marks, Mark.Elided, i, attribution);
                i += attribution - 1;
                continue;
            }
            if (attribution > 0 || QuoteIntro.IsSeparator(lines[i]) || QuoteIntro.StartsHeaderBlock(lines, i))
            {
                if (!written)
                    return lines.Count;
                Array.Fill(marks, Mark.Elided, i, lines.Count - i);
                return i;
            }
            written = true;
        }
        return lines.Count;
    }

    private static bool QuoteFollows(Lines lines, Mark[] marks, int from)
    {
        while (from < lines.Count && lines.IsBlank(from))
            from++;
        return from < lines.Count && marks[from] == Mark.Quote;
    }

    private static void CutQuotes(Lines lines, Mark[] marks, int end)
    {
        var runs = QuoteRuns(lines, marks, end);
        var interleaved = runs.Count(static r => r.Answered) > 1;
        var anyText = AnyText(lines, marks, end);
        foreach (var run in runs)
        {
            // A quote that the author answers below, without the line a mail program adds, was put there on purpose. So was one that is all there is.
            var kept = run.Answered ? interleaved || !run.Introduced : !run.Introduced && !anyText;
            if (!kept)
                Array.Fill(marks, Mark.Elided, run.Start, run.End - run.Start);
        }
    }

    private readonly record struct Run(int Start, int End, bool Introduced, bool Answered);

    private static List<Run> QuoteRuns(Lines lines, Mark[] marks, int end)
    {
        var runs = new List<Run>();
        for (var i = 0; i < end; i++)
        {
            if (marks[i] != Mark.Quote)
                continue;
            var start = i;
            var last = i;
            for (; i < end && (marks[i] == Mark.Quote || lines.IsBlank(i)); i++)
                last = marks[i] == Mark.Quote ? i : last;
            runs.Add(new Run(start, last + 1, Introduced(lines, marks, start), i < end && marks[i] == Mark.Text && !SignatureMarks.IsMark(lines[i]) && !SignatureMarks.IsListFooter(lines[i])));
        }
        return runs;
    }

    private static bool Introduced(Lines lines, Mark[] marks, int start)
    {
        var before = start - 1;
        while (before >= 0 && lines.IsBlank(before))
            before--;
        return before >= 0 && marks[before] == Mark.Elided;
    }

    private static bool AnyText(Lines lines, Mark[] marks, int end)
    {
        for (var i = 0; i < end; i++)
        {
            if (marks[i] == Mark.Text && !lines.IsBlank(i))
                return true;
        }
        return false;
    }

    private static void CutSignature(Lines lines, Mark[] marks, int end)
    {
        var last = LastText(lines, marks, end);
        if (last < 0)
            return;
        var first = FirstText(lines, marks);
        var start = -1;
        for (var i = last; i > first && marks[i] == Mark.Text && last - i < MaxSignatureLines; i--)
        {
            if (SignatureMarks.IsMark(lines[i]) || SignatureMarks.IsListFooter(lines[i]))
                start = i;
            if (SignatureMarks.IsMark(lines[i]))
                break;
        }
        if (start < 0)
            start = DeviceLine(lines, marks, last, first);
        if (start >= 0)
            Array.Fill(marks, Mark.Signature, start, last + 1 - start);
        if (start > first && DeviceLine(lines, marks, LastText(lines, marks, start), first) is >= 0 and var above)
            Array.Fill(marks, Mark.Signature, above, start - above);
    }

    // "Sent from my phone" among the last three lines; what stands below it belongs to it.
    private static int DeviceLine(Lines lines, Mark[] marks, int last, int first)
    {
        var seen = 0;
        var start = -1;
        for (var i = last; i > first && marks[i] == Mark.Text && seen < 3; i--)
        {
            if (lines.IsBlank(i))
                continue;
            seen++;
            if (SignatureMarks.IsDeviceLine(lines[i]))
                start = i;
        }
        return start;
    }

    private static int LastText(Lines lines, Mark[] marks, int end)
    {
        for (var i = end - 1; i >= 0; i--)
        {
            if (marks[i] == Mark.Text && !lines.IsBlank(i))
                return i;
        }
        return -1;
    }

    private static int FirstText(Lines lines, Mark[] marks)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (marks[i] is Mark.Text or Mark.Quote && !lines.IsBlank(i))
                return i;
        }
        return lines.Count;
    }

    private static string Join(Lines lines, Mark[] marks, Func<Mark, bool> wanted)
    {
        var text = new StringBuilder();
        var started = false;
        var gap = false;
        var blanks = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            if (!wanted(marks[i]))
            {
                gap = started;
                continue;
            }
            if (lines.IsBlank(i))
            {
                blanks++;
                continue;
            }
            if (started)
                text.Append('\n', 1 + Math.Max(blanks, gap ? 1 : 0));
            text.Append(lines[i].TrimEnd());
            (started, gap, blanks) = (true, false, 0);
        }
        return text.ToString();
    }
}
