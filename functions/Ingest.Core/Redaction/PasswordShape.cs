namespace Ingest.Core.Redaction;

/// <summary>Judges whether what follows the word "password" is one, or the rest of a sentence about passwords.</summary>
internal static class PasswordShape
{
    private const int Shortest = 4, Longest = 128;

    /// <summary>0 to 1.</summary>
    internal static double Judge(ReadOnlySpan<char> text, in NamedValue found)
    {
        ReadOnlySpan<char> value = text[found.Start..found.End];
        if (value.Length is < Shortest or > Longest || Placeholder.IsMade(value) || IsProgram(value) || IsLink(value))
            return 0;
        int letters = 0, digits = 0, capitals = 0, signs = 0, blanks = 0;
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            letters += char.IsLetter(c) ? 1 : 0;
            digits += char.IsAsciiDigit(c) ? 1 : 0;
            capitals += i > 0 && char.IsUpper(c) ? 1 : 0;
            signs += char.IsLetterOrDigit(c) || c is '-' or '\'' or '.' or '/' or ',' or ' ' or '(' or ')' or ':' or ';' or '?' || (c == '!' && i == value.Length - 1) ? 0 : 1;
            blanks += c == ' ' ? 1 : 0;
        }
        if (blanks > 0 && (!found.IsQuoted || found.Tie == ValueTie.Nothing || blanks > 6))
            return 0;
        bool strong = letters > 0 && (digits > 0 || signs > 0) || (signs > 0 && digits > 0), number = digits == value.Length, mixed = capitals > 0 && capitals < letters - 1;
        return found.Tie switch
        {
            ValueTie.Sign => strong ? 0.96 : found.IsQuoted ? 0.9 : number ? 0.8 : mixed ? 0.7 : EndsLine(text, found.End) && !EndsSentence(text, found.End) ? 0.6 : 0.3,
            ValueTie.FarSign => strong && value.Length > 5 ? 0.75 : found.IsQuoted ? 0.7 : number ? 0.55 : 0.2,
            ValueTie.Verb => strong ? 0.96 : found.IsQuoted ? 0.85 : number ? 0.75 : mixed && letters == value.Length ? 0.55 : 0.3,
            ValueTie.Nothing => found.IsQuoted && (strong || mixed) ? 0.8 : strong && value.Length > 5 && digits + signs > 0 && (capitals > 0 || signs > 0 || (digits > 1 && letters > 2)) ? 0.7 : found.IsQuoted ? 0.5 : 0,
        };
    }

    private static bool EndsLine(ReadOnlySpan<char> text, int end)
    {
        while (end < text.Length && text[end] == ' ')
            end++;
        return end >= text.Length || text[end] is '\n' or ReadableText.Break;
    }

    private static bool EndsSentence(ReadOnlySpan<char> text, int end) => end < text.Length && text[end] is '.' or ')' or ':' or '?';

    // config.password, getenv("X"), argv[1], a file's name: not the secret but where it is.
    private static bool IsProgram(ReadOnlySpan<char> value)
    {
        if (value.IndexOf('(') is > 0 and int call && (value.EndsWith(")") || value[..call].IndexOf('.') > 0) || value.StartsWith("os.") || value.StartsWith("process.env"))
            return true;
        int points = value.Count('.');
        if (points == 0)
            return false;
        foreach (char c in value)
            if (!char.IsAsciiLetter(c) && c is not ('.' or '_'))
                return false;
        return true;
    }

    private static bool IsLink(ReadOnlySpan<char> value) => value.Contains("://", StringComparison.Ordinal) || value.StartsWith("www.", StringComparison.OrdinalIgnoreCase) || value.StartsWith("--") || value.StartsWith("//");
}
