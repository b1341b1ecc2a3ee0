namespace Ingest.Mail.Text;

/// <summary>Finds the signature at the end of a stretch of the author's text.</summary>
internal static class SignatureCut
{
    private const int MaxLines = 40;
    private const int MaxBelowRule = 12;
    private const int MaxContactLines = 6;
    private const int MaxBetweenMarks = 12;
    private const int MaxBelowBare = 10;

    /// <summary>Marks the signature that ends the text before <paramref name="end"/>; something of the text always remains.</summary>
    public static void Apply(ReplyLines reply, int end)
    {
        var first = reply.FirstKept();
        var last = reply.LastText(end);
        if (last <= first)
            return;
        var start = Start(reply, first, last);
        if (start <= first)
            return;
        reply.Set(start, last + 1, LineMark.Signature);
        CutListFooter(reply, start, last);
    }

    // What a mailing list appends is not the author's.
    private static void CutListFooter(ReplyLines reply, int start, int last)
    {
        var ofList = false;
        for (var i = last; i >= start; i--)
        {
            ofList |= SignatureMarks.IsOfList(reply.Lines[i]);
            if (!SignatureMarks.IsListFooter(reply.Lines[i]))
                continue;
            if (ofList)
                reply.Set(i, last + 1, LineMark.Elided);
            return;
        }
    }

    private static int Start(ReplyLines reply, int first, int last)
    {
        var start = MarkedStart(reply, first, last);
        var below = start < 0 ? last : LastBefore(reply, start, first);
        if (below > first && TrailerStart(reply, first, below) is >= 0 and var trailer)
        {
            start = trailer;
            below = LastBefore(reply, start, first);
            // "-- " may stand above what was appended below it.
            if (below > first && MarkedStart(reply, first, below) is >= 0 and var marked)
                (start, below) = (marked, LastBefore(reply, marked, first));
        }
        // The author's own mark above that of a list or a server.
        if (start > 0 && below > first && MarkedStart(reply, first, below) is >= 0 and var own && start - own <= MaxBetweenMarks)
            (start, below) = (own, LastBefore(reply, own, first));
        if (below > first && CardStart(reply, first, below) is >= 0 and var card)
            start = card;
        return start;
    }

    // "-- ", or a rule above few lines.
    private static int MarkedStart(ReplyLines reply, int first, int last)
    {
        var start = -1;
        int solid = 0, contacts = 0;
        for (var i = last; i > first && reply[i] == LineMark.Text && last - i < MaxLines; i--)
        {
            var line = reply.Lines[i];
            if (reply.IsFenced(i))
                break;
            if (SignatureMarks.IsMark(line) && (!SignatureMarks.IsBareMark(line) || IsSignatureMark(reply, first, i, solid, contacts)))
                return i;
            if (QuoteIntro.IsRule(line) && reply.Lines.IsBlank(i - 1) && IsSignatureRule(line, solid, contacts, reply.Lines.NextSolid(i + 1) is var next && next <= last && SignatureMarks.IsName(reply.Lines[next])))
                start = i;
            solid += line.IsWhiteSpace() ? 0 : 1;
            contacts += SignatureMarks.IsContact(line) ? 1 : 0;
        }
        return start;
    }

    // Two dashes without a blank also divide and list: below a line that ends with a colon, or above many lines that reach nobody.
    private static bool IsSignatureMark(ReplyLines reply, int first, int mark, int solid, int contacts)
    {
        if (solid >= MaxBelowBare && contacts == 0 && !AnyTrailer(reply, mark))
            return false;
        var top = mark;
        for (var i = mark - 1; i > first && mark - i <= MaxBetweenMarks; i--)
            top = SignatureMarks.IsBareMark(reply.Lines[i]) ? i : top;
        var above = reply.LastText(top);
        return above < 0 || reply.Lines[above].TrimEnd() is not [.., ':'];
    }

    private static bool AnyTrailer(ReplyLines reply, int mark)
    {
        for (var i = mark + 1; i < reply.Count && i - mark < MaxLines; i++)
        {
            if (SignatureMarks.IsDisclaimer(reply.Lines[i]) || SignatureMarks.IsOfList(reply.Lines[i]) || SignatureMarks.IsDeviceLine(reply.Lines[i]))
                return true;
        }
        return false;
    }

    // Authors divide their text with rules, too: what stands below must be short, or be ways to reach somebody.
    private static bool IsSignatureRule(ReadOnlySpan<char> line, int solid, int contacts, bool named) =>
        SignatureMarks.IsListFooter(line) || (solid <= MaxBelowRule && (line.Trim()[0] == '_' ? (solid <= 4 && named) || contacts > 0 : contacts > 1));

    // Lines that programs and servers append, from the bottom up.
    private static int TrailerStart(ReplyLines reply, int first, int last)
    {
        var start = -1;
        var unknown = 0;
        for (var i = last; i > first && reply[i] == LineMark.Text && last - i < MaxLines; i--)
        {
            var line = reply.Lines[i];
            if (line.IsWhiteSpace())
                continue;
            if (IsDeviceLine(reply, i) || SignatureMarks.IsDisclaimer(line) || (unknown == 0 && SignatureMarks.IsOrnament(line)))
                (start, unknown) = (i, 0);
            // A disclaimer goes on below its first line, and so may the line of a device.
            else if (++unknown > (start < 0 ? MaxBelowRule : 2) || reply.IsFenced(i))
                break;
        }
        if (start < 0 || !Belongs(reply, start, last))
            return -1;
        // The name above "via mobile", if the two are a paragraph.
        return start - 1 > first && SignatureMarks.IsName(reply.Lines[start - 1]) && reply.Lines.IsBlank(start - 2) ? start - 1 : start;
    }

    // "sent from my office" within a sentence is none; a device that is named may stand anywhere.
    private static bool IsDeviceLine(ReplyLines reply, int index)
    {
        var line = reply.Lines[index];
        if (!SignatureMarks.IsDeviceLine(line))
            return false;
        if (SignatureMarks.NamesDevice(line) || !char.IsAscii(line.TrimStart()[0]))
            return true;
        var above = reply.Lines[Math.Max(0, index - 1)].Trim();
        var below = index + 1 < reply.Count ? reply.Lines[index + 1].TrimStart() : default;
        return !(below is [var next, ..] && char.IsLower(next)) && !(char.IsLower(line.TrimStart()[0]) && above is [.., var last] && char.IsLetter(last));
    }

    // What stands below a known line belongs to it when it is little, or the rest of a disclaimer.
    private static bool Belongs(ReplyLines reply, int start, int last)
    {
        var loose = 0;
        var disclaimer = false;
        for (var i = start; i <= last; i++)
        {
            var line = reply.Lines[i];
            if (line.IsWhiteSpace())
                continue;
            if (SignatureMarks.IsDisclaimer(line))
                disclaimer = true;
            else if (!disclaimer && !IsDeviceLine(reply, i) && !SignatureMarks.IsOrnament(line))
                loose++;
        }
        return loose <= 2;
    }

    // "-Joe Doe", or a name with two ways to reach him in a paragraph of its own. A line that ends with a colon announces an answer, not a signature.
    private static int CardStart(ReplyLines reply, int first, int last)
    {
        var top = last;
        var contacts = 0;
        while (top > first && !reply.Lines.IsBlank(top) && reply[top] == LineMark.Text && last - top < MaxContactLines)
            contacts += SignatureMarks.IsContact(reply.Lines[top--]) ? 1 : 0;
        if (top <= first || !reply.Lines.IsBlank(top))
            return -1;
        var above = LastBefore(reply, top, first - 1);
        if (above < 0 || reply.Lines[above].TrimEnd() is [.., ':'])
            return -1;
        var lines = last - top;
        if (lines == 1)
            return SignatureMarks.IsDashedName(reply.Lines[last]) ? last : -1;
        var name = reply.Lines[top + 1].Trim();
        if (!SignatureMarks.IsClosing(name) && !SignatureMarks.IsDashedName(name) && !IsNamed(reply, name) && !TakesLeave(reply, above, first))
            return -1;
        return contacts >= 2 && lines - contacts <= 3 && SignatureMarks.Words(name) <= 5 && char.IsUpper(name.TrimStart("-~/ ") is [var c, ..] ? c : ' ') && !SignatureMarks.IsContact(name) ? top + 1 : -1;
    }

    // "Best regards", alone or with a name below it, or the author's name.
    private static bool TakesLeave(ReplyLines reply, int index, int first)
    {
        var line = reply.Lines[index];
        if (SignatureMarks.IsClosing(line) || (SignatureMarks.Words(line) <= 5 && IsNamed(reply, line)))
            return true;
        return SignatureMarks.IsName(line) && LastBefore(reply, index, first - 1) is >= 0 and var above && SignatureMarks.IsClosing(reply.Lines[above]);
    }

    // The author's own name: all words of the From field are in it, or all of its words there.
    private static bool IsNamed(ReplyLines reply, ReadOnlySpan<char> name) =>
        reply.Author is { } author && (HasWords(name, author) || HasWords(author, name));

    private static bool HasWords(ReadOnlySpan<char> name, ReadOnlySpan<char> words)
    {
        var found = false;
        foreach (var range in words.SplitAny(" .,-_+\"'"))
        {
            var word = words[range];
            if (word.Length < 2)
                continue;
            if (!name.Contains(word, StringComparison.OrdinalIgnoreCase))
                return false;
            found = true;
        }
        return found;
    }

    private static int LastBefore(ReplyLines reply, int end, int first)
    {
        var last = reply.LastText(end);
        return last > first ? last : -1;
    }
}
