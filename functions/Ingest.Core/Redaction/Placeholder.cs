using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>Tells what only stands for a secret in an example: crosses, stars, variables, rows of letters, words such as "changeme".</summary>
internal static class Placeholder
{
    private static readonly SearchValues<string> Words = SearchValues.Create(
        ["example", "xxxxx", "your", "placeholder", "redacted", "changeme", "change_me", "dummy", "sample", "abc123", "12345678", "abcdefg", "0123456", "qwerty", "insert", "replace", "token_here", "tokenhere", "secret_here",
        "here>", "*****", "#####", "••", "${", "{{", "$(", "<%", "..."], StringComparison.OrdinalIgnoreCase);
    private static readonly NearWords Whole = new(
        ["password", "passwort", "passwd", "pass", "pwd", "user", "username", "test", "guest", "secret", "token", "key", "value", "string", "str", "text", "none", "null", "nil", "undefined", "true", "false", "yes", "no", "required",
        "optional", "hidden", "masked", "empty", "todo", "tbd", "foo", "bar", "baz", "foobar", "something", "anything", "env", "and", "or", "the", "a", "an", "is", "are", "was", "in", "on", "of", "to", "for", "with", "here", "below", "above",
        "please", "my", "your", "his", "her", "their", "our", "this", "that", "it", "unknown", "redacted", "removed", "default", "same", "n/a", "na", "x", "xx", "xxx", "xxxx", "yyy", "zzz", "abc", "mypassword", "mysecret"]);

    /// <summary>True for what no generator of secrets would make.</summary>
    internal static bool IsMade(ReadOnlySpan<char> value)
    {
        if (value.ContainsAny(Words) || Whole.Has(value) || IsReference(value))
            return true;
        int distinct = 0, run = 1, rising = 1, falling = 1;
        UInt128 seen = 0;
        for (int i = 0; i < value.Length; i++)
        {
            UInt128 bit = UInt128.One << (value[i] & 127);
            distinct += (seen & bit) == 0 ? 1 : 0;
            seen |= bit;
            if (i == 0)
                continue;
            run = value[i] == value[i - 1] ? run + 1 : 1;
            rising = value[i] == value[i - 1] + 1 ? rising + 1 : 1;
            falling = value[i] == value[i - 1] - 1 ? falling + 1 : 1;
            if (run > 5 || rising > 6 || falling > 6)
                return true;
        }
        return distinct < 2 || distinct * 4 < Math.Min(value.Length, 24);
    }

    /// <summary>True for a variable or a mark in whose place something is written later: $NAME, ${name}, %NAME%, &lt;name&gt;, [name], {name}.</summary>
    internal static bool IsReference(ReadOnlySpan<char> value)
    {
        if (value.Length < 2)
            return false;
        bool closed = (value[0], value[^1]) is ('<', '>') or ('[', ']') or ('{', '}') or ('%', '%') or ('(', ')');
        if (closed || value[0] is '<' or '[' || value.StartsWith("%(", StringComparison.Ordinal))
            return true;
        return value[0] == '$' && (value[1] is '{' or '(' || !value[1..].ContainsAnyExcept(Names));
    }

    private static readonly SearchValues<char> Names = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
}
