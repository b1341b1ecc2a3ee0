using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>Finds what a word such as "password", "Passwort", "API key", "Authorization" names: assignments in texts, JSON, YAML and environments, sentences ("the password is …"), headers and connection strings.</summary>
internal static class Credentials
{
    /// <summary>All of them.</summary>
    internal static void Find(Scan scan)
    {
        if (!scan.Wants(FindingType.Secret)) return;
        // The last search is for words with other letters than ASCII's.
        int searches = CredentialWords.Searches.Length - (CredentialWords.MayHoldForeign(scan.Text) ? 0 : 1);
        for (int i = 0; i < searches; i++)
            Find(scan, CredentialWords.Searches[i]);
    }

    private static void Find(Scan scan, SearchValues<string> stems)
    {
        ReadOnlySpan<char> text = scan.Text;
        for (int i = 0, at; i < text.Length && (at = text[i..].IndexOfAny(stems)) >= 0;)
        {
            i += at;
            i = Math.Max(i + 2, One(scan, i));
        }
    }

    private static int One(Scan scan, int at)
    {
        (int word, int length, CredentialWord sort) = CredentialWords.At(scan.Text, at);
        // [secret] stands where one was.
        if (length == 0 || (word > 0 && scan.Text[word - 1] == '['))
            return 0;
        int after = word + length;
        int end = sort switch
        {
            CredentialWord.Password or CredentialWord.Key => Named(scan, word, after, sort),
            CredentialWord.Header => Header(scan, word, after),
            CredentialWord.PrivateKey => PrivateKeys.Find(scan, word, after),
            CredentialWord.Connection => Connection(scan, word, after),
            CredentialWord.Recovery => RecoveryCodes.Find(scan, after),
        };
        return Math.Max(after, end);
    }

    private static int Named(Scan scan, int word, int after, CredentialWord sort)
    {
        ReadOnlySpan<char> text = scan.Text;
        bool signed = text[after - 1] is ':' or '=';
        bool isShort = CredentialWords.IsShort(text[word..after]);
        if ((signed || isShort) && word > 0 && char.IsLetter(text[word - 1]))
            return 0;
        int name = after;
        while (!signed && name < text.Length && name - after < 24 && (char.IsLetterOrDigit(text[name]) || text[name] is '_' or '-'))
            name++;
        ReadOnlySpan<char> rest = text[after..name].Trim("_-");
        bool plural = rest is "s" && sort == CredentialWord.Password;
        // In scripts without blanks the verb follows at once.
        if (rest.Length > 0 && !plural && !CredentialWords.MayFollow(rest))
        {
            if (char.IsAscii(text[word]) || !CredentialWords.IsVerb(rest))
                return 0;
            name = after;
        }
        NamedValue value = NamedValue.Read(text, signed ? after - 1 : name);
        if (value.End <= value.Start)
            return 0;
        if (sort == CredentialWord.Key && KeyShape.FoursEnd(text, value) is > 0 and int fours)
        {
            scan.Add(FindingType.Secret, value.Start, fours, "secret.key", 0.9);
            return fours;
        }
        double confidence = sort == CredentialWord.Password ? PasswordShape.Judge(text, value) : KeyShape.Judge(text, word, value);
        if (sort == CredentialWord.Password && value is { IsQuoted: true, Tie: ValueTie.Nothing } && text[word..after] is "pw" or "pwd" or "PW" or "PWD")
            confidence = Math.Max(confidence, PasswordShape.Judge(text, value with { Tie = ValueTie.Verb }) * 0.7);
        if (confidence < RedactionPolicy.UsualConfidence && sort == CredentialWord.Password && !isShort && PasswordShape.PhraseEnd(text, value) is > 0 and int phrase)
            (value, confidence) = (value with { End = phrase }, 0.6);
        if (isShort && !NamesAlone(text, word, after, value, confidence))
            return 0;
        if (sort == CredentialWord.Password && confidence >= RedactionPolicy.UsualConfidence)
            value = PasswordShape.Whole(text, value);
        if (confidence > 0)
            scan.Add(FindingType.Secret, value.Start, value.End, sort == CredentialWord.Password ? "secret.password" : "secret.key", confidence);
        return confidence >= 0.5 ? value.End : 0;
    }

    // "pass" and "clave" are said of many things: they name what a sign follows, or what looks like nothing else.
    private static bool NamesAlone(ReadOnlySpan<char> text, int word, int after, in NamedValue value, double confidence)
    {
        if (value.Tie == ValueTie.Sign || text[word..after].Equals("pw", StringComparison.OrdinalIgnoreCase))
            return true;
        if (value.Tie == ValueTie.FarSign || (after < text.Length && text[after] == '-'))
            return false;
        if (value.Tie == ValueTie.Verb)
            return confidence > 0.9;
        int end = word;
        while (end > 0 && text[end - 1] == ' ')
            end--;
        return !text[word..after].Equals("clave", StringComparison.OrdinalIgnoreCase)
            && (end == 0 || text[end - 1] is '\n' or ReadableText.Break or ',' or ';' or '/' or '|' or '(' || text[..end].EndsWith(" my") || text[..end].EndsWith(" your"));
    }

    // Authorization: Bearer 04a1c1c5d8…
    private static int Header(Scan scan, int word, int after)
    {
        ReadOnlySpan<char> text = scan.Text;
        int i = Skip(text, after, " \"'");
        if (i >= text.Length || text[i] is not (':' or '='))
            return 0;
        i = Skip(text, i + 1, " \"'");
        int scheme = i;
        while (i < text.Length && i - scheme < 24 && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '-' or '_'))
            i++;
        bool named = i > scheme && i - scheme < 24 && i < text.Length && text[i] == ' ';
        int start = named ? i + 1 : scheme, end = start;
        while (end < text.Length && end - start < 4000 && (TokenLetters.Any64.Contains(text[end]) || text[end] is '.' or '~' or ':'))
            end++;
        while (end > start && text[end - 1] is '.' or ':')
            end--;
        ReadOnlySpan<char> value = text[start..end];
        bool long_ = value.Length >= (named ? 8 : 16) && (value.ContainsAnyInRange('0', '9') || (value.Length >= 12 && value.ContainsAnyInRange('A', 'Z') && value.ContainsAnyInRange('a', 'z')));
        if (!long_ || Placeholder.IsMade(value))
            return 0;
        scan.Add(FindingType.Secret, word, end, "secret.header", 0.96);
        return end;
    }

    // The whole string is covered: what it opens is nobody's business either.
    private static int Connection(Scan scan, int word, int after)
    {
        ReadOnlySpan<char> text = scan.Text;
        int end = after;
        while (end < text.Length && end - after < 400 && (TokenLetters.Any64.Contains(text[end]) || text[end] == '%'))
            end++;
        bool signature = after - word == 4;
        ReadOnlySpan<char> value = text[after..end];
        if (value.Length < 30 || !value.ContainsAnyInRange('0', '9') || Placeholder.IsMade(value) || (signature && (word == 0 || text[word - 1] is not ('?' or '&' or ';'))))
            return 0;
        int start = signature ? after : word;
        if (!signature)
        {
            while (start > 0 && word - start < 400 && !IsEnd(text[start - 1]))
                start--;
            while (end < text.Length && end - after < 800 && !IsEnd(text[end]))
                end++;
            while (end > after && text[end - 1] is '.' or ',' or ')')
                end--;
        }
        scan.Add(FindingType.Secret, start, end, signature ? "secret.signature" : "secret.connection", 0.98);
        return end;
    }

    private static bool IsEnd(char c) => char.IsWhiteSpace(c) || c is Fold.Wall or '"' or '\'' or '<' or '>' or '`';

    private static int Skip(ReadOnlySpan<char> text, int from, ReadOnlySpan<char> signs)
    {
        int i = from;
        while (i < text.Length && i - from < 4 && signs.Contains(text[i]))
            i++;
        return i;
    }
}
