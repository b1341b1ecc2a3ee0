namespace Ingest.Core.Redaction;

/// <summary>Sorts of breaks between digits.</summary>
internal enum GapBreak
{
    /// <summary>The digits are on one line.</summary>
    None,
    /// <summary>A line break and something else.</summary>
    Line,
    /// <summary>A line break and no more, as when a long line was wrapped.</summary>
    BareLine,
    /// <summary>Another cell or paragraph of html.</summary>
    Block,
}

/// <summary>What stands between two digits, and whether they can still belong to one number.</summary>
internal struct DigitGap
{
    private int marks;
    private int blanks;
    private int breaks;
    private bool inBlank;
    private bool broken;
    private bool block;

    /// <summary>Nothing visible.</summary>
    internal readonly bool IsNothing => !broken && marks == 0 && blanks == 0 && breaks == 0;

    /// <summary>Little enough that the digits can be groups of one number.</summary>
    internal readonly bool Joins => !broken && marks <= 3 && blanks <= 4 && breaks <= 1;

    /// <summary>The sort of break in it.</summary>
    internal readonly GapBreak Break => block ? GapBreak.Block
        : breaks == 0 ? GapBreak.None
        : marks == 0 && blanks == 0 ? GapBreak.BareLine
        : GapBreak.Line;

    internal void Clear() => this = default;

    /// <summary>Takes one more character; false when with it the gap can never join.</summary>
    internal bool Take(char c)
    {
        if (IsInvisible(c))
            return true;
        bool blank = c is not ('\n' or ReadableText.Break) && char.IsWhiteSpace(c);
        if (c == ReadableText.Break)
            (breaks, block) = (block ? breaks : breaks + 1, true);
        else if (c == '\n')
            breaks++;
        else if (c == '\r')
            return true;
        else if (blank)
            blanks += inBlank ? 0 : 1;
        else if (c is '.' or '_' || IsDash(c) || (c is '>' or '|' && breaks > 0))
            marks++;
        else
            broken = true;
        inBlank = blank;
        return !broken;
    }

    private static bool IsInvisible(char c) =>
        c is '\u00AD' or '\u034F' or '\u180E' or '\u2060' or '\uFEFF' or '\u061C' or (>= '\u200B' and <= '\u200F') or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static bool IsDash(char c) => c is '-' or '\u2212' or '\uFE58' or '\uFE63' or '\uFF0D' or (>= '\u2010' and <= '\u2015');
}
