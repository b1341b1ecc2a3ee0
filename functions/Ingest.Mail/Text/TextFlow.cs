using System.Text;

namespace Ingest.Mail.Text;

/// <summary>Builds plain text: collapses white space, sets line breaks between blocks, marks quoted lines.</summary>
internal sealed class TextFlow(int capacity)
{
    private const int MaxBlankLines = 2;
    private const int MaxQuoteMarks = 10;

    private readonly StringBuilder text = new(capacity);
    private int breaks;
    private bool space;
    private bool tab;
    private bool lineStarted;
    private int lastQuote;

    /// <summary>How deep the text now written is quoted.</summary>
    public int Quote { get; set; }

    /// <summary>Where the next text goes; white space not yet written does not count.</summary>
    public int Length => text.Length;

    /// <summary>Sees to it that at least that many line breaks stand before the next text.</summary>
    public void Block(int lines)
    {
        (space, tab) = (false, false);
        if (text.Length > 0)
            breaks = Math.Max(breaks, lines);
    }

    /// <summary>One line break more.</summary>
    public void Break()
    {
        (space, tab) = (false, false);
        if (text.Length > 0)
            breaks = Math.Min(breaks + 1, MaxBlankLines + 1);
    }

    /// <summary>A new cell in a row.</summary>
    public void Cell()
    {
        if (lineStarted && breaks == 0)
            tab = true;
    }

    /// <summary>Text in which white space is only a gap between words.</summary>
    public void Write(ReadOnlySpan<char> words)
    {
        while (!words.IsEmpty)
        {
            if (IsSpace(words[0]))
            {
                space = true;
                words = words[1..];
                continue;
            }
            var end = words.IndexOfAny(" \t\r\n\f");
            var word = end < 0 ? words : words[..end];
            Begin();
            Append(word);
            words = words[word.Length..];
        }
    }

    /// <summary>Text in which line breaks and spaces stay as they are.</summary>
    public void WritePreformatted(ReadOnlySpan<char> block)
    {
        while (!block.IsEmpty)
        {
            var end = block.IndexOf('\n');
            var line = (end < 0 ? block : block[..end]).TrimEnd('\r');
            if (!line.IsEmpty)
            {
                Begin();
                Append(line);
            }
            if (end < 0)
                return;
            Break();
            block = block[(end + 1)..];
        }
    }

    /// <summary>What was written since <paramref name="from"/>.</summary>
    public string Since(int from) => text.ToString(from, text.Length - from).Trim();

    public override string ToString()
    {
        var end = text.Length;
        while (end > 0 && char.IsWhiteSpace(text[end - 1]))
            end--;
        return text.ToString(0, end);
    }

    private void Begin()
    {
        if (breaks > 0 || text.Length == 0)
        {
            StartLine();
            return;
        }
        if (tab)
            text.Append('\t');
        else if (space && lineStarted)
            text.Append(' ');
        (space, tab) = (false, false);
    }

    private void StartLine()
    {
        for (var i = 0; i < breaks; i++)
        {
            text.Append('\n');
            if (i < breaks - 1)
                text.Append('>', Math.Min(MaxQuoteMarks, Math.Min(lastQuote, Quote)));
        }
        if (Quote > 0)
            text.Append('>', Math.Min(Quote, MaxQuoteMarks)).Append(' ');
        (breaks, space, tab, lineStarted, lastQuote) = (0, false, false, true, Quote);
    }

    // A no-break space is a space to whoever reads text; a soft hyphen is nothing.
    private void Append(ReadOnlySpan<char> word)
    {
        if (word.IndexOfAny('\u00a0', '\u00ad') < 0)
        {
            text.Append(word);
            return;
        }
        foreach (var c in word)
        {
            if (c == '\u00a0')
                text.Append(' ');
            else if (c != '\u00ad')
                text.Append(c);
        }
    }

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n' or '\f';
}
