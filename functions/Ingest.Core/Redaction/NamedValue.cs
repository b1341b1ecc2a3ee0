using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>How a value is tied to the name before it.</summary>
internal enum ValueTie
{
    /// <summary>By a colon or an equals sign at once.</summary>
    Sign,
    /// <summary>By a sign, with words between: "password for the account: …".</summary>
    FarSign,
    /// <summary>By a verb: "password is …".</summary>
    Verb,
    /// <summary>By nothing: "with password …".</summary>
    Nothing,
    /// <summary>By standing in the next line or cell.</summary>
    NextCell,
}

/// <summary>The value that follows a name.</summary>
/// <param name="Start">Where it begins, after a quotation mark.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Tie">How it is tied to the name.</param>
/// <param name="IsQuoted">True when it stands in quotation marks.</param>
internal readonly record struct NamedValue(int Start, int End, ValueTie Tie, bool IsQuoted)
{
    private const char Cjk = '\u2E80';
    private const int MostWords = 44, Longest = 160, LongestChange = 16, LongestIndent = 32;
    // "das Passwort auf … geändert"
    private static readonly NearWords Changed = new(["geändert", "gesetzt", "zurückgesetzt", "umgestellt", "ändern", "setzen"]);
    private const string Quotes = "\"'`“”„«‘’‚「『";
    private static readonly SearchValues<char> Closing = SearchValues.Create("\"'`“”»‘’」』\n\v\u0001");
    private static readonly SearchValues<char> Blank = SearchValues.Create(" \t\n\v\u0001\"<“”„«»`「」");

    /// <summary>Reads what follows the end of a name.</summary>
    internal static NamedValue Read(ReadOnlySpan<char> text, int name)
    {
        int i = name;
        while (i < text.Length && i - name < 4 && text[i] is ' ' or '"' or '\'' or ']' or ')' or '*' or '_' or '\t')
            i++;
        if (i < text.Length && text[i] is ':' or '=')
            return AfterSign(text, i, ValueTie.Sign);
        if (i > name && ValueField(text, name) is > 0 and int field)
            return AfterSign(text, field, ValueTie.Sign);
        if (NextCell(text, i) is > 0 and int cell)
            return Take(text, cell, ValueTie.NextCell, false);
        // A verb of a script without blanks.
        if (i < text.Length && "は是为為는은".Contains(text[i]))
            return Take(text, SkipBlank(text, i + 1, lines: false), ValueTie.Verb, false);
        int words = name;
        while (words < text.Length && words - name < MostWords)
        {
            char c = text[words];
            if (c is ':' or '=')
                return AfterSign(text, words, ValueTie.FarSign);
            if (!char.IsLetter(c))
            {
                if (c is not (' ' or ',' or '(' or ')' or '/' or '-' or '\''))
                    break;
                words++;
                continue;
            }
            int end = words;
            while (end < text.Length && end - words < MostWords && char.IsLetter(text[end]))
                end++;
            if (CredentialWords.IsVerb(text[words..end]) && end < text.Length && text[end] is ' ' or ':' or '\n' or '"')
                return Take(text, CredentialWords.AfterTime(text, SkipBlank(text, text[end] == ':' ? end + 1 : end, lines: true)), ValueTie.Verb, false);
            if (text[words..end] is "auf" && Take(text, SkipBlank(text, end, lines: false), ValueTie.Verb, false) is { End: > 0 } set && Changed.After(text, set.End, LongestChange))
                return set;
            words = end;
        }
        while (i == name && i < text.Length && i - name < 3 && text[i] == ',' || i > name && i < text.Length && text[i - 1] == ',' && text[i] == ' ')
            i++;
        // In brackets or after one blank: "credentials were name / password Abc123!".
        return i > name && i < text.Length ? Take(text, text[i - 1] is '"' or '\'' or '`' ? i - 1 : CredentialWords.AfterTime(text, i), ValueTie.Nothing, false) : default;
    }

    // The sign after a field called "value", beside one whose value is the name: key="password" value="…", {"key": "password", "value": "…"}.
    private static int ValueField(ReadOnlySpan<char> text, int name)
    {
        int i = name, quotes = 0;
        for (; i < text.Length && i - name < LongestIndent && text[i] is '"' or '\'' or ',' or ' ' or '\t' or '\n'; i++)
            quotes += text[i] is '"' or '\'' ? 1 : 0;
        if (quotes == 0 || !text[i..].StartsWith("value", StringComparison.OrdinalIgnoreCase))
            return 0;
        for (i += 5; i < text.Length && text[i] is '"' or '\'' or ' '; i++)
            if (i - name > LongestIndent * 2)
                return 0;
        return i < text.Length && text[i] is ':' or '=' ? i : 0;
    }

    // Where the next line or cell begins when a name ends its own.
    private static int NextCell(ReadOnlySpan<char> text, int at)
    {
        int i = at, signs = 0;
        while (i < text.Length && i - at < 10 && text[i] is ' ' or '\n' or ReadableText.Break or '|' or '\t' or '>')
        {
            signs += text[i] is '\n' or ReadableText.Break or '|' ? 1 : 0;
            i++;
        }
        return signs is > 0 and < 4 && i < text.Length ? i : 0;
    }

    private static NamedValue AfterSign(ReadOnlySpan<char> text, int sign, ValueTie tie)
    {
        int i = sign + 1;
        // a == b compares; a := b, a => b assign.
        if (i < text.Length && text[i] == '=' && text[sign] == '=')
            return default;
        if (i < text.Length && ((text[sign] == ':' && text[i] == '=') || (text[sign] == '=' && text[i] == '>')))
            i++;
        return Take(text, SkipBlank(text, i, lines: text[sign] == ':'), tie, text[sign] == '=');
    }

    private static int SkipBlank(ReadOnlySpan<char> text, int from, bool lines)
    {
        int i = from, breaks = 0;
        while (i < text.Length && i - from < 12 && (text[i] is ' ' or '\t' or '*' || (lines && text[i] is '\n' or ReadableText.Break && ++breaks < 3)))
            i++;
        return i;
    }

    private static NamedValue Take(ReadOnlySpan<char> text, int start, ValueTie tie, bool program)
    {
        if (start >= text.Length)
            return default;
        if (Quotes.Contains(text[start]))
        {
            int length = text[(start + 1)..Math.Min(text.Length, start + 1 + Longest)].IndexOfAny(Closing);
            return length > 0 && text[start + 1 + length] is not ('\n' or ReadableText.Break or Fold.Wall) ? new NamedValue(start + 1, start + 1 + length, tie, true) : default;
        }
        int stop = text[start..Math.Min(text.Length, start + Longest)].IndexOfAny(Blank);
        int end = stop < 0 ? Math.Min(text.Length, start + Longest) : start + stop;
        // Scripts without blanks go on at once.
        if (text[start] < Cjk && text[start..end].IndexOfAnyInRange(Cjk, '\uFFEF') is > 0 and int script)
            end = start + script;
        if (program && text[start..end].IndexOfAny(";&,") is > 0 and int cut)
            end = start + cut;
        while (end > start && text[end - 1] is '.' or ',' or ';' or ':' or ')' or ']' or '}' or '\'' or '*' or '>')
            end--;
        return new NamedValue(start, end, tie, false);
    }
}
