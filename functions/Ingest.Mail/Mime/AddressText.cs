using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>What is left to put right in an address once its place in the field is known.</summary>
internal static class AddressText
{
    // "<pete(his account)@silly.test>" (RFC 5322 section 4.4).
    private static string WithoutComments(string inner)
    {
        if (!inner.Contains('(') || inner.Contains('"'))
            return inner;
        var kept = new StringBuilder(inner.Length);
        var depth = 0;
        foreach (var c in inner)
        {
            depth += c == '(' ? 1 : 0;
            if (depth == 0 && c is not (' ' or '\t'))
                kept.Append(c);
            depth -= c == ')' && depth > 0 ? 1 : 0;
        }
        return kept.Length > 0 ? kept.ToString() : inner;
    }

    // Obsolete routes "<@a,@b:user@c>" (RFC 5322 section 4.4).
    public static string WithoutRoute(string inner)
    {
        inner = WithoutComments(inner).Trim();
        if (inner.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
            return inner[7..].Trim();
        return inner.StartsWith('@') && inner.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? inner[(colon + 1)..].Trim() : inner;
    }

    // No brackets: the first word that looks like an address is it, the other words are the name.
    public static (string Name, string Address) SplitPhrase(string phrase)
    {
        if (phrase.AsSpan().ContainsAny(' ', '\t'))
            phrase = Closed(phrase);
        if (!phrase.AsSpan().ContainsAny(' ', '\t'))
            return ("", phrase is ['[', .., ']'] ? phrase[1..^1] : phrase);
        if (FindAddress(phrase) is not { } address)
        {
            var joined = string.Concat(phrase.Where(static c => c is not (' ' or '\t')));
            // Several words and no @: no address at all ("undisclosed recipients").
            return joined.Contains('@') ? ("", joined) : (phrase, "");
        }
        var inBrackets = phrase.IndexOf($"[{address}]", StringComparison.Ordinal);
        if (inBrackets >= 0)
            phrase = phrase.Remove(inBrackets + address.Length + 1, 1).Remove(inBrackets, 1);
        var at = phrase.IndexOf(address, StringComparison.Ordinal);
        return ((phrase[..at] + phrase[(at + address.Length)..]).Trim(' ', '\t', '-', '"'), address);
    }

    // "jdoe@test  . example" (RFC 5322 section 4.4): no blanks around the dots of a domain.
    private static string Closed(string phrase)
    {
        var at = phrase.LastIndexOf('@');
        if (at < 0 || phrase.AsSpan(at).IndexOf('.') < 0)
            return phrase;
        var closed = new StringBuilder(phrase.Length);
        closed.Append(phrase, 0, at);
        for (var i = at; i < phrase.Length; i++)
        {
            if (phrase[i] is not (' ' or '\t'))
            {
                closed.Append(phrase[i]);
                continue;
            }
            var end = i;
            while (end < phrase.Length && phrase[end] is ' ' or '\t')
                end++;
            if (end < phrase.Length && phrase[end] != '.' && phrase[i - 1] is not ('.' or '@'))
                closed.Append(' ');
            i = end - 1;
        }
        return closed.ToString();
    }

    public static string? FindAddress(string phrase)
    {
        foreach (var range in phrase.AsSpan().Split(' '))
        {
            var word = phrase.AsSpan(range).Trim("\t[]()<>,;");
            var at = word.LastIndexOf('@');
            if (at > 0 && at < word.Length - 1)
                return word.ToString();
        }
        return null;
    }

    // Control characters in an address would become SMTP commands when we answer it.
    public static string Tidy(string address)
    {
        address = address.Any(static c => c < ' ' || c == '\u007f') ? string.Concat(address.Where(static c => c >= ' ' && c != '\u007f')) : address.Trim();
        if (address.Length > 2 && address[0] == '\'' && address[^1] == '\'')
            address = address[1..^1];
        var at = address.LastIndexOf('@');
        if (at <= 0)
            return address;
        if (address[at - 1] == ' ' || address.AsSpan(at).ContainsAny(' ', '\t'))
            address = address.AsSpan(0, at).TrimEnd().ToString() + Closed(address[at..]);
        // What nobody can send to: a dot at the end, and the bracket of an address that was not opened.
        return address.Length - address.LastIndexOf('@') > 2 ? address.TrimEnd('.', '>') : address;
    }

    /// <summary>True when it has the form of an address: something on both sides of one @, and no blank outside of quotes.</summary>
    public static bool IsPlausible(string address)
    {
        var at = address.LastIndexOf('@');
        if (at <= 0 || at == address.Length - 1 || address.AsSpan(at).Contains(' '))
            return false;
        var local = address.AsSpan(0, at);
        return (local[0] == '"' && local[^1] == '"') || !local.ContainsAny(' ', '@');
    }
}
