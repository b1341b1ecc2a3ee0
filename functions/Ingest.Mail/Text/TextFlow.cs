using System.Buffers;

namespace Ingest.Mail.Text;

/// <summary>Builds plain text: collapses white space, sets line breaks between blocks, marks quoted lines, indents lists.</summary>
internal sealed class TextFlow(int capacity)
{
    private const int MaxBlankLines = 2;
    private const int MaxQuoteMarks = 10;
    private const int MaxLookBack = 400;

    // A soft hyphen and other characters without width are nothing to a reader, a no-break space is a space.
    private static readonly SearchValues<char> Special = SearchValues.Create("\u00a0\u00ad\u034f\u200b\u2060\ufeff\u2007\u202f");

    private char[] text = new char[Math.Max(256, capacity)];
    private int breaks;
    private int fixedSpaces;
    private bool space;
    private bool tab;
    private bool lineStarted;
    private int lastQuote;

    /// <summary>How deep the text now written is quoted.</summary>
    public int Quote { get; set; }

    /// <summary>How many blanks a new line begins with.</summary>
    public int Indent { get; set; }

    /// <summary>Where the next text goes; white space not yet written does not count.</summary>
    public int Length { get; private set; }

    /// <summary>Sees to it that at least that many line breaks stand before the next text.</summary>
    public void Block(int lines)
    {
        // A line of nothing but no-break spaces is how editors keep an empty one.
        var empty = fixedSpaces > 0 && (breaks > 0 || !lineStarted);
        (space, tab, fixedSpaces) = (false, false, 0);
        if (Length > 0)
            breaks = Math.Max(empty ? Math.Min(breaks + 1, MaxBlankLines + 1) : breaks, lines);
    }

    /// <summary>One line break more.</summary>
    public void Break()
    {
        (space, tab, fixedSpaces) = (false, false, 0);
        if (Length > 0)
            breaks = Math.Min(breaks + 1, MaxBlankLines + 1);
    }

    /// <summary>Takes back the line breaks that wait for the next text, unless it is quoted less deep or deeper.</summary>
    public void Join() => breaks = lastQuote == Quote ? 0 : breaks;

    /// <summary>A new cell in a row.</summary>
    public void Cell()
    {
        if (lineStarted && breaks == 0)
            tab = true;
    }

    /// <summary>Text in which white space is only a gap between words.</summary>
    public void Write(ReadOnlySpan<char> words)
    {
        foreach (var c in words)
        {
            if (c is ' ' or '\t' or '\r' or '\n' or '\f')
                space = true;
            else if (c < '\u00a0' || !Special.Contains(c))
            {
                if (space || breaks > 0 || !lineStarted || tab || fixedSpaces > 0)
                    Begin();
                Put(c);
            }
            else if (c is '\u00a0' or '\u2007' or '\u202f')
                fixedSpaces++;
        }
    }

    /// <summary>Text in which line breaks and spaces stay as they are.</summary>
    public void WritePreformatted(ReadOnlySpan<char> block)
    {
        while (!block.IsEmpty)
        {
            var end = block.IndexOf('\n');
            var line = (end < 0 ? block : block[..end]).TrimEnd('\r');
            if (!line.IsWhiteSpace())
            {
                Begin();
                foreach (var c in line)
                    Put(c == '\u00a0' ? ' ' : c);
            }
            else if (end < 0 && !line.IsEmpty && lineStarted && breaks == 0)
                space = true;
            if (end < 0)
                return;
            Break();
            block = block[(end + 1)..];
        }
    }

    /// <summary>What was written since <paramref name="from"/>.</summary>
    public ReadOnlySpan<char> Since(int from) => text.AsSpan(from, Length - from).Trim();

    /// <summary>Where the last line with text starts, the end of the text when it is too long to look at.</summary>
    public int LastLine()
    {
        var from = Math.Max(0, Length - MaxLookBack);
        var feed = text.AsSpan(from, Length - from).LastIndexOf('\n');
        return feed >= 0 ? from + feed + 1 : from == 0 ? 0 : Length;
    }

    public override string ToString() => new(text.AsSpan(0, Length).TrimEnd());

    private void Begin()
    {
        if (breaks > 0 || !lineStarted)
            StartLine();
        else if (tab)
            Put('\t');
        else if (fixedSpaces == 0 && space)
            Put(' ');
        for (var i = Math.Min(fixedSpaces, 40); i > 0; i--)
            Put(' ');
        (space, tab, fixedSpaces) = (false, false, 0);
    }

    private void StartLine()
    {
        for (var i = 0; i < breaks; i++)
        {
            Put('\n');
            if (i < breaks - 1)
                Fill('>', Math.Min(MaxQuoteMarks, Math.Min(lastQuote, Quote)));
        }
        if (Quote > 0)
        {
            Fill('>', Math.Min(Quote, MaxQuoteMarks));
            Put(' ');
        }
        Fill(' ', Indent);
        (breaks, space, tab, lineStarted, lastQuote) = (0, false, false, true, Quote);
    }

    private void Fill(char c, int count)
    {
        for (var i = 0; i < count; i++)
            Put(c);
    }

    private void Put(char c)
    {
        if (Length == text.Length)
            Array.Resize(ref text, text.Length * 2);
        text[Length++] = c;
    }
}
