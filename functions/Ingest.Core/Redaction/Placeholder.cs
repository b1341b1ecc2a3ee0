using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>Tells what only stands for a secret in an example: crosses, stars, variables, rows of letters, words such as "changeme".</summary>
internal static class Placeholder
{
    // A few at a time: that many the processor compares at once.
    private static readonly SearchValues<string>[] Words =
    [
        Any("example", "xxxxx", "your", "placeholder", "redacted", "changeme", "change_me", "dummy"), Any("abc123", "12345678", "abcdefg", "0123456", "qwerty"), Any("sample", "insert", "replace"),
        Any("token_here", "tokenhere", "secret_here", "here>", "*****", "#####", "..."), Any("${", "{{", "$(", "<%"),
    ];
    private const int Rows = 1, LongestRow = 8;
    private static readonly SearchValues<char> Plain = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz");
    private static readonly NearWords Whole = new(
        ["password", "passwort", "passwd", "pass", "pwd", "user", "username", "test", "guest", "secret", "token", "key", "value", "string", "str", "text", "none", "null", "nil", "undefined", "true", "false", "yes", "no", "required",
        "optional", "hidden", "masked", "empty", "todo", "tbd", "foo", "bar", "baz", "foobar", "something", "anything", "env", "and", "or", "the", "a", "an", "is", "are", "was", "in", "on", "of", "to", "for", "with", "here", "below", "above",
        "please", "my", "your", "his", "her", "their", "our", "this", "that", "it", "unknown", "redacted", "removed", "default", "same", "n/a", "na", "x", "xx", "xxx", "xxxx", "yyy", "zzz", "abc", "mypassword", "mysecret"]);

    /// <summary>True for what no generator of secrets would make; with <paramref name="byPeople"/> rows of keys count only where nothing else is there, for people choose such.</summary>
    internal static bool IsMade(ReadOnlySpan<char> value, bool byPeople = false)
    {
        if (Whole.Has(value) || IsReference(value) || HasWord(value, byPeople))
            return true;
        int distinct = 0, run = 1, rising = 1, falling = 1;
        Span<ulong> seen = [0, 0];
        for (int i = 0; i < value.Length; i++)
        {
            ref ulong half = ref seen[value[i] >> 6 & 1];
            ulong bit = 1UL << (value[i] & 63);
            distinct += (half & bit) == 0 ? 1 : 0;
            half |= bit;
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

    private static SearchValues<string> Any(params string[] words) => SearchValues.Create(words, StringComparison.OrdinalIgnoreCase);

    private static bool HasWord(ReadOnlySpan<char> value, bool byPeople)
    {
        for (int i = 0; i < Words.Length; i++)
            if (value.ContainsAny(Words[i]) && !(byPeople && i == Rows && value.Length > LongestRow && value.ContainsAnyExcept(Plain)))
                return true;
        return value.Contains("••", StringComparison.Ordinal);
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
