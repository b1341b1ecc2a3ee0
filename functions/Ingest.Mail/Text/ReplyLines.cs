using System.Text;

namespace Ingest.Mail.Text;

/// <summary>What a line of a mail's text is.</summary>
internal enum LineMark : byte
{
    Text,
    Quote,
    Elided,
    Signature,
}

/// <summary>The lines of a text and what each was found to be.</summary>
internal sealed class ReplyLines
{
    // Each costs as much as there are lines.
    private const int MaxShared = 20;

    private readonly LineMark[] marks;
    private readonly bool[] fenced;
    private readonly bool[]? ownQuotes;
    private readonly bool[]? programQuotes;

    public ReplyLines(string text, HtmlRegions? regions)
    {
        Lines = Lines.Of(text);
        SplitShared();
        marks = new LineMark[Lines.Count];
        fenced = QuotedLines.Fenced(Lines);
        ownQuotes = regions?.LinesOf(Lines, HtmlRegionKind.OwnQuote);
        Regions = regions;
        QuotedLines.Mark(Lines, marks, fenced);
        programQuotes = regions?.LinesOf(Lines, HtmlRegionKind.Quote);
        if (programQuotes is not null)
            MarkProgramQuotes(programQuotes);
    }

    public Lines Lines { get; }

    public HtmlRegions? Regions { get; }

    /// <summary>The name in the From field, or what stands before the @; null when neither is known.</summary>
    public string? Author { get; init; }

    public int Count => Lines.Count;

    public LineMark this[int index] => marks[index];

    /// <summary>True for code between fences, which is never a quote or a header.</summary>
    public bool IsFenced(int index) => fenced[index];

    /// <summary>True for a quote that the author may have set as a mere indent.</summary>
    public bool IsOwnQuote(int index) => ownQuotes?[index] == true;

    /// <summary>True for what the html calls quoted.</summary>
    public bool IsProgramQuote(int index) => programQuotes?[index] == true && marks[index] is LineMark.Quote or LineMark.Elided;

    public bool IsSolid(int index, LineMark mark) => marks[index] == mark && !Lines.IsBlank(index);

    public void Set(int from, int to, LineMark mark)
    {
        if (to > from)
            Array.Fill(marks, mark, from, to - from);
    }

    /// <summary>The last line before <paramref name="end"/> that is solid text, or -1.</summary>
    public int LastText(int end)
    {
        for (var i = end - 1; i >= 0; i--)
        {
            if (IsSolid(i, LineMark.Text))
                return i;
        }
        return -1;
    }

    /// <summary>The first line that the author kept or wrote, or the number of lines.</summary>
    public int FirstKept()
    {
        for (var i = 0; i < Count; i++)
        {
            if (marks[i] is LineMark.Text or LineMark.Quote && !Lines.IsBlank(i))
                return i;
        }
        return Count;
    }

    public bool AnyText(int end) => LastText(end) >= 0;

    public TrimmedReply Parts() =>
        new(Join(static m => m is LineMark.Text or LineMark.Quote), Join(static m => m == LineMark.Elided), Join(static m => m == LineMark.Signature)) { Cut = Join(static m => m is LineMark.Elided or LineMark.Signature) };

    // The programs of some put the attribution behind the last word of the reply.
    private void SplitShared()
    {
        var shared = 0;
        for (var i = 0; i + 1 < Lines.Count && shared < MaxShared; i++)
        {
            if (Lines[i].Length < 20 || Lines[i].TrimEnd() is not [.., ':'] || Lines[Lines.NextSolid(i + 1) is var next && next < Lines.Count ? next : i].TrimStart() is not ['>', ..])
                continue;
            if (QuoteIntro.SharedFrom(Lines[i]) is > 0 and var at)
            {
                Lines.Split(i++, at);
                shared++;
            }
        }
    }

    // With nothing else written, a mail that is passed on stays to be read.
    private void MarkProgramQuotes(bool[] quoted)
    {
        var first = Lines.NextSolid(0);
        if (first >= Count || (quoted[first] && (ReplyTrimmer.HeaderEnd(Lines, first) > 0 || !AnyOutside(quoted))))
            return;
        for (var i = 0; i < Count; i++)
        {
            if (quoted[i] && !Lines.IsBlank(i))
                marks[i] = LineMark.Quote;
        }
    }

    private bool AnyOutside(bool[] quoted)
    {
        for (var i = 0; i < Count; i++)
        {
            if (!quoted[i] && !Lines.IsBlank(i))
                return true;
        }
        return false;
    }

    private string Join(Func<LineMark, bool> wanted)
    {
        StringBuilder? text = null;
        var gap = false;
        var blanks = 0;
        for (var i = 0; i < Count; i++)
        {
            if (!wanted(marks[i]))
            {
                gap = text is not null;
                continue;
            }
            if (Lines.IsBlank(i))
            {
                blanks++;
                continue;
            }
            text?.Append('\n', 1 + Math.Max(blanks, gap ? 1 : 0));
            (text ??= new StringBuilder()).Append(Lines[i].TrimEnd());
            (gap, blanks) = (false, 0);
        }
        return text?.ToString() ?? "";
    }
}
