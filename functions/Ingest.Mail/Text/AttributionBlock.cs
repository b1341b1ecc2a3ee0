namespace Ingest.Mail.Text;

/// <summary>What was seen in the lines of a possible attribution, read from the last line upwards.</summary>
internal struct AttributionBlock
{
    private const int MaxLength = 400;
    private const int NearEnd = 14;

    private int length;
    private bool date, time, verb, address, bracketed, endsWithVerb;

    /// <summary>True when an address was seen.</summary>
    public readonly bool Addressed => address;

    /// <summary>True for the first half of an attribution that was broken behind its author: "Name &lt;address&gt; on Tuesday".</summary>
    public static bool IsAuthor(ReadOnlySpan<char> line) => line.Length < 200 && line.IndexOf('<') is >= 0 and var open && line[open..].Contains('@') && line[^1] is not ('.' or '!' or '?' or ':');

    /// <summary>Adds the line above; false when it is too much for an attribution.</summary>
    public bool Take(ReadOnlySpan<char> line)
    {
        if (length == 0)
            endsWithVerb = EndsWithVerb(line);
        length += line.Length;
        if (length > MaxLength)
            return false;
        date |= HasDate(line);
        time |= HasTime(line);
        verb |= HasVerb(line);
        var at = line.IndexOf('@');
        address |= at >= 0;
        bracketed |= at > 0 && (line[..at].ContainsAny('<', '(', '[') || line[..at].Contains("mailto:", StringComparison.OrdinalIgnoreCase)) || (line is ['<', ..] && verb);
        return true;
    }

    /// <summary>True when the block, if it starts with this line, says when somebody wrote.</summary>
    public readonly bool IsDated(ReadOnlySpan<char> first, ReadOnlySpan<char> last)
    {
        if (first.StartsWith("--") && last.TrimEnd().EndsWith("--") && verb)
            return true;
        var dated = date || (endsWithVerb && HasDay(first));
        if (!dated)
            return false;
        if (char.IsDigit(first[0]) || first[0] is '"' or '*' or '_' or '[' || QuoteWords.Openers.Begin(first))
        {
            // "2014-10-17 11:28 GMT+03:00 Name <a@b>:" has no verb.
            if (verb || (address && last.TrimEnd(" *_：:") is [.., '>' or ')' or ']']))
                return true;
        }
        // A language we do not know the prepositions of.
        return verb && time && bracketed;
    }

    /// <summary>True when the block says only who wrote: "Name &lt;address&gt; wrote:".</summary>
    public readonly bool IsNamed(ReadOnlySpan<char> first) =>
        address && verb && endsWithVerb && length < 200 && (bracketed || first.IndexOf('@') < 60);

    /// <summary>A year, a clock time, or a date in numbers.</summary>
    public static bool HasDate(ReadOnlySpan<char> line)
    {
        if (HasTime(line))
            return true;
        for (var i = 0; i < line.Length; i++)
        {
            if (!char.IsAsciiDigit(line[i]))
                continue;
            var end = i;
            while (end < line.Length && char.IsAsciiDigit(line[end]))
                end++;
            if (end - i == 4 && (line.Slice(i, 2) is "19" or "20" || line.Slice(i, 2) is "25"))
                return true;
            if (end - i <= 4 && end + 1 < line.Length && line[end] is '.' or '/' or '-' && char.IsAsciiDigit(line[end + 1]))
            {
                var next = end + 1;
                while (next < line.Length && char.IsAsciiDigit(line[next]))
                    next++;
                if (next + 1 < line.Length && line[next] == line[end] && char.IsAsciiDigit(line[next + 1]))
                    return true;
            }
            i = end;
        }
        return false;
    }

    /// <summary>True when one of the verbs stands there as a word of its own.</summary>
    public static bool HasVerb(ReadOnlySpan<char> line) => VerbAt(line) >= 0;

    /// <summary>True when the line ends with a verb and its punctuation.</summary>
    public static bool EndsWithVerb(ReadOnlySpan<char> line)
    {
        line = line.TrimEnd(" :：*_-)");
        return !line.IsEmpty && HasVerb(line[Math.Max(0, line.Length - NearEnd)..]) && char.IsLetter(line[^1]) | line[^1] is '(' or 'ा' or 'ै';
    }

    // A number of one or two digits that is a word.
    private static bool HasDay(ReadOnlySpan<char> line)
    {
        foreach (var range in line.SplitAny(' ', ',', '.'))
        {
            if (line[range] is { Length: 1 or 2 } word && word.IndexOfAnyExceptInRange('0', '9') < 0)
                return true;
        }
        return false;
    }

    // Also "20.42" after an "at" of some language, as long as it cannot be a version.
    private static bool HasTime(ReadOnlySpan<char> line)
    {
        for (var i = line.IndexOf(':'); i > 0 && i < line.Length;)
        {
            if (char.IsAsciiDigit(line[i - 1]) && i + 2 < line.Length && char.IsAsciiDigit(line[i + 1]) && char.IsAsciiDigit(line[i + 2]))
                return true;
            var next = line[(i + 1)..].IndexOf(':');
            i = next < 0 ? -1 : i + 1 + next;
        }
        return false;
    }

    private static int VerbAt(ReadOnlySpan<char> line)
    {
        var from = 0;
        while (from < line.Length)
        {
            var at = line[from..].IndexOfAny(QuoteWords.Verbs);
            if (at < 0)
                return -1;
            at += from;
            if (IsWord(line, at))
                return at;
            from = at + 1;
        }
        return -1;
    }

    // "sent" is no verb in "presented". ">wrote:" is one, and scripts without gaps between words have no words in this sense.
    private static bool IsWord(ReadOnlySpan<char> line, int at)
    {
        if (line[at] > '\u0590')
            return true;
        if (at > 0 && char.IsLetter(line[at - 1]))
            return false;
        foreach (var verb in QuoteWords.VerbList)
        {
            if (line[at..].StartsWith(verb, StringComparison.OrdinalIgnoreCase) && (at + verb.Length >= line.Length || !char.IsLetter(line[at + verb.Length])))
                return true;
        }
        return false;
    }
}
