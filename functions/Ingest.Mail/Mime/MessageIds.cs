namespace Ingest.Mail.Mime;

/// <summary>Reads Message-ID, In-Reply-To and References (RFC 5322 section 3.6.4) the way senders break them.</summary>
internal static class MessageIds
{
    /// <summary>The one id of a Message-ID value, null when there is none.</summary>
    public static string? One(string value, ParseLimits limits)
    {
        var ids = Many(value, limits);
        if (ids.Count > 0)
            return ids[0];
        var bare = Clear(value).AsSpan().Trim(" \t<>\"");
        return bare.IsEmpty || bare.ContainsAny(" \t<>") || bare.Length > limits.MaxIdLength ? null : bare.ToString();
    }

    /// <summary>The ids of a list, in order, each once; prose yields none.</summary>
    public static List<string> Many(string value, ParseLimits limits) => Many(value, limits, out _);

    /// <summary>The ids of a list as above, and whether there were more than the limit.</summary>
    public static List<string> Many(string value, ParseLimits limits, out bool cut)
    {
        value = Clear(value);
        var ids = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var position = 0;
        while (value.AsSpan(position).IndexOf('<') is >= 0 and var ahead)
        {
            var open = position + ahead;
            var end = value.AsSpan(open + 1).IndexOfAny('<', '>');
            var inner = end < 0 ? value.AsSpan(open + 1) : value.AsSpan(open + 1, end);
            position = open + 1 + inner.Length;
            Add(inner, ids, seen, limits);
        }
        if (ids.Count == 0)
            Bare(value, ids, seen, limits);
        cut = ids.Count > limits.MaxReferences;
        if (cut)
            ids.RemoveRange(1, ids.Count - limits.MaxReferences);
        return ids;
    }

    /// <summary>True for one id in its brackets with nothing but comments around it.</summary>
    public static bool IsWhole(string value)
    {
        var open = value.IndexOf('<', StringComparison.Ordinal);
        var close = open < 0 ? -1 : value.IndexOf('>', open);
        return close > 0 && IsComment(value.AsSpan(0, open).Trim()) && IsComment(value.AsSpan(close + 1).Trim());
    }

    private static bool IsComment(ReadOnlySpan<char> text) => text.IsEmpty || (text[0] == '(' && text[^1] == ')');

    // Some programs write ids as encoded words, which RFC 2047 section 5 forbids.
    private static string Clear(string value) =>
        !value.Contains('<', StringComparison.Ordinal) && value.Contains("=?", StringComparison.Ordinal) ? HeaderText.DecodeWords(value) : value;

    private static void Add(ReadOnlySpan<char> inner, List<string> ids, HashSet<string> seen, ParseLimits limits)
    {
        var id = WithoutBlanks(inner);
        if (id.Length == 0 || id.Length > limits.MaxIdLength || !seen.Add(id))
            return;
        ids.Add(id);
    }

    // Without brackets only if every word can be an id.
    private static void Bare(string value, List<string> ids, HashSet<string> seen, ParseLimits limits)
    {
        var words = value.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || Array.Exists(words, static w => w.IndexOf('@', StringComparison.Ordinal) <= 0 || w.EndsWith('@') || w.AsSpan().Trim("<>\"'").ContainsAny('<', '>')))
            return;
        foreach (var word in words)
            Add(word.AsSpan().Trim("<>\"'"), ids, seen, limits);
    }

    private static string WithoutBlanks(ReadOnlySpan<char> inner) =>
        inner.ContainsAnyInRange('\0', ' ') || inner.Contains('\u007f')
            ? string.Concat(inner.ToString().Where(static c => c is > ' ' and not '\u007f'))
            : inner.ToString();
}
