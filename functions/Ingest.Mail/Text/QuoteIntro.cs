using System.Buffers;

namespace Ingest.Mail.Text;

/// <summary>The lines that mail programs put before quoted text, in the languages they speak; the words are in <see cref="QuoteWords"/>.</summary>
internal static class QuoteIntro
{
    private const int MaxLines = 6;
    private const int MaxLength = 400;
    private const int MaxForwardLine = 120;

    // Inside a line only words that hardly ever stand before a date by chance.
    private static readonly string[] MidLineOpeners = ["On ", "Am ", "Le ", "El ", "Il ", "Op ", "Em ", "Dnia ", "Den "];

    private static readonly SearchValues<char> RuleMarks = SearchValues.Create("-_*=~—–─━ \t");

    private static readonly WordStarts Rules = new(["-", "_", "*", "=", "—", "–", "~", "#", "+"]);

    /// <summary>True when an attribution ("On ... wrote:") ends at that line; it starts at <paramref name="start"/>, not before <paramref name="floor"/>.</summary>
    public static bool EndsAttribution(Lines lines, int end, int floor, bool quoted, out int start)
    {
        start = end;
        var last = lines.Content(end, quoted);
        if (last.IsEmpty || last.Length > MaxLength)
            return false;
        if (!Closes(last))
            return IsOpenEnded(lines, end, last, quoted);
        var block = new AttributionBlock();
        var named = -1;
        var gap = false;
        for (var i = end; i >= floor && end - i < MaxLines; i--)
        {
            var line = lines.Content(i, quoted);
            if (line.IsEmpty)
            {
                // "On ... Somebody", an empty line, "<address> wrote:": some program does that.
                if (gap || i == end || lines.Content(i + 1, quoted) is not ['<', ..])
                    break;
                gap = true;
                continue;
            }
            if (!quoted && line[0] == '>' && !IsLooseEnd(line))
                break;
            if (!block.Take(line))
                break;
            if (block.IsDated(line, last))
            {
                start = !block.Addressed && i > floor && AttributionBlock.IsAuthor(lines.Content(i - 1, quoted)) ? i - 1 : i;
                return true;
            }
            if (named < 0 && block.IsNamed(line))
                named = i;
        }
        start = named < 0 ? end : named;
        return named >= 0 || IsBare(lines, end, last, quoted);
    }

    /// <summary>Where in a line an attribution starts behind other words ("Yes. On ... wrote:"), 0 when none does.</summary>
    public static int SharedFrom(ReadOnlySpan<char> line)
    {
        var text = line.TrimEnd();
        if (text.Length is < 20 or > MaxLength || text.TrimStart() is ['>', ..] || !Closes(text) || !AttributionBlock.HasVerb(text))
            return 0;
        foreach (var opener in MidLineOpeners)
        {
            var at = text.LastIndexOf(opener, StringComparison.Ordinal);
            if (at <= 0 || text[at - 1] is not (' ' or '-') || text[..at].IsWhiteSpace())
                continue;
            var block = new AttributionBlock();
            if (!block.Take(text[at..]) || !block.IsDated(text[at..], text) || !text.Slice(at, Math.Min(30, text.Length - at)).ContainsAnyInRange('0', '9'))
                continue;
            at = text[..at].TrimEnd(" -").Length;
            return text[..at].IsWhiteSpace() ? 0 : at;
        }
        return 0;
    }

    /// <summary>True for lines such as "-----Original Message-----".</summary>
    public static bool IsSeparator(ReadOnlySpan<char> line) => IsRuled(line, QuoteWords.Separators);

    /// <summary>True for lines such as "---------- Forwarded message ---------" and "Begin forwarded message:".</summary>
    public static bool IsForward(ReadOnlySpan<char> line)
    {
        if (IsRuled(line, QuoteWords.Forwards))
            return true;
        line = line.Trim();
        return line.Length < MaxForwardLine && line is [.., ':' or '：'] && QuoteWords.Forwards.Begin(line);
    }

    /// <summary>True for lines that only divide.</summary>
    public static bool IsRule(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        return line.Length >= 5 && line.IndexOfAnyExcept(RuleMarks) < 0;
    }

    // The rest of an address that was broken before its bracket: ">:" or "> wrote:".
    private static bool IsLooseEnd(ReadOnlySpan<char> line) =>
        line.Length < 40 && line.Count('>') == 1 && line[^1] is ':' or '：' && (line.Length <= 3 || AttributionBlock.HasVerb(line));

    private static bool Closes(ReadOnlySpan<char> line)
    {
        line = line.TrimEnd(" *_");
        return !line.IsEmpty && (line[^1] is ':' or '：' || (line.EndsWith("--") && AttributionBlock.HasVerb(line)));
    }

    // "2016-03-03 17:21 GMT+01:00 Some One" stands alone; a date and an address need quoted text below to mean anything.
    private static bool IsOpenEnded(Lines lines, int index, ReadOnlySpan<char> line, bool quoted)
    {
        if (!char.IsAsciiDigit(line[0]) || line.Length < 12 || line.Length > 200)
            return false;
        if (char.IsAsciiDigit(line[3]) && line[4] == '-' && line[7] == '-' && (line.IndexOf(" GMT+") is > 12 and < 20 || line.IndexOf(" GMT-") is > 12 and < 20))
            return true;
        return line[^1] == '>' && line.Contains('@') && AttributionBlock.HasDate(line) && QuoteFollows(lines, index, quoted);
    }

    // "Bob wrote:" with a quote directly below.
    private static bool IsBare(Lines lines, int index, ReadOnlySpan<char> line, bool quoted) =>
        line.Length < 80 && line.Count(' ') < 7 && AttributionBlock.EndsWithVerb(line) && QuoteFollows(lines, index, quoted);

    private static bool QuoteFollows(Lines lines, int index, bool quoted)
    {
        var next = lines.NextSolid(index + 1);
        if (next >= lines.Count || next > index + 2)
            return false;
        var line = lines[next].TrimStart();
        return quoted ? line.StartsWith(">>") || line.StartsWith("> >") : line[0] is '>' or '|';
    }

    private static bool IsRuled(ReadOnlySpan<char> line, WordStarts words)
    {
        line = line.Trim();
        if (line.Length is < 8 or > MaxForwardLine || !Rules.Begin(line))
            return false;
        var inner = line.Trim("-_*=—–~#+ \t:：");
        return inner.Length < line.Length - 1 && words.Begin(inner);
    }
}
