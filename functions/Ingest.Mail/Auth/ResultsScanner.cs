using System.Buffers;
using System.Text;

namespace Ingest.Mail.Auth;

/// <summary>Scans an Authentication-Results value; comments, which anyone may fill, give no results.</summary>
internal ref struct ResultsScanner(ReadOnlySpan<char> text)
{
    private static readonly SearchValues<char> NameEnds = SearchValues.Create(" \t\r\n;=/(\"");
    private static readonly SearchValues<char> ValueEnds = SearchValues.Create(" \t\r\n;(\"");

    private readonly ReadOnlySpan<char> text = text;
    private readonly StringBuilder comments = new();
    private int position;
    private int commentsEnd;

    public bool AtEnd
    {
        get
        {
            SkipBlanks();
            return position >= text.Length;
        }
    }

    public bool AtSegmentEnd => AtEnd || text[position] == ';';

    /// <summary>The text of the comments skipped since this was asked last.</summary>
    public readonly string TakeComments()
    {
        var taken = comments.ToString();
        comments.Clear();
        return taken;
    }

    /// <summary>True when the first segment is no server name but already a method with its result.</summary>
    public readonly bool SegmentHasMethod()
    {
        var ahead = new ResultsScanner(text[position..]);
        ahead.Name();
        return ahead.Take('=');
    }

    /// <summary>A name in lower case; blanks and comments around dots are dropped.</summary>
    public string Name()
    {
        SkipBlanks();
        var name = new StringBuilder();
        while (position < text.Length)
        {
            var end = text[position..].IndexOfAny(NameEnds);
            var word = end < 0 ? text[position..] : text.Slice(position, end);
            position += word.Length;
            name.Append(word);
            var before = position;
            SkipBlanks();
            var goesOn = position < text.Length && word.Length > 0 && (text[position] == '.' || word.EndsWith(".")) && !NameEnds.Contains(text[position]);
            if (goesOn)
                continue;
            position = before;
            break;
        }
        return name.ToString().ToLowerInvariant();
    }

    /// <summary>A word or a quoted string, or both glued ("\"a b\"@example.com").</summary>
    public string Value()
    {
        SkipBlanks();
        var value = new StringBuilder();
        while (position < text.Length)
        {
            if (text[position] == '"')
            {
                Quoted(value);
                continue;
            }
            var end = text[position..].IndexOfAny(ValueEnds);
            var word = end < 0 ? text[position..] : text.Slice(position, end);
            position += word.Length;
            value.Append(word);
            if (position >= text.Length || text[position] != '"')
                break;
        }
        return value.ToString();
    }

    public bool Take(char c)
    {
        SkipBlanks();
        if (position >= text.Length || text[position] != c)
            return false;
        position++;
        return true;
    }

    public void SkipCharacter() => position = Math.Min(position + 1, text.Length);

    /// <summary>Moves behind the next semicolon that is not quoted or in a comment.</summary>
    public void SkipSegment()
    {
        while (!AtEnd)
        {
            if (text[position] == '"')
                Quoted(new StringBuilder());
            else if (text[position++] == ';')
                return;
        }
    }

    private void Quoted(StringBuilder value)
    {
        for (position++; position < text.Length; position++)
        {
            if (text[position] == '"')
            {
                position++;
                return;
            }
            if (text[position] == '\\' && position + 1 < text.Length)
                position++;
            value.Append(text[position]);
        }
    }

    private void SkipBlanks()
    {
        while (position < text.Length)
        {
            if (text[position] is ' ' or '\t' or '\r' or '\n')
                position++;
            else if (text[position] == '(')
                SkipComment();
            else
                return;
        }
    }

    // A comment that is never closed hides the rest: better no result than a forged one.
    private void SkipComment()
    {
        var (start, depth) = (position + 1, 0);
        for (; position < text.Length; position++)
        {
            if (text[position] == '\\')
                position++;
            else if (text[position] == '(')
                depth++;
            else if (text[position] == ')' && --depth == 0)
            {
                Keep(text[start..position++]);
                return;
            }
        }
        position = text.Length;
        Keep(text[Math.Min(start, position)..]);
    }

    // A name looks past the comment behind it and comes back, so that it is skipped twice.
    private void Keep(ReadOnlySpan<char> comment)
    {
        if (position <= commentsEnd)
            return;
        commentsEnd = position;
        comments.Append(comments.Length > 0 ? " " : "").Append(comment);
    }
}
