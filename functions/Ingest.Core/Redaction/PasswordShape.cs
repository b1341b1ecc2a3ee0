namespace Ingest.Core.Redaction;

/// <summary>Judges whether what follows the word "password" is one, or the rest of a sentence about passwords.</summary>
internal static class PasswordShape
{
    private const int Shortest = 4, Longest = 128, FewestLetters = 6;

    /// <summary>0 to 1.</summary>
    internal static double Judge(ReadOnlySpan<char> text, in NamedValue found)
    {
        ReadOnlySpan<char> value = text[found.Start..found.End];
        if (value.Length is < Shortest or > Longest || Placeholder.IsMade(value, byPeople: found.Tie is ValueTie.Verb or ValueTie.FarSign || found.Tie == ValueTie.Sign && !found.IsQuoted) || IsProgram(value) || IsLink(value))
            return 0;
        if (States.Has(value.TrimEnd("!?")))
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
            ValueTie.NextCell => strong && value.Length > 5 && (capitals > 0 || signs > 0 || (digits > 1 && letters > 2)) && EndsCell(text, found.End) ? 0.7
                : letters == value.Length && IsPair(text, found) ? 0.55 : 0,
            ValueTie.Nothing => found.IsQuoted && (strong || mixed) ? 0.8 : strong && value.Length > 5 && digits + signs > 0 && (capitals > 0 || signs > 0 || (digits > 1 && letters > 2)) ? 0.7 : found.IsQuoted ? 0.5 : 0,
        };
    }

    /// <summary>Where a phrase of two or three small words and a number ends that ends its sentence ("is fluffy cat 99"); 0 when it is a sentence about passwords.</summary>
    internal static int PhraseEnd(ReadOnlySpan<char> text, in NamedValue found)
    {
        if (found.Tie != ValueTie.Verb || found.IsQuoted)
            return 0;
        int i = found.Start;
        for (int words = 0; words < 4; words++)
        {
            int end = i;
            while (end < text.Length && end - i < 16 && char.IsAsciiLetterLower(text[end]))
                end++;
            if (end == i)
                break;
            if (end - i < 3 || end >= text.Length || text[end] != ' ' || OfSentences.Has(text[i..end]))
                return 0;
            i = end + 1;
        }
        int number = i;
        while (number < text.Length && char.IsAsciiDigit(text[number]))
            number++;
        return number - i is > 0 and < 5 && i > found.Start && EndsCell(text, number) ? number : 0;
    }

    private static readonly NearWords OfSentences = new(
        ["the", "for", "than", "least", "most", "with", "from", "until", "after", "before", "only", "not", "and", "are", "valid", "older", "longer", "shorter", "set", "about", "again", "expired", "expiring", "changed", "now", "still", "required", "same", "used", "over", "under",
        "more", "less", "max", "min", "exactly", "between", "within", "since", "good", "reset", "case", "day", "days", "stored", "one", "two", "version", "windows", "page", "step", "section", "line", "error", "level", "needed", "sent", "asked", "being", "also", "just"]);

    /// <summary>All of a password that a quoted line was wrapped in.</summary>
    internal static NamedValue Whole(ReadOnlySpan<char> text, in NamedValue found)
    {
        int next = found.IsQuoted || found.End >= text.Length || text[found.End] != '\n' || found.End + 1 >= text.Length || text[found.End + 1] != '>' ? 0 : Tokens.NextLine(text, found.End), end = next;
        while (next > 0 && end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] != ReadableText.Break)
            end++;
        bool goesOn = end - next > 3 && EndsLine(text, end) && text[next..end].ContainsAnyInRange('0', '9') && text[next..end].ContainsAnyExceptInRange('0', '9');
        return goesOn ? found with { End = end } : found;
    }

    // "Password | fluffycat": two cells make the whole line.
    private static bool IsPair(ReadOnlySpan<char> text, in NamedValue found)
    {
        if (found.End - found.Start < FewestLetters)
            return false;
        int start = found.Start, end = found.End;
        while (start > 0 && found.Start - start < Longest && text[start - 1] is not ('\n' or ReadableText.Break))
            start--;
        while (end < text.Length && text[end] is ' ' or '|')
            end++;
        ReadOnlySpan<char> before = text[start..found.Start].Trim(" |>");
        return (end >= text.Length || text[end] is '\n' or ReadableText.Break) && !before.IsEmpty && text[start..found.Start].Contains('|') && !before.ContainsAny('|', ':', '=') && before.Count(' ') < 3;
    }

    private static bool EndsCell(ReadOnlySpan<char> text, int end)
    {
        while (end < text.Length && text[end] is ' ' or '.' or '\t')
            end++;
        return end >= text.Length || text[end] is '\n' or ReadableText.Break or '|';
    }

    // What a form says of a password: wrong, forgotten, new.
    private static readonly NearWords States = new(
        ["incorrect", "invalid", "wrong", "expired", "forgotten", "forgot", "lost", "reset", "failed", "missing", "changed", "unchanged", "locked", "protected", "accepted", "rejected", "new", "old", "strong", "weak", "confirm", "correct", "valid",
        "falsch", "falsche", "falsches", "ungültig", "vergessen", "abgelaufen", "geändert", "gesperrt", "verloren", "erforderlich", "unbekannt", "neu", "alt", "richtig", "incorrecte", "oublié", "perdu", "expiré", "invalide", "erroné", "requis", "modifié", "obligatoire",
        "vergeten", "onjuist", "ongeldig", "verlopen", "gewijzigd", "vereist", "fout", "incorrecta", "incorrecto", "olvidada", "olvidado", "perdida", "caducada", "inválida", "requerida", "errata", "sbagliata", "dimenticata", "scaduta", "errada", "incorreta", "esquecida", "expirada",
        "nieprawidłowe", "błędne", "zapomniane", "wygasło", "fel", "felaktigt", "glömt", "glemt", "forkert", "feil", "väärin", "unohtunut", "неверный", "забыт", "неправильный"]);

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
